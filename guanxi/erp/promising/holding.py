"""Holding goods for the lines of a document, promising what is short, and knowing what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connections

from guanxi.erp.inventory.models import Warehouse
from guanxi.erp.inventory.operations import Need, ReserveLine, reserve_stock
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.promising.promise import Part, Promise, Wanted
from guanxi.erp.promising.queries import promise_lines
from guanxi.erp.promising.situation import Situation
from guanxi.erp.promising.workdays import Workdays
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
    stocked = [one for line in wanted for one in (line, *line.needs) if one.product.kind == "goods" and one.source is not None]
    lines = [ReserveLine(line.source, line.product, round_quantity(line.quantity - line.held)) for line in stocked if line.source is not None]

    def within(_shelf: Any) -> Mapping[Need, Decimal]:
        claimed = set(_claimed(sorted({line.product.pk for line in stocked}), warehouse.pk))
        return _share([line for line in stocked if line.product.pk in claimed], warehouse, actor) if claimed else {}

    held = reserve_stock(lines, warehouse=warehouse, actor=actor, within=within) if lines else {}
    now = [replace(_with(line, held), needs=tuple(_with(one, held) for one in line.needs)) for line in wanted]
    if not any(line.missing for line in now):
        workdays = Workdays(warehouse.entity_id)
        return [_at_once(line, actor.today, workdays) for line in now]
    _one_after_the_other({line.product.pk for line in stocked})
    promises = promise_lines(now, entity_id=warehouse.entity_id, today=actor.today)
    note_missing(promises, document)
    return promises


def _with(line: Wanted, held: Mapping[Need, Decimal]) -> Wanted:
    return replace(line, held=line.held + held.get((line.source[1], line.product.pk), ZERO)) if line.source else line


def _at_once(line: Wanted, today: date, workdays: Workdays) -> Promise:
    on = max(line.wanted_on or today, today)
    if line.product.kind != "goods":
        return Promise(line, on, "wanted")
    parts = (Part("reserved", line.quantity, today), *(Part("reserved", one.quantity, today, product=one.product) for one in line.needs))
    return Promise(line, max(on, workdays.after(today, line.days)), "made", parts) if line.days else Promise(line, on, "stock", parts)


def _share(lines: Sequence[Wanted], warehouse: Warehouse, actor: Actor) -> dict[Need, Decimal]:
    """By need: what may be held now of the products for which others wait already."""
    own = [line.source for line in lines if line.source]
    situation = Situation({line.product.pk for line in lines}, warehouse.entity_id, actor.today, own)
    places = {line.product.pk: situation.available((line.product.pk, warehouse.pk)) for line in lines}
    found: dict[Need, Decimal] = {}
    for line in lines:
        taken = places[line.product.pk].take(line.quantity - line.held)
        if line.source:
            found[line.source[1], line.product.pk] = sum((one.quantity for one in taken if not one.name), ZERO)
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
ON CONFLICT (source_id, source_model, product_id) DO UPDATE SET quantity = excluded.quantity, wanted_on = excluded.wanted_on,
  promised_on = excluded.promised_on, warehouse_id = excluded.warehouse_id, version = w.version + 1
"""


def note_missing(promises: Sequence[Promise], document: ForDocument) -> None:
    """What these lines wait for from now on, in one statement; a line that waits already waits for this."""
    rows = [
        (one.product.pk, one.warehouse_id, one.quantity - one.held, one.wanted_on, document.promised_on or p.on, *one.source)
        for p in promises for one in p.wanted.missing if one.source is not None
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


def correct_waiting(source_model: str, missing: Mapping[Need, Decimal]) -> None:
    """By need: how much a line that waits still misses; none lets it wait no longer, and what is not named waits as before."""
    ids = {source_id for source_id, _product in missing}
    found = WaitingLine.objects.filter(source_model=source_model, source_id__in=ids).order_by("pk").select_for_update(no_key=True)
    rows = {row.pk: (row.quantity, missing[row.source_id, row.product_id]) for row in found if (row.source_id, row.product_id) in missing}
    done = [pk for pk, (_before, left) in rows.items() if left <= 0]
    if done:
        WaitingLine.objects.filter(pk__in=done).delete()
    for quantity in {left for before, left in rows.values() if left > 0 and left != before}:
        WaitingLine.objects.filter(pk__in=[pk for pk, (_before, left) in rows.items() if left == quantity]).updated(quantity=quantity)


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
