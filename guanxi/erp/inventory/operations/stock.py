"""The inside of every stock operation: locked balances, moving average costs, moves. Always for many lines at once.

Valuation. An entity keeps quantity and value of each product; goods that come add to both. Goods that go take
value × quantity ÷ quantity on hand, rounded half up to the currency's digits, and the last unit takes all the value that
is left: so what came in is, to the last cent, what went out plus what is there. Order of locks: balances by product and
location, costs by product, then the books, numbers last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connections
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.operations import BooksAt, EntryDraft, EntryLine, post_entry
from guanxi.erp.inventory.models import Location, Reservation, StockBalance, Warehouse
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.database.known import known
from guanxi.kernel.values import ZERO, Translated, round_money
from guanxi.shared.catalog.models import Product


@dataclass
class Picked:
    """A part of a line taken from one location; `held` of it was reserved for the line's source."""

    location_id: int
    quantity: Decimal
    held: Decimal = ZERO


@dataclass
class Movement:
    """A move to write, in base units."""

    product: Product
    quantity: Decimal
    from_location_id: int
    to_location_id: int = 0
    value: Decimal = ZERO
    entered_quantity: Decimal | None = None
    unit_id: int | None = None
    party_id: int | None = None
    document: str = ""
    source: tuple[str, int] | tuple[()] = ()
    sold_as: int | None = None
    """The product whose cost it is: what is built in is cost of what it is built into."""


@dataclass
class Shelf:
    """Locked balances of some products in the stock locations of one warehouse, changed in memory and written at once."""

    rows: list[StockBalance]
    before: dict[int, tuple[Decimal, Decimal]] = field(init=False)

    def __post_init__(self) -> None:
        self.before = {row.pk: (row.on_hand, row.reserved) for row in self.rows}

    def of(self, product_id: int) -> list[StockBalance]:
        return [row for row in self.rows if row.product_id == product_id]

    def on_hand(self, product_id: int) -> Decimal:
        return sum((row.on_hand for row in self.of(product_id)), ZERO)

    def reserved(self, product_id: int) -> Decimal:
        return sum((row.reserved for row in self.of(product_id)), ZERO)

    def reserve(self, product_id: int, wanted: Decimal) -> list[Picked]:
        """Hold as much of `wanted` as is free, location by location."""
        held = []
        for row in self.of(product_id):
            part = min(wanted, row.on_hand - row.reserved)
            if part > 0:
                row.reserved += part
                wanted -= part
                held.append(Picked(row.location_id, part, part))
        return held

    def pick(self, product_id: int, wanted: Decimal, reservations: Iterable[Reservation] = ()) -> list[Picked]:
        """Take what is reserved for the line first, then what nobody holds; less than `wanted` when there is not enough."""
        picked: dict[int, Picked] = {}
        by_location = {row.location_id: row for row in self.of(product_id)}
        for reservation in reservations:
            part = min(wanted, reservation.quantity)
            if part > 0:
                row = by_location[reservation.location_id]
                row.on_hand, row.reserved = row.on_hand - part, row.reserved - part
                reservation.quantity -= part
                wanted -= part
                picked[row.location_id] = Picked(row.location_id, part, part)
        for row in by_location.values():
            part = min(wanted, row.on_hand - row.reserved)
            if part > 0:
                row.on_hand -= part
                wanted -= part
                picked.setdefault(row.location_id, Picked(row.location_id, ZERO)).quantity += part
        return list(picked.values())

    def changes(self) -> list[list[Any]]:
        """What WRITE_BALANCES wants: ids, on hand and reserved of the balances that changed."""
        changed = [row for row in self.rows if (row.on_hand, row.reserved) != self.before[row.pk]]
        return [[r.pk for r in changed], [r.on_hand for r in changed], [r.reserved for r in changed]]

    def write(self, held: Iterable[Reservation] = (), before: Mapping[int, Decimal] | None = None) -> None:
        """One statement for all balances that changed, and for what is left of these reservations; those used up go."""
        changes, changed = self.changes(), [r for r in held if before is None or r.quantity != before[r.pk]]
        rest = [r for r in changed if r.quantity > 0]
        with connections["default"].cursor() as cursor:
            if changed:
                used_up = [r.pk for r in changed if r.quantity == 0]
                cursor.execute(_WRITE_BOTH, [*changes, used_up, [r.pk for r in rest], [r.quantity for r in rest]])
            elif changes[0]:
                cursor.execute(WRITE_BALANCES, changes)


