"""What orders promise: a day for each line, kept; short goods waited for, allocated, and given to others (X1, M14.3, M14.7)."""

from decimal import Decimal

import pytest

from guanxi.erp.inventory.models import Delivery, GoodsReceipt, Location, Reservation
from guanxi.erp.inventory.operations import adjust_stock, receive_goods, ship_delivery
from guanxi.erp.promising.models import AllocationRule, WaitingLine
from guanxi.erp.promising.operations import allocate_stock, reserve_waiting
from guanxi.erp.promising.tests.world import expect, receive
from guanxi.erp.returns.operations import ReturnedLine, return_goods
from guanxi.erp.sales.changes.changing import ChangedLine, change_order
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import (
    PartialLine,
    WantedLine,
    cancel_order,
    confirm_order,
    create_delivery,
    order_quotation,
    place_order,
    promise_order,
    renew_promise,
)
from guanxi.erp.sales.panels import reserved_for_others
from guanxi.erp.sales.promising.alternatives import (
    change_order_warehouse,
    change_quotation_warehouse,
    reallocate_stock,
    split_order_line,
    split_quotation_line,
    substitute_order_line,
)
from guanxi.erp.sales.promising.promises import promises_of
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operations import undo_act
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.catalog.models import Substitute
from guanxi.shared.parties.models import Party


def place(yard, *wanted, customer=None, **values):
    lines = [WantedLine(product=item, quantity=Decimal(quantity)) for item, quantity in wanted]
    return place_order(customer or yard.customer, actor=yard.actor, lines=lines, **values)


def enter(yard, model, *wanted, **values):
    lines = [{"product": item.pk, "quantity": quantity} for item, quantity in wanted]
    return create_record(model, {"customer": yard.customer.pk, "lines": lines, **values}, actor=yard.actor).result


def days(document):
    return [(int(line.quantity), line.promised_on, line.promised_from) for line in document.lines.order_by("position")]


def waiting():
    return [(row.document, int(row.quantity), row.promised_on) for row in WaitingLine.objects.order_by("pk")]


def held(order):
    rows = Reservation.objects.filter(source_model="sales.orderline", source_id__in=order.lines.values("pk"))
    return int(sum((row.quantity for row in rows), Decimal(0)))


class TestEntering:
    def test_lines_of_quotations_and_orders_say_when_and_from_where(self, yard):
        expect(yard.actor, yard.screw, 60, yard.after(6))
        quotation = enter(yard, Quotation, (yard.screw, "30"), (yard.screw, "30"), (yard.nut, "1"), requested_on=yard.after(2))
        assert days(quotation) == [(30, yard.after(2), "stock"), (30, yard.after(6), "receipt"), (1, None, "unknown")]
        order = enter(yard, Order, (yard.service, "1"), (yard.screw, "70"), requested_on=yard.after(8))
        assert days(order) == [(1, yard.after(8), "wanted"), (70, yard.after(8), "receipt")]
        assert order.promised_on is None

    def test_a_quotation_is_promised_from_its_warehouse_and_so_is_its_order(self, yard):
        quotation = enter(yard, Quotation, (yard.screw, "100"), warehouse=yard.north.pk, requested_on=yard.after(2))
        assert days(quotation) == [(100, yard.after(2), "stock")]
        order = order_quotation(quotation, actor=yard.actor)
        assert (order.warehouse_id, order.requested_on, days(order)) == (yard.north.pk, yard.after(2), days(quotation))


