"""The order's page: where it stands between the offer and the money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.erp.contracts.models import Contract
from guanxi.erp.finance.models import Invoice, Receipt
from guanxi.erp.inventory.models import Delivery
from guanxi.erp.pricing.steps import gift_of, spent
from guanxi.erp.sales.billing.settlement import prepaid
from guanxi.erp.sales.changes.effects import SHOWN, Tried, try_act
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.impact.operations import accept_affected_line
from guanxi.erp.sales.models import Order, OrderLine, Quotation, QuotationLine
from guanxi.erp.sales.operations import place_order
from guanxi.erp.sales.panels import deliveries_of, invoices_of
from guanxi.erp.sales.ports import ADDED, why_held
from guanxi.erp.sales.pricing.margins import Margin, Scope, lines_in, margin_of
from guanxi.erp.sales.screens import OrderScreen
from guanxi.erp.sales.sharing.links import looks_at, open_links
from guanxi.erp.sales.sharing.tokens import address_of
from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.erp.sales.tracking.operations import share_order
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.operation import Operation, may_perform
from guanxi.kernel.database.known import known
from guanxi.kernel.records.models import Link
from guanxi.kernel.screens.screen import record_url
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.values import ZERO, Translated
from guanxi.kernel.values.shown import format_money, format_percent, format_quantity
from guanxi.web.pages.margin import margin_address
from guanxi.web.views.operations import DOCUMENTS, EFFECTS
from guanxi.web.views.records import record_of, record_page
from guanxi.web.views.remarks import OF_DRAFTS, OF_RECORDS, Remark

Step = dict[str, Any]


def _effects(visit: Visit, pk: int, found: Operation, values: Any) -> Tried:
    return try_act(found, record_of(visit, pk), values, visit.actor)


EFFECTS.update(dict.fromkeys(SHOWN, _effects))
DOCUMENTS[place_order.name] = (OrderScreen, "customer")


@page("view")
def order_page(visit: Visit, pk: int) -> HttpResponse:
    """The general record page with the chain above it."""
    order = record_of(visit, pk)
    return record_page.__wrapped__(visit, pk, steps=chain_of(order, visit), **_shared(order, visit))  # type: ignore[attr-defined]


def _shared(order: Order, visit: Visit) -> dict[str, Any]:
    """The newest open link by which the customer follows the order, for whoever may give one out."""
    actor = visit.actor
    if order.status == "draft" or not actor.may("view", OrderLink):
        return {}
    links = list(open_links(OrderLink.objects.filter(order=order), actor))
    may_share = bool(links) and actor.may(share_order.name) and may_perform(share_order, order, actor)
    return {"link": links[0], "link_address": address_of(links[0]) if may_share else "", "seen": looks_at(links)} if links else {}


def chain_of(order: Order, visit: Visit) -> list[Step]:
    """Quotation → order → delivery → invoice → receipt, with figures only of what the actor may see."""
    steps = [*_quotation(order, visit), _order(order)]
    if order.hold:
        steps.append(_step(_("On hold"), str(order.get_hold_display()), "late"))
    if order.status != "cancelled":
        steps += [*_delivery(order, visit), *_invoice(order, visit), *_margin(order, visit)]
    return steps


def _step(label: str, value: str, state: str, url: str = "", progress: int | None = None) -> Step:
    return {"label": label, "value": value, "state": state, "url": url, "progress": progress}


def _share(part: Decimal, whole: Decimal) -> int:
    return max(0, min(100, int(part * 100 / whole))) if whole else 0


def _quotation(order: Order, visit: Visit) -> list[Step]:
    sources = Link.objects.filter(to_model="sales.orderline", to_id__in=order.lines.values("pk"), kind="order").values("from_id")
    found = Quotation.objects.visible_to(visit.actor).filter(lines__in=QuotationLine.objects.filter(pk__in=sources)).distinct().first()
    if found is None:
        return []
    return [_step(_("Quotation"), str(found), "done", record_url(visit.set_key, Quotation, found.pk))]


def _order(order: Order) -> Step:
    state = {"draft": "now", "confirmed": "done", "done": "done", "cancelled": "late"}[order.status]
    return _step(_("Order"), str(order.lifecycle.labels[order.status]), state)


def _delivery(order: Order, visit: Visit) -> list[Step]:
    """Nothing to deliver where all lines are services."""
    lines = OrderLine.objects.filter(order=order, product__kind="goods").annotate(done=OrderLine.delivered_quantity.sql())
    parts = list(lines.values_list("quantity", "done", "factor"))
    wanted, done = sum((q * f for q, _d, f in parts), ZERO), sum((d * f for _q, d, f in parts), ZERO)
    if not wanted:
        return []
    overdue = order.promised_on is not None and order.promised_on < visit.actor.today and done < wanted
    state = "done" if done >= wanted else "late" if overdue else "now" if order.status == "confirmed" else ""
    url = ""
    if visit.actor.may("view", Delivery):
        only = list(deliveries_of(order).visible_to(visit.actor).values_list("pk", flat=True)[:2])
        url = record_url(visit.set_key, Delivery, only[0]) if len(only) == 1 else "?tab=deliveries" if only else ""
    return [_step(_("Delivery"), f"{format_quantity(done)} / {format_quantity(wanted)}", state, url, _share(done, wanted))]


def _margin(order: Order, visit: Visit) -> list[Step]:
    """What was earned so far, as the journal has it; what goods cost that are not billed yet is no loss."""
    if not visit.actor.rights.sees_right("see_margin") or order.status == "draft":
        return []
    currency = order.entity.currency
    earned = margin_of(lines_in(Scope(currency=currency, order=order.pk), visit.actor))
    if earned == Margin():
        return []
    rate = f" · {format_percent(earned.rate)}" if earned.rate is not None else ""
    url = margin_address(visit.set_key, order=order.pk)
    if not earned.sold:
        return [_step(_("Cost so far"), format_money(-earned.margin, currency), "now", url)]
    return [_step(_("Booked margin"), format_money(earned.margin, currency) + rate, "late" if earned.margin < 0 else "done", url)]


@known
def _paid_ahead(order_id: int) -> Any:
    return Order.objects.filter(pk=order_id).values_list(prepaid())


def _invoice(order: Order, visit: Visit) -> list[Step]:
    if not visit.actor.may("view", Invoice):
        return []
    invoices = list(invoices_of(order).visible_to(visit.actor).filter(currency=order.currency))
    total = sum((i.total for i in invoices), ZERO)
    [(ahead,)] = _paid_ahead(order.pk) if visit.actor.may("view", Receipt) else [(ZERO,)]
    paid = sum((i.total - i.credited_amount - i.open_amount for i in invoices), ahead)
    late = [i for i in invoices if i.open_amount > 0 and i.due_on < visit.actor.today]
    url = record_url(visit.set_key, Invoice, invoices[0].pk) if len(invoices) == 1 else "?tab=invoices" if invoices else ""
    billed = _step(
        _("Invoice"), format_money(total, order.currency), "done" if total and total >= order.total else "now" if total else "",
        url, _share(total, order.total),
    )
    label = ngettext("Receipt · %(n)s overdue", "Receipt · %(n)s overdue", len(late)) % {"n": len(late)} if late else _("Receipt")
    settled = _step(
        label, format_money(paid, order.currency), "late" if late else "done" if order.total and paid >= order.total else "now" if paid else "",
        "?tab=receipts" if ahead else url, _share(paid, order.total),
    )
    return [billed, settled]


def _name_of(step: Step) -> str:
    name = step.get("name")
    return str(Translated(name) if isinstance(name, dict) else name)


def _promotions_on_draft(draft: Any, record: Any, visit: Visit) -> list[Remark]:
    """What a promotion will add, said while lines are typed: its lines come with the document when it is saved. And which one no longer counts."""
    over = {_name_of(one): None for line in draft.lines or () for one in spent(line.values.get("price_steps"))}
    words = _("The budget of this promotion no longer bears it: the prices are without it.")
    found = [Remark(str(name), (words,), tone="amber") for name in over]
    for line in draft.lines or ():
        if line.row >= ADDED and gift_of(steps := line.values.get("price_steps")):
            given = {
                "quantity": format_quantity(line.get("quantity")), "product": line.get("product"), "promotion": _name_of(steps[0]),
            }
            found.append(Remark(_("+ %(quantity)s × %(product)s as a gift (%(promotion)s)") % given))
    return found


def _who_accepts(row: AffectedLine, visit: Visit) -> list[Remark]:
    """To whoever may not let a price stay that earns less: who may."""
    if visit.actor.may(accept_affected_line.name) or not accept_affected_line.is_in_state(row):
        return []
    roles = [str(role) for role in Role.objects.filter(grants__has_key=accept_affected_line.name).order_by("pk")]
    words = _("That the price stays is decided by: %(roles)s.") % {"roles": _("; ").join(roles)}
    return [Remark(str(accept_affected_line.label), (words,), tone="grey")] if roles else []


def _why_it_stands_still(document: Any, visit: Visit) -> list[Remark]:
    """What a held line keeps from being offered has to be said, as long as there is something to go on with."""
    reason = why_held(document) if document.status in ("draft", "approved", "sent", "change_asked", "accepted", "signed") else ""
    return [Remark(_("Line held"), (reason,), tone="amber", icon="player-pause")] if reason else []


OF_RECORDS.setdefault(AffectedLine.label(), []).append(_who_accepts)
for held in (Quotation, Contract):
    OF_RECORDS.setdefault(held.label(), []).append(_why_it_stands_still)
for model in (Order, Quotation):
    OF_DRAFTS.setdefault(model.label(), []).append(_promotions_on_draft)
