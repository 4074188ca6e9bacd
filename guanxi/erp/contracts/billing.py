"""An instalment's invoice: its amount of what was ordered, as a share of each line; and its money, also before anything is ordered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.contracts.collecting import is_collected
from guanxi.erp.contracts.figures import called_off, link_invoice, money_bound, orders_of, plan_of, refresh_plan
from guanxi.erp.contracts.models import Contract, Instalment
from guanxi.erp.finance.models import Invoice, Receipt
from guanxi.erp.finance.operations import record_receipt
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.ports import PREPAID, bill_amount, bind_money, receive_prepayment, settle_prepayments
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Money
from guanxi.kernel.records.links import link_lines
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money

_LABELS = {
    "issued_on": gettext_lazy("Issued on"), "amount": gettext_lazy("Amount"), "received_on": gettext_lazy("Received on"),
    "reference": gettext_lazy("Bank reference"), "rate": gettext_lazy("Exchange rate"),
}
AGREED = ("approved", "sent", "signed", "ended")


@operation(
    label=gettext_lazy("Invoice"), icon="file-invoice", labels=_LABELS,
    unless=lambda one: one.invoiced >= one.amount and _("All of it is invoiced already."),
)
def invoice_instalment(instalment: Instalment, *, actor: Actor, issued_on: date | None = None) -> Invoice:
    """Invoice what of the instalment is not invoiced yet, as a share of each order line; what was paid in advance settles it."""
    rest = instalment.amount - instalment.invoiced
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


def _why_not_in_advance(instalment: Instalment) -> str:
    if instalment.invoiced > instalment.collected:
        return _("It is invoiced: record the receipt at the customer, for that invoice.")
    return is_collected(instalment)


@operation(label=gettext_lazy("Record payment in advance"), icon="cash", labels=_LABELS, unless=_why_not_in_advance)
def collect_instalment(
    instalment: Instalment, *, actor: Actor, amount: Money | None = None, received_on: date | None = None, reference: str = "",
    rate: Decimal | None = None,
) -> Receipt:
    """Money for the instalment before its invoice: a prepayment. That of a contract goes to its orders, those called off later too."""
    wanted = amount if amount is not None else instalment.amount - instalment.collected
    if instalment.contract is None:
        receipt = receive_prepayment(
            _orders(instalment)[0], actor=actor, amount=wanted, received_on=received_on, reference=reference, rate=rate,
        )
    else:
        receipt = _collect_for_contract(instalment, instalment.contract, wanted, received_on, reference, rate, actor)
    refresh_plan(plan_of(instalment))
    instalment.refresh_from_db()
    return receipt


def _collect_for_contract(
    instalment: Instalment, contract: Contract, amount: Decimal, received_on: date | None, reference: str, rate: Decimal | None, actor: Actor
) -> Receipt:
    if contract.status not in AGREED:
        raise Refused(_("%(contract)s is not agreed on yet: finalise it first.") % {"contract": contract})
    left = instalment.amount - instalment.collected
    if amount > left:
        raise Invalid({"amount": [_("Of this instalment only %(left)s are to be collected.") % {"left": format_money(left, contract.currency)}]})
    receipt = record_receipt(
        contract.customer, actor=actor, amount=amount, received_on=received_on, currency=contract.currency, rate=rate, reference=reference,
        note=f"{contract.number} · {instalment.title}", entity=contract.entity, is_prepayment=True,
    )
    link_lines(PREPAID, [(instalment, receipt, amount)], posted_on=receipt.received_on)
    bind_contract_money(contract, actor)
    return receipt


def bind_contract_money(contract: Contract, actor: Actor) -> None:
    """Money taken in against the contract goes to its orders in their turn, as far as each lacks it; the rest waits for the next one."""
    ids = list(Instalment.objects.filter(contract=contract).values_list("pk", flat=True))
    taken = money_bound(Instalment, ids)
    if not taken:
        return
    orders = Order.objects.filter(pk__in=called_off(contract), status__in=("draft", "confirmed")).select_related(*Order.loaded_with)
    open_orders = list(orders.order_by("pk").select_for_update(of=("self",), no_key=True))
    standing = Receipt.objects.filter(pk__in=taken, status="posted", reverses__isnull=True, unallocated__gt=0).order_by("received_on", "pk")
    receipts = list(standing.select_for_update(no_key=True))
    # What a cancelled order had is the contract's again.
    given = money_bound(Order, Order.objects.filter(pk__in=called_off(contract)).exclude(status="cancelled").values_list("pk", flat=True))
    for receipt in receipts:
        left = min(taken[receipt.pk] - given.get(receipt.pk, ZERO), receipt.unallocated)
        for order in open_orders:
            if left > 0:
                left -= bind_money(order, receipt, left, actor)


def _orders(one: Instalment) -> list[Order]:
    """The confirmed orders of the plan, or those still to be confirmed when there are no others."""
    rows = Order.objects.filter(pk__in=orders_of(one)).exclude(status="cancelled").select_related(*Order.loaded_with).order_by("pk")
    found = [order for order in rows if order.status != "draft"] or list(rows)
    if not found:
        raise Refused(_("Nothing is ordered from the contract yet: call off what was agreed first."))
    return found
