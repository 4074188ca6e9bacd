"""What follows an order has no day before its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.inventory.operations.deliveries import EARLIEST
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.database.known import known
from guanxi.kernel.records.refusals import Invalid


def require_day(order: Order, on: date | None, field: str) -> None:
    """Invalid on `field` where the day lies before that of the order."""
    require_after(order.ordered_on, on, field)


def require_after(ordered_on: date, on: date | None, field: str) -> None:
    if on is not None and on < ordered_on:
        raise Invalid({field: [_("This is before the day of the order.")]})


@known
def _ordered(delivery_ids: list[int]) -> Any:
    lines = DeliveryLine.objects.filter(delivery_id__any=delivery_ids, source_model=OrderLine.label())
    orders = OrderLine.objects.filter(pk__in=lines.values("source_id")).order_by()
    return orders.values_list("order__ordered_on")


def ordered_on_of(delivery_id: int) -> tuple[date, str] | None:
    """The last day of the orders behind a delivery, and what is said of a day before it."""
    days: Sequence[tuple[date]] = list(_ordered([delivery_id]))
    return (max(days)[0], _("This is before the day of the order.")) if days else None


EARLIEST.append(ordered_on_of)
