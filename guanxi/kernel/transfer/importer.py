"""Import: rows become records (new, changed or left as they are) or perform an operation, in batches, set-based."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from django.db import DatabaseError, connections, transaction
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.parse import Unreadable
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.rules import RuleError
from guanxi.kernel.transfer.files import Table, open_table
from guanxi.kernel.transfer.mapping import BadMapping, Mapping
from guanxi.kernel.transfer.report import Report, in_words
from guanxi.kernel.transfer.sources import Maker, Row, Rows, key_of

BATCH = 500
ALL, GOOD = "all", "good"
Scope = Callable[[], AbstractContextManager[Any]]


@dataclass
class Item:
    """One record or act to be: its row, its values and what is wrong so far."""

    row: Row
    values: dict[str, Any]
    errors: dict[str, list[str]] = field(default_factory=dict)
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
    failures: list[tuple[Item, dict[str, list[str]]]] = field(default_factory=list)
    acts: list[int] = field(default_factory=list)


class Taker(Protocol):
    """Takes a batch of items: as records or as acts."""

    columns: dict[str, Any]
    line_columns: dict[str, Any]
    labels: dict[str, str]

    def key_columns(self) -> list[str]: ...

    def take(self, items: list[Item], tally: Tally) -> None: ...


def import_file(
    path: Path, mapping: Mapping, actor: Actor, *, dry_run: bool = False, mode: str = ALL, scope: Scope | None = None,
    table: Table | None = None,
) -> Report:
    """Take in a file, inside `in_set`: all of it or none (mode "all"), or the rows that are good (mode "good").

    A large file of good rows may be taken batch by batch: `scope` then opens the transaction of each batch, and the
    call is made outside of any. What was taken before an interruption stays; taken again, it changes nothing.
    """
    run = Run(path, mapping, actor, table)
    if scope is not None and mode == GOOD and not dry_run:
        for batch in _batches(run.items()):
            with scope():
                run.take(batch)
        run.report.written = True
        return run.report
    with transaction.atomic():
        for batch in _batches(run.items()):
            run.take(batch)
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


class Run:
    """One import from its first row to its last."""

    def __init__(self, path: Path, mapping: Mapping, actor: Actor, table: Table | None):
        self.mapping = mapping
        table = table or open_table(path, encoding=mapping.encoding, separator=mapping.separator, sheet=mapping.sheet)
        self.rows = Rows(mapping, path.parent, main=table, today=actor.today)
        self.report = Report(file=table.name, header=table.header)
        self.taker = _taker(mapping, actor, table.name)
        keep = mapping.empty == "clear"
        self.maker = Maker(mapping, self.rows, self.taker.columns, mapping.dates, mapping.decimal, keep)
        self.names = {**self.taker.labels, **mapping.columns}
        self.lines: Maker | None = None
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
                if item.key in seen:
                    item.errors[""] = [_("“%(key)s” stands in row %(row)s already.") % {"key": ", ".join(item.key), "row": seen[item.key]}]
                seen.setdefault(item.key, item.row.number)
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
            if not item.errors:
                self._name_act(item)
            yield item

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
        for item in batch:
            if item.errors:
                self._fail(item, item.errors)
        self._halve([item for item in batch if not item.errors])

    def _halve(self, items: list[Item]) -> None:
        if not items:
            return
        tally = Tally()
        try:
            with transaction.atomic():
                self.taker.take(items, tally)
                _check_deferred()
        except (Refused, DatabaseError, RuleError) as error:
            if len(items) > 1:
                middle = len(items) // 2
                self._halve(items[:middle])
                self._halve(items[middle:])
            else:
                self._fail(items[0], _reasons(error))
            return
        for item, errors in tally.failures:
            self._fail(item, errors)
        for name in ("created", "changed", "unchanged", "performed", "waiting"):
            setattr(self.report, name, getattr(self.report, name) + getattr(tally, name))
        self.report.acts += tally.acts

    def _fail(self, item: Item, errors: dict[str, list[str]]) -> None:
        self.report.fail(item.row.number, in_words(errors, self.names), item.row.cells)


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


def _taker(mapping: Mapping, actor: Actor, file: str) -> Taker:
    from guanxi.kernel.transfer.doing import Doing
    from guanxi.kernel.transfer.writing import Writing

    return Writing(mapping, actor, file) if mapping.screen else Doing(mapping, actor)