class TestConfirming:
    def test_an_order_whose_goods_are_there_is_promised_for_the_day_requested(self, yard):
        order = place(yard, (yard.screw, "40"), (yard.service, "1"), requested_on=yard.after(5))
        assert (order.promised_on, order.is_promised_by_hand, waiting()) == (yard.after(5), False, [])
        assert Order.objects.get(pk=order.pk).promised_on == yard.after(5)
        assert days(order) == [(40, yard.after(5), "stock"), (1, yard.after(5), "wanted")]

    def test_the_day_of_the_order_is_that_of_its_latest_line(self, yard):
        expect(yard.actor, yard.nut, 60, yard.after(6))
        order = place(yard, (yard.screw, "10"), (yard.nut, "10"))
        assert (order.promised_on, days(order)) == (yard.after(6), [(10, yard.today, "stock"), (10, yard.after(6), "receipt")])
        assert waiting() == [(order.number, 10, yard.after(6))]

    def test_without_a_date_for_one_line_the_order_has_none(self, yard):
        order = enter(yard, Order, (yard.screw, "1"), (yard.nut, "1"))
        confirm_order(order, actor=yard.actor)
        assert (order.promised_on, waiting()) == (None, [(order.number, 1, None)])

    def test_a_day_given_by_hand_counts_for_all_lines(self, yard):
        order = enter(yard, Order, (yard.screw, "1"), (yard.nut, "1"))
        confirm_order(order, actor=yard.actor, promised_on=yard.after(3))
        assert (order.promised_on, order.is_promised_by_hand) == (yard.after(3), True)
        assert days(order) == [(1, yard.after(3), "hand"), (1, yard.after(3), "hand")]
        assert waiting() == [(order.number, 1, yard.after(3))]

    def test_a_second_order_gets_only_what_the_first_one_leaves_of_a_receipt(self, yard):
        expect(yard.actor, yard.nut, 50, yard.after(6))
        expect(yard.actor, yard.nut, 50, yard.after(9))
        first, second = place(yard, (yard.nut, "40")), place(yard, (yard.nut, "40"))
        assert (first.promised_on, second.promised_on) == (yard.after(6), yard.after(9))

    def test_goods_on_hand_that_an_earlier_promise_needs_are_not_reserved_for_a_later_order(self, yard):
        first = place(yard, (yard.nut, "10"))
        AllocationRule.objects.create(warehouse=yard.here, is_automatic=False)
        receive(yard.actor, yard.nut, 15)
        second = place(yard, (yard.nut, "10"))
        assert (held(first), held(second)) == (0, 5)
        assert [row[:2] for row in waiting()] == [(first.number, 10), (second.number, 5)]

    def test_an_order_never_stands_in_its_own_way(self, yard):
        expect(yard.actor, yard.screw, 10, yard.after(6))
        order = place(yard, (yard.screw, "50"))
        found = promises_of(order, yard.actor)
        assert [(p.on, [(part.kind, int(part.quantity)) for part in p.parts]) for p in found.values()] == [
            (yard.after(6), [("reserved", 40), ("receipt", 10)])
        ]


class TestPromisingAnew:
    def test_drafted_deliveries_follow_a_new_promise_and_shipped_ones_stay(self, yard):
        order = place(yard, (yard.screw, "20"), requested_on=yard.after(2))
        shipped = create_delivery(order, actor=yard.actor, lines=[PartialLine(order.lines.get(), Decimal(5))])
        ship_delivery(shipped, actor=yard.actor)
        drafted = create_delivery(order, actor=yard.actor)
        promise_order(order, actor=yard.actor, promised_on=yard.after(9), reason="busy")
        planned = dict(Delivery.objects.values_list("pk", "planned_on"))
        assert planned == {shipped.pk: yard.after(2), drafted.pk: yard.after(9)}
        assert (order.promised_on, order.is_promised_by_hand, days(order)) == (yard.after(9), True, [(20, yard.after(9), "hand")])

    def test_undoing_it_brings_back_lines_deliveries_and_what_waits(self, yard):
        expect(yard.actor, yard.nut, 60, yard.after(6))
        order = place(yard, (yard.nut, "20"))
        delivery = create_delivery(order, actor=yard.actor)
        promise_order(order, actor=yard.actor, promised_on=yard.after(9))
        undo_act(Act.objects.latest("pk"), actor=yard.actor)
        order.refresh_from_db()
        delivery.refresh_from_db()
        assert (order.promised_on, delivery.planned_on, days(order)) == (yard.after(6), yard.after(6), [(20, yard.after(6), "receipt")])
        assert waiting() == [(order.number, 20, yard.after(6))]

    def test_a_receipt_that_comes_later_changes_the_promise_only_when_that_is_asked(self, yard):
        receipt = expect(yard.actor, yard.nut, 60, yard.after(6))
        order = place(yard, (yard.nut, "20"))
        GoodsReceipt.objects.filter(pk=receipt.pk).update(received_on=yard.after(12))
        [now] = promises_of(order, yard.actor).values()
        assert (now.on, order.promised_on) == (yard.after(12), yard.after(6))
        renew_promise(order, actor=yard.actor)
        assert (order.promised_on, waiting()) == (yard.after(12), [(order.number, 20, yard.after(12))])
        with pytest.raises(Refused, match="what is promised still holds"):
            renew_promise(order, actor=yard.actor)


    def test_when_one_line_is_changed_the_others_keep_their_days(self, yard):
        order = place(yard, (yard.screw, "40"), (yard.service, "1"), requested_on=yard.after(2))
        kept, changed = order.lines.order_by("position")
        change_order(order, actor=yard.actor, lines=[ChangedLine(line=kept), ChangedLine(line=changed, quantity=Decimal(2))])
        assert days(order) == [(40, yard.after(2), "stock"), (2, yard.after(2), "wanted")]
        assert (held(order), waiting(), order.promised_on) == (40, [], yard.after(2))


