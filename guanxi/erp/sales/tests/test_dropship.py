"""Lines that a supplier ships to the customer directly (M14.3): no stock of ours moves, the cost is the supplier's price."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.erp.finance.models import AccountUse, JournalLine
from guanxi.erp.finance.tests.world import proved
from guanxi.erp.inventory.models import Delivery, Reservation, StockBalance, StockCost, StockMove
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.returns.operations import ReturnedLine, return_goods
from guanxi.erp.sales.changes.changing import ChangedLine, change_order
from guanxi.erp.sales.credit.holds import hold_order, release_order
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import PartialLine, WantedLine, create_delivery, deliver_order, invoice_order, place_order
from guanxi.erp.sales.pricing.margins import Scope, lines_in, margin_of
from guanxi.erp.sales.promising.dropship import have_supplier_ship, left_with_suppliers, only_line_left, ship_ourselves, supplier_shipped
from guanxi.erp.sales.tests.conftest import receive
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.parties.models import Party

D = Decimal


@pytest.fixture
def shop(trade):
    """An order of 10 screws of ours and 8 nuts, of which 5 are there; the supplier takes 1.50 for a nut."""
    trade.supplier = create_record(Party, {"name": "Nut Works", "is_supplier": True, "is_customer": False}, actor=trade.actor).result
    wanted = [WantedLine(product=trade.screw, quantity=D(10)), WantedLine(product=trade.nut, quantity=D(8))]
    trade.order = place_order(trade.customer, actor=trade.actor, lines=wanted)
    trade.ours, trade.theirs = trade.order.lines.order_by("position")
    trade.day = trade.actor.today + timedelta(days=9)
    return trade


def handed_over(shop) -> Order:
    have_supplier_ship(shop.order, actor=shop.actor, line=shop.theirs, supplier=shop.supplier, unit_cost=D("1.5"), expected_on=shop.day)
    return shop.order


def booked(**of):
    uses = dict(AccountUse.objects.values_list("account_id", "use"))
    return {uses[line.account_id]: line.debit - line.credit for line in JournalLine.objects.filter(**of)}


class TestHandingOver:
    def test_what_was_held_is_given_free_and_the_line_waits_for_nothing(self, shop):
        assert (WaitingLine.objects.count(), StockBalance.objects.get(product=shop.nut).reserved) == (1, D(5))
        handed_over(shop)
        line = OrderLine.objects.get(pk=shop.theirs.pk)
        assert (line.supplier, line.unit_cost, line.promised_on, line.promised_from) == (shop.supplier, D("1.5"), shop.day, "supplier")
        assert (WaitingLine.objects.count(), Reservation.objects.filter(product=shop.nut).count()) == (0, 0)
        order = Order.objects.get(pk=shop.order.pk)
        assert (order.cost, order.promised_on) == (D(72), shop.day)

    def test_the_warehouse_ships_only_what_is_ours(self, shop):
        order = handed_over(shop)
        with pytest.raises(Invalid) as refused:
            create_delivery(order, actor=shop.actor, lines=[PartialLine(line=shop.theirs, quantity=D(1))])
        assert "lines.0.line" in refused.value.errors
        assert [line.product for line in create_delivery(order, actor=shop.actor).lines.all()] == [shop.screw]
        assert not create_delivery.is_possible(order), "what is left is the supplier's to ship"

    def test_taken_back_it_is_reserved_and_costs_what_stock_costs(self, shop):
        ship_ourselves(handed_over(shop), actor=shop.actor, line=shop.theirs)
        line = OrderLine.objects.get(pk=shop.theirs.pk)
        assert (line.supplier, line.unit_cost, StockBalance.objects.get(product=shop.nut).reserved) == (None, D(1), D(5))
        assert WaitingLine.objects.get().quantity == D(3)

    def test_an_order_on_hold_takes_no_stock_by_it(self, shop):
        handed_over(shop)
        hold_order(shop.order, actor=shop.actor, reason="customer")
        ship_ourselves(Order.objects.get(pk=shop.order.pk), actor=shop.actor, line=shop.theirs)
        assert (Reservation.objects.count(), WaitingLine.objects.count()) == (0, 0)
        release_order(Order.objects.get(pk=shop.order.pk), actor=shop.actor)
        assert StockBalance.objects.get(product=shop.nut).reserved == D(5)

    def test_what_cannot_be_handed_over_says_why(self, shop):
        def ask(**changed):
            have_supplier_ship(
                shop.order, actor=shop.actor, **({"line": shop.theirs, "supplier": shop.supplier, "unit_cost": D(1)} | changed)
            )

        for changed, field in (({"supplier": shop.customer}, "supplier"), ({"unit_cost": D(-1)}, "unit_cost")):
            with pytest.raises(Invalid) as refused:
                ask(**changed)
            assert list(refused.value.errors) == [field]
        create_delivery(shop.order, actor=shop.actor, lines=[PartialLine(line=shop.theirs, quantity=D(2))])
        with pytest.raises(Refused, match="cancel that delivery first"):
            ask()


class TestShipping:
    def test_it_goes_past_the_shelf_at_the_supplier_s_price(self, shop):
        handed_over(shop)
        delivery = supplier_shipped(
            shop.order, actor=shop.actor, lines=[PartialLine(line=shop.theirs, quantity=D(6))], carrier="Fast Freight", tracking="FF-1"
        )
        assert (delivery.status, delivery.supplier, delivery.cost, delivery.tracking) == ("shipped", shop.supplier, D(9), "FF-1")
        [move] = StockMove.objects.filter(document=delivery.number)
        assert (move.from_location.kind, move.to_location.kind, move.quantity, move.value) == ("supplier", "customer", D(6), D(9))
        assert booked(entry__source_id=delivery.pk, entry__source_model="inventory.delivery") == {
            "cost_of_sales": D(9), "goods_received_not_invoiced": D(-9),
        }
        assert JournalLine.objects.get(entry__source_id=delivery.pk, entry__source_model="inventory.delivery", credit=9).party == shop.supplier
        kept = StockCost.objects.get(product=shop.nut)
        assert (kept.quantity, kept.value, StockBalance.objects.get(product=shop.nut).on_hand) == (D(5), D(5), D(5))
        assert only_line_left(shop.order, shop.actor)["line"] == shop.ours.pk, "the other is the supplier's already"
        assert left_with_suppliers(shop.order, shop.actor) == {
            "lines": [{"line": shop.theirs.pk, "quantity": D(2)}], "shipped_on": shop.actor.today,
        }

    def test_ordered_shipped_by_both_invoiced_and_returned_the_books_and_the_margin_are_right(self, shop):
        deliver_order(handed_over(shop), actor=shop.actor)
        theirs = supplier_shipped(shop.order, actor=shop.actor)
        invoice = invoice_order(Order.objects.get(pk=shop.order.pk), actor=shop.actor)
        assert invoice.net == D(116)
        return_goods(theirs, actor=shop.actor, lines=[ReturnedLine(line=theirs.lines.get(), quantity=D(1))])
        margin = margin_of(lines_in(Scope(currency=shop.actor.currency, order=shop.order.pk), shop.actor))
        assert (margin.sold, margin.delivered, margin.returned) == (D(116), D(-72), D("1.5"))
        kept = StockCost.objects.get(product=shop.nut)
        assert (kept.quantity, kept.value) == (D(6), D("6.5"))
        assert proved() == []

    def test_what_arrives_for_stock_is_not_held_for_it(self, shop):
        handed_over(shop)
        receive(shop.actor, [(shop.nut, 20, 1)], kind="purchase")
        assert StockBalance.objects.get(product=shop.nut).reserved == 0

    def test_lines_of_two_suppliers_are_told_one_by_one(self, shop):
        other = create_record(Party, {"name": "Screw Works", "is_supplier": True}, actor=shop.actor).result
        handed_over(shop)
        have_supplier_ship(shop.order, actor=shop.actor, line=shop.ours, supplier=other, unit_cost=D(5))
        with pytest.raises(Invalid) as refused:
            supplier_shipped(shop.order, actor=shop.actor)
        assert list(refused.value.errors) == ["lines"]
        assert left_with_suppliers(shop.order, shop.actor)["lines"] == [{"line": shop.ours.pk, "quantity": D(10)}]


class TestPartsFromTwoSources:
    """Of ten screws that cost us 6.00 four have left; for the rest a supplier takes 5.00."""

    @pytest.fixture
    def parted(self, shop):
        deliver_order(shop.order, actor=shop.actor, lines=[PartialLine(shop.ours, D(4))])
        have_supplier_ship(shop.order, actor=shop.actor, line=shop.ours, supplier=shop.supplier, unit_cost=D(5))
        return shop

    def costs(self, shop):
        line, order = OrderLine.objects.get(pk=shop.ours.pk), Order.objects.get(pk=shop.order.pk)
        return line.unit_cost, line.supplier_cost, order.cost

    def test_each_part_costs_what_its_own_source_takes(self, parted):
        assert self.costs(parted) == (D("5.4"), D(5), D(62)), "4 × 6 and 6 × 5, and eight nuts at 1.00"
        theirs = supplier_shipped(parted.order, actor=parted.actor)
        assert theirs.cost == D(30)
        margin = margin_of(lines_in(Scope(currency=parted.actor.currency, order=parted.order.pk), parted.actor))
        assert margin.delivered == D(-54) and proved() == []

    def test_more_of_them_come_at_the_supplier_s_price(self, parted):
        rows = [ChangedLine(line=parted.ours, quantity=D(12)), ChangedLine(line=parted.theirs)]
        change_order(Order.objects.select_related(*Order.loaded_with).get(pk=parted.order.pk), actor=parted.actor, lines=rows)
        assert self.costs(parted) == (D("5.333333"), D(5), D(72))

    def test_shipped_by_ourselves_again_the_rest_costs_what_it_costs_now(self, parted):
        supplier_shipped(parted.order, actor=parted.actor, lines=[PartialLine(parted.ours, D(2))])
        ship_ourselves(parted.order, actor=parted.actor, line=OrderLine.objects.get(pk=parted.ours.pk))
        assert self.costs(parted) == (D("5.8"), None, D(66)), "4 × 6, 2 × 5 and 4 × 6"

    def test_what_came_back_counts_for_the_rest(self, parted):
        sent = Delivery.objects.get(customer=parted.order.customer)
        return_goods(sent, actor=parted.actor, lines=[ReturnedLine(line=sent.lines.get(), quantity=D(1))], wish="exchange")
        have_supplier_ship(parted.order, actor=parted.actor, line=parted.ours, supplier=parted.supplier, unit_cost=D(5))
        assert self.costs(parted) == (D("5.3"), D(5), D(61))
