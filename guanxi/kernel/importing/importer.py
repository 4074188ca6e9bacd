"""Import: rows become records (new, changed or left as they are) or perform an operation, in batches, set-based."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connections, transaction
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.parse import Unreadable
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.rules import RuleError
from guanxi.kernel.search.beside import Beside, worked_beside
from guanxi.kernel.transfer.files import Table, open_table
from guanxi.kernel.transfer.mapping import BadMapping, Mapping
from guanxi.kernel.transfer.report import Change, Likely, Report, by_column, in_words
from guanxi.kernel.transfer.sources import Maker, Row, Rows, key_of

if TYPE_CHECKING:
    from guanxi.kernel.importing.doing import Doing
    from guanxi.kernel.importing.writing import Writing

BATCH = 2_000
SHOWN_CHANGES = 50
ALL, GOOD = "all", "good"
Scope = Callable[[], AbstractContextManager[Any]]


@dataclass
class Item:
    """One record or act to be: its row, its values and what is wrong so far."""

    row: Row
    values: dict[str, Any]
    errors: dict[str, list[str]] = field(default_factory=dict)
    also: dict[str, Any] | None = None
    """The values of a second record."""
    pk: int | None = None
    """Of the first record, once it is there."""
    again: bool = False
    """Names a first record that an earlier row has brought, and brings a second one only."""
    key: tuple[str, ...] = ()
    target: str = ""
    on: Any = ""


@dataclass
class Tally:
    """What a batch did; thrown away with its savepoint."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    performed: int = 0
    waiting: int = 0
    also: int = 0
    failures: list[tuple[Item, dict[str, list[str]]]] = field(default_factory=list)
    acts: list[int] = field(default_factory=list)
    likely: list[Likely] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    tells: int = 0
    """How many changes are told one by one."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """Counted references free what a batch leaves behind; to look for cycles among all that the process holds takes a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@_uncollected()
def import_file(
    path: Path, mapping: Mapping, actor: Actor, *, dry_run: bool = False, mode: str = ALL, scope: Scope | None = None,
    table: Table | None = None, report: Report | None = None,
) -> Report:
    """Take in a file, inside `in_set`: all of it or none (mode "all"), or the rows that are good (mode "good").

    A large file of good rows may be taken batch by batch: `scope` then opens the transaction of each batch, and the
    call is made outside of any. What was taken before an interruption stays; taken again, it changes nothing. A `report`
    that is given may be read by others meanwhile, and says from which row on this run goes on.
    """
    with worked_beside() as beside:
        if scope is not None and mode == GOOD and not dry_run:
            with scope():
                run = Run(path, mapping, actor, beside, table, report)
                if not run.report.last_row:
                    run.report.acts += run.taker.begin()
            for batch in _batches(run.items()):
                with scope():
                    run.take(batch)
                    beside.write()
            run.report.written = True
            return run.report
        with transaction.atomic():
            run = Run(path, mapping, actor, beside, table, report)
            run.tells = SHOWN_CHANGES if dry_run else 0
            run.report.acts += run.taker.begin()
            for batch in _batches(run.items()):
                before = list(beside.made)
                run.take(batch)
                # Those of this batch are made while the next is taken.
                beside.write(sum(1 for one in beside.made if one in before))
            beside.write()
            run.report.written = not dry_run and (mode == GOOD or not run.report.failed)
            if not run.report.written:
                transaction.set_rollback(True)
    if not run.report.written and not dry_run:
        run.report.nothing_written()
    run.report.dry_run = dry_run
    return run.report


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    source = iter(items)
    while batch := list(islice(source, BATCH)):
        yield batch
        batch.clear()
        gc.collect(1)


