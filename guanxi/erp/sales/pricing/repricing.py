"""Prices taken again: for drafts that lay while rules, lists and budgets went on."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.erp.pricing.queries import DISCOUNT, PRICE, codes_of, decided, gift_of, is_agreed
from guanxi.erp.sales import events
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.pricing.prices import AGAIN
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import write_changes
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import Draft, refuse_errors
from guanxi.kernel.events.publish import publish


@operation(label=_("Take prices again"), states=("draft",), icon="refresh")
def reprice_quotation(quotation: Quotation, *, actor: Actor) -> Quotation:
    """By the lists and rules as they are now; prices typed by hand stay, coupons that hold no longer go."""
    return _reprice(quotation, actor)


@operation(label=_("Take prices again"), states=("draft",), icon="refresh")
def reprice_order(order: Order, *, actor: Actor) -> Order:
    """By the lists and rules as they are now; prices typed by hand stay, those of a quotation and coupons that hold no longer do not."""
    return _reprice(order, actor)


def _reprice(document: Any, actor: Actor) -> Any:
    form, coupons = form_of(type(document)), codes_of(document.coupons)
    draft = Draft(0, instance=document, raw={AGAIN: True})
    draft.lines = []
    for number, line in enumerate(document.lines.select_related("product", "unit", "tax").order_by("position")):
        if is_agreed(line.price_steps):
            # What was agreed on is given up; what was typed before that stays.
            line.price_steps = line.price_steps[:-1]
        free = {PRICE, DISCOUNT} - decided(line.price_steps)
        if gift_of(line.price_steps):
            free = {PRICE}
        draft.lines.append(Draft(number, instance=line, raw=dict.fromkeys(free, ""), values=dict.fromkeys(free)))
    assert form.complete is not None
    form.complete([draft], actor)
    refuse_errors([draft])
    write_changes(form, [draft], actor)
    kept = codes_of(document.coupons)
    if dropped := ", ".join(code for code in coupons if code not in kept):
        event = events.CouponsDropped(document.pk, document.customer_id, dropped)
        publish(event, subject=document, party_id=document.customer_id, title=dropped)
    return document
