"""Questions to orders."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext as _

from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.sales.models import Order, OrderLine, QuotationLine
from guanxi.kernel.database.known import known
from guanxi.kernel.records.links import linked_quantities, linked_quantity

OPEN = ("draft", "sent", "change_asked", "accepted")
"""Quotations out of which something may still come."""


@known
def lines_of(order_id: int) -> Any:
    """The order's lines with product and unit, in their order."""
    return OrderLine.objects.filter(order=order_id).select_related("product", "unit").order_by("position")


@known
def _to_deliver(order_ids: list[int]) -> Any:
    on_its_way = linked_quantity(OrderLine.label(), "delivery", posted=None)
    rows = OrderLine.objects.filter(order_id__any=order_ids, product__kind="goods", supplier__isnull=True).alias(_gone=on_its_way)
    return rows.filter(quantity__gt=F("_gone")).order_by().values_list("order_id", flat=True).distinct()


@known
def _standing(line_ids: list[int]) -> Any:
    rest = F("quantity") - OrderLine.delivered_quantity.sql()
    waits = WaitingLine.objects.filter(source_model=OrderLine.label(), source_id=OuterRef("pk"))
    held = OrderLine.reserved_quantity.sql()
    return OrderLine.objects.filter(pk__any=line_ids).order_by().values_list("pk", Case(
        When(order__status="draft", then=Value("")),
        When(Q(product__kind="goods") & LessThanOrEqual(rest, 0), then=Value("delivered")),
        When(order__status__in=("done", "cancelled"), then=Value("over")),
        When(Exists(waits), then=Value("waiting")),
        When(Q(product__kind="goods") & GreaterThanOrEqual(held, rest * F("factor")), then=Value("reserved")),
        default=Value(""), output_field=CharField(),
    ))


def standing_of(line_ids: list[int]) -> dict[int, str]:
    """By line of an order, what is true of its goods now: delivered, reserved, waiting, over where nothing is to come any more, or nothing of
    these."""
    return dict(_standing(line_ids))


@known
def _over(line_ids: list[int]) -> Any:
    rows = QuotationLine.objects.filter(pk__any=line_ids).exclude(quotation__status__in=OPEN)
    return rows.order_by().values_list("pk", flat=True)


def lines_over(line_ids: list[int]) -> list[int]:
    """Of a quotation's lines those of which nothing is promised any more: it was ordered, declined or withdrawn."""
    return list(_over(line_ids))


def why_nothing_to_deliver(orders: Sequence[Order]) -> dict[int, str]:
    """By order of which nothing of ours is left to put on a delivery; of a draft nobody asks."""
    ids = [order.pk for order in orders if order.status == "confirmed"]
    words = _("There is nothing to deliver: all goods of ours are delivered or in delivery already.")
    return dict.fromkeys(set(ids) - set(_to_deliver(ids)), words) if ids else {}


def day_promised(order: Order, actor: Any) -> dict[str, Any]:
    """What promising another day starts with."""
    return {"promised_on": order.promised_on}


def rest_to_deliver(order: Order, actor: Any) -> dict[str, Any]:
    """What a delivery starts with: every line of our goods with what is neither delivered nor on its way."""
    lines = list(order.lines.filter(product__kind="goods", supplier__isnull=True).order_by("position"))
    under_way = linked_quantities("sales.orderline", "delivery", [line.pk for line in lines])
    rest = [(line, line.quantity - under_way.get(line.pk, Decimal(0))) for line in lines]
    return {"lines": [{"line": line.pk, "quantity": quantity} for line, quantity in rest if quantity > 0]}
