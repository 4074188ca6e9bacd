"""Which records a trial would change, and from what to what: each is read before and after, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.text import text_of
from guanxi.kernel.importing.importer import Tally
from guanxi.kernel.screens.cells import Row, rows_of
from guanxi.kernel.screens.screen import Screen
from guanxi.kernel.transfer.report import Change

Place = tuple[int, int]
"""A row of the file, and the id of the record that it changes."""
Difference = tuple[str, str, str]


@contextmanager
def told(
    screen: type[Screen], names: Sequence[str], places: Sequence[Place], actor: Actor, tally: Tally, added: Mapping[int, Difference]
) -> Iterator[None]:
    """What is written inside is added to the tally's changes, and by row of the file what it adds to the record."""
    places = places[: tally.tells - len(tally.changes)] if tally.tells > len(tally.changes) else []
    if not places:
        yield
        return
    before = _read(screen, names, places, actor)
    yield
    after = _read(screen, names, places, actor)
    for number, pk in places:
        if pk in before and pk in after:
            cells = zip(before[pk].cells, after[pk].cells, strict=True)
            pairs = [(str(old.column.label), text_of(old, actor), text_of(new, actor)) for old, new in cells]
            changed = [pair for pair in pairs if pair[1] != pair[2]] + [added[row] for row in (number,) if row in added]
            tally.changes.append(Change(number, screen.path, pk, _title(screen, before[pk], actor), changed))


def _title(screen: type[Screen], row: Row, actor: Actor) -> str:
    title = row.get(screen.title)
    return (text_of(title, actor) if title is not None else "") or f"#{row.pk}"


def _read(screen: type[Screen], names: Sequence[str], places: Sequence[Place], actor: Actor) -> dict[int, Row]:
    known = screen.available(actor)
    columns = [known[name] for name in dict.fromkeys((screen.title, *names)) if name in known]
    rows = screen.model._base_manager.filter(pk__in=[pk for _number, pk in places])
    return {row.pk: row for row in rows_of(rows, columns, actor, "")}
