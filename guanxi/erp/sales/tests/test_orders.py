"""Orders: prices, reservation, deliveries in parts, invoices, cancellation (M14.1, M14.3, M14.6)."""

from decimal import Decimal

import pytest

from guanxi.erp.finance.models import Invoice
from guanxi.erp.finance.operations import reverse_invoice
from guanxi.erp.inventory.models import Reservation, StockBalance
from guanxi.erp.inventory.operations import ship_delivery
from guanxi.erp.returns.operations import ReturnedLine, return_goods
from guanxi.erp.sales.billing.invoicing import bill_lines
from guanxi.erp.sales.completion import line_amounts
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import (
    PartialLine,
    WantedLine,
    cancel_order,
    complete_order,
    confirm_order,
    create_delivery,
    deliver_order,
    invoice_order,
    place_order,
)
from guanxi.erp.sales.queries import rest_to_deliver
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search.index import index_records


def _place(trade, *wanted):
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=p, quantity=Decimal(q)) for p, q in wanted])


def _progress(order):
    rows = OrderLine.objects.filter(order=order).order_by("position").annotate(
        d=OrderLine.delivered_quantity.sql(), i=OrderLine.invoiced_quantity.sql(), r=OrderLine.reserved_quantity.sql()
    )
    return [(row.r, row.d, row.i) for row in rows]


class TestAmounts:
    @pytest.mark.parametrize(
        ("quantity", "price", "discount", "rate", "net", "tax"),
        [
            ("3", "10", "0", "0.13", "30.00", "3.90"),
            ("1", "0.125", "0", "0", "0.13", "0.00"),
            ("7", "14.40", "0.05", "0.13", "95.76", "12.45"),
            ("1000", "0.0333", "0", "0.06", "33.30", "2.00"),
        ],
    )
    def test_net_and_tax_are_each_rounded_once_half_up(self, quantity, price, discount, rate, net, tax):
        numbers = [Decimal(v) for v in (quantity, price, discount, rate)]
        assert line_amounts(*numbers, "CNY") == (Decimal(net), Decimal(tax))


class TestEntering:
    def test_price_tax_unit_terms_and_totals_are_filled_in(self, trade):
        order = create_record(
            Order, {"customer": trade.customer.pk, "lines": [{"product": "SCREW", "quantity": "3", "discount": "5%"}]}, actor=trade.actor
        ).result
        line = order.lines.get()
        assert (line.unit_price, line.tax_rate, line.net, line.tax_amount) == tuple(map(Decimal, ("10", "0.13", "28.5", "3.71")))
        assert (order.net, order.tax, order.total, order.status) == (Decimal("28.5"), Decimal("3.71"), Decimal("32.21"), "draft")
        assert order.number.startswith(f"SO-{order.ordered_on.year}-")

    def test_without_a_price_in_the_order_s_currency_one_has_to_be_entered(self, trade):
        values = {"customer": trade.customer.pk, "currency": "USD"}
        with pytest.raises(Invalid) as refusal:
            create_record(Order, {**values, "lines": [{"product": "SCREW", "quantity": "1"}]}, actor=trade.actor)
        assert list(refusal.value.errors) == ["lines.0.unit_price"]
        assert "no price in USD" in refusal.value.errors["lines.0.unit_price"][0]
        order = create_record(Order, {**values, "lines": [{"product": "SCREW", "quantity": "2", "unit_price": "1.5"}]}, actor=trade.actor).result
        assert order.net == 3

    def test_wrong_lines_are_named_one_by_one(self, trade):
        with pytest.raises(Invalid) as refusal:
            create_record(
                Order,
                {
                    "customer": trade.customer.pk,
                    "lines": [{"product": "SCREW", "quantity": "0"}, {"product": "NONE", "quantity": "1"}, {"quantity": "x"}],
                },
                actor=trade.actor,
            )
        assert {"lines.1.product", "lines.2.product", "lines.2.quantity"} <= set(refusal.value.errors)

    def test_an_order_needs_a_line(self, trade):
        with pytest.raises(Invalid):
            create_record(Order, {"customer": trade.customer.pk, "lines": []}, actor=trade.actor)


