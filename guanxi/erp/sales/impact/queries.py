"""Questions about changed costs, each for many documents at once."""

from __future__ import annotations

from typing import Any

from guanxi.erp.sales.models import QuotationLine, SalesLine

OPEN_QUOTATIONS, OPEN_ORDERS = ("draft", "sent", "change_asked", "accepted"), ("draft", "confirmed")


def changed_lines(model: type[SalesLine], document: Any = None) -> Any:
    """Lines of open offers or orders (of one, when given) whose product costs another amount now."""
    parent = str(model.part_of)
    rows: Any = model.objects.annotate(_now=model.cost_now.sql(), _change=model.margin_change.sql())  # type: ignore[attr-defined]
    rows = rows.exclude(_change=0)
    if document is not None:
        return rows.filter(**{parent: document}).select_related("product").order_by("position", "pk")
    states = OPEN_QUOTATIONS if model is QuotationLine else OPEN_ORDERS
    return rows.filter(**{f"{parent}__status__in": states})