class TestAllocation:
    @pytest.fixture
    def waiting_orders(self, yard):
        """C wants 30 first, A wants 30 later but sooner, and A also wants a screw there is none of any more."""
        best = create_record(Party, {"name": "Best", "tier": "A"}, actor=yard.actor).result
        place(yard, (yard.screw, "40"))
        plain = place(yard, (yard.nut, "30"), requested_on=yard.after(20))
        urgent = place(yard, (yard.nut, "30"), (yard.screw, "1"), customer=best, requested_on=yard.after(3))
        return plain, urgent

    def arrive(self, yard, quantity="30"):
        receive(yard.actor, yard.nut, quantity)
        deliver_all("alpha")

    def test_what_arrives_goes_to_those_that_wait_in_order_of_their_day(self, yard, waiting_orders):
        plain, urgent = waiting_orders
        WaitingLine.objects.filter(order_id=plain.pk).update(promised_on=yard.after(2))
        self.arrive(yard, "45")
        assert (held(plain), held(urgent)) == (30, 15)
        assert sorted(Event.objects.filter(name="StockAllocated").values_list("subject_id", flat=True)) == [plain.pk, urgent.pk]

    @pytest.mark.parametrize(("first_by", "expected"), [("tier", (0, 30)), ("requested", (0, 30)), ("ordered", (30, 0))])
    def test_the_rule_decides_who_comes_first(self, yard, waiting_orders, first_by, expected):
        plain, urgent = waiting_orders
        AllocationRule.objects.create(warehouse=yard.here, first_by=first_by)
        self.arrive(yard)
        assert (held(plain), held(urgent)) == expected

    def test_whole_orders_only_passes_over_one_that_still_misses_something(self, yard, waiting_orders):
        plain, urgent = waiting_orders
        AllocationRule.objects.create(warehouse=yard.here, first_by="tier", is_whole=True)
        self.arrive(yard)
        assert (held(plain), held(urgent)) == (30, 0)

    def test_a_rule_may_leave_it_to_people_who_then_choose_the_order(self, yard, waiting_orders):
        plain, urgent = waiting_orders
        AllocationRule.objects.create(warehouse=yard.here, is_automatic=False)
        self.arrive(yard)
        assert (held(plain), held(urgent)) == (0, 0)
        given = allocate_stock(actor=yard.actor, warehouse=yard.here, first_by="tier")
        assert [(one.document, one.product, int(one.quantity), int(one.missing)) for one in given] == [(urgent.number, "NUT", 30, 0)]
        with pytest.raises(Refused, match="nothing to allocate"):
            allocate_stock(actor=yard.actor, warehouse=yard.here)

    def test_one_line_gets_what_is_there_whatever_the_rule_says(self, yard, waiting_orders):
        plain, _urgent = waiting_orders
        AllocationRule.objects.create(warehouse=yard.here, first_by="tier", is_automatic=False)
        self.arrive(yard, "10")
        reserve_waiting(WaitingLine.objects.get(order_id=plain.pk), actor=yard.actor)
        assert held(plain) == 10 and WaitingLine.objects.get(order_id=plain.pk).quantity == 20

    def test_a_cancelled_order_waits_no_longer_and_its_goods_go_to_the_next(self, yard):
        first = place(yard, (yard.screw, "40"))
        second = place(yard, (yard.screw, "15"), (yard.nut, "2"))
        cancel_order(first, actor=yard.actor)
        deliver_all("alpha")
        assert (held(second), [row[:2] for row in waiting()]) == (15, [(second.number, 2)])
        cancel_order(second, actor=yard.actor)
        assert waiting() == []

    def test_shipping_what_nobody_holds_ends_the_waiting(self, yard):
        order = place(yard, (yard.nut, "10"))
        AllocationRule.objects.create(warehouse=yard.here, is_automatic=False)
        receive(yard.actor, yard.nut, 10)
        ship_delivery(create_delivery(order, actor=yard.actor), actor=yard.actor)
        deliver_all("alpha")
        assert waiting() == []

    def test_goods_that_came_back_are_not_waited_for(self, yard):
        order = place(yard, (yard.screw, "45"))
        receive(yard.actor, yard.screw, 5)
        deliver_all("alpha")
        delivery = create_delivery(order, actor=yard.actor)
        ship_delivery(delivery, actor=yard.actor)
        return_goods(delivery, actor=yard.actor, lines=[ReturnedLine(delivery.lines.get(), Decimal(3))], reason="damaged")
        deliver_all("alpha")
        assert waiting() == []

    def test_goods_that_a_count_does_not_find_are_waited_for_again(self, yard):
        order = place(yard, (yard.screw, "40"), requested_on=yard.after(3))
        place_of = Location.objects.get(code="WH1")
        adjust_stock(yard.screw, actor=yard.actor, location=place_of, counted=Decimal(25))
        deliver_all("alpha")
        assert (held(order), waiting()) == (25, [(order.number, 15, yard.after(3))])
        adjust_stock(yard.screw, actor=yard.actor, location=place_of, counted=Decimal(40))
        deliver_all("alpha")
        assert (held(order), waiting()) == (40, [])


