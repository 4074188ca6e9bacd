"""Holding goods for a line of another document, never more than there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connections
from django.db.models import Sum

from guanxi.erp.inventory.models import Reservation, StockBalance, Warehouse
from guanxi.erp.inventory.operations.stock import WRITE_BALANCES, Shelf, lock_shelf, write_reservations
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.values import ZERO, round_quantity
from guanxi.shared.catalog.models import Product

Need = tuple[int, int]
"""Id of the source line, and of the product: a line may need several."""


@dataclass
class ReserveLine:
    """What a source line wants held of a product, in base units."""

    source: tuple[str, int]
    product: Product
    quantity: Decimal

    @property
    def need(self) -> Need:
        return self.source[1], self.product.pk


_ADD_RESERVATIONS = """
INSERT INTO inventory_reservation AS r (version, product_id, location_id, quantity, source_model, source_id)
SELECT 1, t.product_id, t.location_id, t.quantity, t.source_model, t.source_id
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::bigint[]) AS t (product_id, location_id, quantity, source_model, source_id)
ON CONFLICT (source_id, source_model, product_id, location_id) DO UPDATE SET quantity = r.quantity + excluded.quantity, version = r.version + 1
"""
_RESERVE = f"WITH balances AS ({WRITE_BALANCES}) {_ADD_RESERVATIONS}"
_RELEASE = """
UPDATE inventory_stockbalance b SET reserved = b.reserved - t.quantity, version = b.version + 1
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) AS t (product_id, location_id, quantity)
WHERE b.product_id = t.product_id AND b.location_id = t.location_id
"""


def reserve_stock(
    lines: Sequence[ReserveLine], warehouse: Warehouse, actor: Actor, *, within: Callable[[Shelf], Mapping[Need, Decimal]] | None = None
) -> dict[Need, Decimal]:
    """Hold what is free, line after line; by need, how much. Two statements, whatever the number of lines.

    `within` is asked once the balances stand still: by need, the most that may be held for it (no limit where it is silent).
    """
    shelf = lock_shelf(warehouse.pk, (line.product.pk for line in lines))
    most = within(shelf) if within is not None else {}
    reserved: dict[Need, Decimal] = {}
    held: list[tuple[int, int, Decimal, str, int]] = []
    for line in lines:
        wanted = round_quantity(line.quantity)
        parts = shelf.reserve(line.product.pk, min(wanted, most.get(line.need, wanted)))
        reserved[line.need] = reserved.get(line.need, ZERO) + sum((part.quantity for part in parts), ZERO)
        held += [(line.product.pk, part.location_id, part.quantity, *line.source) for part in parts]
    if held:
        with connections["default"].cursor() as cursor:
            cursor.execute(_RESERVE, [*shelf.changes(), *(list(column) for column in zip(*_together(held), strict=True))])
    return reserved


def _together(held: Iterable[tuple[int, int, Decimal, str, int]]) -> list[tuple[int, int, Decimal, str, int]]:
    """One row per source and location: a statement may not write the same row twice."""
    sums: dict[tuple[int, int, str, int], Decimal] = {}
    for product, location, quantity, model, source in held:
        key = (product, location, model, source)
        sums[key] = sums.get(key, ZERO) + quantity
    return [(product, location, quantity, model, source) for (product, location, model, source), quantity in sums.items()]


def release_stock(source_model: str, source_ids: Iterable[int]) -> None:
    """Give free what is held for these lines."""
    ids = list(source_ids)
    places = Reservation.objects.filter(source_model=source_model, source_id__in=ids).values_list("product_id", "location_id").distinct()
    if not (asked := list(places)):
        return
    # Balances first, as everybody locks them; what is held is read once they stand still.
    list(
        StockBalance.objects.filter(product_id__in=[p for p, _l in asked], location_id__in=[loc for _p, loc in asked])
        .order_by("product_id", "location_id").select_for_update(of=("self",), no_key=True).values_list("pk")
    )
    held = Reservation.objects.filter(source_model=source_model, source_id__in=ids)
    sums = list(held.order_by().values_list("product_id", "location_id").annotate(total=Sum("quantity")))
    if sums:
        with connections["default"].cursor() as cursor:
            cursor.execute(_RELEASE, [list(column) for column in zip(*sums, strict=True)])
        held._raw_delete("default")


def move_reservation(
    product: Product, warehouse: Warehouse, *, from_model: str, from_ids: Sequence[int], to: tuple[str, int], quantity: Decimal
) -> Decimal:
    """Goods held for some lines are held for another one instead, newest first; how many were there to give."""
    shelf = lock_shelf(warehouse.pk, [product.pk])
    places = [row.location_id for row in shelf.rows]
    held = Reservation.objects.filter(source_model=from_model, source_id__in=list(from_ids), product=product, location_id__in=places)
    rows = list(held.order_by("-pk"))
    before, left, moved = {row.pk: row.quantity for row in rows}, quantity, []
    for row in rows:
        part = min(left, row.quantity)
        if part > 0:
            row.quantity -= part
            left -= part
            moved.append((product.pk, row.location_id, part, *to))
    write_reservations(rows, before)
    if moved:
        with connections["default"].cursor() as cursor:
            cursor.execute(_ADD_RESERVATIONS, [list(column) for column in zip(*_together(moved), strict=True)])
    return quantity - left


def cut_reservations(shelf: Shelf, product_id: int, location_id: int, present: Decimal) -> list[tuple[str, int]]:
    """Goods that are not there cannot be held: shorten the newest reservations until they fit; the sources that lost some."""
    [balance] = [row for row in shelf.of(product_id) if row.location_id == location_id]
    excess = balance.reserved - present
    if excess <= 0:
        return []
    rows = list(Reservation.objects.filter(product_id=product_id, location_id=location_id).order_by("-pk"))
    before, lost = {row.pk: row.quantity for row in rows}, []
    for row in rows:
        part = min(excess, row.quantity)
        if part > 0:
            row.quantity -= part
            excess -= part
            lost.append((row.source_model, row.source_id))
    balance.reserved = min(balance.reserved, present)
    write_reservations(rows, before)
    return lost
