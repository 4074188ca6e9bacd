"""What a line costs whose parts come from several sources."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.inventory.operations import with_the_customer
from guanxi.erp.sales.models import OrderLine
from guanxi.kernel.values import ZERO, round_half_up


def mean_cost(line: Any, quantity: Decimal, cost: Decimal, rate: Decimal) -> Decimal:
    """For one unit, in the order's currency (of which one is worth `rate` in the books): what is with the customer at the cost with
    which it left, the rest of `quantity` at `cost`."""
    rows = list(DeliveryLine.objects.filter(source_model=OrderLine.label(), source_id=line.pk, delivery__status="shipped"))
    kept = with_the_customer(rows) if rows else {}
    there = sum(kept.values(), ZERO)
    if not there:
        return cost
    spent = sum(((row.cost or ZERO) * kept[row.pk] / row.quantity for row in rows), ZERO) / rate
    return round_half_up((spent + max(ZERO, quantity - there) * cost) / max(quantity, there), 6)