class TestConfirming:
    def test_what_is_there_is_reserved_and_the_rest_waits(self, trade):
        order = _place(trade, (trade.screw, 30), (trade.nut, 8))
        assert order.status == "confirmed"
        assert _progress(order) == [(30, 0, 0), (5, 0, 0)]

    def test_a_confirmed_order_is_not_confirmed_again(self, trade):
        order = _place(trade, (trade.screw, 1))
        with pytest.raises(Refused):
            confirm_order(order, actor=trade.actor)

    def test_a_supplier_who_is_no_customer_cannot_order(self, trade):
        trade.customer.is_customer = False
        trade.customer.save()
        with pytest.raises((Refused, Invalid)):
            _place(trade, (trade.screw, 1))


class TestDelivering:
    def test_two_parts_add_up_and_the_second_takes_what_is_left(self, trade):
        order = _place(trade, (trade.screw, 30))
        line = order.lines.get()
        deliver_order(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=Decimal(12))])
        assert _progress(order) == [(18, 12, 0)]
        deliver_order(order, actor=trade.actor)
        assert _progress(order) == [(0, 30, 0)]
        with pytest.raises(Refused):
            deliver_order(order, actor=trade.actor)

    def test_more_than_ordered_is_refused_and_says_what_is_left(self, trade):
        order = _place(trade, (trade.screw, 30))
        with pytest.raises(Invalid, match="30"):
            create_delivery(order, actor=trade.actor, lines=[PartialLine(line=order.lines.get(), quantity=Decimal(31))])

    def test_more_than_there_is_cannot_be_shipped(self, trade):
        order = _place(trade, (trade.nut, 8))
        delivery = create_delivery(order, actor=trade.actor)
        with pytest.raises(Refused):
            ship_delivery(delivery, actor=trade.actor)

    def test_a_draft_order_is_not_delivered(self, trade):
        order = create_record(
            Order, {"customer": trade.customer.pk, "lines": [{"product": "SCREW", "quantity": "3"}]}, actor=trade.actor
        ).result
        with pytest.raises(Refused):
            create_delivery(order, actor=trade.actor)


class TestInvoicing:
    def test_only_what_was_delivered_is_invoiced_and_parts_add_up_to_the_line(self, trade):
        order = place_order(
            trade.customer, actor=trade.actor,
            lines=[WantedLine(product=trade.screw, quantity=Decimal(3), unit_price=Decimal("3.335"))],
        )
        line = order.lines.get()
        invoices = []
        for _ in range(3):
            deliver_order(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=Decimal(1))])
            invoices.append(invoice_order(order, actor=trade.actor))
        assert sum(i.net for i in invoices) == line.net == Decimal("10.01")
        assert sum(i.tax for i in invoices) == line.tax_amount
        assert _progress(order) == [(0, 3, 3)]

    def test_nothing_delivered_means_nothing_to_invoice(self, trade):
        order = _place(trade, (trade.screw, 3))
        with pytest.raises(Refused):
            invoice_order(order, actor=trade.actor)

    def test_a_service_is_invoiced_without_a_delivery(self, trade):
        order = _place(trade, (trade.service, 2))
        invoice = invoice_order(order, actor=trade.actor)
        assert invoice.net == Decimal(240)

    def test_an_order_delivered_and_invoiced_is_done(self, trade):
        order = _place(trade, (trade.screw, 3))
        deliver_order(order, actor=trade.actor)
        invoice_order(order, actor=trade.actor)
        deliver_all("alpha")
        order.refresh_from_db()
        assert order.status == "done"