class TestTakingFromAnotherOrder:
    def test_the_waiting_line_shows_which_orders_hold_what_it_lacks(self, yard):
        first, second, _third = place(yard, (yard.screw, "30")), place(yard, (yard.screw, "10")), place(yard, (yard.service, "1"))
        place(yard, (yard.screw, "5"))
        shown = reserved_for_others(WaitingLine.objects.get(), yard.actor)
        assert set(shown.rows.values_list("order_id", flat=True)) == {first.pk, second.pk}

    def test_goods_change_hands_and_both_owners_are_told_why(self, yard, member):
        seller = member("salesperson")
        first = place(yard, (yard.screw, "40"), requested_on=yard.after(4))
        second = place(yard, (yard.screw, "15"))
        Order.objects.update(owner=seller.member_id)
        reallocate_stock(WaitingLine.objects.get(), actor=yard.actor, order=first, reason="urgent repair")
        assert (held(first), held(second), waiting()) == (25, 15, [(first.number, 15, yard.after(4))])
        told = {event.name: event for event in Event.objects.filter(name__startswith="Reservation")}
        assert told["ReservationTaken"].subject_id == first.pk and told["ReservationTaken"].payload["reason"] == "urgent repair"
        assert told["ReservationGiven"].subject_id == second.pk and told["ReservationGiven"].payload["other"] == first.number
        deliver_all("alpha")
        assert Notification.objects.filter(member_id=seller.member_id).count() == 2

    def test_only_confirmed_orders_with_such_goods_give_some(self, yard):
        order = place(yard, (yard.nut, "5"))
        other, draft = place(yard, (yard.screw, "1")), enter(yard, Order, (yard.nut, "1"))
        row = WaitingLine.objects.get()
        for giver, error in ((other, Refused), (draft, Invalid), (order, Invalid)):
            with pytest.raises(error):
                reallocate_stock(row, actor=yard.actor, order=giver, reason="x")
        with pytest.raises(Invalid):
            reallocate_stock(row, actor=yard.actor, order=other, reason="x", quantity=Decimal(6))
        assert waiting() == [(order.number, 5, None)]


class TestAlternatives:
    def test_a_line_is_split_into_what_goes_now_and_the_rest(self, yard):
        expect(yard.actor, yard.screw, 60, yard.after(6))
        order = enter(yard, Order, (yard.screw, "70"))
        total = order.total
        split_order_line(order, actor=yard.actor, line=order.lines.get(), quantity=Decimal(40))
        order.refresh_from_db()
        assert days(order) == [(40, yard.today, "stock"), (30, yard.after(6), "receipt")] and order.total == total

    def test_a_split_needs_something_on_both_sides_and_a_line_of_the_document(self, yard):
        quotation, other = enter(yard, Quotation, (yard.screw, "70")), enter(yard, Quotation, (yard.screw, "5"))
        for line, quantity in ((quotation.lines.get(), 70), (quotation.lines.get(), 0), (other.lines.get(), 1)):
            with pytest.raises(Invalid):
                split_quotation_line(quotation, actor=yard.actor, line=line, quantity=Decimal(quantity))

    def test_a_whole_document_is_delivered_from_another_warehouse(self, yard):
        order, quotation = enter(yard, Order, (yard.screw, "90")), enter(yard, Quotation, (yard.screw, "90"))
        assert [days(order), days(quotation)] == [[(90, None, "unknown")]] * 2
        change_order_warehouse(order, actor=yard.actor, warehouse=yard.north)
        change_quotation_warehouse(quotation, actor=yard.actor, warehouse=yard.north)
        assert [days(order), days(quotation)] == [[(90, yard.today, "stock")]] * 2

    def test_a_substitute_takes_the_place_of_the_line_at_its_factor_and_price(self, yard):
        create_record(Substitute, {"product": yard.nut.pk, "substitute": yard.screw.pk, "factor": "0.5"}, actor=yard.actor)
        order = enter(yard, Order, (yard.nut, "20"), (yard.service, "1"))
        substitute_order_line(order, actor=yard.actor, line=order.lines.first(), product=yard.screw)
        line = order.lines.order_by("position").first()
        assert (line.product_id, line.quantity, line.promised_from) == (yard.screw.pk, 10, "stock")
        with pytest.raises(Invalid, match="no substitute"):
            substitute_order_line(order, actor=yard.actor, line=line, product=yard.nut)


def test_goods_that_arrive_for_nobody_ask_one_question(yard):
    receive_goods(expect(yard.actor, yard.nut, 5, yard.today), actor=yard.actor)
    deliver_all("alpha")
    assert not Event.objects.filter(name="StockAllocated").exists()
