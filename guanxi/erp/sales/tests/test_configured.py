"""A configured product takes its parts and its work along: promised, held, shipped and booked with them (M7.1, M14.1, M14.7, X1, X3)."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.erp.configurator.models import Configuration, ProductModel
from guanxi.erp.finance.models import AccountUse, JournalLine
from guanxi.erp.finance.tests.world import proved
from guanxi.erp.inventory.models import Delivery, StockBalance, StockMove
from guanxi.erp.inventory.operations import ShippedLine, adjust_stock, ship_delivery
from guanxi.erp.inventory.parts import DeliveryPart
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.promising.workdays import Workdays
from guanxi.erp.returns.operations import ReturnedLine, return_goods
from guanxi.erp.sales.changes.changing import ChangedLine, change_order
from guanxi.erp.sales.models import Order, OrderLine, Quotation
from guanxi.erp.sales.operations import (
    PartialLine,
    WantedLine,
    cancel_order,
    confirm_order,
    create_delivery,
    deliver_order,
    invoice_order,
    order_quotation,
    place_order,
)
from guanxi.erp.sales.pricing.configured import offer_configuration
from guanxi.erp.sales.pricing.margins import Scope, lines_in, margin_of
from guanxi.erp.sales.promising.alternatives import reallocate_stock
from guanxi.erp.sales.promising.dropship import have_supplier_ship, ship_ourselves
from guanxi.erp.sales.promising.promises import promises_of
from guanxi.erp.sales.tests.conftest import receive
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

D = Decimal


def quoted(press, quantity: int = 2) -> Quotation:
    return offer_configuration(press.choice, actor=press.actor, quantity=D(quantity), customer=press.customer)


def ordered(press, quantity: int = 2) -> Order:
    return confirm_order(order_quotation(quoted(press, quantity), actor=press.actor), actor=press.actor)


def there(item: Product) -> tuple[Decimal, Decimal]:
    row = StockBalance.objects.get(product=item, location__kind="stock")
    return row.on_hand, row.reserved


def waiting() -> dict[str, Decimal]:
    return {row.product.code: row.quantity for row in WaitingLine.objects.all()}


def booked(delivery: Delivery) -> dict[str, Decimal]:
    uses = dict(AccountUse.objects.values_list("account_id", "use"))
    found: dict[str, Decimal] = {}
    for line in JournalLine.objects.filter(entry__source_model="inventory.delivery", entry__source_id=delivery.pk):
        found[uses[line.account_id]] = found.get(uses[line.account_id], D(0)) + line.debit - line.credit
    return found


class TestKept:
    def test_a_configuration_has_its_bill_of_materials_its_work_and_its_days(self, press):
        kept = Configuration.objects.get(pk=press.choice.pk)
        assert (kept.cost, kept.work_cost, kept.days) == (D(130), D(30), 3)
        assert [(part.product, part.quantity) for part in kept.parts.all()] == [(press.pump, D(2))]

    @pytest.mark.parametrize(("component", "words"), [("FIT", "not kept in stock"), ("PRESS", "no component of itself")])
    def test_a_component_is_another_product_that_is_kept_in_stock(self, press, component, words):
        wrong = Product.objects.get(code=component)
        with pytest.raises(Invalid, match=words):
            create_record(ProductModel, {"product": Product.objects.get(code="PRESS").pk, "lines": [
                {"feature": "cooling", "code": "oil", "name": "Oil", "component": wrong.pk},
            ]}, actor=press.actor)


class TestPromised:
    def test_it_is_promised_for_the_day_on_which_it_is_put_together_with_the_reason(self, press):
        quotation = quoted(press)
        on = Workdays(quotation.entity_id).after(press.actor.today, 3)
        line = quotation.lines.get()
        assert (line.promised_on, line.promised_from) == (on, "made")
        [promise] = promises_of(quotation, press.actor).values()
        assert promise.parts_text == "2 from stock; PUMP: 4 from stock"
        assert promise.binding() == "It takes 3 working days to put it together."

    def test_a_part_that_is_short_decides_the_day(self, press):
        Product.objects.filter(pk=press.pump.pk).update(lead_days=10)
        line = quoted(press, 4).lines.get()
        workdays = Workdays(press.actor.entity_id)
        assert (line.promised_on, line.promised_from) == (workdays.after(workdays.after(press.actor.today, 10), 3), "lead_time")

    def test_what_nobody_can_get_has_no_day(self, press):
        line = quoted(press, 4).lines.get()
        assert (line.promised_on, line.promised_from) == (None, "unknown")

    def test_two_lines_share_the_parts_that_are_there(self, press):
        quotation = quoted(press, 2)
        offer_configuration(press.choice, actor=press.actor, quantity=D(2), quotation=quotation)
        assert [line.promised_from for line in quotation.lines.order_by("position")] == ["made", "unknown"]


class TestHeld:
    def test_confirming_holds_the_product_and_its_parts(self, press):
        order = ordered(press)
        assert (there(press.press), there(press.pump)) == ((D(4), D(2)), (D(6), D(4)))
        assert order.lines.annotate(held=OrderLine.reserved_quantity.sql()).get().held == D(2)
        assert proved() == []

    def test_a_part_that_is_missing_waits_and_gets_what_arrives(self, press):
        ordered(press, 4)
        assert waiting() == {"PUMP": D(2)}
        receive(press.actor, [(press.pump, 1, 50)])
        deliver_all("alpha")
        assert waiting() == {"PUMP": D(1)}

    def test_another_order_can_give_its_parts(self, press):
        first = ordered(press, 3)
        second = ordered(press, 1)
        assert waiting() == {"PUMP": D(2)}
        reallocate_stock(WaitingLine.objects.get(), actor=press.actor, order=first, reason="They are in a hurry")
        assert {(row.order_id, row.product.code): row.quantity for row in WaitingLine.objects.all()} == {(first.pk, "PUMP"): D(2)}
        assert second.lines.get().pk not in WaitingLine.objects.values_list("source_id", flat=True)

    def test_cancelling_gives_all_of_it_free(self, press):
        cancel_order(ordered(press), actor=press.actor)
        assert (there(press.press), there(press.pump)) == ((D(4), D(0)), (D(6), D(0)))

    def test_less_of_it_needs_fewer_parts(self, press):
        order = ordered(press)
        change_order(order, actor=press.actor, lines=[ChangedLine(line=order.lines.get(), quantity=D(1))])
        assert (there(press.press), there(press.pump)) == ((D(4), D(1)), (D(6), D(2)))

    def test_handed_to_a_supplier_it_needs_nothing_of_ours_and_taken_back_it_costs_what_it_costs_with_its_options(self, press):
        order, line = ordered(press), OrderLine.objects.get()
        supplier = create_record(Party, {"name": "Press Works", "is_supplier": True, "is_customer": False}, actor=press.actor).result
        have_supplier_ship(order, actor=press.actor, line=line, supplier=supplier, unit_cost=D(700))
        assert (there(press.press), there(press.pump)) == ((D(4), D(0)), (D(6), D(0)))
        ship_ourselves(order, actor=press.actor, line=line)
        assert OrderLine.objects.get().unit_cost == D(730)
        assert (there(press.press), there(press.pump)) == ((D(4), D(2)), (D(6), D(4)))


class TestShipped:
    def test_the_parts_leave_with_it_at_their_cost_and_the_work_is_charged(self, press):
        delivery = deliver_order(ordered(press), actor=press.actor)
        assert (there(press.press), there(press.pump)) == ((D(2), D(0)), (D(2), D(0)))
        assert (delivery.lines.get().cost, delivery.cost) == (D(1400), D(1400))
        assert booked(delivery) == {"stock": D(-1400), "cost_of_sales": D(1460), "work_applied": D(-60)}
        assert {(m.product.code, m.quantity, m.value) for m in StockMove.objects.filter(document=delivery.number)} == {
            ("PRESS", D(2), D(1200)), ("PUMP", D(4), D(200)),
        }
        assert proved() == []

    def test_the_margin_in_the_books_is_the_one_that_was_quoted(self, press):
        order = ordered(press)
        deliver_order(order, actor=press.actor)
        invoice_order(order, actor=press.actor)
        margin = margin_of(lines_in(Scope("CNY", order=order.pk), press.actor))
        assert margin_of(lines_in(Scope("CNY", product=press.press.pk), press.actor)).margin == D(1140)
        assert (order.net - order.cost, margin.margin) == (D(2600) - D(1460), D(1140))

    def test_shipped_in_two_parts_each_takes_its_share(self, press):
        order = ordered(press)
        [line] = order.lines.all()
        first = create_delivery(order, actor=press.actor, lines=[PartialLine(line, D(1))])
        ship_delivery(first, actor=press.actor)
        assert booked(first) == {"stock": D(-700), "cost_of_sales": D(730), "work_applied": D(-30)}
        assert there(press.pump) == (D(4), D(2))
        assert booked(deliver_order(order, actor=press.actor)) == booked(first)

    def test_less_is_shipped_than_was_on_the_delivery(self, press):
        delivery = create_delivery(ordered(press), actor=press.actor)
        ship_delivery(delivery, actor=press.actor, lines=[ShippedLine(delivery.lines.get(), D(1))])
        assert booked(delivery) == {"stock": D(-700), "cost_of_sales": D(730), "work_applied": D(-30)}

    def test_a_line_of_which_nothing_leaves_takes_its_parts_off_the_delivery(self, press):
        quotation = quoted(press)
        offer_configuration(press.choice, actor=press.actor, quantity=D(1), quotation=quotation)
        order = confirm_order(order_quotation(quotation, actor=press.actor), actor=press.actor)
        delivery = create_delivery(order, actor=press.actor)
        first, second = delivery.lines.order_by("position")
        ship_delivery(delivery, actor=press.actor, lines=[ShippedLine(first, D(0)), ShippedLine(second, D(1))])
        assert [(part.line_id, part.product, part.cost) for part in DeliveryPart.objects.filter(product__isnull=False)] == [
            (second.pk, press.pump, D(100)),
        ]

    def test_what_is_missing_of_a_part_is_named(self, press):
        order = ordered(press)
        delivery = create_delivery(order, actor=press.actor)
        place = StockBalance.objects.get(product=press.pump, location__kind="stock").location
        adjust_stock(press.pump, actor=press.actor, location=place, counted=D(3))
        with pytest.raises(Refused, match="PUMP: 4 piece wanted, 3 on hand"):
            ship_delivery(delivery, actor=press.actor)

    def test_what_was_built_in_does_not_come_back_as_a_part(self, press):
        delivery = deliver_order(ordered(press), actor=press.actor)
        return_goods(delivery, actor=press.actor, lines=[ReturnedLine(delivery.lines.get(), D(1))])
        assert (there(press.press), there(press.pump)) == ((D(3), D(0)), (D(2), D(0)))
        margin = margin_of(lines_in(Scope("CNY", product=press.press.pk), press.actor))
        assert margin.returned == D(600) and proved() == []

    def test_without_a_configuration_it_costs_no_question_more(self, press):
        order = place_order(press.customer, actor=press.actor, lines=[WantedLine(product=press.screw, quantity=D(1))])
        delivery = create_delivery(order, actor=press.actor)
        with CaptureQueriesContext(connection) as asked:
            ship_delivery(delivery, actor=press.actor)
        named = [one["sql"] for one in asked if "inventory_deliverypart" in one["sql"]]
        assert len(named) == 1 and "EXISTS" in named[0]
