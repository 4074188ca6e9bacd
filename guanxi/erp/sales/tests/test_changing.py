"""A confirmed order is changed with its effects seen first; what left or was billed stays (M14.3)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.finance.tests.world import proved
from guanxi.erp.inventory.models import Delivery, StockBalance
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.sales.changes.changing import ChangedLine, cancel_order_line, change_order, lines_as_they_are
from guanxi.erp.sales.changes.effects import try_act
from guanxi.erp.sales.models import Order, OrderChange, OrderLine
from guanxi.erp.sales.operations import (
    PartialLine,
    WantedLine,
    cancel_order,
    confirm_order,
    create_delivery,
    deliver_order,
    invoice_order,
    place_order,
)
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.records.refusals import Forbidden, Invalid, Refused
from guanxi.kernel.values import Translated
from guanxi.shared.parties.models import Party

D = Decimal


def place(trade, *wanted) -> Order:
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=p, quantity=D(q)) for p, q in wanted])


def again(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def reserved(product) -> Decimal:
    return StockBalance.objects.get(product=product, location__kind="stock").reserved


def lines(order: Order) -> list[tuple]:
    return [(line.product.code, line.quantity, line.unit_price, line.net) for line in order.lines.select_related("product").order_by("position")]


class TestChanging:
    def test_quantity_price_a_new_line_and_the_day_in_one_change(self, trade):
        order = place(trade, (trade.screw, 10))
        line, day = order.lines.get(), trade.actor.today + timedelta(days=9)
        change_order(order, actor=trade.actor, promised_on=day, reason="Larger machine", lines=[
            ChangedLine(line=line, quantity=D(20), unit_price=D("9.5")), ChangedLine(product=trade.nut, quantity=D(3)),
        ])
        found = again(order)
        assert lines(found) == [("SCREW", 20, D("9.5"), D("190.00")), ("NUT", 3, 2, D("6.00"))]
        assert (found.net, found.tax, found.total, found.promised_on) == (D("196.00"), D("25.48"), D("221.48"), day)
        assert (reserved(trade.screw), reserved(trade.nut)) == (20, 3)

    def test_each_change_is_kept_as_a_version_with_what_it_was_about(self, trade):
        order = place(trade, (trade.screw, 10), (trade.nut, 2))
        first, second = order.lines.order_by("position")
        change_order(order, actor=trade.actor, lines=[ChangedLine(line=first, quantity=D(8))], reason="No nuts")
        change_order(again(order), actor=trade.actor, lines=[ChangedLine(line=first, discount=D("0.1"))])
        kept = OrderChange.objects.filter(order=order).order_by("edition")
        assert [(k.edition, k.former_total, k.total, k.reason) for k in kept] == [
            (1, D("117.52"), D("90.40"), "No nuts"), (2, D("90.40"), D("81.36"), ""),
        ]
        assert kept[0].changes == [
            {"kind": "quantity", "line": "SCREW", "before": "10", "after": "8"}, {"kind": "removed", "line": "NUT", "before": "2", "after": ""},
        ]
        assert kept[1].changes == [{"kind": "discount", "line": "SCREW", "before": "0", "after": "0.1"}]
        assert second.pk not in again(order).lines.values_list("pk", flat=True) and reserved(trade.nut) == 0

    def test_a_planned_delivery_follows_and_one_with_nothing_left_is_cancelled(self, trade):
        order = place(trade, (trade.screw, 10))
        line = order.lines.get()
        first = create_delivery(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=D(6))])
        later = trade.actor.today + timedelta(days=3)
        second = create_delivery(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=D(4))], planned_on=later)
        change_order(order, actor=trade.actor, lines=[ChangedLine(line=line, quantity=D(5))])
        assert [first.lines.get().quantity, Delivery.objects.get(pk=second.pk).status] == [5, "cancelled"]
        assert order.lines.get().planned_quantity == 5

    def test_a_delivered_part_stays_and_more_of_it_may_be_ordered(self, trade):
        order = place(trade, (trade.screw, 10))
        line = order.lines.get()
        deliver_order(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=D(4))])
        with pytest.raises(Invalid, match="4 of “SCREW” are delivered or invoiced; it cannot become less"):
            change_order(again(order), actor=trade.actor, lines=[ChangedLine(line=line, quantity=D(3))])
        with pytest.raises(Refused, match="cannot be removed; set its quantity to 4"):
            change_order(again(order), actor=trade.actor, lines=[ChangedLine(product=trade.nut, quantity=D(1))])
        change_order(again(order), actor=trade.actor, lines=[ChangedLine(line=line, quantity=D(12))])
        assert (again(order).lines.get().quantity, reserved(trade.screw)) == (12, 8)

    def test_an_invoiced_line_keeps_its_price(self, trade):
        order = place(trade, (trade.screw, 10))
        line = order.lines.get()
        deliver_order(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=D(4))])
        invoice_order(order, actor=trade.actor)
        with pytest.raises(Invalid, match="invoiced at its price"):
            change_order(again(order), actor=trade.actor, lines=[ChangedLine(line=line, unit_price=D(9))])
        change_order(again(order), actor=trade.actor, lines=[ChangedLine(line=line, quantity=D(12))])
        assert (again(order).total, reserved(trade.screw)) == (D("135.60"), 8)
        change_order(again(order), actor=trade.actor, lines=[ChangedLine(line=line, quantity=D(4))])
        assert (again(order).total, reserved(trade.screw)) == (D("45.20"), 0)

    @pytest.mark.parametrize(("wanted", "field", "words"), [
        ([], "lines", "at least one line"), ([ChangedLine()], "lines.0.product", "Choose a line of the order"),
    ])
    def test_what_cannot_be_understood_is_said_at_its_place(self, trade, wanted, field, words):
        with pytest.raises(Invalid, match=words) as refusal:
            change_order(place(trade, (trade.screw, 1)), actor=trade.actor, lines=wanted)
        assert set(refusal.value.errors) == {field}

    def test_nothing_different_is_refused_and_so_are_wrong_lines(self, trade):
        order, other = place(trade, (trade.screw, 1)), place(trade, (trade.nut, 1))
        line = order.lines.get()
        with pytest.raises(Refused, match="Nothing is different"):
            change_order(order, actor=trade.actor, lines=[ChangedLine(line=line)])
        for wanted, words in (
            ([ChangedLine(line=other.lines.get())], "does not belong"), ([ChangedLine(line=line)] * 2, "is here twice"),
            ([ChangedLine(line=line, product=trade.nut)], "keeps its product"), ([ChangedLine(line=line, quantity=D(0))], "more than zero"),
            ([ChangedLine(line=line, discount=D(2))], "between 0 and 100"),
        ):
            with pytest.raises(Invalid, match=words):
                change_order(again(order), actor=trade.actor, lines=wanted)
        assert lines(again(order)) == [("SCREW", 1, 10, D("10.00"))]

    def test_who_may_not_changes_nothing(self, trade, member):
        order = place(trade, (trade.screw, 1))
        with pytest.raises(Forbidden):
            change_order(order, actor=member("storekeeper"), lines=[ChangedLine(line=order.lines.get(), quantity=D(2))])
        assert again(order).lines.get().quantity == 1

    def test_it_costs_the_same_for_two_lines_and_for_twenty(self, trade):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        counts = []
        for size in (2, 20):
            order = place(trade, *[(trade.screw, 1)] * size)
            wanted = [ChangedLine(line=line, quantity=D(2)) for line in order.lines.all()]
            with CaptureQueriesContext(connection) as queries:
                change_order(order, actor=trade.actor, lines=wanted)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestCredit:
    @pytest.fixture(autouse=True)
    def limited(self, trade):
        CreditPolicy.objects.create(name=Translated({"en": "Usual"}))
        Party.objects.filter(pk=trade.customer.pk).update(credit_limit=D(113))
        trade.customer.refresh_from_db()

    def test_a_change_beyond_the_limit_puts_the_order_on_hold(self, trade):
        order = place(trade, (trade.screw, 10))
        change_order(order, actor=trade.actor, lines=[ChangedLine(line=order.lines.get(), quantity=D(11))])
        assert (again(order).hold, reserved(trade.screw)) == ("credit", 0)

    def test_a_released_order_is_looked_at_again_only_when_it_grows(self, trade):
        order = place(trade, (trade.screw, 20))
        Order.objects.filter(pk=order.pk).update(hold="", is_cleared=True)
        change_order(again(order), actor=trade.actor, lines=[ChangedLine(line=order.lines.get(), quantity=D(15))])
        assert (again(order).hold, again(order).is_cleared) == ("", True)
        change_order(again(order), actor=trade.actor, lines=[ChangedLine(line=order.lines.get(), quantity=D(16))])
        assert (again(order).hold, again(order).is_cleared) == ("credit", False)


class TestEffects:
    def test_a_change_is_tried_and_taken_back(self, trade):
        CreditPolicy.objects.create(name=Translated({"en": "Usual"}))
        Party.objects.filter(pk=trade.customer.pk).update(credit_limit=D(1000))
        order = again(place(trade, (trade.screw, 10)))
        delivery = create_delivery(order, actor=trade.actor)
        acts = Act.objects.count()
        raw = {"lines": [{"line": order.lines.get().pk, "quantity": "6"}]}
        tried = try_act(change_order, order, raw, trade.actor)
        assert [(e.name, e.before, e.after) for e in tried.changed] == [
            ("total", "¥113.00", "¥67.80"), ("reserved", "10", "6"), ("planned", f"{delivery.number} (10)", f"{delivery.number} (6)"),
            ("credit", "¥887.00", "¥932.20"),
        ]
        assert (again(order).total, reserved(trade.screw), Act.objects.count(), OrderChange.objects.count()) == (D("113.00"), 10, acts, 0)

    def test_a_cancellation_shows_what_becomes_free(self, trade):
        order = again(place(trade, (trade.screw, 10)))
        delivery = create_delivery(order, actor=trade.actor)
        tried = try_act(cancel_order, order, {}, trade.actor)
        assert [(e.name, e.before, e.after) for e in tried.changed] == [
            ("status", "Confirmed", "Cancelled"), ("reserved", "10", "0"), ("planned", f"{delivery.number} (10)", "—"),
        ]
        assert again(order).status == "confirmed"

    def test_a_refusal_is_shown_before_it_is_tried_in_earnest(self, trade):
        order = place(trade, (trade.screw, 10))
        deliver_order(order, actor=trade.actor)
        tried = try_act(cancel_order, again(order), {}, trade.actor)
        assert "delivered or invoiced" in str(tried.refused) and tried.effects == []

    def test_confirming_shows_that_it_will_stand_still(self, trade):
        CreditPolicy.objects.create(name=Translated({"en": "Usual"}))
        Party.objects.filter(pk=trade.customer.pk).update(credit_limit=D(1))
        values = {"customer": trade.customer.pk, "lines": [{"product": "SCREW", "quantity": "10"}]}
        order = again(create_record(Order, values, actor=trade.actor).result)
        tried = try_act(confirm_order, order, {}, trade.actor)
        assert ("hold", "Not on hold", "Customer credit") in [(e.name, e.before, e.after) for e in tried.changed]


class TestLines:
    def test_the_rest_of_a_line_is_cancelled(self, trade):
        order = place(trade, (trade.screw, 10), (trade.nut, 2))
        first, second = order.lines.order_by("position")
        deliver_order(order, actor=trade.actor, lines=[PartialLine(line=first, quantity=D(4))])
        cancel_order_line(first, actor=trade.actor, reason="Enough")
        cancel_order_line(second, actor=trade.actor)
        assert lines(again(order)) == [("SCREW", 4, 10, D("40.00"))]
        assert (reserved(trade.screw), reserved(trade.nut)) == (0, 0)
        assert proved() == []

    def test_the_only_line_and_a_delivered_one_are_not(self, trade):
        order = place(trade, (trade.screw, 10))
        with pytest.raises(Refused, match="cancel the order instead"):
            cancel_order_line(order.lines.get(), actor=trade.actor)
        deliver_order(order, actor=trade.actor)
        with pytest.raises(Refused, match="delivered or invoiced already"):
            cancel_order_line(again(order).lines.get(), actor=trade.actor)


def test_the_dialog_starts_with_the_lines_as_they_are(trade):
    order = place(trade, (trade.screw, 10))
    line = order.lines.get()
    assert lines_as_they_are(order, trade.actor) == {
        "promised_on": order.promised_on, "lines": [{"line": line.pk, "quantity": 10, "unit_price": 10, "discount": 0}],
    }


class TestWhatFollows:
    def test_goods_that_a_change_gave_free_go_to_those_that_wait(self, trade):
        first, second = place(trade, (trade.nut, 5)), place(trade, (trade.nut, 3))
        change_order(first, actor=trade.actor, lines=[ChangedLine(line=first.lines.get(), quantity=D(1))])
        deliver_all("alpha")
        assert second.lines.annotate(held=OrderLine.reserved_quantity.sql()).get().held == D(3)
        assert not WaitingLine.objects.exists()

    def test_an_order_cut_down_to_what_was_delivered_and_invoiced_is_done(self, trade):
        order = place(trade, (trade.screw, 10))
        deliver_order(order, actor=trade.actor, lines=[PartialLine(line=order.lines.get(), quantity=D(4))])
        invoice_order(again(order), actor=trade.actor)
        deliver_all("alpha")
        assert again(order).status == "confirmed"
        change_order(again(order), actor=trade.actor, lines=[ChangedLine(line=order.lines.get(), quantity=D(4))])
        deliver_all("alpha")
        assert again(order).status == "done"
