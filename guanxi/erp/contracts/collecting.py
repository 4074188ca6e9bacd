"""Collection plans: what a contract or an order comes to, divided into instalments, and what is asked and done for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.erp.contracts import events
from guanxi.erp.contracts.figures import called_off, plans_of_orders, refresh_plan
from guanxi.erp.contracts.models import Contract, Instalment
from guanxi.erp.sales.models import Order
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Money, Percent
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import ZERO, round_money
from guanxi.kernel.values.shown import format_money

LIVING = ("draft", "approved", "sent", "signed")
MOST = 60
_LABELS = {
    "instalments": gettext_lazy("Instalments"), "title": pgettext_lazy("of an instalment", "Title"),
    "share": pgettext_lazy("of an instalment", "Share"), "amount": gettext_lazy("Amount"), "event": pgettext_lazy("of an instalment", "Due"),
    "due_on": pgettext_lazy("of an instalment", "Due on"), "days": gettext_lazy("Days after it"), "note": gettext_lazy("Note"),
    "reason": gettext_lazy("Reason"), **dict(Instalment.EVENTS),
}


@dataclass
class PlannedInstalment:
    """One instalment: a share of the whole or an amount; a day, or so many days after what makes it due."""

    title: str
    share: Percent | None = None
    amount: Money | None = None
    event: Literal["day", "signing", "delivery", "invoice", "acceptance"] = "day"
    due_on: date | None = None
    days: int | None = None


def _goes_over(contract: Contract) -> str:
    if not contract.amends_id or contract.status == "signed":
        return ""
    return _("The plan of %(contract)s goes over when this amendment is signed; change it then.") % {"contract": contract.amends}


@operation(label=gettext_lazy("Plan collection"), states=LIVING, icon="calendar-dollar", labels=_LABELS, unless=_goes_over)
def plan_contract(contract: Contract, *, actor: Actor, instalments: list[PlannedInstalment]) -> Contract:
    """Divide what the contract comes to into instalments; what is requested, invoiced or paid already stays as it is."""
    for order in Order.objects.filter(pk__in=called_off(contract)):
        if Instalment.objects.filter(order=order).exists():
            raise Refused(_("Order %(order)s of this contract has a collection plan of its own.") % {"order": order})
    _plan(contract, {"contract": contract}, instalments, contract.signed_on)
    return contract


@operation(label=gettext_lazy("Plan collection"), states=("confirmed", "done"), icon="calendar-dollar", labels=_LABELS)
def plan_order(order: Order, *, actor: Actor, instalments: list[PlannedInstalment]) -> Order:
    """Divide what the order comes to into instalments; what is requested, invoiced or paid already stays as it is."""
    other = Instalment.objects.filter(plans_of_orders([order.pk]), contract__isnull=False).select_related("contract").first()
    if other is not None:
        raise Refused(_("The collection plan stands at contract %(contract)s.") % {"contract": other.contract})
    _plan(order, {"order": order}, instalments, order.ordered_on)
    return order


def _plan(whole: Any, of: dict[str, Any], wanted: Sequence[PlannedInstalment], began_on: date | None) -> None:
    """Instalments that nothing happened to are put in place anew after those that stay, and all together come to the whole."""
    present = list(Instalment.objects.filter(**of).order_by("position", "pk").select_for_update(of=("self",)))
    staying = [row for row in present if row.status != "planned" or row.invoiced or row.collected]
    if len(wanted) + len(staying) > MOST:
        raise Invalid({"instalments": [_("At most %(most)s instalments.") % {"most": MOST}]})
    amounts = _amounts(wanted, whole, sum((row.amount for row in staying), ZERO))
    Instalment.objects.filter(pk__in=[row.pk for row in present if row not in staying]).delete()
    first = max((row.position for row in staying), default=0) + 1
    rows = [
        Instalment(
            **of, customer_id=whole.customer_id, owner_id=whole.owner_id, entity_id=whole.entity_id, currency=whole.currency, position=place,
            title=one.title[:120], share=amount / whole.total, amount=amount, event=one.event, days=one.days or 0,
            due_on=_due_on(one, began_on),
        )
        for place, (one, amount) in enumerate(zip(wanted, amounts, strict=True), start=first)
    ]
    insert_rows(rows)
    refresh_plan(list(Instalment.objects.filter(**of).order_by("position", "pk")))


def _due_on(one: PlannedInstalment, began_on: date | None) -> date | None:
    if one.due_on is not None:
        return one.due_on
    return began_on + timedelta(days=one.days or 0) if one.event == "signing" and began_on else None


def _amounts(wanted: Sequence[PlannedInstalment], whole: Any, taken: Decimal) -> list[Decimal]:
    """An amount for each instalment: shares are rounded so that, where they make up the rest, they come to it exactly."""
    errors: dict[str, list[str]] = {}
    found: list[Decimal] = []
    for number, one in enumerate(wanted):
        at = f"instalments.{number}."
        if (one.share is None) == (one.amount is None):
            errors[f"{at}amount"] = [_("Give either a share or an amount.")]
        amount = one.amount if one.amount is not None else round_money(whole.total * (one.share or ZERO), whole.currency)
        if amount <= 0:
            errors.setdefault(f"{at}amount", [_("The amount has to be more than zero.")])
        elif amount != round_money(amount, whole.currency):
            errors[f"{at}amount"] = [
                _("%(amount)s has more decimal places than %(currency)s.") % {"amount": amount, "currency": whole.currency}
            ]
        if one.event == "day" and one.due_on is None:
            errors[f"{at}due_on"] = [_("Say on which day it is due.")]
        if one.days is not None and not 0 <= one.days <= 3650:
            errors[f"{at}days"] = [_("Between 0 and 3,650 days.")]
        found.append(amount)
    if errors:
        raise Invalid(errors)
    difference = whole.total - taken - sum(found, ZERO)
    shares = [number for number, one in enumerate(wanted) if one.share is not None]
    # The rounding of shares is a matter of cents; it falls on the last of them.
    smallest = round_money(Decimal(1), whole.currency) / 100 * len(shares)
    if shares and difference and abs(difference) <= smallest:
        found[shares[-1]] += difference
        difference = ZERO
    if difference:
        figures = {
            "total": format_money(whole.total, whole.currency), "sum": format_money(whole.total - difference, whole.currency),
            "difference": format_money(abs(difference), whole.currency),
        }
        words = _("The instalments come to %(sum)s, the whole to %(total)s: %(difference)s are missing.") if difference > 0 else _(
            "The instalments come to %(sum)s, the whole to %(total)s: %(difference)s too much."
        )
        raise Invalid({"instalments": [words % figures]})
    return found


def plan_to_start_with(whole: Contract | Order, actor: Actor) -> dict[str, Any]:
    """What planning starts with: the instalments as they are, else three usual ones for a contract, one for an order."""
    key = "contract" if isinstance(whole, Contract) else "order"
    rows = list(Instalment.objects.filter(**{key: whole}).order_by("position", "pk"))
    if rows:
        planned = [row for row in rows if row.status == "planned"]
        return {"instalments": [
            {"title": row.title, "amount": row.amount, "event": row.event, "due_on": row.due_on, "days": row.days} for row in planned
        ]}
    usual = (
        ((_("Advance payment"), "0.3", "signing", 7), (_("Before delivery"), "0.6", "delivery", 0), (_("After acceptance"), "0.1", "acceptance", 30))
        if key == "contract" else ((_("Whole amount"), "1", "invoice", whole.payment_term.days if whole.payment_term else 30),)
    )
    return {"instalments": [{"title": title, "share": Decimal(share), "event": event, "days": days} for title, share, event, days in usual]}


def is_collected(instalment: Instalment) -> str:
    """Why nothing more is done about it, where all of it was paid."""
    return _("It is collected already.") if instalment.status == "collected" else ""


@operation(label=gettext_lazy("Due on another day"), icon="calendar-event", labels=_LABELS, unless=is_collected)
def schedule_instalment(instalment: Instalment, *, actor: Actor, due_on: date, note: str = "") -> Instalment:
    """Say when it is due: another day than planned, or that of what it waited for, such as the acceptance."""
    instalment.assign(due_on=due_on, note=note[:300] or instalment.note)
    return instalment


@operation(
    label=gettext_lazy("Request invoice"), icon="file-invoice", labels=_LABELS,
    unless=lambda one: (one.requested_at is not None or one.invoiced >= one.amount) and _("Its invoice is requested or made already."),
)
def request_invoice(instalment: Instalment, *, actor: Actor, note: str = "") -> Instalment:
    """Ask whoever keeps the accounts to invoice this instalment."""
    values = {"requested_by_id": actor.member_id, "requested_at": actor.now, "note": note[:300] or instalment.note}
    instalment.assign(**values, status="requested" if instalment.status == "planned" else instalment.status)
    publish(
        events.InvoiceRequested(instalment.pk, instalment.customer_id, instalment.amount - instalment.invoiced, instalment.currency, note),
        subject=instalment, party_id=instalment.customer_id,
    )
    return instalment


def note_event(event: str, on: date, *, contract_ids: Sequence[int] = (), order_ids: Sequence[int] = ()) -> None:
    """Something happened that instalments wait for: they get their days."""
    chosen = plans_of_orders(order_ids) if order_ids else None
    rows = Instalment.objects.filter(chosen) if chosen is not None else Instalment.objects.filter(contract_id__in=contract_ids)
    for row in rows.filter(event=event, due_on__isnull=True):
        row.assign(due_on=on + timedelta(days=row.days))
        row.flush()


def take_over_plan(former: Contract, contract: Contract) -> None:
    """The plan of a contract goes to its amendment; by what the whole became more or less, so does the last open instalment."""
    rows = list(Instalment.objects.filter(contract=former).order_by("position", "pk").select_for_update(of=("self",)))
    if rows and (contract.currency != former.currency or not _follow(rows, contract.total)):
        words = _("The collection plan cannot follow the amendment to %(total)s: plan what is still open of %(contract)s anew first.")
        raise Refused(words % {"total": format_money(contract.total, contract.currency), "contract": former})
    for row in rows:
        row.assign(contract=contract, owner_id=contract.owner_id)
        row.flush()


def follow_order(order: Order) -> bool:
    """The order comes to more or less than was planned: its last instalment takes the difference. Whether it could."""
    rows = list(Instalment.objects.filter(order=order).order_by("position", "pk").select_for_update(of=("self",)))
    return not rows or _follow(rows, order.total)


def _follow(rows: Sequence[Instalment], total: Decimal) -> bool:
    difference, last = total - sum((row.amount for row in rows), ZERO), rows[-1]
    if last.amount + difference <= 0 or last.amount + difference < max(last.invoiced, last.collected):
        return False
    last.assign(amount=last.amount + difference)
    for row in rows:
        row.assign(share=row.amount / total)
        row.flush()
    refresh_plan(rows)
    return True


def require_planned(contract: Contract) -> None:
    """Refused where the contract's plan does not come to its value any more; one without a plan passes."""
    planned = Instalment.objects.filter(contract=contract).aggregate(total=Sum("amount"))["total"]
    if planned is not None and planned != contract.total:
        figures = {
            "total": format_money(contract.total, contract.currency), "sum": format_money(planned, contract.currency),
            "difference": format_money(abs(contract.total - planned), contract.currency),
        }
        raise Refused(_("The collection plan comes to %(sum)s, the contract to %(total)s: plan the difference of %(difference)s first.") % figures)
