"""Quotations and orders among the documents whose lines a change touches: what holding and quoting anew means for each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.sales.completion import complete_quotations
from guanxi.erp.sales.credit.holds import hold_order
from guanxi.erp.sales.impact.figures import counted_quantity, rest_of_order
from guanxi.erp.sales.impact.kinds import Affair, Kind, affects
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.impact.repricing import new_terms, take_price
from guanxi.erp.sales.models import Order, OrderLine, Quotation, QuotationLine
from guanxi.erp.sales.offers.operations import GIVEN, withdraw_quotation
from guanxi.erp.sales.operations import revise_quotation
from guanxi.kernel.acts.writer import insert, write_changes
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import Draft, refuse_errors

OPEN_QUOTATIONS, OPEN_ORDERS = ("draft", "sent", "change_asked", "accepted"), ("draft", "confirmed")
_TERMS = ("customer", "contact", "owner", "entity", "channel", "currency", "payment_term", "warehouse")
_OFFERED = ("section", "product", "configuration", "description", "unit", "tax")


def _hold_offer(affair: Affair, reason: str) -> None:
    """What the customer has is withdrawn; a draft is not sent, and what was accepted becomes no order, while the line is held."""
    if affair.document.status in GIVEN:
        withdraw_quotation(affair.document, actor=affair.actor, reason=reason)


def _why_settled(quotations: Collection[Quotation]) -> dict[int, str]:
    words = _("The customer has accepted this price: accept the change, or hold the line and talk to the customer.")
    return {one.pk: words for one in quotations if one.status == "accepted"}


def _requote_offer(affair: Affair, keep: str) -> Quotation:
    """What was sent becomes the draft of the next version, with the new price in it."""
    quotation: Quotation = affair.document
    if quotation.status != "draft":
        revise_quotation(quotation, actor=affair.actor)
        quotation.refresh_from_db()
    take_price(affair, keep)
    return quotation


def _hold_order(affair: Affair, reason: str) -> None:
    if not affair.document.hold:
        hold_order(affair.document, actor=affair.actor, note=reason[:300])


def _requote_order(affair: Affair, keep: str) -> Any:
    """A draft gets the price; beside a confirmed order, which was agreed, its customer is offered what is not delivered yet at the new one."""
    if affair.document.status == "draft":
        take_price(affair, keep)
        return affair.document
    return _offered_beside(affair, keep)


def _offered_beside(affair: Affair, keep: str) -> Quotation:
    """One offer for all lines of an order that are quoted anew, as long as it is a draft."""
    order: Order = affair.document
    terms = new_terms(affair, keep)
    line = Draft(0, values={
        **{name: getattr(affair.line, name) for name in _OFFERED}, "quantity": affair.row.quantity,
        **{name: terms[name] for name in ("unit_price", "discount", "price_steps", "configuration") if name in terms},
    })
    others = AffectedLine.objects.filter(document_model=order.label(), document_id=order.pk, outcome_model=Quotation.label()).values("outcome_id")
    present = Quotation.objects.filter(pk__in=others, status="draft").select_for_update(of=("self",), no_key=True).first()
    if present is None:
        values = {name: getattr(order, name) for name in _TERMS if getattr(order, name) is not None}
        note = _("In place of lines of order %(order)s, whose costs or prices have changed.") % {"order": order}
        draft = Draft(0, values={**values, "note": note}, lines=[line])
    else:
        rows = present.lines.select_related("product", "unit", "tax", "configuration").order_by("position", "pk")
        draft = Draft(0, instance=present, lines=[*(Draft(n, instance=one) for n, one in enumerate(rows)), line])
    complete_quotations([draft], affair.actor)
    refuse_errors([draft])
    if present is not None:
        write_changes(form_of(Quotation), [draft], affair.actor)
        return present
    [made] = insert(form_of(Quotation), [draft], affair.actor)
    return made  # type: ignore[no-any-return]


def _open_offers(on: date) -> Q:
    """What was withdrawn since a line is held stays to be decided."""
    held = AffectedLine.objects.filter(kind="quotation", status="held").values("source_id")
    return Q(quotation__status__in=OPEN_QUOTATIONS) | Q(quotation__status="withdrawn", pk__in=held)


def _open_orders(on: date) -> Q:
    return Q(order__status__in=OPEN_ORDERS)


affects(Kind(
    "quotation", gettext_lazy("Quotation"), lambda: QuotationLine, "quotation", _open_offers, counted_quantity, _hold_offer, _requote_offer,
    _why_settled, has_promotions=lambda quotation: True,
))
affects(Kind(
    "order", gettext_lazy("Sales order"), lambda: OrderLine, "order", _open_orders, rest_of_order, _hold_order, _requote_order,
    # A draft takes nothing of a promotion's budget until it is confirmed.
    has_promotions=lambda order: order.status == "draft",
))
