"""A day for each line and why, with what else could be done (X1, M14.7)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override

from guanxi.erp.promising.models import DayOff
from guanxi.erp.promising.operations import AskedLine, ask_promise
from guanxi.erp.promising.queries import Wanted, promise_lines
from guanxi.erp.promising.tests.world import expect, product, receive
from guanxi.erp.promising.workdays import Workdays
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.records.refusals import Invalid
from guanxi.shared.catalog.models import Substitute


def ask(yard, *lines, wanted_on=None, alternatives=False):
    wanted = [Wanted(item, Decimal(quantity), yard.here.pk, wanted_on) for item, quantity in lines]
    return promise_lines(wanted, entity_id=yard.actor.entity_id, today=yard.today, alternatives=alternatives)


def parts(promise):
    return [(part.kind, int(part.quantity), part.on) for part in promise.parts]


class TestWhereFrom:
    def test_what_is_there_goes_today_or_on_the_day_wanted(self, yard):
        [now], [later] = ask(yard, (yard.screw, "40")), ask(yard, (yard.screw, "40"), wanted_on=yard.after(9))
        assert (now.on, now.source, parts(now)) == (yard.today, "stock", [("stock", 40, yard.today)])
        assert (later.on, later.source) == (yard.after(9), "stock")

    def test_the_rest_comes_with_a_receipt(self, yard):
        receipt = expect(yard.actor, yard.screw, 60, yard.after(6))
        [found] = ask(yard, (yard.screw, "90"))
        assert (found.on, found.source) == (yard.after(6), "receipt")
        assert parts(found) == [("stock", 40, yard.today), ("receipt", 50, yard.after(6))]
        assert found.binding() == f"Decided by {receipt.number}, expected on {full_date(yard.after(6))}."

    def test_lines_of_one_document_share_what_there_is(self, yard):
        expect(yard.actor, yard.screw, 60, yard.after(6))
        first, second = ask(yard, (yard.screw, "30"), (yard.screw, "30"))
        assert (first.on, second.on) == (yard.today, yard.after(6))
        assert parts(second) == [("stock", 10, yard.today), ("receipt", 20, yard.after(6))]

    def test_without_supply_it_takes_the_usual_lead_time_in_working_days(self, yard):
        [found] = ask(yard, (yard.spring, "5"))
        assert (found.on, found.source) == (Workdays(yard.actor.entity_id).after(yard.today, 10), "lead_time")
        assert found.binding() == "Decided by the usual lead time of 10 working days."

    def test_without_supply_and_lead_time_no_date_is_known_and_that_is_said(self, yard):
        [found] = ask(yard, (yard.nut, "5"))
        assert (found.on, found.source) == (None, "unknown")
        assert found.text() == (
            "5 without a known date. No date known: nothing is expected that is still free, and NUT has no usual lead time."
        )

    def test_a_service_is_promised_for_the_day_wanted(self, yard):
        [found] = ask(yard, (yard.service, "2"), wanted_on=yard.after(4))
        assert (found.on, found.source, found.parts) == (yard.after(4), "wanted", ())

    def test_reasons_are_told_in_the_reader_s_language(self, yard):
        [found] = ask(yard, (yard.nut, "5"))
        with override("zh-hans"):
            assert found.label == "交期未知" and found.text().startswith("5 交期未知")

    def test_all_lines_cost_one_question_while_stock_does_and_two_when_it_does_not(self, yard, django_assert_num_queries):
        with django_assert_num_queries(1):
            ask(yard, (yard.screw, "1"), (yard.screw, "2"), (yard.service, "1"))
        ask(yard, (yard.nut, "1"))
        with django_assert_num_queries(2):
            ask(yard, (yard.screw, "1"), (yard.nut, "2"), (yard.nut, "3"))


class TestWorkingDays:
    def test_weekends_and_days_off_are_left_out_and_exchanged_days_count(self, alpha):
        friday = date(2026, 10, 2)
        DayOff.objects.create(falls_on=date(2026, 10, 5), name="National Day")
        DayOff.objects.create(falls_on=date(2026, 10, 10), name="In exchange", is_worked=True)
        days = Workdays(alpha.entity_id)
        assert days.after(friday, 1) == date(2026, 10, 6)
        assert days.after(friday, 5) == date(2026, 10, 10)
        assert days.after(date(2026, 10, 4), 0) == date(2026, 10, 6)

    def test_an_entry_of_the_entity_counts_more_than_one_for_all(self, alpha):
        DayOff.objects.create(falls_on=date(2026, 10, 6), name="For all")
        DayOff.objects.create(falls_on=date(2026, 10, 6), name="Here", entity_id=alpha.entity_id, is_worked=True)
        assert Workdays(alpha.entity_id).after(date(2026, 10, 5), 1) == date(2026, 10, 6)


class TestAlternatives:
    def test_a_late_line_may_be_split_come_from_elsewhere_be_replaced_or_be_waited_for(self, yard):
        expect(yard.actor, yard.screw, 60, yard.after(6))
        other = product(yard.actor, "SCREW-B")
        receive(yard.actor, other, 500)
        create_record(Substitute, {"product": yard.screw.pk, "substitute": other.pk, "factor": "2", "note": "shorter"}, actor=yard.actor)
        [found] = ask(yard, (yard.screw, "90"), wanted_on=yard.today, alternatives=True)
        brought = Workdays(yard.actor.entity_id).after(yard.today, 3)
        assert [(one.kind, one.on, int(one.quantity), one.rest_on) for one in found.alternatives] == [
            ("split", yard.today, 40, yard.after(6)), ("warehouse", yard.today, 90, brought), ("substitute", yard.today, 180, None),
            ("later", yard.after(6), 90, None),
        ]
        split, elsewhere, instead, later = [one.text() for one in found.alternatives]
        assert split == f"40 on {full_date(yard.today)}, the other 50 on {full_date(yard.after(6))}"
        assert elsewhere == f"All from “North” on {full_date(yard.today)}; brought here it could leave on {full_date(brought)}"
        assert instead == f"180 of “SCREW-B” instead on {full_date(yard.today)}" and later == f"All of it on {full_date(yard.after(6))}"

    def test_a_line_that_is_in_time_has_none(self, yard):
        [found] = ask(yard, (yard.screw, "40"), alternatives=True)
        assert found.alternatives == []


class TestAsking:
    def test_it_answers_line_by_line_and_holds_nothing(self, yard):
        [answer] = ask_promise(actor=yard.actor, lines=[AskedLine(yard.screw, Decimal(50))], wanted_on=yard.after(1))
        assert (answer.product, answer.promised_on, answer.promised_from) == ("SCREW", None, "unknown")
        assert [(part.kind, part.quantity) for part in answer.parts] == [("stock", 40), ("unknown", 10)]
        assert [(one.kind, one.warehouse, one.quantity) for one in answer.alternatives] == [("split", "", 40), ("warehouse", "NORTH", 50)]

    def test_what_cannot_be_asked_is_said_at_its_line(self, yard):
        with pytest.raises(Invalid) as refusal:
            ask_promise(actor=yard.actor, lines=[AskedLine(yard.screw, Decimal(1)), AskedLine(yard.screw, Decimal(0))])
        assert refusal.value.errors == {"lines.1.quantity": ["The quantity has to be more than zero."]}
        with pytest.raises(Invalid):
            ask_promise(actor=yard.actor, lines=[])

    def test_a_receipt_of_long_ago_that_never_came_counts_as_today(self, yard):
        expect(yard.actor, yard.nut, 5, yard.today - timedelta(days=3))
        assert ask(yard, (yard.nut, "5"))[0].on == yard.today
