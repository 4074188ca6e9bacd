"""Questions to orders."""

from decimal import Decimal
from typing import Any

from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.database.known import known
from guanxi.kernel.records.links import linked_quantities


@known
def lines_of(order_id: int) -> Any:
    """The order's lines with product and unit, in their order."""
    return OrderLine.objects.filter(order=order_id).select_related("product", "unit").order_by("position")


def day_promised(order: Order, actor: Any) -> dict[str, Any]:
    """What promising another day starts with."""
    return {"promised_on": order.promised_on}


def rest_to_deliver(order: Order, actor: Any) -> dict[str, Any]:
    """What a delivery starts with: every line of our goods with what is neither delivered nor on its way."""
    lines = list(order.lines.filter(product__kind="goods", supplier__isnull=True).order_by("position"))
    under_way = linked_quantities("sales.orderline", "delivery", [line.pk for line in lines])
    rest = [(line, line.quantity - under_way.get(line.pk, Decimal(0))) for line in lines]
    return {"lines": [{"line": line.pk, "quantity": quantity} for line, quantity in rest if quantity > 0]}