class TestEnding:
    def test_cancelling_frees_the_goods(self, trade):
        order = _place(trade, (trade.screw, 30))
        create_delivery(order, actor=trade.actor)
        cancel_order(order, actor=trade.actor)
        assert not Reservation.objects.filter(source_model="sales.orderline", source_id=order.lines.get().pk).exists()
        assert StockBalance.objects.get(product=trade.screw, location__kind="stock").reserved == 0

    def test_a_delivered_order_is_not_cancelled(self, trade):
        order = _place(trade, (trade.screw, 3))
        deliver_order(order, actor=trade.actor)
        with pytest.raises(Refused):
            cancel_order(order, actor=trade.actor)

    def test_completing_early_frees_what_is_still_reserved(self, trade):
        order = _place(trade, (trade.screw, 30))
        deliver_order(order, actor=trade.actor, lines=[PartialLine(line=order.lines.get(), quantity=Decimal(10))])
        complete_order(order, actor=trade.actor)
        assert StockBalance.objects.get(product=trade.screw, location__kind="stock").reserved == 0


def test_statements_do_not_grow_with_the_lines(trade):
    """Placing, delivering and invoicing 2 or 20 lines costs the same number of statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for size in (2, 20):
        wanted = [WantedLine(product=trade.screw, quantity=Decimal(1)) for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            order = place_order(trade.customer, actor=trade.actor, lines=wanted)
            deliver_order(order, actor=trade.actor)
            bill_lines(order, issued_on=trade.actor.today, actor=trade.actor)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Invoice.objects.count() == 2


def test_nobody_looks_for_what_names_an_order_that_has_just_been_made(trade):
    """Instalments are found by their order; of a new one there are none, and asking costs a statement of each order."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        order = _place(trade, (trade.screw, 1))
    said = [query["sql"] for query in asked]
    assert any("search_searchentry" in one for one in said) and not [one for one in said if "contracts_instalment" in one]
    Order.objects.filter(pk=order.pk).updated(customer_reference="PO-77")
    with CaptureQueriesContext(connection) as asked:
        index_records(Order, [order.pk])
    assert [one["sql"] for one in asked if "contracts_instalment" in one["sql"]]


class TestReturns:
    """What came back is no longer delivered (M14.3, M14.4)."""

    def ordered(self, trade, quantity):
        order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=trade.d(quantity))])
        return order, deliver_order(order, actor=trade.actor)

    def back(self, trade, delivery, quantity, wish="exchange"):
        return return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), trade.d(quantity))], wish=wish)

    def test_it_is_delivered_again_and_not_billed_before(self, trade):
        order, delivery = self.ordered(trade, 5)
        self.back(trade, delivery, 2)
        assert [line["quantity"] for line in rest_to_deliver(order, trade.actor)["lines"]] == [2]
        assert invoice_order(order, actor=trade.actor).net == 30
        deliver_order(order, actor=trade.actor)
        assert invoice_order(order, actor=trade.actor).net == 20

    def test_after_the_invoice_was_taken_back_only_what_was_kept_is_billed(self, trade):
        order, delivery = self.ordered(trade, 5)
        invoice = invoice_order(order, actor=trade.actor)
        self.back(trade, delivery, 2)
        with pytest.raises(Refused, match="nothing to invoice"):
            invoice_order(order, actor=trade.actor)
        reverse_invoice(invoice, actor=trade.actor, reason="two came back")
        assert invoice_order(order, actor=trade.actor).net == 30


def test_of_what_is_all_delivered_or_in_delivery_no_delivery_is_offered(trade):
    order, other = _place(trade, (trade.screw, "40")), _place(trade, (trade.screw, "10"))
    line = order.lines.get()
    deliver_order(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=Decimal(15))])
    assert create_delivery.is_possible(order) and deliver_order.is_possible(order)
    create_delivery(order, actor=trade.actor)
    words = "There is nothing to deliver: all goods of ours are delivered or in delivery already."
    assert create_delivery.unless.of([order, other]) == deliver_order.unless.of([order, other]) == {order.pk: words}
    with pytest.raises(Refused) as why:
        create_delivery(order, actor=trade.actor)
    assert str(why.value) == words