WRITE_BALANCES = """
UPDATE inventory_stockbalance b SET on_hand = t.on_hand, reserved = t.reserved, version = b.version + 1
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS t (id, on_hand, reserved) WHERE b.id = t.id
"""
_WRITE_BOTH = f"""
WITH balances AS ({WRITE_BALANCES}), used_up AS (DELETE FROM inventory_reservation WHERE id = ANY(%s::bigint[]))
UPDATE inventory_reservation r SET quantity = t.quantity, version = r.version + 1
FROM unnest(%s::bigint[], %s::numeric[]) AS t (id, quantity) WHERE r.id = t.id
"""
_ADD_BALANCES = """
INSERT INTO inventory_stockbalance AS b (version, product_id, location_id, on_hand, reserved)
SELECT 1, t.product_id, t.location_id, sum(t.quantity), 0
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) AS t (product_id, location_id, quantity)
GROUP BY t.product_id, t.location_id ORDER BY t.product_id, t.location_id
ON CONFLICT (product_id, location_id) DO UPDATE SET on_hand = b.on_hand + excluded.on_hand, version = b.version + 1
"""
_ADD_COSTS = """
INSERT INTO inventory_stockcost AS c (version, entity_id, product_id, quantity, value)
SELECT 1, %s, t.product_id, sum(t.quantity), sum(t.value)
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS t (product_id, quantity, value)
GROUP BY t.product_id ORDER BY t.product_id
ON CONFLICT (entity_id, product_id) DO UPDATE
SET quantity = c.quantity + excluded.quantity, value = c.value + excluded.value, version = c.version + 1
"""
_WRITE_COSTS = """
UPDATE inventory_stockcost c SET quantity = t.quantity, value = t.value, version = c.version + 1
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS t (id, quantity, value) WHERE c.id = t.id
"""


def lock_shelf(warehouse_id: int, product_ids: Iterable[int]) -> Shelf:
    """The products' balances in the warehouse, locked by product and location."""
    return Shelf(_locked_balances(warehouse_id, sorted(set(product_ids))))


@known
def _locked_balances(warehouse_id: int, product_ids: list[int]) -> Any:
    rows = StockBalance.objects.filter(location__warehouse_id=warehouse_id, location__kind="stock", product_id__any=product_ids)
    return rows.order_by("product_id", "location_id").select_for_update(of=("self",), no_key=True)


def stock_location(warehouse: Warehouse) -> int:
    """Where goods are put that arrive in the warehouse: its first location, made when there is none yet."""
    found = Location.objects.filter(warehouse=warehouse, kind="stock", archived_at__isnull=True).order_by("pk").values_list("pk", flat=True).first()
    return found or Location.objects.create(warehouse=warehouse, code=warehouse.code, name=warehouse.name, kind="stock").pk


def quarantine_location(warehouse: Warehouse) -> int:
    """Where goods are put that a customer sent back until somebody has looked at them; made when there is none yet."""
    mine = Location.objects.filter(warehouse=warehouse, kind="quarantine").values_list("pk", flat=True)
    if (found := mine.first()) is None:
        name = Translated.of(gettext_lazy("Returned, to be inspected"))
        codes = (f"{warehouse.code}-RT", f"{warehouse.code}-RT-{warehouse.pk}")
        made = [Location(warehouse=warehouse, code=code, name=name, kind="quarantine") for code in codes]
        # One of them, whoever else makes it just now.
        Location.objects.bulk_create(made, ignore_conflicts=True)
        found = mine.get()
    return found


def outside(kind: str) -> int:
    """The location of customers, suppliers, losses or the time before the books."""
    return Location.objects.filter(kind=kind).values_list("pk", flat=True).get()


_LOCK_COSTS = """
SELECT id, product_id, quantity, value, (SELECT l.id FROM inventory_location l WHERE l.kind = %s)
FROM inventory_stockcost WHERE entity_id = %s AND product_id = ANY(%s)
ORDER BY product_id FOR NO KEY UPDATE
"""