class Run:
    """One import from its first row to its last."""

    def __init__(self, path: Path, mapping: Mapping, actor: Actor, beside: Beside, table: Table | None, report: Report | None = None):
        self.mapping, self.beside = mapping, beside
        table = table or open_table(path, encoding=mapping.encoding, separator=mapping.separator, sheet=mapping.sheet)
        self.rows = Rows(mapping, path.parent, main=table, today=actor.today)
        self.report = report or Report()
        self.report.file, self.report.header = table.name, table.header
        self.begun_after = self.report.last_row
        self.tells = 0
        self.taker = _taker(mapping, actor, table.name)
        keep = mapping.empty == "clear"
        self.maker = Maker(mapping, self.rows, self.taker.columns, mapping.dates, mapping.decimal, keep)
        self.names = {**self.taker.labels, **mapping.columns}
        self.lines: Maker | None = None
        self.also = Maker(mapping.also, self.rows, self.taker.also_columns, mapping.dates, mapping.decimal, keep) if mapping.also else None
        if mapping.also:
            self.names |= {f"also.{name}": source for name, source in mapping.also.columns.items()}
        if mapping.lines is not None:
            if not self.taker.line_columns:
                raise BadMapping(_("%(what)s has no lines.") % {"what": mapping.screen or mapping.operation})
            own = Rows(mapping.lines, path.parent, today=actor.today) if mapping.lines.file else self.rows
            self.lines = Maker(mapping.lines, own, self.taker.line_columns, mapping.dates, mapping.decimal, keep)
            self.names |= {f"lines.{name}": source for name, source in mapping.lines.columns.items()}

    # ---- from rows to items -------------------------------------------------------------------------------------------
    def items(self) -> Iterator[Item]:
        """Every item with its values and lines; keys that stand twice in the file are refused the second time."""
        seen: dict[tuple[str, ...], int] = {}
        grouped = self.mapping.lines is not None and not self.mapping.lines.file
        for item in self._grouped() if grouped else self._single():
            item.key = tuple(str(item.values.get(name, "")) for name in self.taker.key_columns())
            if item.key and not item.errors:
                if item.key in seen and item.also is not None:
                    item.again = True
                elif item.key in seen:
                    item.errors[""] = [_("“%(key)s” is already in row %(row)s.") % {"key": ", ".join(item.key), "row": seen[item.key]}]
                seen.setdefault(item.key, item.row.number)
            if item.row.number > self.begun_after:
                yield item

    def _made(self, maker: Maker, row: Row) -> tuple[dict[str, Any], dict[str, list[str]]]:
        return ({}, {"": [row.problem]}) if row.problem else maker.make(row)

    def _single(self) -> Iterator[Item]:
        children = self._children()
        on = list(self.mapping.lines.on.values()) if self.mapping.lines else []
        for row in self.rows:
            item = Item(row, *self._made(self.maker, row))
            if self.lines is not None:
                self._add_lines(item, children.get(key_of(row.values, on), []))
            self._add_also(item, row)
            if not item.errors:
                self._name_act(item)
            yield item

    def _add_also(self, item: Item, row: Row) -> None:
        """Nothing, where all that the row holds for a second record is empty."""
        if self.also is None or row.problem or not any(str(row.values.get(cell) or "").strip() for cell in self.also.fields.columns.values()):
            return
        item.also, errors = self._made(self.also, row)
        item.errors.update({f"also.{name}" if name else "": found for name, found in errors.items()})

    def _name_act(self, item: Item) -> None:
        try:
            if self.mapping.target:
                item.target = str(self.rows.value(self.mapping.target, item.row)).strip()
            if self.mapping.on:
                item.on = self.rows.value(self.mapping.on, item.row)
        except (RuleError, Unreadable) as problem:
            item.errors[""] = [str(problem)]

    def _children(self) -> dict[tuple, list[Row]]:
        children: dict[tuple, list[Row]] = {}
        spec = self.mapping.lines
        if spec is not None and self.lines is not None:
            if not spec.on:
                raise BadMapping(_("Say by “on” which columns of the lines' file name their document."))
            self.rows._require(list(spec.on.values()), self.rows.names)
            self.lines.rows._require(list(spec.on), self.lines.rows.names)
            for row in self.lines.rows:
                children.setdefault(key_of(row.values, list(spec.on)), []).append(row)
        return children

    def _grouped(self) -> Iterator[Item]:
        """Rows of one file that name the same document, in the order of their first rows."""
        keys = self.taker.key_columns()
        groups: dict[tuple, list[Row]] = {}
        for row in self.rows:
            values, _errors = self._made(self.maker, row)
            own = tuple(str(values.get(name, "")) for name in keys)
            groups.setdefault(own if any(own) else (row.number,), []).append(row)
        for rows in groups.values():
            item = Item(rows[0], *self._made(self.maker, rows[0]))
            self._add_lines(item, rows)
            self._add_also(item, rows[0])
            yield item

    def _add_lines(self, item: Item, rows: list[Row]) -> None:
        assert self.lines is not None
        made = []
        for number, row in enumerate(rows):
            values, errors = self._made(self.lines, row)
            made.append(values)
            item.errors.update({f"lines.{number}.{name}" if name else f"lines.{number}": found for name, found in errors.items()})
        item.values["lines"] = made

    # ---- from items to the database -----------------------------------------------------------------------------------
    def take(self, batch: list[Item]) -> None:
        """Take the sound items of a batch; those with which the database or a rule disagrees are found by halving."""
        if unread := [item for item in batch if item.errors and "" not in item.errors]:
            self.taker.say_more(unread)
        for item in batch:
            if item.errors:
                self._fail(item, item.errors)
        self._halve([item for item in batch if not item.errors])
        self.report.looked_at += len(batch)
        self.report.last_row = max(self.report.last_row, *(item.row.number for item in batch))

    def _halve(self, items: list[Item]) -> None:
        if not items:
            return
        tally, waiting = Tally(tells=self.tells - len(self.report.changes)), list(self.beside.made)
        try:
            with transaction.atomic():
                self.taker.take(items, tally)
                _check_deferred()
        except (Refused, DatabaseError, RuleError) as error:
            self.beside.made = waiting
            if len(items) > 1:
                middle = len(items) // 2
                self._halve(items[:middle])
                self._halve(items[middle:])
            else:
                self._fail(items[0], _reasons(error))
            return
        for item, errors in tally.failures:
            self._fail(item, errors)
        for name in ("created", "changed", "unchanged", "performed", "waiting", "also"):
            setattr(self.report, name, getattr(self.report, name) + getattr(tally, name))
        self.report.acts += tally.acts
        self.report.likely += tally.likely
        self.report.changes += tally.changes

    def _fail(self, item: Item, errors: dict[str, list[str]]) -> None:
        self.report.fail(item.row.number, in_words(errors, self.names), item.row.cells, by_column(errors, self.names))


def _check_deferred() -> None:
    """What the database would say at the commit, now, while it is known of which rows."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _reasons(error: Exception) -> dict[str, list[str]]:
    if isinstance(error, Invalid):
        return error.errors
    if isinstance(error, Refused):
        return {error.field or "": [str(error)]}
    if isinstance(error, RuleError):
        return {"": [str(error)]}
    return {"": [_("The database refused these values: they contradict another record or are out of range.")]}


def _taker(mapping: Mapping, actor: Actor, file: str) -> Writing | Doing:
    from guanxi.kernel.importing.doing import Doing
    from guanxi.kernel.importing.writing import Writing

    return Writing(mapping, actor, file) if mapping.screen else Doing(mapping, actor)
