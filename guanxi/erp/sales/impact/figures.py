"""A line's margin, and what of it is open: SQL over lines and documents."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, Exists, F, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest, NullIf

TOLERANCE = Decimal("0.01")
"""The moving average trembles with every receipt: a change of less than so much of the cost is none."""
_PRICE = DecimalField(max_digits=19, decimal_places=6)
_AMOUNT = DecimalField(max_digits=19, decimal_places=4)
_ZERO = Value(Decimal(0))


def margin_rate(parent: str) -> Callable[[], Any]:
    """The margin of a line as a part of its net; empty where the document has no rate, so that no cost is known."""

    def expression() -> Any:
        rate = 1 - F("quantity") * F("unit_cost") / NullIf(F("net"), _ZERO)
        return Case(When(**{f"{parent}__rate__isnull": False}, then=rate), output_field=_PRICE)

    return expression


def margin_change(kind: str) -> Callable[[], Any]:
    """Of a document: what the margin of its affected lines gains (loses, when negative), as far as nothing was decided about them."""

    def expression() -> Any:
        from guanxi.erp.sales.impact.kinds import KINDS
        from guanxi.erp.sales.impact.models import OPEN, AffectedLine, line_as_seen

        label = KINDS[kind].document.label()
        rows = AffectedLine.objects.filter(Exists(line_as_seen(KINDS[kind])), document_model=label, document_id=OuterRef("pk"), status__in=OPEN)
        total = rows.order_by().values("document_id").annotate(_total=Sum(F("margin_now") - F("margin"))).values("_total")
        return Coalesce(Subquery(total, output_field=_AMOUNT), _ZERO, output_field=_AMOUNT)

    return expression


def rest_of_order() -> Any:
    """What of an order line is not delivered yet."""
    from guanxi.erp.sales.models import OrderLine

    return Greatest(F("quantity") - OrderLine.delivered_quantity.sql(), _ZERO, output_field=_PRICE)


def counted_quantity() -> Any:
    """Of a quotation's line: nothing of an option that is not chosen."""
    return Case(When(inclusion="optional", then=_ZERO), default=F("quantity"), output_field=_PRICE)
