"""Columns that an account set has added: their values stand in the row's JSONB column `custom`, here they are columns like others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Func, OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTransform

from guanxi.kernel.columns.column import Column, title_of
from guanxi.kernel.database.session import inside_set
from guanxi.kernel.records.customisable import Customisable, reads_added
from guanxi.kernel.records.record import Record, model_named

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
TEXTS = frozenset({"text", "longtext", "email", "url", "phone"})

SET_SQL = r"""
CREATE OR REPLACE FUNCTION custom_number(given text) RETURNS numeric IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN given ~ '^-?[0-9]{1,20}([.][0-9]{1,12})?$' THEN given::numeric END;
CREATE OR REPLACE FUNCTION custom_date(given text) RETURNS date IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN given ~ '^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
    THEN make_date(substr(given, 1, 4)::integer, substr(given, 6, 2)::integer, 1) + (substr(given, 9, 2)::integer - 1) END;
CREATE OR REPLACE FUNCTION custom_moment(given text) RETURNS timestamptz IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN given ~ 'T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$'
    THEN (custom_date(given) + make_time(substr(given, 12, 2)::integer, substr(given, 15, 2)::integer, substr(given, 18, 2)::integer))
         AT TIME ZONE 'UTC' END;
"""
"""No value can make them fail: a text that is none of the kind is null, and a list with such a row is still a list.

Their bodies are bound when they are made: an index may use them, whatever the search path of the one who cares for it is.
"""

_NUMBER = models.DecimalField(max_digits=32, decimal_places=6)
_PATTERNS: Mapping[str, tuple[str, models.Field]] = {
    "integer": ("custom_number({})::bigint", models.BigIntegerField()), "decimal": ("custom_number({})", _NUMBER),
    "money": ("custom_number({})", _NUMBER), "percent": ("custom_number({})", _NUMBER),
    "date": ("custom_date({})", models.DateField()), "moment": ("custom_moment({})", models.DateTimeField()),
    "boolean": ("(({}) IS NOT DISTINCT FROM 'true')", models.BooleanField()),
    "reference": ("custom_number({})::bigint", models.BigIntegerField()), "choices": ("({})::jsonb", models.JSONField()),
}
_TEXT = ("{}", models.TextField())


class Stored(Func):
    """`custom ->> 'budget'` as a value of its kind. The code is no text that came in with a request: it is checked when defined."""

    def __init__(self, custom: Any, code: str, kind: str) -> None:
        if not CODE.fullmatch(code):
            raise ValueError(f"{code!r} is no code of a column")
        self.pattern, field = _PATTERNS.get(kind, _TEXT)
        self.code = code
        super().__init__(custom, output_field=field)

    def as_sql(self, compiler: Any, connection: Any, *_templates: Any, **_context: Any) -> Any:
        custom, parameters = compiler.compile(self.get_source_expressions()[0])
        return self.pattern.format(f"({custom} ->> '{self.code}')"), parameters


@dataclass(frozen=True)
class AddedColumn(Column):
    """`code` is its key in `custom`; `section` where it stands on the page; `place` its order there."""

    code: str = ""
    section: Any = ""
    is_listed: bool = False
    place: int = 0
    shown_as: str = ""
    """For a formula that gives a number: the kind in which it is shown."""
    is_timeless: bool = True
    """Whether its value is the same for every reader on every day (that of a formula may not be)."""

    @property
    def is_formula(self) -> bool:
        return self.expression is not None

    def sql(self, actor: Any) -> Combinable:
        return super().sql(actor) if self.is_formula else Stored(F("custom"), self.code, self.kind)

    def title_sql(self, actor: Any) -> Combinable:
        return self._related(lambda model: title_of(model, actor)) if self.kind == "reference" else self.sql(actor)

    def code_sql(self, actor: Any) -> Combinable | None:
        key = self.relation.business_key if self.relation is not None else "id"
        return self._related(lambda _model: F(key)) if key != "id" else None

    def _related(self, expression: Callable[[Any], Any]) -> Subquery:
        rows = self.relation._base_manager.filter(pk=Stored(OuterRef("custom"), self.code, self.kind))
        return Subquery(rows.annotate(_related=expression(self.relation)).values("_related")[:1])

    def read(self, stored: Any) -> Any:
        """The typed value of what the database keeps; a reference's id."""
        if stored is None:
            return False if self.kind == "boolean" else None
        try:
            return _READ[self.kind](stored) if self.kind in _READ else stored
        except (ValueError, ArithmeticError, TypeError):
            return None

    def keep(self, value: Any) -> Any:
        """What the database keeps of a typed value; None for nothing."""
        if isinstance(value, Record):
            return value.pk
        if isinstance(value, Decimal):
            text = f"{value:f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
        if isinstance(value, datetime):
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if isinstance(value, date):
            return value.isoformat()
        return None if value in ("", []) else value


