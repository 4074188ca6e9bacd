"""Forms from columns: what stands in each field, and what a browser sent back, for records and operations alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.utils.timezone import localtime

from guanxi.kernel.columns.column import Column, title_of
from guanxi.kernel.screens.cells import Cell, Row

WIDGETS = {
    "longtext": "area", "secret": "secret", "choice": "select", "choices": "checks", "status": "select", "reference": "reference", "boolean": "check",
    "date": "date",
    "moment": "moment", "translated": "translated", "json": "area", "email": "email", "url": "url", "phone": "phone",
    "integer": "number", "decimal": "number", "money": "number", "price": "number", "quantity": "number", "percent": "number",
    "lines": "lines",
}
FREE = "~"
"""Marks a text typed into a reference field without choosing: the server looks it up by its key."""


@dataclass
class Field:
    """One input: its name in the form, its text, and what was wrong with it."""

    column: Column
    name: str
    value: Any = ""
    title: str = ""
    parts: list[tuple[Any, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    hint: Any = ""
    url: str = ""
    narrowed: str = ""
    lines: LineTable | None = None
    required: bool = False
    is_proposed: bool = False
    inner: list[Field] = field(default_factory=list)
    """What is chosen within the same cell of a line."""
    takes_file: bool = False
    """Whether a file may be put to the record with the form instead of being chosen."""
    advice_url: str = ""
    """Where the sentences under the field come from while it is filled in."""

    @property
    def widget(self) -> str:
        return WIDGETS.get(self.column.kind, "text")

    @property
    def id(self) -> str:
        return f"in-{self.name.replace('.', '-')}"

    @property
    def choices(self) -> list[tuple[str, Any]]:
        blank = [] if any(code in ("", None) for code, _label in self.column.choices) else [("", "")]
        return [*([] if self.required and self.value else blank), *self.offered]

    @property
    def offered(self) -> list[tuple[str, Any]]:
        """The choices but for those that are closed and not chosen already."""
        chosen = self.value if isinstance(self.value, list) else [self.value]
        return [(code, label) for code, label in self.column.choices if code not in self.column.closed or code in chosen]

    @property
    def texts(self) -> list[tuple[str, str, str]]:
        """For a translated text: (language, its name, the text)."""
        given = self.value if isinstance(self.value, Mapping) else {}
        return [(code, name, given.get(code, "")) for code, name in settings.LANGUAGES]


@dataclass
class LineTable:
    """Rows of lines in a form. `pattern` is the row a new line is made from."""

    name: str
    entered: list[Column]
    shown: list[Column]
    rows: list[LineRow] = field(default_factory=list)
    pattern: LineRow | None = None
    errors: list[str] = field(default_factory=list)
    preview_url: str = ""
    section: str = ""
    """The column of the headings, when lines stand under some: it is entered above them, not among them."""

    @property
    def width(self) -> int:
        """Columns beside the number: those entered, those shown, and the button that removes."""
        return len(self.entered) + len(self.shown) + 1

    @property
    def next(self) -> int:
        return max((row.at for row in self.rows), default=-1) + 1


@dataclass
class LineRow:
    at: Any
    id: Any
    fields: list[Field]
    shown: list[Cell | Column]
    heading: Field | None = None


def new_key() -> str:
    """An idempotency key: the same form sent twice has one effect."""
    return uuid4().hex


def as_input(column: Column, value: Any) -> Any:
    """A typed value as its input shows it."""
    if value is None:
        return ""
    if isinstance(value, Mapping | str | bool):
        return value
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        if column.kind == "percent":
            return f"{_trim(value * 100)}%"
        return _trim(value)
    return value


def _trim(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def default_of(column: Column) -> Any:
    """What a new field starts with; an amount that is needed starts with one."""
    value = column.default() if callable(column.default) else column.default
    if value is None and column.kind == "quantity" and column.required:
        return "1"
    return as_input(column, value)


def from_row(columns: Iterable[Column], row: Row | None) -> dict[str, Any]:
    """Raw values of a fetched row, as a form would send them; references as (id, title)."""
    given: dict[str, Any] = {}
    for column in columns:
        cell = row.get(column.name) if row else None
        if cell is None:
            continue
        if column.kind == "reference":
            given[column.name] = [(part.value, part.title) for part in cell.parts] if column.many else (cell.value, cell.title)
        else:
            given[column.name] = as_input(column, cell.value)
    return given


def read_values(columns: Iterable[Column], sent, prefix: str = "", partial: bool = False) -> dict[str, Any]:
    """What the browser sent for these columns, for the validator: numbers are ids, texts are what was typed."""
    raw: dict[str, Any] = {}
    for column in columns:
        name = prefix + column.name
        if column.kind == "translated":
            texts = {code: sent[f"{name}.{code}"] for code, _label in settings.LANGUAGES if f"{name}.{code}" in sent}
            if texts:
                raw[column.name] = texts
        elif column.kind == "lines":
            raw[column.name] = [row for _at, row in read_lines(column.lines, sent, name)]
        elif column.kind == "choices":
            # The empty one beside the boxes says that they were there.
            if name in sent:
                raw[column.name] = [code for code in sent.getlist(name) if code]
        elif column.many:
            if not partial or name in sent:
                raw[column.name] = [_reference(value) for value in sent.getlist(name) if value]
        elif column.kind == "boolean":
            if not partial or name in sent:
                raw[column.name] = sent.get(name, "") not in ("", "no", "false")
        elif name in sent:
            raw[column.name] = _reference(sent[name]) if column.kind == "reference" else sent[name]
    return raw


def _reference(value: str) -> Any:
    value = value.strip()
    if value.startswith(FREE):
        return value[1:].strip()
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else value


def read_lines(columns: Iterable[Column], sent, name: str) -> list[tuple[int, dict[str, Any]]]:
    """(place in the form, values) of each line that is not blank, in the order of the page."""
    columns = list(columns)
    pattern = re.compile(re.escape(name) + r"\.(\d{1,6})\.")
    places = list(dict.fromkeys(int(found[1]) for key in sent if (found := pattern.match(key))))
    rows = []
    for at in places:
        values = read_values(columns, sent, f"{name}.{at}.")
        if all(value in ("", None, False, []) or value == default_of(column) for column in columns for value in [values.get(column.name)]):
            continue
        if sent.get(f"{name}.{at}.id"):
            values["id"] = sent[f"{name}.{at}.id"]
        rows.append((at, values))
    return rows


OFFERED: dict[str, Callable[[Any, Any], Any]] = {}
"""By an act's parameter (`sales.reallocate_stock:order`), a function (target, rows) that leaves the rows which can be chosen."""


