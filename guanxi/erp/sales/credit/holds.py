"""Putting an order on hold and letting it go again: by hand, by a decision about its credit, by money that came in."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.credit.queries import Check, check_credit, hold_account
from guanxi.erp.inventory.operations import release_stock
from guanxi.erp.promising.operations import stop_waiting
from guanxi.erp.sales import events
from guanxi.erp.sales.credit.crediting import PREPAID, asked_again, check_of, prepaid_for, to_pay_for
from guanxi.erp.sales.credit.holding import PAID_FREE
from guanxi.erp.sales.credit.prepayments import take_free_money
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.promising.promises import resume_order
from guanxi.erp.sales.queries import lines_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.operations import approve_request
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.columns.column import Money
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import ZERO, round_money
from guanxi.kernel.values.shown import format_money
from guanxi.shared.parties.operations import set_credit_limit

_LIVE = ("draft", "confirmed")


@operation(
    label=gettext_lazy("Put on hold"), states=_LIVE, icon="player-pause",
    unless=lambda order: order.hold and _("%(order)s is on hold already; release it first.") % {"order": order},
    labels={
        "reason": gettext_lazy("Reason"), "note": gettext_lazy("Note"), "credit": gettext_lazy("Customer credit"),
        "customer": gettext_lazy("At the customer's wish"), "terms": gettext_lazy("Terms to be settled"), "other": gettext_lazy("Other reason"),
    },
)
def hold_order(
    order: Order, *, actor: Actor, reason: Literal["credit", "customer", "terms", "other"] = "other", note: str = ""
) -> Order:
    """Nothing of it leaves until it is released; goods reserved for it are free for others."""
    _put_on_hold(order, reason, note, actor)
    return order


def _put_on_hold(order: Order, reason: str, note: str, actor: Actor) -> None:
    order.assign(hold=reason, hold_note=note[:300], held_at=actor.now, is_cleared=False)
    if order.status == "confirmed":
        ids = [line.pk for line in lines_of(order.pk)]
        stop_waiting("sales.orderline", ids)
        release_stock("sales.orderline", ids)
    publish(events.OrderHeld(order.pk, order.customer_id, reason, order.hold_note), subject=order, party_id=order.customer_id)


def decides_about_credit(actor: Actor) -> bool:
    """Who may set limits may let an order pass them."""
    return actor.may(set_credit_limit.name)


@operation(
    label=gettext_lazy("Release"), states=_LIVE, icon="player-play", labels={"note": gettext_lazy("Note")},
    unless=lambda order: not order.hold and _("%(order)s is not on hold.") % {"order": order},
)
def release_order(order: Order, *, actor: Actor, note: str = "") -> Order:
    """The order goes on: goods are reserved, deliveries may leave. Credit holds are released by whoever keeps the accounts."""
    if order.hold in PAID_FREE and not decides_about_credit(actor):
        raise Refused(_("This hold is about money: ask whoever keeps the accounts to release it, or for a prepayment."))
    _release(order, actor, note, is_cleared=order.hold in PAID_FREE)
    return order


@operation(
    label=gettext_lazy("Ask for release"), states=_LIVE, icon="hourglass",
    unless=lambda order: order.hold not in PAID_FREE and _("%(order)s does not wait for money.") % {"order": order},
    labels={"reason": gettext_lazy("Reason")},
)
def ask_release(order: Order, *, actor: Actor, reason: str) -> Order:
    """Ask whoever keeps the accounts to let the order pass; it is released when they approve."""
    scope = act_scope()
    if (scope is None or scope.operation != approve_request.name) and not decides_about_credit(actor):
        raise Refused(_("No approval rule says who decides about “Ask for release”: an administrator has to write one."))
    _release(order, actor, reason, is_cleared=True)
    return order


@operation(
    label=gettext_lazy("Ask for a prepayment"), states=_LIVE, icon="cash-banknote",
    unless=lambda order: order.hold not in ("", *PAID_FREE) and _("%(order)s is on hold already; release it first.") % {"order": order},
    labels={"amount": gettext_lazy("Amount"), "note": gettext_lazy("Note")},
)
def ask_prepayment(order: Order, *, actor: Actor, amount: Money | None = None, note: str = "") -> Order:
    """The order waits until so much was received for it, and overdue invoices are paid; without an amount, what its credit lacks, else all."""
    wanted = amount if amount is not None else to_pay_for(order, actor)
    if wanted <= 0 or wanted > order.total:
        words = _("More than 0, and no more than the order comes to: %(most)s.") % {"most": format_money(order.total, order.currency)}
        raise Invalid({"amount": [words]})
    if wanted != round_money(wanted, order.currency):
        raise Invalid({"amount": [_("%(amount)s has more decimal places than %(currency)s.") % {"amount": wanted, "currency": order.currency}]})
    if prepaid_for([order.pk])[order.pk] >= wanted:
        raise Refused(_("So much was received for this order already."))
    order.assign(prepayment=wanted)
    _put_on_hold(order, "prepayment", note, actor)
    return order


def _release(order: Order, actor: Actor, note: str, *, is_cleared: bool) -> None:
    former = order.hold
    order.assign(hold="", hold_note="", held_at=None, is_cleared=is_cleared or order.is_cleared)
    if order.status == "confirmed":
        resume_order(order, actor)
    publish(events.OrderReleased(order.pk, order.customer_id, former, note[:300]), subject=order, party_id=order.customer_id)


def release_paid_orders(party_id: int, actor: Actor) -> list[Order]:
    """Let go what waited for money that is there now: orders whose prepayment came in, and, the oldest first, those that the
    customer's credit now allows."""
    rows = Order.objects.filter(customer_id=party_id, hold__in=PAID_FREE, status__in=_LIVE).select_related(*Order.loaded_with)
    held = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
    if not held:
        return []
    hold_account(held[0].customer)
    take_free_money(sorted(held, key=_since))
    paid = prepaid_for([order.pk for order in held])
    released = []
    for order in sorted(held, key=_since):
        if _is_paid_free(order, paid[order.pk], actor):
            _release(order, actor, "", is_cleared=False)
            order.flush()
            released.append(order)
    return released


