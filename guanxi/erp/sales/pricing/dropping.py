"""Promotions that an act on a draft has taken off its lines, told in the timeline of the document."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from guanxi.erp.pricing.queries import Step, codes_of, decided, gift_of, promotions_in, spent
from guanxi.erp.sales import events
from guanxi.erp.sales.models import OrderLine, QuotationLine
from guanxi.kernel.acts.scope import AT_END, ActScope
from guanxi.kernel.events.models import Event
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.models import History

_LINES = {
    f"sales.{act.format(name)}": (name, lines)
    for name, lines in (("quotation", QuotationLine), ("order", OrderLine)) for act in ("{}.change", "{}.import", "reprice_{}")
}


def tell_dropped(scope: ActScope) -> None:
    """By what the act has written; not what somebody took away by hand: a price typed, another product, a coupon left out."""
    if scope.operation not in _LINES:
        return
    name, lines = _LINES[scope.operation]
    lost, over = _lost(History.objects.filter(act_id=scope.id, model=lines.label(), changes__has_key="price_steps"), f"{name}_id", lines)
    # An act that goes on in parts has told of those before.
    told = Event.objects.filter(act_id=scope.id, name__in=[events.PromotionsSpent.__name__, events.PromotionsDropped.__name__])
    for pk in told.values_list("subject_id", flat=True) if lost else ():
        lost.pop(pk, None)
    documents: Any = lines._meta.get_field(name).related_model
    for document in documents.objects.filter(pk__in=lost).order_by("pk"):
        for steps in document.lines.values_list("price_steps", flat=True):
            for promotion in promotions_in(steps):
                lost[document.pk].pop(promotion, None)
        coupons = {code.casefold() for code in codes_of(document.coupons)}
        gone = {pk: one for pk, one in lost[document.pk].items() if not one.get("coupon") or one["coupon"].casefold() in coupons}
        for event, is_over in ((events.PromotionsSpent, True), (events.PromotionsDropped, False)):
            if codes := ", ".join(sorted({one["code"] for pk, one in gone.items() if (pk in over[document.pk]) == is_over})):
                publish(event(document.pk, document.customer_id, codes), subject=document, party_id=document.customer_id, title=codes)


def _lost(rows: Any, parent: str, lines: Any) -> tuple[dict[int, dict[int, Step]], dict[int, set[int]]]:
    """By document the promotions that lines of it have lost, and those of them whose budget is spent."""
    lost, over = defaultdict[int, dict[int, Step]](dict), defaultdict[int, set[int]](set)
    written = list(rows.exclude(kind="created").values_list("row_id", "kind", "changes"))
    parents = dict(lines.objects.filter(pk__in=[row_id for row_id, _kind, _changes in written]).values_list("pk", parent)) if written else {}
    for row_id, kind, changes in written:
        if kind == "deleted":
            before, after = changes["price_steps"], []
            is_by_rule = bool(gift_of(before))
        else:
            before, after = changes["price_steps"]
            is_by_rule = "product_id" not in changes and not decided(after) - decided(before)
        if not is_by_rule:
            continue
        document = changes[parent] if kind == "deleted" else parents[row_id]
        codes = {one["code"] for one in spent(after)}
        for pk, one in promotions_in(before).items():
            if pk not in promotions_in(after):
                lost[document][pk] = one
                if one["code"] in codes:
                    over[document].add(pk)
    return lost, over


# Before the events of the act are written.
AT_END.insert(0, tell_dropped)
