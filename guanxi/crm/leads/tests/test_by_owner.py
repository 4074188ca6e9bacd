"""A list asks by the ids of the owners; it shows what each may see, no more and no less."""

from dataclasses import replace

import pytest

from guanxi.crm.leads.models import Lead
from guanxi.kernel.access import scopes
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.screens.screen import screen_of
from guanxi.shared.parties.models import Contact, Party


@pytest.fixture
def people(alpha, member):
    east = Team.objects.create(name="East")
    north, west = Team.objects.create(name="North-East", parent=east), Team.objects.create(name="West")
    found = {
        "li": member("salesperson", name="Li", team=north), "wang": member("salesperson", name="Wang", team=west),
        "chief": member("sales_manager", name="Chief", team=east), "store": member("storekeeper", name="Store"), "all": alpha,
    }
    for name, who in found.items():
        company = create_record(Party, {"name": f"Of {name}", "owner": who.member_id}, actor=alpha).result
        create_record(Contact, {"party": company.pk, "name": f"Contact of {name}"}, actor=alpha)
        create_record(Lead, {"name": f"Lead of {name}", "company": name, "owner": who.member_id}, actor=alpha)
    nobodys = create_record(Lead, {"name": "Lead of nobody", "company": "nobody"}, actor=alpha).result
    Lead.objects.filter(pk=nobodys.pk).update(owner=None)
    return found


def listed(model, who):
    return {row.pk for row in ListQuery(screen_of(model.label()), who, {}).rows}


def seen(model, who):
    return set(model.objects.visible_to(who).values_list("pk", flat=True))


def test_it_shows_what_each_may_see(people):
    for model in (Party, Contact, Lead):
        assert {name: listed(model, who) for name, who in people.items()} == {name: seen(model, who) for name, who in people.items()}
    assert {name: len(listed(Lead, who)) for name, who in people.items()} == {"li": 2, "wang": 2, "chief": 3, "store": 0, "all": 6}
    assert {name: len(listed(Contact, who)) for name, who in people.items()} == {"li": 1, "wang": 1, "chief": 2, "store": 5, "all": 5}


def test_ids_stand_for_a_team_only_while_they_are_few(people, monkeypatch):
    chief = people["chief"]
    assert chief.owner_filter(Party) is not None
    monkeypatch.setattr(scopes, "MOST_OWNERS", 1)
    assert chief.owner_filter(Party) is None
    assert len(listed(Party, chief)) == 2


def test_who_joins_the_team_brings_their_customers_into_its_list(people):
    Member.objects.filter(pk=people["wang"].member_id).update(team=people["li"].team_ids[0])
    chief = replace(people["chief"])
    assert listed(Party, chief) == seen(Party, chief)
    assert len(listed(Party, chief)) == 3