class FieldMaker:
    """Makes fields from raw values; looks up the titles of all references of a form with one query per relation."""

    def __init__(self, actor, set_key: str, narrowed: Mapping[str, str] | None = None, target: Any = None, act: str = ""):
        """`target` is the record an `act` is done to: of what is a part of such records, only its own is offered."""
        self.actor, self.set_key, self.narrowed, self.target, self.act = actor, set_key, narrowed or {}, target, act
        self.unnamed: list[Field] = []

    def field(self, column: Column, name: str, raw: Any, errors: Mapping[str, list[str]] | None = None, *, error_name: str = "") -> Field:
        made = Field(column, name, hint=column.help, required=column.required, errors=list((errors or {}).get(error_name or name, ())))
        if column.kind == "reference":
            made.url = f"/{self.set_key}/choices/{column.relation._meta.label_lower}/{self._offered(column)}"
            made.narrowed = self.narrowed.get(column.name, "")
            self._refer(made, raw)
        else:
            # What nobody may see is typed anew after a refusal.
            made.value = default_of(column) if raw is None or column.kind == "secret" else as_input(column, raw)
        return made

    def _offered(self, column: Column) -> str:
        part_of = column.relation.part_of if self.target is not None else None
        asked = {"only": column.only} if column.only else {}
        if part_of and isinstance(self.target, column.relation._meta.get_field(part_of).related_model):
            asked |= {"by": f"{part_of}:{part_of}", part_of: str(self.target.pk)}
        if self.target is not None and (among := f"{self.act}:{column.name}") in OFFERED:
            asked |= {"among": among, "of": str(self.target.pk)}
        return f"?{urlencode(asked)}" if asked else ""

    def _refer(self, made: Field, raw: Any) -> None:
        given = raw if isinstance(raw, list) else [raw]
        for one in given:
            pk, title = one if isinstance(one, tuple) else (getattr(one, "pk", one), str(one) if hasattr(one, "pk") else "")
            if pk in (None, ""):
                continue
            if isinstance(pk, str):
                pk, title = FREE + pk, pk
            made.parts.append((pk, title))
        if not made.column.many and made.parts:
            made.value, made.title = made.parts[0]
        if any(not title for _pk, title in made.parts):
            self.unnamed.append(made)

    def name_references(self) -> None:
        """Fill in the titles of ids that came without one."""
        for model in {made.column.relation for made in self.unnamed}:
            mine = [made for made in self.unnamed if made.column.relation is model]
            ids = {pk for made in mine for pk, _title in made.parts if isinstance(pk, int)}
            titles = dict(model.objects.visible_to(self.actor).filter(pk__in=ids).values_list("pk", title_of(model, self.actor)))
            for made in mine:
                made.parts = [(pk, title or str(titles.get(pk, ""))) for pk, title in made.parts]
                if not made.column.many:
                    made.value, made.title = made.parts[0] if made.parts[0][1] else ("", "")
        self.unnamed = []

    def lines(
        self, name: str, columns: list[Column], rows: Iterable[tuple[int, Mapping[str, Any]]], errors=None, shown=(), cells=None, section: str = "",
        inside: Mapping[str, str] | None = None,
    ) -> LineTable:
        """`rows` as (place, raw values); errors by `<name>.<n>.<column>` with n the position among the rows."""
        names = {c.name for c in columns}
        inside = {inner: outer for inner, outer in (inside or {}).items() if {inner, outer} <= names}
        table = LineTable(name, [c for c in columns if c.name != section and c.name not in inside], list(shown), section=section)

        def placed(made: dict[str, Field]) -> list[Field]:
            for inner, outer in inside.items():
                made[outer].inner.append(made.pop(inner))
            return list(made.values())

        for number, (at, values) in enumerate(rows):
            made = {
                c.name: self.field(c, f"{name}.{at}.{c.name}", values.get(c.name), errors, error_name=f"{name}.{number}.{c.name}") for c in columns
            }
            heading = made.pop(section, None)
            known = (cells or {}).get(str(values.get("id", "")))
            shown_cells = [(known.get(c.name) or c) if known else c for c in table.shown]
            table.rows.append(LineRow(at, values.get("id", ""), placed(made), shown_cells, heading))
        pattern = {c.name: self.field(c, f"{name}.__at__.{c.name}", None) for c in columns if c.name != section}
        table.pattern = LineRow("__at__", "", placed(pattern), list(table.shown))
        table.errors = list((errors or {}).get(name, ()))
        return table
