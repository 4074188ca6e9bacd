"""Whose the record is that an activity is about is kept beside it by the database, and only finds it (M1.2)."""

import pytest
from django.db.models import Q

from guanxi.kernel.about import sight
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.search.index import reindex
from guanxi.kernel.search.models import SearchEntry
from guanxi.kernel.search.queries import find
from guanxi.shared.activities import models
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.operations import add_note, add_task
from guanxi.shared.activities.screens import ActivityScreen
from guanxi.shared.activities.tests.test_timeline import on, party
from guanxi.shared.catalog.models import Product
from guanxi.shared.merging.operations import merge_records
from guanxi.shared.parties.models import Contact
from guanxi.shared.parties.operations import assign_owner


@pytest.fixture
def people(alpha, member):
    east, west = Team.objects.create(name="East"), Team.objects.create(name="West")
    return {
        "li": member("salesperson", name="Li", team=east), "wang": member("salesperson", name="Wang", team=west),
        "chief": member("sales_manager", name="Chief", team=east), "store": member("storekeeper", name="Store"), "all": alpha,
    }


def owners():
    """By the text of each activity, the name of the member to whom what it is about belongs."""
    return dict(Activity.objects.values_list("subject", "target_owner__name"))


def as_member(actor):
    return Member.objects.get(pk=actor.member_id)


def test_an_activity_knows_whose_the_record_is_that_it_is_about(alpha, people):
    company = party(people["li"])
    add_note(actor=alpha, **on(company), body="company")
    add_note(actor=alpha, **on(create_record(Contact, {"party": company.pk, "name": "Zhou"}, actor=alpha).result), body="contact")
    add_note(actor=alpha, **on(create_record(Product, {"name": "Screw", "unit": "pc"}, actor=alpha).result), body="product")
    add_task(actor=alpha, body="nothing")
    assert owners() == {"company": "Li", "contact": "Li", "product": None, "nothing": None}


def test_it_follows_when_the_record_or_one_on_the_way_to_it_goes_to_somebody_else(alpha, people):
    company, other = party(people["li"]), party(people["wang"], "Other")
    contact = create_record(Contact, {"party": company.pk, "name": "Zhou"}, actor=alpha).result
    for record, text in ((company, "company"), (contact, "contact"), (other, "other")):
        add_note(actor=alpha, **on(record), body=text)
    assign_owner(company, actor=alpha, owner=as_member(people["chief"]))
    assert owners() == {"company": "Chief", "contact": "Chief", "other": "Wang"}
    change_record(contact, {"party": other.pk}, actor=alpha)
    assert owners() == {"company": "Chief", "contact": "Wang", "other": "Wang"}
    type(company).objects.filter(pk=other.pk).update(owner=people["li"].member_id)
    assert owners() == {"company": "Chief", "contact": "Li", "other": "Li"}


def test_what_is_written_there_by_hand_does_not_stay(alpha, people):
    add_note(actor=alpha, **on(party(people["li"])), body="company")
    Activity.objects.update(target_owner=people["wang"].member_id)
    assert owners() == {"company": "Li"}


def test_a_merge_takes_it_along(alpha, people):
    kept, gone = party(people["li"]), party(people["wang"], "Hengchuan Ltd")
    add_note(actor=alpha, **on(gone), body="note")
    merge_records(actor=alpha, kind="parties.party", survivor=kept.pk, gone=gone.pk)
    assert owners() == {"note": "Li"}


@pytest.fixture
def written(alpha, people):
    """Notes by each on all that they see, and a task about nothing."""
    companies = [party(people[name], name) for name in ("li", "wang", "chief")]
    contacts = [create_record(Contact, {"party": one.pk, "name": f"Of {one.name}"}, actor=alpha).result for one in companies]
    product = create_record(Product, {"name": "Screw", "unit": "pc"}, actor=alpha).result
    for writer in people.values():
        for record in (*companies, *contacts, product):
            if type(record).objects.visible_to(writer).filter(pk=record.pk).exists():
                add_note(actor=writer, **on(record), body="x")
        add_task(actor=writer, body="mine alone")


