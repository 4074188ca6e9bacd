"""Drafted goods receipts of inventory, on the day for which they are entered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import DecimalField, F, Sum

from guanxi.erp.inventory.models import GoodsReceiptLine
from guanxi.erp.promising.ports import Supply
from guanxi.kernel.database.known import known
from guanxi.kernel.values import round_quantity


class DraftedReceipts:
    def supplies(self, product_ids: Sequence[int], entity_id: int) -> Iterable[Supply]:
        return [
            Supply(product, warehouse, on, round_quantity(quantity), number)
            for product, warehouse, on, number, quantity in _drafted(list(product_ids), entity_id)
        ]


@known
def _drafted(product_ids: list[int], entity_id: int) -> Any:
    rows = GoodsReceiptLine.objects.filter(product_id__any=product_ids, receipt__status="draft", receipt__entity_id=entity_id).order_by()
    sums = rows.values("product_id", "receipt__warehouse_id", "receipt__received_on", "receipt__number")
    total = Sum(F("quantity") * F("factor"), output_field=DecimalField(max_digits=28, decimal_places=12))
    return sums.annotate(total=total).order_by("receipt__received_on", "receipt__number").values_list(
        "product_id", "receipt__warehouse_id", "receipt__received_on", "receipt__number", "total"
    )
