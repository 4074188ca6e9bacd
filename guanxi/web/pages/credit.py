"""The customer's credit on the pages of quotations, orders and customers, and for programs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.erp.credit.queries import DEDUCTED, PARTS, Asked, Check, in_books, look_at
from guanxi.erp.sales.credit.crediting import check_at, check_of
from guanxi.erp.sales.credit.holding import PAID_FREE
from guanxi.erp.sales.credit.holds import ask_release, credit_in_the_way, decides_about_credit, money_awaited
from guanxi.erp.sales.models import Order, Quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import ApprovalRequest
from guanxi.kernel.screens.visit import Visit
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money
from guanxi.shared.parties.models import Party
from guanxi.web.views.remarks import OF_DRAFTS, OF_RECORDS, Remark

WIDTH = 260


def sees_figures(actor: Actor) -> bool:
    return actor.rights.sees_right("see_receivables")


def _on_draft(draft: Any, record: Any, visit: Visit) -> list[Remark]:
    """While lines are typed: what is free, or what stands in the way."""
    customer, total = draft.get("customer"), draft.values.get("total")
    if customer is None or total is None:
        return []
    assert visit.screen is not None
    step = "quotation" if visit.screen.model is Quotation else "order"
    entity_id = draft.key("entity") or visit.actor.entity_id
    check = check_at(step, customer, total, draft.get("currency"), entity_id, visit.actor)
    return [] if check is None else [_remark(check, visit.actor)]


def _remark(check: Check, actor: Actor, ways: tuple[str, ...] = ()) -> Remark:
    sees = sees_figures(actor)
    if check.is_passed:
        return Remark(_("Customer credit"), (_within(check, sees), *_uncounted(check)), icon="credit-card")
    said = check.sentences(with_figures=sees)
    if sees and check.step in ("quotation", "order") and check.ways:
        said.append(_("Ways out: %(ways)s.") % {"ways": _("; ").join(check.ways_in_words())})
    title = {"hold": _("This order goes on hold"), "stop": _("Credit stops this")}.get(check.action, _("Customer credit"))
    return Remark(title, (*said, *_uncounted(check)), tone="amber", icon="credit-card", ways=ways)


def _within(check: Check, sees: bool) -> str:
    if check.limit is None or check.free is None:
        return _("Nothing is overdue too long.")
    if not sees:
        return _("Within the customer's limit.")
    left = {"free": check.money(check.free - check.adds), "limit": check.money(check.limit)}
    if check.step == "shipment" and not check.adds:
        return _("%(free)s of %(limit)s are free; this order is counted already.") % left
    return _("With this, %(free)s of %(limit)s stay free.") % left


def _uncounted(check: Check) -> list[str]:
    return [_("Not counted, since no rate is known: %(currencies)s.") % {"currencies": ", ".join(check.uncounted)}] if check.uncounted else []


def _on_quotation(quotation: Quotation, visit: Visit) -> list[Remark]:
    check = check_of(quotation, visit.actor)
    return [] if check is None else [_remark(check, visit.actor)]


def _on_order(order: Order, visit: Visit) -> list[Remark]:
    actor = visit.actor
    check = check_of(order, actor)
    if order.hold:
        return [_held(order, check, actor)]
    if check is None:
        return []
    if order.status == "confirmed" and (order.is_cleared or check.action == "none") and not check.is_passed:
        words = _("Its credit was released.") if order.is_cleared else " ".join(check.sentences(with_figures=sees_figures(actor)))
        return [Remark(_("Customer credit"), (words,), icon="credit-card")]
    prepay = () if check.is_beyond_prepayment else ("ask_prepayment",)
    if check.is_passed or order.status == "draft":
        return [_remark(check, actor, prepay)]
    return [_remark(check, actor, ("hold_order", *prepay))]


def _held(order: Order, check: Check | None, actor: Actor) -> Remark:
    """Why it stands still, for how much it waits, and what may be done."""
    said = [order.hold_note] if order.hold_note else []
    if order.hold in PAID_FREE and check is not None:
        said += [s for s in check.sentences(with_figures=sees_figures(actor)) if order.hold == "credit" or check.is_over or check.is_late]
    if order.hold == "prepayment":
        said += _waits_for_money(order, actor)
    elif order.hold == "credit":
        said.append(_("Incoming money releases it automatically once its credit allows it."))
    if order.status == "confirmed":
        said.append(_("Nothing is reserved and nothing leaves."))
    decides = decides_about_credit(actor)
    ways = ["release_order"] if decides or order.hold not in PAID_FREE else ["ask_release"]
    helps = order.hold == "credit" and not (check is not None and check.is_beyond_prepayment)
    ways += ["receive_prepayment", *(["ask_prepayment"] if helps else [])]
    title = _("On hold: %(why)s") % {"why": order.get_hold_display()}
    return Remark(title, tuple(said), tone="amber", icon="player-pause", ways=tuple(ways))


def _waits_for_money(order: Order, actor: Actor) -> list[str]:
    """What of the prepayment is still to come, and whether the order goes on with it."""
    left = money_awaited([order])[order.pk]
    figures = {"left": format_money(left, order.currency), "asked": format_money(order.prepayment, order.currency)}
    check = credit_in_the_way(order, actor)
    if check is None or not (check.is_late or check.excess > (in_books(left, order.currency, order.entity_id, check.currency, actor) or ZERO)):
        return [_("%(left)s of the prepayment of %(asked)s are still to come; with them it is released by itself.") % figures]
    if left:
        said = [_("%(left)s of the prepayment of %(asked)s are still to come; it is released with them once its credit allows it.") % figures]
    else:
        said = [_("The prepayment of %(asked)s is there; the order is released once its credit allows it.") % figures]
    return [*said, _("A prepayment settles no overdue invoices: those have to be paid as well.")] if check.is_late else said


def _on_request(request: ApprovalRequest, visit: Visit) -> list[Remark]:
    """Whoever decides about a release sees what stands in its way."""
    if request.operation != ask_release.name or request.status != "waiting":
        return []
    order = Order.objects.visible_to(visit.actor).filter(pk=request.target_id).first()
    check = check_of(order, visit.actor) if order is not None and order.hold else None
    return [replace(_held(order, check, visit.actor), ways=())] if order is not None and check is not None else []


OF_DRAFTS.setdefault(Order.label(), []).append(_on_draft)
OF_DRAFTS.setdefault(Quotation.label(), []).append(_on_draft)
OF_RECORDS.setdefault(ApprovalRequest.label(), []).append(_on_request)
OF_RECORDS.setdefault(Order.label(), []).append(_on_order)
OF_RECORDS.setdefault(Quotation.label(), []).append(_on_quotation)


@dataclass(frozen=True)
class Bar:
    """A customer's credit as a bar: its parts, then what is free; the limit is the mark when it is passed."""

    parts: list[dict[str, Any]]
    mark: float | None
    free: str
    limit: str
    is_passed: bool
    late: str = ""


