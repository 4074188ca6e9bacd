"""Rows of a file with what other files bring to them, and the values that the mapping makes of each."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.parse import Unreadable, parse
from guanxi.kernel.rules import Kind, Rule, RuleError
from guanxi.kernel.rules import parse as read_rule
from guanxi.kernel.transfer.cells import DANGEROUS
from guanxi.kernel.transfer.files import BadFile, Table, open_table
from guanxi.kernel.transfer.mapping import BadMapping, Fields, Join, Source, Sum

_COLUMN_KINDS = {"number": "decimal", "date": "date", "boolean": "boolean", "text": "text"}


@dataclass
class Row:
    """One row: its texts by column, and those of joined files as `name.column`."""

    number: int
    cells: list[str]
    values: dict[str, Any]
    problem: str = ""


@dataclass
class Rows:
    """The rows of one source. `main` is the file named at the command, when the source names none itself."""

    source: Source
    folder: Path
    main: Table | None = None
    today: date | None = None
    _rules: dict[str, Rule] = field(default_factory=dict)

    @cached_property
    def table(self) -> Table:
        if self.main is not None:
            return self.main
        name = self.source.file
        if not name or Path(name).name != name:
            raise BadMapping(_("“%(name)s” has to be the plain name of a file beside the first one.") % {"name": name})
        given = self.source
        return open_table(self.folder / name, encoding=given.encoding, separator=given.separator, sheet=given.sheet)

    @cached_property
    def _joined(self) -> dict[str, tuple[list[str], dict[tuple, Row], list[str]]]:
        found = {}
        for name, join in self.source.joins.items():
            rows = Rows(join, self.folder, today=self.today)
            by_key = {key_of(row.values, list(join.on)): row for row in rows}
            self._require(list(join.on.values()), self.table.header)
            found[name] = (list(join.on.values()), by_key, rows.names)
        return found

    @cached_property
    def _summed(self) -> dict[str, tuple[list[str], dict[tuple, Decimal]]]:
        found = {}
        for name, total in self.source.sums.items():
            sums: dict[tuple, Decimal] = defaultdict(Decimal)
            rows = Rows(total, self.folder, today=self.today)
            for row in rows:
                value = rows.evaluate(total.value, row)
                sums[key_of(row.values, list(total.on))] += value if isinstance(value, Decimal) else 0
            self._require(list(total.on.values()), self.table.header)
            found[name] = (list(total.on.values()), sums)
        return found

    @cached_property
    def names(self) -> list[str]:
        """Every column that a mapping may name."""
        joined = [f"{name}.{column}" for name, (_on, _rows, columns) in self._joined.items() for column in columns]
        return [*self.table.header, *joined, *self.source.sums]

    def _require(self, columns: list[str], header: list[str]) -> None:
        for column in columns:
            if column not in header:
                raise BadMapping(_("%(file)s has no column “%(name)s”; it has: %(names)s.") % {
                    "file": self.table.name, "name": column, "names": ", ".join(header)})

    def __iter__(self) -> Iterator[Row]:
        header = self.table.header
        if isinstance(self.source, Join | Sum):
            self._require(list(self.source.on), header)
        if self.source.where and self.rule(self.source.where).kind is not Kind.boolean:
            raise BadMapping(_("“where” needs a condition, such as not is_blank(shipped_date); this is none: %(rule)s") % {"rule": self.source.where})
        if self.source.sort:
            self._require(self.source.sort, self.names)
            yield from sorted(self._read(), key=lambda row: key_of(row.values, self.source.sort))
        else:
            yield from self._read()

    def _read(self) -> Iterator[Row]:
        header = self.table.header
        for line in self.table.lines():
            row = Row(line.number, line.cells, dict(zip(header, line.cells, strict=False)), line.problem)
            if not row.problem:
                self._bring(row)
                try:
                    if self.source.where and self.evaluate(self.source.where, row) is not True:
                        continue
                except (RuleError, Unreadable) as error:
                    row.problem = str(error)
            yield row

    def _bring(self, row: Row) -> None:
        for name, (mine, by_key, columns) in self._joined.items():
            other = by_key.get(key_of(row.values, mine))
            row.values.update({f"{name}.{column}": other.values.get(column, "") if other else "" for column in columns})
        for name, (mine, sums) in self._summed.items():
            row.values[name] = sums.get(key_of(row.values, mine), Decimal(0))

    # ---- rules ----------------------------------------------------------------------------------------------------
    @cached_property
    def _scope(self) -> dict[str, Kind]:
        kinds = dict(self.source.kinds)
        for name in kinds:
            if name not in self.names and name not in self.source.names:
                self._require([name], self.names)
        scope = {name: Kind(kinds.get(name, "text")) for name in (*self.names, *self.source.names) if _is_name(name)}
        return scope | dict.fromkeys(self.source.sums, Kind.number)

    def rule(self, text: str) -> Rule:
        if text not in self._rules:
            try:
                self._rules[text] = read_rule(text, self._scope)
            except (RuleError, ValueError) as error:
                raise BadMapping(_("The rule “%(rule)s”: %(reason)s") % {"rule": text, "reason": error}) from None
        return self._rules[text]

    def value(self, text: str, row: Row) -> Any:
        """A column's text, or a rule's value."""
        return row.values[text] if text in row.values else self.evaluate(text, row)

    def evaluate(self, text: str, row: Row) -> Any:
        """The value of a rule for one row; Unreadable when a cell is not of the kind that was said."""
        rule = self.rule(text)
        given: dict[str, Any] = {}
        for name in rule.names:
            value = row.values.get(self.source.names.get(name, name))
            kind = self._scope[name]
            if isinstance(value, str) and kind is not Kind.text:
                value = parse(Column(name, name, _COLUMN_KINDS[kind.value]), value)
            given[name] = value
        return rule.evaluate(given, today=self.today)


def _is_name(name: str) -> bool:
    return re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name) is not None


def key_of(values: Mapping[str, Any], columns: list[str]) -> tuple:
    return tuple(str(values.get(column, "")).strip() for column in columns)


@dataclass
class Maker:
    """Makes the values of one record, line or act from a row."""

    fields: Fields
    rows: Rows
    columns: Mapping[str, Column]
    dates: str = ""
    decimal: str = "."
    keep_empty: bool = False

    def __post_init__(self) -> None:
        targets = [*self.fields.columns, *self.fields.constants, *self.fields.expressions, *self.fields.values, *self.fields.split]
        for name in targets:
            if name not in self.columns:
                raise BadMapping(_("There is no column “%(name)s” to write; there are: %(names)s.") % {
                    "name": name, "names": ", ".join(self.columns)})
        self.rows._require(list(self.fields.columns.values()), self.rows.names)
        for text in self.fields.expressions.values():
            self.rows.rule(text)
        self._order = {name: self.dates or self._found_order(name) for name in self.fields.columns if self.columns[name].kind in ("date", "moment")}

    def make(self, row: Row) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """(values as the API takes them, errors by target); empty cells are left out unless they are to clear."""
        made: dict[str, Any] = dict(self.fields.constants)
        errors: dict[str, list[str]] = {}
        for name, source in self.fields.columns.items():
            try:
                value = self._read(name, row.values.get(source, ""))
            except Unreadable as problem:
                errors.setdefault(name, []).append(str(problem))
                continue
            if (value != "" or self.keep_empty) and value is not None:
                made[name] = value
        for name, text in self.fields.expressions.items():
            try:
                value = self.rows.evaluate(text, row)
            except (RuleError, Unreadable) as problem:
                errors.setdefault(name, []).append(str(problem))
                continue
            if value not in (None, "") or self.keep_empty:
                made[name] = self._mapped(name, _plain(value))
        return made, errors

    def _read(self, name: str, given: Any) -> Any:
        if isinstance(given, bool):
            return given
        text = given.strip() if type(given) is str else str(_plain(given)).strip()
        column = self.columns[name]
        if name in self.fields.split:
            return [self._mapped(name, part.strip()) for part in text.split(self.fields.split[name]) if part.strip()]
        if len(text) > 1 and text[0] == "'" and text[1] in DANGEROUS:
            text = text[1:]
        elif column.kind in ("text", "longtext", "translated"):
            require_no_formula(text)
        elif column.numeric and self.decimal == "," and text:
            text = text.replace(".", "").replace(",", ".")
        elif name in self._order and text:
            text = year_first(text, self._order[name])
        return self._mapped(name, text)

    def _mapped(self, name: str, text: Any) -> Any:
        choices = self.fields.values.get(name)
        if choices is None or not isinstance(text, str):
            return text
        return choices.get(text, choices.get("*", text) if text else text)

    def _found_order(self, name: str) -> str:
        """Which of two ways a column's days are written; refused when they could be either."""
        first_large = second_large = seen = False
        source = self.fields.columns[name]
        if source not in self.rows.table.header:
            return ""
        place = self.rows.table.header.index(source)
        for line in self.rows.table.lines():
            found = _DAY_LAST.match(line.cells[place]) if place < len(line.cells) else None
            if found:
                seen = True
                first_large |= 12 < int(found[1]) <= 31
                second_large |= 12 < int(found[2]) <= 31
        if not seen:
            return ""
        if first_large == second_large:
            raise BadFile(_("The days of “%(column)s” can be read as day first or month first: say which.") % {"column": source})
        return "dmy" if first_large else "mdy"


_DAY_LAST = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b")


def year_first(text: str, order: str) -> str:
    """`31/01/2026` as `2026-01-31`; everything else as it is."""
    found = _DAY_LAST.match(text)
    if not found or order not in ("dmy", "mdy"):
        return text
    day, month = (found[1], found[2]) if order == "dmy" else (found[2], found[1])
    return f"{found[3]}-{int(month):02}-{int(day):02}{text[found.end():]}"


def require_no_formula(text: str) -> None:
    """Unreadable for a text that a spreadsheet would compute; an export's apostrophe before it has been taken away."""
    if text[:1] in ("=", "@") or (text[:1] in ("+", "-") and re.search(r"[(|!]", text)):
        message = _("“%(value)s” is a formula, which is not computed here; write its result, or an apostrophe before it.")
        raise Unreadable(message % {"value": text[:40]})


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value
