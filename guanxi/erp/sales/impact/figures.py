"""What a line was costed with, what its product costs now, and what that does to the margin: SQL over lines and documents."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Abs, Coalesce, Greatest, NullIf, Round
from django.db.models.lookups import GreaterThan

from guanxi.erp.inventory.models import StockCost

TOLERANCE = Decimal("0.01")
"""The moving average trembles with every receipt: a change of less than so much of the cost is none."""
COLUMNS = ("cost_now", "cost_change", "margin_change")
_PRICE = DecimalField(max_digits=19, decimal_places=6)
_AMOUNT = DecimalField(max_digits=19, decimal_places=4)
_ZERO = Value(Decimal(0))


def cost_now(parent: str) -> Callable[[], Any]:
    """What one unit of a line's product costs now, in the document's currency: the moving average of its entity's stock, else the standard
    cost, with what its configuration adds today. Empty where the document has no rate."""

    def expression() -> Any:
        kept = StockCost.objects.filter(entity_id=OuterRef(f"{parent}__entity_id"), product_id=OuterRef("product_id"), quantity__gt=0)
        average = kept.annotate(_cost=Round(F("value") / F("quantity"), 6, output_field=_PRICE)).values("_cost")
        # Services have no stock, and goods that are out of stock the cost that is planned.
        own = Coalesce(Subquery(average), F("product__standard_cost"))
        cost = (own + Coalesce(F("configuration__cost_now"), _ZERO, output_field=_PRICE)) * F("factor")
        return Round(ExpressionWrapper(cost / F(f"{parent}__rate"), output_field=_PRICE), 6, output_field=_PRICE)

    return expression


def margin_rate(parent: str) -> Callable[[], Any]:
    """The margin of a line as a part of its net; empty where the document has no rate, so that no cost is known."""

    def expression() -> Any:
        rate = 1 - F("quantity") * F("unit_cost") / NullIf(F("net"), _ZERO)
        return Case(When(**{f"{parent}__rate__isnull": False}, then=rate), output_field=_PRICE)

    return expression


def cost_change(parent: str) -> Callable[[], Any]:
    """As a part of what the line was costed with; zero within the tolerance, empty where it had no cost."""

    def expression() -> Any:
        change = cost_now(parent)() / NullIf(F("unit_cost"), _ZERO) - 1
        return Case(When(is_changed(parent), then=change), default=_ZERO, output_field=_PRICE)

    return expression


def is_changed(parent: str) -> Q:
    """Lines whose product costs another amount now; what a supplier ships costs what was agreed with him."""
    difference = Abs(cost_now(parent)() - F("unit_cost"))
    ours = Q(supplier__isnull=True) if parent == "order" else Q()
    return ours & Q(GreaterThan(difference, TOLERANCE * F("unit_cost")))


def margin_change(parent: str, open_quantity: Callable[[], Any]) -> Callable[[], Any]:
    """What the margin of the part that is still open gains (loses, when negative)."""

    def expression() -> Any:
        change = Round(open_quantity() * (F("unit_cost") - cost_now(parent)()), 2, output_field=_AMOUNT)
        return Case(When(is_changed(parent), then=change), default=_ZERO, output_field=_AMOUNT)

    return expression


def summed(lines: Callable[[], Any], parent: str, column: str) -> Callable[[], Any]:
    """The same for a document: the sum of a derived column of its lines."""

    def expression() -> Any:
        model = lines()
        rows = model.objects.filter(**{parent: OuterRef("pk")}).order_by()
        rows = rows.annotate(_changed=getattr(model, column).sql()).values(parent).annotate(_total=Sum("_changed")).values("_total")
        return Coalesce(Subquery(rows, output_field=_AMOUNT), _ZERO, output_field=_AMOUNT)

    return expression


def rest_of_order() -> Any:
    """What of an order line is not delivered yet."""
    from guanxi.erp.sales.models import OrderLine

    return Greatest(F("quantity") - OrderLine.delivered_quantity.sql(), _ZERO, output_field=_PRICE)


def counted_quantity() -> Any:
    """Of a quotation's line: nothing of an option that is not chosen."""
    return Case(When(inclusion="optional", then=_ZERO), default=F("quantity"), output_field=_PRICE)
