"""What is there, what comes and what is claimed of some products in the warehouses of one legal entity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from django.db import connections

from guanxi.erp.promising.atp import Available, Bucket, Claim, Coming, available
from guanxi.erp.promising.ports import expected_receipts
from guanxi.erp.promising.workdays import Workdays
from guanxi.kernel.values import ZERO

Place = tuple[int, int]
"""Product and warehouse."""
Source = tuple[str, int]

# What is free, and what confirmed lines still need beyond what is held for them, but for the lines that ask.
_STAND = """
SELECT b.product_id, l.warehouse_id, false, NULL::date, sum(b.on_hand - b.reserved)
FROM inventory_stockbalance b JOIN inventory_location l ON l.id = b.location_id JOIN inventory_warehouse w ON w.id = l.warehouse_id
WHERE b.product_id = ANY(%s::bigint[]) AND l.kind = 'stock' AND w.entity_id = %s AND w.archived_at IS NULL
GROUP BY b.product_id, l.warehouse_id
UNION ALL
SELECT c.product_id, c.warehouse_id, true, coalesce(c.promised_on, c.wanted_on), c.quantity FROM promising_waitingline c
WHERE c.product_id = ANY(%s::bigint[]) AND NOT (c.source_model = %s AND c.source_id = ANY(%s::bigint[]))
"""


class Situation:
    """One statement for all products; what is to come is asked only where the goods on hand do not do."""

    def __init__(self, product_ids: Iterable[int], entity_id: int, today: date, own: Sequence[Source] = ()):
        self.product_ids, self.entity_id, self.today = sorted(set(product_ids)), entity_id, today
        self.workdays = Workdays(entity_id)
        self.free: dict[Place, Decimal] = {}
        self.claims: dict[Place, list[Claim]] = {}
        self._coming: dict[Place, list[Coming]] | None = None
        model = own[0][0] if own else ""
        with connections["default"].cursor() as cursor:
            cursor.execute(_STAND, [self.product_ids, entity_id, self.product_ids, model, [pk for _model, pk in own]])
            for product_id, warehouse_id, is_claim, on, quantity in cursor.fetchall():
                if is_claim:
                    self.claims.setdefault((product_id, warehouse_id), []).append((on or today, quantity))
                else:
                    self.free[product_id, warehouse_id] = quantity

    def coming(self, place: Place) -> list[Coming]:
        if self._coming is None:
            self._coming = {}
            for port in expected_receipts():
                for one in port.supplies(self.product_ids, self.entity_id):
                    self._coming.setdefault((one.product_id, one.warehouse_id), []).append((one.on, one.quantity, one.name))
        return self._coming.get(place, [])

    def available(self, place: Place, wanted: Decimal | None = None) -> Available:
        """What may be promised there; of the goods on hand alone where they are enough for all that is `wanted`."""
        free = self.free.get(place, ZERO)
        if wanted is not None and place not in self.claims and free >= wanted:
            return Available([Bucket(self.today, free)])
        return available(free, self.coming(place), self.claims.get(place, ()), self.today)

    def warehouses_with(self, product_id: int) -> set[int]:
        """Where the product lies, or is to come."""
        self.coming((product_id, 0))
        return {w for p, w in (*self.free, *(self._coming or {})) if p == product_id}
