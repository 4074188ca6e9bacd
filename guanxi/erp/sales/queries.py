"""Questions to orders."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.database.known import known
from guanxi.kernel.records.links import linked_quantities, linked_quantity


@known
def lines_of(order_id: int) -> Any:
    """The order's lines with product and unit, in their order."""
    return OrderLine.objects.filter(order=order_id).select_related("product", "unit").order_by("position")


@known
def _to_deliver(order_ids: list[int]) -> Any:
    on_its_way = linked_quantity(OrderLine.label(), "delivery", posted=None)
    rows = OrderLine.objects.filter(order_id__any=order_ids, product__kind="goods", supplier__isnull=True).alias(_gone=on_its_way)
    return rows.filter(quantity__gt=F("_gone")).order_by().values_list("order_id", flat=True).distinct()


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