def _moment(stored: str) -> datetime:
    return datetime.strptime(stored, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "integer": int, "decimal": lambda given: Decimal(str(given)), "money": lambda given: Decimal(str(given)),
    "percent": lambda given: Decimal(str(given)), "date": date.fromisoformat, "moment": _moment, "boolean": lambda given: given is True,
    "reference": int, "choices": list,
}

Added = Mapping[str, AddedColumn]
_source: list[Callable[[], Mapping[str, Added]]] = []
_NONE: Mapping[str, Any] = {}


def column_source(source: Callable[[], Mapping[str, Added]]) -> Callable[[], Mapping[str, Added]]:
    """Register who knows what the current account set added: {model's label: {name: column}}."""
    _source.append(source)
    return source


def all_added() -> Mapping[str, Added]:
    return _source[0]() if _source and inside_set() else _NONE


def added_columns(model: Any) -> Added:
    """The columns that this account set added to the model, by name; none outside a set."""
    return all_added().get(model._meta.label_lower, _NONE) if issubclass(model, Customisable) else _NONE


def added_references(model: Any, pk: int) -> Iterator[tuple[Any, AddedColumn, Any]]:
    """(model, column, rows) for each added column that refers to rows of `model`: those that name this one."""
    for label, columns in all_added().items():
        for column in columns.values():
            if column.kind == "reference" and column.relation is model:
                owner: Any = model_named(label)
                yield owner, column, owner._base_manager.annotate(_named=column.sql(None)).filter(_named=pk)


def with_stored(model: Any, values: dict[str, Any], given: Mapping[str, Any], row: Any = None) -> dict[str, Any]:
    """`values` to be written, and with them what is `given` for added columns: over those of `row`, or with their defaults."""
    added = {name: column for name, column in added_columns(model).items() if not column.is_formula}
    if not added or (row is not None and not any(name in added for name in given)):
        return values
    kept = {} if row is None else dict(row.custom)
    for name, column in added.items():
        if name not in given and row is not None:
            continue
        value = column.keep(given.get(name, column.default))
        kept.pop(column.code, None)
        if value is not None:
            kept[column.code] = value
    return {**values, "custom": kept}


@reads_added
def value_of(row: Any, name: str) -> Any:
    """The value of an added column of a row; of a reference the row it names, or under `x_machine_id` its id."""
    added = added_columns(type(row))
    column = added.get(name) or added[name.removesuffix("_id")]
    if column.is_formula:
        return _computed(row, column) if name == column.name else None
    value = column.read(row.custom.get(column.code))
    if column.kind != "reference" or name != column.name:
        return value
    return column.relation._base_manager.filter(pk=value).first() if value is not None else None


def added_changes(model: Any, changes: Mapping[str, Any]) -> Iterator[tuple[AddedColumn, Any, Any]]:
    """What a step of the history says of added columns: (column, old value, new value)."""
    before, after = changes.get("custom") or ({}, {})
    old: dict[str, Any] = before or {}
    new: dict[str, Any] = after or {}
    for column in added_columns(model).values():
        if not column.is_formula and old.get(column.code) != new.get(column.code):
            yield column, column.read(old.get(column.code)), column.read(new.get(column.code))


def added_changed(model: Any, actor: Any) -> models.Q:
    """Of steps of the history: those that changed an added column that the actor may read."""
    found = models.Q(pk__in=[])
    for column in added_columns(model).values():
        if actor.sees(column) and not column.is_formula:
            old, new = (KeyTransform(column.code, KeyTransform(at, KeyTransform("custom", "changes"))) for at in (0, 1))
            found |= models.Q(Differs(old, new), kind="changed")
    return found


class Differs(Func):
    """Not equal, nothing being a value too."""

    template = "(%(expressions)s)"
    arg_joiner = " IS DISTINCT FROM "
    output_field = models.BooleanField()


def _computed(row: Any, column: AddedColumn) -> Any:
    if not column.is_timeless or row.pk is None:
        return None
    found = type(row)._base_manager.filter(pk=row.pk).annotate(_computed=column.sql(None))
    return found.values_list("_computed", flat=True).first()
