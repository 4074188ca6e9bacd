"""An empty account set with the people of another one."""

from __future__ import annotations

import argparse

import pytest
from django.contrib.auth import get_user_model

from guanxi.config.beginning import begin
from guanxi.config.people import join
from guanxi.config.terminal import Quit
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Entity, Member, Role, Team
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.sets.lifecycle import drop_set
from guanxi.kernel.sets.models import AccountSet, Membership
from guanxi.shared.parties.models import Party


def given(**values) -> argparse.Namespace:
    return argparse.Namespace(**{"key": "fresh", "source": "alpha", "name": None, "yes": None, **values})


@pytest.fixture
def company(fresh_database) -> None:
    """Set alpha with Li, who leads the team North, a role of its own, and a customer."""
    user = get_user_model().objects.create(username="li", name="Li", email="li@alpha.example")
    join(user, "alpha", ["salesperson"])
    with in_set("alpha"):
        north = Team.objects.create(name="North")
        Team.objects.create(name="Harbour", parent=north)
        li = Member.objects.get(code="li")
        li.assign(team=north, title="Sales")
        li.flush()
        Team.objects.filter(pk=north.pk).update(lead=li)
        li.roles.add(Role.objects.create(key="own", name={"en": "Own"}, grants={"parties.party": "view:own"}))
        Entity.objects.filter(is_default=True).update(name="Li & Co", tax_number="T1")
        create_record(Party, {"name": "Invented"}, actor=system_actor())


def test_nothing_is_done_without_the_key_once_more(company, capsys):
    with pytest.raises(Quit, match="Nothing was done"):
        begin(given())
    assert "1 customers" in capsys.readouterr().err
    assert not AccountSet.objects.filter(key="fresh").exists()


def test_people_teams_roles_and_letterhead_come_along_and_records_do_not(company):
    begin(given(yes="fresh", name="Li's own"))
    try:
        with in_set("fresh"):
            li = Member.objects.get(code="li")
            assert (li.title, li.team.name, sorted(li.roles.values_list("key", flat=True))) == ("Sales", "North", ["own", "salesperson"])
            assert Team.objects.get(name="Harbour").parent.name == "North" and Team.objects.get(name="North").lead == li
            assert Role.objects.get(key="own").grants == {"parties.party": "view:own"}
            assert Entity.objects.get(is_default=True).name == "Li & Co"
            assert not Party.objects.exists()
        place = Membership.objects.get(account_set__key="fresh", user__username="li")
        assert place.member_id == li.pk and place.account_set.name == "Li's own"
        with in_set("alpha"):
            assert Party.objects.filter(name="Invented").count() == 1
    finally:
        drop_set("fresh")
