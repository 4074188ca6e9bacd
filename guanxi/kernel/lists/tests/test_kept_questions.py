"""What a list asks is compiled once, and still shows at once what has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member, RoleAssignment, Team
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.screens.screen import SCREENS
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.operations import add_note
from guanxi.shared.parties.models import Party


@pytest.fixture
def lead(member):
    lead = member("sales_manager", name="Zhang")
    team = Team.objects.create(name="East", lead_id=lead.member_id)
    Member.objects.filter(pk=member("salesperson", name="Li").member_id).update(team=team)
    return actor_of(lead.member_id, only_looks=True)


def shown(path, actor, column, **params):
    """As on the actor's next page: whose rows are seen is asked anew."""
    query = ListQuery(SCREENS[path], actor_of(actor.member_id, only_looks=True), params, set_key="alpha")
    found = [row[column].value for row in query.fetch()]
    assert query.count == len(found)
    return found


class TestWhoseRows:
    def test_a_customer_is_listed_as_soon_as_its_owner_is_of_the_team_and_no_longer(self, alpha, lead):
        li = Member.objects.get(name="Li")
        other = Member.objects.create(code="other", name="Other")
        for name, owner in (("Hengchuan", li), ("Jiangnan", other)):
            create_record(Party, {"name": name, "owner": owner.pk, "is_customer": True}, actor=alpha)
        assert shown("customers", lead, "name") == ["Hengchuan"]
        Member.objects.filter(pk=other.pk).update(team=li.team)
        assert shown("customers", lead, "name") == ["Hengchuan", "Jiangnan"]
        Member.objects.filter(pk=li.pk).update(team=None)
        assert shown("customers", lead, "name") == ["Jiangnan"]

    def test_so_are_activities_whose_sight_is_their_records(self, alpha, lead):
        li = Member.objects.get(name="Li")
        party = create_record(Party, {"name": "Hengchuan", "owner": li.pk}, actor=alpha).result
        add_note(actor=alpha, target_model=party.label(), target_id=party.pk, body="said")
        assert len(shown("activities", lead, "subject")) == Activity.objects.count() == 1
        Member.objects.filter(pk=li.pk).update(team=None)
        assert shown("activities", lead, "subject") == []

    def test_a_right_taken_away_ends_at_once(self, alpha, lead):
        create_record(Party, {"name": "Hengchuan", "owner": Member.objects.get(name="Li").pk}, actor=alpha)
        assert shown("customers", lead, "name") == ["Hengchuan"]
        RoleAssignment.objects.filter(member=lead.member_id).delete()
        assert shown("customers", lead, "name") == []


class TestValues:
    def test_other_values_of_a_filter_are_other_questions(self, alpha):
        for name in ("a", "b'%s"):
            create_record(Party, {"name": name, "is_customer": name == "a"}, actor=alpha)
        assert shown("customers", alpha, "name", **{"f.is_customer": "yes"}) == ["a"]
        assert shown("customers", alpha, "name", **{"f.is_customer": "no"}) == ["b'%s"]
        assert shown("customers", alpha, "name", **{"f.name": "=b'%s"}) == ["b'%s"]
        assert shown("customers", alpha, "name", **{"f.name": "=a", "sort": "-name"}) == ["a"]

    def test_the_same_list_is_asked_in_the_same_words(self, alpha):
        with CaptureQueriesContext(connections["default"]) as first:
            shown("customers", alpha, "name", **{"f.name": "x"})
        with CaptureQueriesContext(connections["default"]) as again:
            shown("customers", replace(alpha), "name", **{"f.name": "x"})
        assert [one["sql"] for one in first.captured_queries] == [one["sql"] for one in again.captured_queries]