def _since(order: Order) -> tuple[float, int]:
    return (order.held_at.timestamp() if order.held_at else 0.0, order.pk)


def release_if_paid(order: Order, actor: Actor) -> None:
    """Within an act on the order: it goes on when the money is there."""
    if order.hold in PAID_FREE:
        hold_account(order.customer)
        if _is_paid_free(order, prepaid_for([order.pk])[order.pk], actor):
            _release(order, actor, "", is_cleared=False)


def hold_unpaid_orders(receipt_id: int, actor: Actor) -> None:
    """A receipt was taken back: orders that it had released wait for their prepayment again."""
    behind = Link.objects.filter(kind=PREPAID, to_model="finance.receipt", to_id=receipt_id, from_model="sales.order").values("from_id")
    rows = Order.objects.filter(pk__in=behind, status__in=_LIVE, hold="", prepayment__gt=0).select_related(*Order.loaded_with)
    orders = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True))
    paid = prepaid_for([order.pk for order in orders])
    for order in orders:
        if paid[order.pk] < order.prepayment and not order.is_cleared:
            _put_on_hold(order, "prepayment", "", actor)
            order.flush()


def _is_paid_free(order: Order, paid: Decimal, actor: Actor) -> bool:
    if order.hold == "prepayment" and paid < order.prepayment:
        return False
    check = credit_in_the_way(order, actor)
    return check is None or not (check.is_over or check.is_late)


def credit_in_the_way(order: Order, actor: Actor) -> Check | None:
    """The check on which it depends whether money that came in releases the order; None where nothing is asked."""
    asked = asked_again(order, actor)
    return check_credit(asked, "order", actor) if asked is not None else None


def money_awaited(orders: Iterable[Order]) -> dict[int, Decimal]:
    """What each order on hold still waits for, in its own currency."""
    waiting = [order for order in orders if order.hold == "prepayment"]
    paid = prepaid_for([order.pk for order in waiting])
    return {order.pk: max(ZERO, order.prepayment - paid[order.pk]) for order in waiting}


def prepayment_wanted(order: Order, actor: Actor) -> dict[str, Decimal]:
    """What asking for a prepayment starts with."""
    return {"amount": to_pay_for(order, actor)}


def why_held(order: Order, actor: Actor) -> dict[str, str]:
    """What putting on hold starts with: credit, where that is what stands in the way."""
    check = check_of(order, actor)
    return {"reason": "credit"} if check is not None and not check.is_passed else {}
