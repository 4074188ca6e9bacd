"""When can it be delivered, and why: for all lines of a document at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from guanxi.erp.inventory.models import Warehouse
from guanxi.erp.promising.atp import Available, Taken
from guanxi.erp.promising.promise import Alternative, Part, Promise, Wanted, days_in_words, latest
from guanxi.erp.promising.situation import Place, Situation
from guanxi.kernel.values import ZERO
from guanxi.shared.catalog.models import Substitute
from guanxi.shared.catalog.queries import substitutes_of

__all__ = ["Alternative", "Part", "Promise", "Wanted", "days_in_words", "latest", "promise_documents", "promise_lines"]


def promise_lines(wanted: Sequence[Wanted], *, entity_id: int, today: date, alternatives: bool = False) -> list[Promise]:
    """A promise for each line, earlier lines first: one statement for all, one more for what is to come where stock does not do."""
    return promise_documents([wanted], entity_id=entity_id, today=today, alternatives=alternatives)[0]


def promise_documents(
    documents: Sequence[Sequence[Wanted]], *, entity_id: int, today: date, alternatives: bool = False
) -> list[list[Promise]]:
    """The same for many documents, each as if it were alone."""
    lines = [one for document in documents for line in document for one in _goods(line)]
    own = [line.source for line in lines if line.source is not None]
    situation = Situation({line.product.pk for line in lines}, entity_id, today, own) if lines else None
    found = [_promised(document, situation, today) for document in documents]
    if alternatives and situation is not None:
        for document in found:
            _add_alternatives(document, situation)
    return found


def _goods(line: Wanted) -> list[Wanted]:
    """What a line needs of the shelves: itself, and what goes into it."""
    return [one for one in (line, *line.needs) if one.is_stocked] if line.is_stocked else []


def _promised(document: Sequence[Wanted], situation: Situation | None, today: date) -> list[Promise]:
    wanted: dict[Place, Decimal] = {}
    for one in (one for line in document for one in _goods(line)):
        place = one.product.pk, one.warehouse_id
        wanted[place] = wanted.get(place, ZERO) + max(one.quantity - one.held, ZERO)
    open_at = {place: situation.available(place, quantity) for place, quantity in wanted.items()} if situation is not None else {}
    return [
        _one(line, open_at, situation, today) if situation is not None and line.is_stocked
        else Promise(line, max(line.wanted_on or today, today), "wanted")
        for line in document
    ]


_SURE = ("stock", "receipt", "lead_time", "unknown")
"""From the surest origin of goods to the least sure."""


def _one(line: Wanted, open_at: Mapping[Place, Available], situation: Situation, today: date) -> Promise:
    parts: list[Part] = []
    sources = []
    for one in _goods(line):
        source, mine = _of_goods(one, open_at[one.product.pk, one.warehouse_id], situation, today)
        parts += mine if one is line else [replace(part, product=one.product) for part in mine]
        sources.append(source)
    source = max(sources, key=_SURE.index)
    ready = latest([part.on for part in parts])
    if ready is not None and line.days:
        ready, source = situation.workdays.after(ready, line.days), "made" if source == "stock" else source
    return Promise(line, max(ready, line.wanted_on or today) if ready else None, source, tuple(parts))


def _of_goods(line: Wanted, open_here: Available, situation: Situation, today: date) -> tuple[str, list[Part]]:
    held = min(line.held, line.quantity)
    parts = ([Part("reserved", held, today)] if held else []) + [_part(one) for one in open_here.take(line.quantity - held)]
    missing = line.quantity - sum((part.quantity for part in parts), ZERO)
    if missing <= 0:
        return "receipt" if any(part.kind == "receipt" for part in parts) else "stock", parts
    source = "unknown" if line.product.lead_days is None else "lead_time"
    on = situation.workdays.after(today, line.product.lead_days) if line.product.lead_days is not None else None
    return source, [*parts, Part(source, missing, on)]


def _part(taken: Taken) -> Part:
    return Part("receipt" if taken.name else "stock", taken.quantity, taken.on, taken.name)


# ---- what else could be done ----------------------------------------------------------------------------------------

def _add_alternatives(promises: Sequence[Promise], situation: Situation) -> None:
    today = situation.today
    late = [p for p in promises if p.parts and (p.on is None or p.on > max(p.wanted.wanted_on or today, today))]
    if not late:
        return
    warehouses = {w.pk: w for w in Warehouse.objects.filter(entity_id=situation.entity_id, archived_at__isnull=True).order_by("code")}
    instead = substitutes_of({p.wanted.product.pk for p in late})
    others = Situation({row.substitute_id for rows in instead.values() for row in rows}, situation.entity_id, today) if instead else None
    for promise in late:
        is_put_together = bool(promise.wanted.needs or promise.wanted.days)
        if is_put_together and promise.wanted.wanted_on is None:
            continue
        # It comes from here, and whole.
        if not is_put_together:
            promise.alternatives += [*_split(promise, today), *_elsewhere(promise, situation, warehouses)]
            if others is not None:
                promise.alternatives += _substitutes(promise, instead.get(promise.wanted.product.pk, ()), others)
        if promise.on is not None:
            promise.alternatives.append(Alternative("later", promise.on, promise.wanted.quantity))


def _substitutes(promise: Promise, rows: Iterable[Substitute], others: Situation) -> list[Alternative]:
    found = []
    for row in rows:
        quantity = promise.wanted.quantity * row.factor
        if (on := _earliest(others, (row.substitute_id, promise.wanted.warehouse_id), quantity, promise)) is not None:
            found.append(Alternative("substitute", on, quantity, product=row.substitute, note=row.note))
    return found


def _split(promise: Promise, today: date) -> list[Alternative]:
    """What is there by the day wanted goes then, the rest as promised."""
    by = max(promise.wanted.wanted_on or today, today)
    early = sum((part.quantity for part in promise.parts if part.on is not None and part.on <= by), ZERO)
    if not 0 < early < promise.wanted.quantity:
        return []
    return [Alternative("split", by, early, promise.on, promise.wanted.quantity - early)]


def _elsewhere(promise: Promise, situation: Situation, warehouses: dict[int, Warehouse]) -> list[Alternative]:
    found = []
    for warehouse_id in sorted(situation.warehouses_with(promise.wanted.product.pk) - {promise.wanted.warehouse_id}):
        warehouse = warehouses.get(warehouse_id)
        if warehouse is None:
            continue
        on = _earliest(situation, (promise.wanted.product.pk, warehouse_id), promise.wanted.quantity, promise)
        if on is not None:
            here = situation.workdays.after(on, warehouse.transfer_days)
            found.append(Alternative("warehouse", on, promise.wanted.quantity, here, warehouse=warehouse))
    return sorted(found, key=lambda one: (one.on or date.max, one.rest_on or date.max))


def _earliest(situation: Situation, place: Place, quantity: Decimal, promise: Promise) -> date | None:
    """When all of it could go from there, if that is before what is promised here."""
    taken = situation.available(place, quantity).look(quantity)
    if sum((one.quantity for one in taken), ZERO) < quantity:
        return None
    ready = max(max(one.on for one in taken), promise.wanted.wanted_on or situation.today)
    return ready if ready < (promise.on or ready + timedelta(days=1)) else None
