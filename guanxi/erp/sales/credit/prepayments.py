"""Money taken in against an order before its invoice: it is booked as a prepayment, releases the order, and settles the invoice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.models import Allocation, Invoice, InvoiceLine, Receipt, RefundLine
from guanxi.erp.finance.operations import allocate_receipt, record_receipt
from guanxi.erp.sales.credit.crediting import PREPAID, prepaid_for
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Money
from guanxi.kernel.database.known import known
from guanxi.kernel.records.links import link_lines
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money


@operation(
    label=gettext_lazy("Record prepayment"), states=("draft", "confirmed"), icon="cash",
    labels={
        "amount": gettext_lazy("Amount"), "received_on": gettext_lazy("Received on"), "method": gettext_lazy("Method"),
        "bank": gettext_lazy("Bank"), "cash": gettext_lazy("Cash"), "reference": gettext_lazy("Bank reference"),
        "rate": gettext_lazy("Exchange rate"),
    },
)
def receive_prepayment(
    order: Order, *, actor: Actor, amount: Money, received_on: date | None = None, method: Literal["bank", "cash"] = "bank",
    reference: str = "", rate: Decimal | None = None,
) -> Receipt:
    """Money for this order before its invoice: a receipt that its invoices settle, and that releases it when it waited for so much."""
    from guanxi.erp.sales.credit.holds import release_if_paid

    left = order.total - prepaid_for([order.pk])[order.pk]
    if amount > left:
        figures = {"total": format_money(order.total, order.currency), "left": format_money(left, order.currency)}
        raise Invalid({"amount": [_("The order comes to %(total)s, of which %(left)s are not paid in advance yet.") % figures]})
    receipt = record_receipt(
        order.customer, actor=actor, amount=amount, received_on=received_on, method=method, currency=order.currency, rate=rate,
        reference=reference, note=order.number, entity=order.entity, is_prepayment=True,
    )
    link_lines(PREPAID, [(order, receipt, amount)], posted_on=receipt.received_on)
    release_if_paid(order, actor)
    return receipt


def bind_money(order: Order, receipt: Receipt, most: Decimal, actor: Actor) -> Decimal:
    """Money that was taken in for more than an order: so much of it as the order lacks becomes its prepayment, and may release it."""
    from guanxi.erp.sales.credit.holds import release_if_paid

    part = min(most, order.total - prepaid_for([order.pk])[order.pk])
    if part <= 0:
        return ZERO
    link_lines(PREPAID, [(order, receipt, part)], posted_on=receipt.received_on)
    release_if_paid(order, actor)
    order.flush()
    return part


def settle_prepayments(order: Order, invoice: Invoice, actor: Actor) -> None:
    """The order's invoice is paid with what was taken in against the order, the oldest money first; what is bound to others stays theirs."""
    if not (found := _free_receipts(order.pk)):
        return
    left = invoice.open_amount
    receipts = Receipt.objects.filter(pk__in=found).select_related("entity", "customer").order_by("received_on", "pk")
    rows = list(receipts.select_for_update(of=("self",), no_key=True))
    bound = _bound_and_unspent(order.pk, [receipt.pk for receipt in rows])
    for receipt in rows:
        taken = min(left, receipt.unallocated, bound[receipt.pk])
        if taken > 0:
            allocate_receipt(receipt, actor=actor, invoices=[invoice], amount=taken)
            left -= taken


def _bound_and_unspent(order_id: int, receipt_ids: list[int]) -> dict[int, Decimal]:
    """Of each receipt what was taken in against the order and has not paid one of its invoices."""
    links = Link.objects.filter(from_model="sales.order", from_id=order_id, kind=PREPAID, to_model="finance.receipt", to_id__in=receipt_ids)
    bound = dict(links.order_by().values("to_id").annotate(total=Sum("quantity")).values_list("to_id", "total"))
    lines = OrderLine.objects.filter(order_id=order_id).values("pk")
    billed = Link.objects.filter(from_model=OrderLine.label(), from_id__in=lines, kind="invoice").values("to_id")
    paid = Allocation.objects.filter(receipt_id__in=receipt_ids, invoice_id__in=InvoiceLine.objects.filter(pk__in=billed).values("invoice_id"))
    spent = dict(paid.order_by().values("receipt_id").annotate(total=Sum("amount")).values_list("receipt_id", "total"))
    return {pk: bound[pk] - spent.get(pk, ZERO) for pk in receipt_ids}


@known
def _free_receipts(order_id: int) -> Any:
    mine = Link.objects.filter(from_model="sales.order", from_id=order_id, kind=PREPAID, to_model="finance.receipt").values("to_id")
    return Receipt.objects.filter(pk__in=mine, unallocated__gt=0).values_list("pk", flat=True)


def take_free_money(orders: Sequence[Order]) -> None:
    """Money of the customer's that is not bound to an order yet goes to those that wait for a prepayment, in their order."""
    waiting = [order for order in orders if order.hold == "prepayment"]
    if not waiting:
        return
    lacking = {order.pk: order.prepayment - paid for order, paid in zip(waiting, prepaid_for([o.pk for o in waiting]).values(), strict=True)}
    receipts = list(
        Receipt.objects.filter(customer_id=waiting[0].customer_id, unallocated__gt=0).order_by("received_on", "pk").select_for_update(no_key=True)
    )
    bound = dict(
        Link.objects.filter(to_model="finance.receipt", to_id__in=[r.pk for r in receipts], kind=PREPAID).order_by().values("to_id")
        .annotate(total=Sum("quantity")).values_list("to_id", "total")
    )
    free = {receipt.pk: receipt.unallocated - bound.get(receipt.pk, ZERO) for receipt in receipts}
    pairs = []
    for order in waiting:
        for receipt in receipts:
            part = min(free[receipt.pk], lacking[order.pk])
            if part > 0 and (receipt.currency, receipt.entity_id) == (order.currency, order.entity_id):
                pairs.append((order, receipt, part))
                free[receipt.pk] -= part
                lacking[order.pk] -= part
    if pairs:
        link_lines(PREPAID, pairs, posted_on=max(receipt.received_on for _order, receipt, _part in pairs))


def unbind_paid_back(refund_id: int) -> None:
    """What was paid back of a receipt is bound to no order: first to none that is ended, then to none of the newest."""
    for part in RefundLine.objects.filter(refund=refund_id).select_related("receipt").order_by("receipt_id"):
        receipt = Receipt.objects.select_for_update(no_key=True).get(pk=part.receipt_id)
        bound = Link.objects.filter(to_model="finance.receipt", to_id=receipt.pk, kind=PREPAID, from_model="sales.order")
        orders = Order.objects.filter(pk__in=bound.order_by().values("from_id"))
        unspent = {order.pk: max(ZERO, _bound_and_unspent(order.pk, [receipt.pk])[receipt.pk]) for order in orders}
        excess = min(part.amount, sum(unspent.values(), ZERO) - receipt.unallocated)
        pairs = []
        for order in sorted(orders, key=lambda one: (one.status in ("draft", "confirmed"), -one.pk)):
            taken = min(excess, unspent[order.pk])
            if taken > 0:
                pairs.append((order, receipt, -taken))
                excess -= taken
        if pairs:
            link_lines(PREPAID, pairs, posted_on=receipt.received_on)


def money_wanted(order: Order, actor: Actor) -> dict[str, Any]:
    """What recording a prepayment starts with: what the order still waits for."""
    paid = prepaid_for([order.pk])[order.pk]
    return {"amount": max(ZERO, (order.prepayment or order.total) - paid)}
