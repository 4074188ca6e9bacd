"""Who sees what was noted, and the timeline in which it stands (M1.2)."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.columns.registry import columns_of
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.operations import add_note, add_task, finish_task, log_call
from guanxi.shared.activities.queries import timeline
from guanxi.shared.catalog.models import PriceList, Product
from guanxi.shared.parties.models import Contact, Party
from guanxi.shared.parties.operations import assign_owner, make_supplier


def party(actor, name="Hengchuan", **values):
    return create_record(Party, {"name": name, **values}, actor=actor).result


def on(record):
    label, pk = record.ref()
    return {"target_model": label, "target_id": pk}


@pytest.fixture
def people(alpha, member):
    east = Team.objects.create(name="East")
    return {
        "li": member("salesperson", name="Li", team=east), "wang": member("salesperson", name="Wang", team=east),
        "chief": member("sales_manager", name="Chief", team=east), "store": member("storekeeper", name="Store"),
    }


def seen_by(people):
    return {name: sorted(Activity.objects.visible_to(who).values_list("subject", flat=True)) for name, who in people.items()}


class TestSight:
    def test_what_is_noted_about_a_record_is_seen_by_those_who_see_the_record(self, alpha, people):
        mine = party(people["li"], "Mine")
        add_note(actor=people["li"], **on(mine), body="by Li")
        add_note(actor=people["store"], **on(mine), body="by Store")
        product = create_record(Product, {"name": "Screw", "unit": "pc"}, actor=alpha).result
        add_note(actor=alpha, **on(product), body="on product")
        all_three = ["by Li", "by Store", "on product"]
        assert seen_by(people) == {"li": all_three, "wang": ["on product"], "chief": all_three, "store": all_three}

    def test_who_loses_sight_of_a_party_loses_what_was_noted_about_it(self, alpha, people):
        mine = party(people["li"])
        add_note(actor=people["li"], **on(mine), body="secret")
        assign_owner(mine, actor=alpha, owner=Member.objects.get(pk=people["wang"].member_id))
        assert seen_by(people) == {"li": [], "wang": ["secret"], "chief": ["secret"], "store": ["secret"]}

    def test_one_s_own_note_on_a_record_out_of_sight_stays_but_for_parties_out_of_sight(self, alpha, people):
        mine = party(people["li"])
        prices = create_record(PriceList, {"code": "L", "name": "L"}, actor=alpha).result
        add_note(actor=people["li"], **on(prices), body="on prices")
        other = party(people["wang"], "Other")
        change_record(prices, {"customers": [other.pk]}, actor=alpha)
        assert seen_by(people)["li"] == ["on prices"]
        Activity.objects.update(party=other)
        assert (seen_by(people)["li"], seen_by(people)["wang"]) == ([], ["on prices"])
        assert mine.pk != other.pk

    def test_a_right_for_the_whole_company_shows_no_note_on_a_record_out_of_sight(self, alpha, people, member):
        from guanxi.kernel.access.models import Role

        Role.objects.create(key="reader", name={"en": "Reader"}, grants={"activities.activity": "view", "parties.contact": "view"})
        mine = party(people["li"])
        add_note(actor=people["li"], **on(mine), body="secret")
        add_task(actor=people["li"], body="about nothing")
        reader = member("reader")
        assert list(Activity.objects.visible_to(reader).values_list("subject", flat=True)) == ["about nothing"]

    def test_without_the_right_nothing_is_seen(self, alpha, member):
        add_note(actor=alpha, **on(party(alpha)), body="x")
        assert Activity.objects.visible_to(member()).count() == 0

    def test_it_costs_one_query_however_many_kinds_of_record_there_are(self, alpha, people):
        add_note(actor=people["li"], **on(party(people["li"])), body="x")
        with CaptureQueriesContext(connections["default"]) as queries:
            list(Activity.objects.visible_to(people["li"]))
        assert len(queries) == 1


class TestFacts:
    def value(self, name, actor, made):
        column = columns_of(Party)[name]
        return Party.objects.filter(pk=made.pk).values_list(column.sql(actor), flat=True).get()

    def test_the_last_contact_is_the_latest_thing_done_and_no_open_task(self, alpha):
        made = party(alpha)
        assert self.value("last_contact", alpha, made) is None
        log_call(actor=alpha, **on(made), body="first", at=alpha.now - timedelta(days=3))
        log_call(actor=alpha, **on(made), body="older", at=alpha.now - timedelta(days=9))
        add_task(actor=alpha, **on(made), body="to do", due_on=alpha.today)
        assert self.value("last_contact", alpha, made) == alpha.now - timedelta(days=3)

    def test_the_next_task_is_the_nearest_open_one(self, alpha):
        made = party(alpha)
        days = [alpha.today + timedelta(days=n) for n in (1, 5, 9)]
        tasks = [add_task(actor=alpha, **on(made), body=str(day), due_on=day) for day in days]
        finish_task(tasks[0], actor=alpha)
        assert self.value("next_task", alpha, made) == days[1]

    def test_what_the_reader_may_not_see_counts_for_nothing(self, alpha, people):
        mine = party(people["li"])
        prices = create_record(PriceList, {"code": "L", "name": "L"}, actor=alpha).result
        hidden = add_note(actor=alpha, **on(prices), body="x")
        Activity.objects.filter(pk=hidden.pk).update(party=mine)
        other = party(people["wang"], "Other")
        change_record(prices, {"customers": [other.pk]}, actor=alpha)
        assert self.value("last_contact", people["li"], mine) is None
        assert self.value("last_contact", people["store"], mine) == alpha.now


class TestTimeline:
    def texts(self, record, actor, **options):
        return [(e.member[1] if e.member else "", e.text, e.detail) for e in timeline(record, actor, **options).entries]

    def test_events_activities_and_changes_stand_newest_first(self, alpha, people):
        li, hour = people["li"], timedelta(hours=1)
        made = party(li)
        person = create_record(Contact, {"party": made.pk, "name": "Zhou"}, actor=li).result
        log_call(actor=li, **on(made), body="Spoke", contact=person, at=li.now - 3 * hour, minutes=6)
        add_note(actor=li, **on(person), body="Kind")
        change_record(made, {"tier": "A", "phone": "12345"}, actor=li)
        make_supplier(made, actor=alpha)
        assign_owner(made, actor=people["chief"], owner=Member.objects.get(pk=people["wang"].member_id))
        found = timeline(made, alpha).entries
        assert [entry.at for entry in found] == sorted((entry.at for entry in found), reverse=True)
        texts = {(entry.text, entry.title, entry.detail) for entry in found}
        assert texts >= {
            ("%(title)s was handed over", "Hengchuan", ""), ("spoke with %(title)s by telephone", "Zhou", "Spoke"), ("noted", "", "Kind"),
            ("changed this: Tier, Telephone", "", ""), ("Make a supplier: Supplier", "", ""), ("entered this", "", ""),
        }
        assert len(found) == 6
        assert found[-1].detail == "Spoke" and found[-1].tag == "6 min" and found[-1].member == (li.member_id, "Li")

    def test_a_change_that_an_event_tells_is_not_told_twice(self, alpha, people):
        made = party(people["li"])
        assign_owner(made, actor=people["chief"], owner=Member.objects.get(pk=people["wang"].member_id))
        assert [text for _who, text, _detail in self.texts(made, alpha)] == ["%(title)s was handed over", "entered this"]

    def test_pages_follow_each_other_without_gap_or_repetition(self, alpha):
        made = party(alpha)
        for number in range(7):
            add_note(actor=alpha, **on(made), body=f"note {number}")
        whole = timeline(made, alpha, limit=100)
        assert (len(whole.entries), whole.next_page) == (8, "")
        pages, page = [], ""
        while True:
            part = timeline(made, alpha, page=page, limit=3)
            pages.append([entry.place for entry in part.entries])
            page = part.next_page
            if not page:
                break
        assert [len(p) for p in pages] == [3, 3, 2]
        assert [place for p in pages for place in p] == [entry.place for entry in whole.entries]

    @pytest.mark.parametrize("page", ["nonsense", "2026-01-01~x~1", "2026-01-01T00:00:00~0~1", "~~", "2026-13-01~0~1"])
    def test_an_address_that_is_no_page_gives_the_first_one(self, alpha, page):
        assert [text for _who, text, _detail in self.texts(party(alpha), alpha, page=page)] == ["entered this"]

    def test_columns_that_the_reader_may_not_see_are_not_named(self, alpha, member):
        product = create_record(Product, {"name": "Screw", "unit": "pc"}, actor=alpha).result
        change_record(product, {"standard_cost": "5"}, actor=alpha)
        change_record(product, {"standard_cost": "6", "list_price": "9"}, actor=alpha)
        texts = [[text for _who, text, _detail in self.texts(product, who)] for who in (alpha, member("salesperson"))]
        assert texts == [
            ["changed this: List price, Standard cost", "changed this: Standard cost", "entered this"],
            ["changed this: List price", "entered this"],
        ]

    def test_its_queries_do_not_grow_with_it(self, alpha, people):
        made = party(people["li"])

        def count(who):
            with CaptureQueriesContext(connections["default"]) as queries:
                timeline(made, who)
            return len(queries)

        add_note(actor=people["li"], **on(made), body="one")
        first = {name: count(who) for name, who in people.items() if name != "wang"}
        for number in range(20):
            add_note(actor=alpha, **on(made), body=str(number))
            change_record(made, {"phone": str(100 + number)}, actor=alpha)
        assert {name: count(who) for name, who in people.items() if name != "wang"} == first
        assert max(first.values()) <= 5
