"""Questions about stock, each answered for many products at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.erp.inventory.models import StockBalance, StockCost, Warehouse
from guanxi.kernel.database.known import known
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO


@dataclass(frozen=True)
class Stock:
    """Quantities in base units."""

    on_hand: Decimal = ZERO
    reserved: Decimal = ZERO

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved


def stock_of(product_ids: Iterable[int], warehouse_id: int | None = None) -> dict[int, Stock]:
    """What is there and what of it is held, by product, in one warehouse or in all; not what came back and is to be inspected."""
    ids = list(product_ids)
    rows = StockBalance.objects.filter(product_id__in=ids, location__kind="stock")
    if warehouse_id is not None:
        rows = rows.filter(location__warehouse_id=warehouse_id)
    sums = rows.order_by().values("product_id").annotate(total=Sum("on_hand"), held=Sum("reserved"))
    return {product: Stock() for product in ids} | {row["product_id"]: Stock(row["total"], row["held"]) for row in sums}


def average_costs(product_ids: Iterable[int], entity_id: int) -> dict[int, Decimal]:
    """The moving average cost of one base unit, by product; products without stock are left out."""
    rows = _costs(list(product_ids), entity_id)
    return {row.product_id: (row.value / row.quantity).quantize(Decimal("0.000001")) for row in rows}


@known
def _costs(product_ids: list[int], entity_id: int) -> Any:
    return StockCost.objects.filter(product_id__any=product_ids, entity_id=entity_id, quantity__gt=0)


@known
def _warehouses(entity_id: int) -> Any:
    return Warehouse.objects.filter(entity_id=entity_id, archived_at__isnull=True).order_by("-is_default", "code")[:1]


def default_warehouse(entity_id: int) -> Warehouse:
    """The warehouse a document takes that names none; Refused when the entity has none."""
    found = _warehouses(entity_id)
    if not found:
        raise Refused(_("There is no warehouse yet; create one first."))
    return found[0]