def take_value(books: BooksAt, movements: Sequence[Movement], to: str) -> None:
    """Goods that leave the entity's stock for customers or losses: give each move its value and take it from the costs."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_LOCK_COSTS, [to, books.entity.pk, sorted({m.product.pk for m in movements})])
        rows = cursor.fetchall()
        costs = {product_id: [pk, quantity, value] for pk, product_id, quantity, value, _location in rows}
        for movement in movements:
            movement.to_location_id = rows[0][4]
            cost = costs[movement.product.pk]
            _pk, quantity, value = cost
            whole = movement.quantity == quantity
            movement.value = value if whole else round_money(value * movement.quantity / quantity, books.currency)
            cost[1:] = quantity - movement.quantity, value - movement.value
        cursor.execute(_WRITE_COSTS, [list(column) for column in zip(*costs.values(), strict=True)])


def add_stock(entity_id: int, movements: Sequence[Movement]) -> None:
    """Goods that come into the entity's stock with a value: balances, then costs."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            _ADD_BALANCES,
            [[m.product.pk for m in movements], [m.to_location_id for m in movements], [m.quantity for m in movements]],
        )
        cursor.execute(
            _ADD_COSTS,
            [entity_id, [m.product.pk for m in movements], [m.quantity for m in movements], [m.value for m in movements]],
        )


def add_balances(movements: Sequence[Movement]) -> None:
    """Goods that only change their place within the entity."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            _ADD_BALANCES,
            [[m.product.pk for m in movements], [m.to_location_id for m in movements], [m.quantity for m in movements]],
        )


_ADD_MOVES = """
INSERT INTO inventory_stockmove (version, entity_id, moved_on, at, act_id, product_id, quantity, entered_quantity, unit_id, value,
                                 from_location_id, to_location_id, party_id, document, source_model, source_id)
SELECT 1, %s, %s, %s, %s, t.* FROM unnest(
  %s::bigint[], %s::numeric[], %s::numeric[], %s::bigint[], %s::numeric[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[],
  %s::bigint[]) AS t
"""


def write_moves(entity_id: int, movements: Sequence[Movement], on: date, actor: Actor) -> None:
    """The ledger rows, in one statement."""
    scope = act_scope()
    rows = [
        (
            m.product.pk, m.quantity, m.quantity if m.entered_quantity is None else m.entered_quantity, m.unit_id or m.product.unit_id,
            m.value, m.from_location_id, m.to_location_id, m.party_id, m.document[:30], *(m.source or ("", None)),
        )
        for m in movements
    ]
    with connections["default"].cursor() as cursor:
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(_ADD_MOVES, [entity_id, on, actor.now, scope.id if scope else None, *columns])


def write_reservations(reservations: Iterable[Reservation], before: Mapping[int, Decimal]) -> None:
    """What is left of them; those used up go."""
    Shelf([]).write(reservations, before)


@dataclass
class Posting:
    """What a stock document writes to the books: each movement's value between the stock account and another."""

    books: BooksAt
    on: date
    kind: str
    other: str
    """The use of the other account: cost_of_sales, goods_received_not_invoiced, opening_balance, stock_difference."""
    source: tuple[str, int]
    description: str
    party_id: int | None = None
    salesperson_id: int | None = None
    own: str = "stock"
    """The use of the account that gives or takes: what never was in stock comes from goods_received_not_invoiced."""
    own_party_id: int | None = None
    """Whose claim that is; else the party of the whole posting."""
    work: Sequence[tuple[Decimal, int, tuple[str, int]]] = ()
    """(amount, product, source) of the work on what goes out: Dr other / Cr work applied."""


def post_movements(posting: Posting, movements: Sequence[Movement], actor: Actor, *, incoming: bool) -> None:
    """Dr stock / Cr other for goods that come in, the other way round for goods that go out; one pair per movement."""
    lines = []
    for movement in movements:
        side = partial(EntryLine, source=movement.source)
        value = movement.value if incoming else -movement.value
        cost_of = movement.sold_as or movement.product.pk
        other = side(posting.other, -value, product_id=cost_of, party_id=posting.party_id, salesperson_id=posting.salesperson_id)
        pair = [other, side(posting.own, value, product_id=movement.product.pk, party_id=posting.own_party_id or posting.party_id)]
        lines += pair[::-1] if incoming else pair
    for amount, product_id, source in posting.work:
        side = partial(EntryLine, product_id=product_id, source=source)
        lines += [
            side(posting.other, amount, party_id=posting.party_id, salesperson_id=posting.salesperson_id), side("work_applied", -amount),
        ]
    post_entry(
        EntryDraft(
            entity_id=posting.books.entity.pk, posted_on=posting.on, kind=posting.kind, lines=lines, source=posting.source,
            description=posting.description, books=posting.books,
        ),
        actor=actor,
    )
