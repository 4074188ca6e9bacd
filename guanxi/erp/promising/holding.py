"""Holding goods for the lines of a document, promising what is short, and knowing what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connections

from guanxi.erp.inventory.models import Warehouse
from guanxi.erp.inventory.operations import ReserveLine, reserve_stock
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.promising.promise import Part, Promise, Wanted
from guanxi.erp.promising.queries import promise_lines
from guanxi.erp.promising.situation import Situation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.database.known import known
from guanxi.kernel.records.models import Link
from guanxi.kernel.values import ZERO, round_quantity


@dataclass(frozen=True)
class ForDocument:
    """Whose lines they are, for the list of what waits."""

    ref: tuple[str, int]
    number: str
    customer_id: int
    owner_id: int
    ordered_on: date
    promised_on: date | None = None
    """Promised by hand, for whatever is short."""


@known
def _claimed(product_ids: list[int], warehouse_id: int) -> Any:
    """Of which of these products somebody waits for some."""
    rows = WaitingLine.objects.filter(product_id__any=product_ids, warehouse_id=warehouse_id).order_by()
    return rows.values_list("product_id", flat=True).distinct()


def hold_goods(wanted: Sequence[Wanted], *, warehouse: Warehouse, document: ForDocument, actor: Actor) -> list[Promise]:
    """Reserve what is there as far as that breaks no earlier promise, promise the rest, and note what is missing.

    For a document whose goods are there: what reserving asks, and one question more. Every line needs a source.
    """
    stocked = [line for line in wanted if line.product.kind == "goods" and line.source is not None]
    lines = [ReserveLine(line.source, line.product, round_quantity(line.quantity - line.held)) for line in stocked if line.source is not None]

    def within(_shelf: Any) -> Mapping[int, Decimal]:
        claimed = set(_claimed(sorted({line.product.pk for line in stocked}), warehouse.pk))
        return _share([line for line in stocked if line.product.pk in claimed], warehouse, actor) if claimed else {}

    held = reserve_stock(lines, warehouse=warehouse, actor=actor, within=within) if lines else {}
    now = [replace(line, held=line.held + held.get(line.source[1], ZERO)) if line.source else line for line in wanted]
    if all(line.held >= line.quantity for line in now if line.product.kind == "goods"):
        return [_at_once(line, actor.today) for line in now]
    _one_after_the_other({line.product.pk for line in stocked})
    promises = promise_lines(now, entity_id=warehouse.entity_id, today=actor.today)
    note_missing([p for p in promises if p.wanted.held < p.wanted.quantity and p.wanted.product.kind == "goods"], document)
    return promises


def _at_once(line: Wanted, today: date) -> Promise:
    on = max(line.wanted_on or today, today)
    if line.product.kind != "goods":
        return Promise(line, on, "wanted")
    return Promise(line, on, "stock", (Part("reserved", line.quantity, today),))


def _share(lines: Sequence[Wanted], warehouse: Warehouse, actor: Actor) -> dict[int, Decimal]:
    """By source id: what may be held now of the products for which others wait already."""
    own = [line.source for line in lines if line.source]
    situation = Situation({line.product.pk for line in lines}, warehouse.entity_id, actor.today, own)
    places = {line.product.pk: situation.available((line.product.pk, warehouse.pk)) for line in lines}
    found: dict[int, Decimal] = {}
    for line in lines:
        taken = places[line.product.pk].take(line.quantity - line.held)
        if line.source:
            found[line.source[1]] = sum((one.quantity for one in taken if not one.name), ZERO)
    return found


def _one_after_the_other(product_ids: Iterable[int]) -> None:
    """Two who promise of one coming receipt wait for each other until the end of the transaction, also where no balance was there to lock."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':promise:' || id, 0)) FROM unnest(%s::bigint[]) AS id",
            [sorted(product_ids)],
        )


_NOTE = """
INSERT INTO promising_waitingline AS w (version, product_id, warehouse_id, customer_id, owner_id, quantity, wanted_on, promised_on, ordered_on,
                                        document, order_model, order_id, source_model, source_id)
SELECT 1, t.product_id, t.warehouse_id, %s, %s, t.quantity, t.wanted_on, t.promised_on, %s, %s, %s, %s, t.source_model, t.source_id
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::date[], %s::date[], %s::text[], %s::bigint[])
  AS t (product_id, warehouse_id, quantity, wanted_on, promised_on, source_model, source_id)
ON CONFLICT (source_id, source_model) DO UPDATE SET quantity = excluded.quantity, wanted_on = excluded.wanted_on,
  promised_on = excluded.promised_on, warehouse_id = excluded.warehouse_id, version = w.version + 1
"""


def note_missing(promises: Sequence[Promise], document: ForDocument) -> None:
    """What these lines wait for from now on, in one statement; a line that waits already waits for this."""
    rows = [
        (
            p.wanted.product.pk, p.wanted.warehouse_id, p.wanted.quantity - p.wanted.held, p.wanted.wanted_on, document.promised_on or p.on,
            *p.wanted.source,
        )
        for p in promises if p.wanted.source is not None
    ]
    if rows:
        with connections["default"].cursor() as cursor:
            of: list[Any] = [document.customer_id, document.owner_id, document.ordered_on, document.number, *document.ref]
            cursor.execute(_NOTE, [*of, *[list(column) for column in zip(*rows, strict=True)]])


def stop_waiting(source_model: str, source_ids: Iterable[int]) -> None:
    """These lines need nothing more. Before their reservations are released: what somebody gives them meanwhile is released too."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "DELETE FROM promising_waitingline WHERE source_model = %s AND source_id = ANY(%s::bigint[])", [source_model, list(source_ids)]
        )


def correct_waiting(source_model: str, missing: Mapping[int, Decimal]) -> None:
    """By source id: how much a line that waits still misses; none lets it wait no longer."""
    rows = list(WaitingLine.objects.filter(source_model=source_model, source_id__in=list(missing)).order_by("pk").select_for_update(no_key=True))
    done = [row.pk for row in rows if missing[row.source_id] <= 0]
    if done:
        WaitingLine.objects.filter(pk__in=done).delete()
    for quantity in {missing[row.source_id] for row in rows if missing[row.source_id] > 0 and missing[row.source_id] != row.quantity}:
        WaitingLine.objects.filter(pk__in=[row.pk for row in rows if missing[row.source_id] == quantity]).updated(quantity=quantity)


def promise_waiting(source_model: str, promised: Mapping[int, date | None]) -> None:
    """By source id: the day for which a line that waits is promised now."""
    rows = WaitingLine.objects.filter(source_model=source_model)
    for on in set(promised.values()):
        rows.filter(source_id__in=[pk for pk, day in promised.items() if day == on]).exclude(promised_on=on).updated(promised_on=on)


@known
def waiting_behind(source_model: str, target_model: str, target_ids: list[int]) -> Any:
    """Which lines that wait went on, by links, to these lines of another document."""
    behind = Link.objects.filter(from_model=source_model, to_model=target_model, to_id__any=target_ids).values("from_id")
    return WaitingLine.objects.filter(source_model=source_model, source_id__in=behind).values_list("source_id", flat=True)