def test_it_leaves_out_nothing_that_may_be_seen(people, written, monkeypatch):
    """Each person's activities are the same when all of them are asked one by one."""

    def seen():
        return {name: set(Activity.objects.visible_to(who).values_list("pk", flat=True)) for name, who in people.items()}

    found = seen()
    monkeypatch.setattr(models, "reach", lambda *_given, **_named: Q(pk__gt=0))
    assert found == seen()
    assert {name: len(rows) for name, rows in found.items()} == {"li": 14, "wang": 12, "chief": 21, "store": 26, "all": 30}


def listed(who):
    query = ListQuery(ActivityScreen, who, {})
    return query.count, {row.pk for row in query.fetch()}


def test_a_list_shows_and_counts_what_each_may_see(people, written):
    for name, who in people.items():
        seen = set(Activity.objects.visible_to(who).values_list("pk", flat=True))
        assert listed(who) == (len(seen), seen), name


def test_a_list_shows_nothing_that_only_a_wrong_kept_owner_would_open(people, written, monkeypatch):
    monkeypatch.setattr(models.ActivityQuerySet, "within_reach", lambda rows, _actor: (rows.all(), [rows.all()]))
    for name, who in people.items():
        count, shown = listed(who)
        assert (count, shown) == (30, set(Activity.objects.visible_to(who).values_list("pk", flat=True))), name


def test_a_condition_of_sight_that_is_kept_holds_no_ids_of_rows(people):
    """It is made once for a member and a day: rows made since then have to be in it."""
    for who in people.values():
        _whole, parts = sight._sight(sight.Eyes(who), "", (), "view")
        known = {who.member_id, who.party_id, who.entity_id, *who.team_ids, *who.role_ids}
        ids = {value for _label, part in parts for value in (*part.before, *part.after) if isinstance(value, int) and not isinstance(value, bool)}
        assert {int(value) for value in ids} - known <= {1}


def words_of(record):
    """The words of a record's entry that say whose it is."""
    entry = SearchEntry.objects.extra(select={"words": "tsvector_to_array(terms)"}).get(model=record.label(), object_id=record.pk)
    return {word for word in entry.words if word[0] in "%&"}


def test_the_search_knows_whose_each_record_is_and_follows(alpha, people):
    company, li, chief = party(people["li"]), people["li"].member_id, people["chief"].member_id
    contact = create_record(Contact, {"party": company.pk, "name": "Zhou"}, actor=alpha).result
    add_note(actor=people["store"], **on(contact), body="Meeting")
    note = Activity.objects.get()
    assert (words_of(company), words_of(contact)) == ({f"%{li}"}, {f"%{li}"})
    assert words_of(note) == {f"%{people['store'].member_id}", f"%{li}", "&parties.contact"}
    type(company).objects.filter(pk=company.pk).update(owner=chief)
    assert (words_of(company), words_of(contact)) == ({f"%{chief}"}, {f"%{chief}"})
    assert words_of(note) == {f"%{people['store'].member_id}", f"%{chief}", "&parties.contact"}
    reindex("parties.contact")
    reindex("activities.activity")
    assert (words_of(contact), words_of(note)) == ({f"%{chief}"}, {f"%{people['store'].member_id}", f"%{chief}", "&parties.contact"})


def test_a_search_finds_at_once_what_one_has_been_given(alpha, people):
    company = party(people["li"], "Hengchuan Hydraulics")
    add_note(actor=people["li"], **on(company), body="Hengchuan called")
    assert [sorted(hit.model for hit in find("hengchuan", people[name])) for name in ("li", "wang")] == [
        ["activities.activity", "parties.party"], [],
    ]
    assign_owner(company, actor=alpha, owner=as_member(people["wang"]))
    # What one wrote oneself about a party out of sight is out of sight as well.
    assert [sorted(hit.model for hit in find("hengchuan", people[name])) for name in ("li", "wang")] == [
        [], ["activities.activity", "parties.party"],
    ]
