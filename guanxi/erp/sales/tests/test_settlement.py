"""What of an order is invoiced and what of that is paid (M14.8)."""

from decimal import Decimal

from guanxi.erp.finance.models import Invoice
from guanxi.erp.finance.operations import CreditedLine, credit_invoice, record_receipt, reverse_invoice, reverse_receipt
from guanxi.erp.sales.credit.prepayments import receive_prepayment
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import PartialLine, WantedLine, deliver_order, invoice_order, place_order
from guanxi.erp.sales.panels import receipts_panel


def settled(order: Order) -> tuple[Decimal, Decimal, Decimal]:
    row = Order.objects.annotate(
        billed=Order.billed_amount.sql(), paid=Order.paid_amount.sql(), rest=Order.unpaid_amount.sql()
    ).get(pk=order.pk)
    return row.billed, row.paid, row.rest


def test_an_order_is_invoiced_in_parts_and_paid_in_parts(trade):
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(10))])
    assert settled(order) == (0, 0, order.total)
    line = order.lines.get()
    deliver_order(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=Decimal(4))])
    first = invoice_order(order, actor=trade.actor)
    assert settled(order) == (first.total, 0, order.total)
    record_receipt(trade.customer, actor=trade.actor, amount=Decimal(30), invoices=[first])
    assert settled(order) == (first.total, 30, order.total - 30)


def test_a_prepayment_counts_before_its_invoice_and_once_after_it(trade):
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(10))])
    other = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(1))])
    receipt = receive_prepayment(order, actor=trade.actor, amount=Decimal(80))
    assert (settled(order), settled(other)) == ((0, 80, 33), (0, 0, Decimal("11.30")))
    assert list(receipts_panel(order, trade.actor).rows) == [receipt] and not receipts_panel(other, trade.actor).rows.exists()
    line = order.lines.get()
    deliver_order(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=Decimal(4))])
    first = Invoice.objects.get(pk=invoice_order(order, actor=trade.actor).pk)
    assert (first.total, first.open_amount) == (Decimal("45.20"), 0) and settled(order) == (Decimal("45.20"), 80, 33)
    deliver_order(order, actor=trade.actor)
    second = Invoice.objects.get(pk=invoice_order(order, actor=trade.actor).pk)
    assert second.open_amount == 33 and settled(order) == (113, 80, 33)
    later = record_receipt(trade.customer, actor=trade.actor, amount=Decimal(33), invoices=[second])
    assert settled(order) == (113, 113, 0) and set(receipts_panel(order, trade.actor).rows) == {receipt, later}


def test_a_prepayment_taken_back_counts_no_more(trade):
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(10))])
    reverse_receipt(receive_prepayment(order, actor=trade.actor, amount=Decimal(80)), actor=trade.actor)
    assert settled(order) == (0, 0, 113)


def test_what_is_credited_or_taken_back_is_not_invoiced(trade):
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(4))])
    deliver_order(order, actor=trade.actor)
    invoice = invoice_order(order, actor=trade.actor)
    record_receipt(trade.customer, actor=trade.actor, amount=Decimal(30), invoices=[invoice])
    credited = credit_invoice(invoice, actor=trade.actor, lines=[CreditedLine(invoice.lines.get(), Decimal(1))])
    assert settled(order) == (invoice.total + credited.total, 30, order.total - 30)
    other = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=Decimal(1))])
    deliver_order(other, actor=trade.actor)
    reverse_invoice(invoice_order(other, actor=trade.actor), actor=trade.actor)
    assert settled(other) == (0, 0, other.total)
