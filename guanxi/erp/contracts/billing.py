"""An instalment's invoice: its amount of what was ordered, as a share of each line."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.contracts.figures import link_invoice, orders_of, plan_of, refresh_plan
from guanxi.erp.contracts.models import Instalment
from guanxi.erp.finance.models import Invoice, Receipt
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.ports import bill_amount, receive_prepayment, settle_prepayments
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Money
from guanxi.kernel.records.refusals import Refused

_LABELS = {
    "issued_on": gettext_lazy("Issued on"), "amount": gettext_lazy("Amount"), "received_on": gettext_lazy("Received on"),
    "reference": gettext_lazy("Bank reference"),
}


@operation(label=gettext_lazy("Invoice"), icon="file-invoice", labels=_LABELS, when=lambda one: one.invoiced < one.amount)
def invoice_instalment(instalment: Instalment, *, actor: Actor, issued_on: date | None = None) -> Invoice:
    """Invoice what of the instalment is not invoiced yet, as a share of each order line; what was paid in advance settles it."""
    rest = instalment.amount - instalment.invoiced
    if rest <= 0:
        raise Refused(_("All of it is invoiced already."))
    orders = _orders(instalment)
    invoice = bill_amount(
        orders, rest, issued_on=issued_on or actor.today, actor=actor, note=f"{instalment.of} · {instalment.title}",
        due_on=instalment.due_on if instalment.due_on and instalment.due_on >= (issued_on or actor.today) else None,
    )
    rows = plan_of(instalment)
    link_invoice(invoice, rows, first=instalment)
    for order in orders:
        settle_prepayments(order, invoice, actor)
        invoice.refresh_from_db()
    refresh_plan(rows)
    instalment.refresh_from_db()
    return invoice


@operation(label=gettext_lazy("Record payment in advance"), icon="cash", labels=_LABELS, when=lambda one: one.status != "collected")
def collect_instalment(
    instalment: Instalment, *, actor: Actor, amount: Money | None = None, received_on: date | None = None, reference: str = "",
) -> Receipt:
    """Money for the instalment before its invoice: a prepayment of its order, which the order's invoices are paid with."""
    if instalment.invoiced > instalment.collected:
        raise Refused(_("It is invoiced: record the receipt at the customer, for that invoice."))
    order = _orders(instalment)[0]
    receipt = receive_prepayment(
        order, actor=actor, amount=amount or instalment.amount - instalment.collected, received_on=received_on, reference=reference,
    )
    refresh_plan(plan_of(instalment))
    instalment.refresh_from_db()
    return receipt


def _orders(one: Instalment) -> list[Order]:
    """The confirmed orders of the plan, or those still to be confirmed when there are no others."""
    rows = Order.objects.filter(pk__in=orders_of(one)).exclude(status="cancelled").select_related(*Order.loaded_with).order_by("pk")
    found = [order for order in rows if order.status != "draft"] or list(rows)
    if not found:
        raise Refused(_("Nothing is ordered from the contract yet: call off what was agreed first."))
    return found