def bar_of(check: Check) -> Bar:
    """In shares of the larger of limit and exposure. Money in advance shortens the last parts."""
    amounts = {part: amount for part, amount in check.exposure.parts.items() if part not in DEDUCTED}
    whole = max(sum(amounts.values(), ZERO), check.limit or ZERO, Decimal(1))
    x, parts = 0.0, []
    for place, (part, amount) in enumerate(amounts.items(), start=1):
        width = round(float(amount / whole) * WIDTH, 1)
        parts.append({"label": PARTS[part], "amount": check.money(amount), "x": round(x, 1), "width": width, "place": place})
        x += width
    for part in DEDUCTED:
        if off := check.exposure.parts.get(part):
            parts.append({"label": PARTS[part], "amount": "−" + check.money(off), "x": 0, "width": 0, "place": 0})
    days = check.overdue_days
    words = ngettext("%(amount)s overdue, the oldest by %(days)s day", "%(amount)s overdue, the oldest by %(days)s days", days)
    late = words % {"amount": check.money(check.exposure.overdue), "days": str(days)} if days else ""
    limit = check.money(check.limit) if check.limit is not None else ""
    mark = round(float(check.limit / whole) * WIDTH, 1) if check.limit is not None and check.limit < whole else None
    return Bar(parts, mark, check.money(check.free) if check.free is not None else "", limit, check.is_passed, late)


def credit_of(party: Party, actor: Actor) -> Check | None:
    """For the customer's page: nothing where nobody limits it, or for who may not see what customers owe."""
    return look_at(Asked(party), actor, "order") if party.is_customer and sees_figures(actor) else None
