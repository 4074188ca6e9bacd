"""Rows as JSON: one query for the rows, one for each relation with many ends; figures are exact texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import F

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.column import Column, title_of
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.database.known import Kept, stand_in
from guanxi.kernel.database.session import current_set, definitions_stamp
from guanxi.kernel.values.currencies import digits_of

Json = dict[str, Any]
Read = Callable[[Sequence[Any]], Any]


def figure(value: Decimal | int | None) -> str | None:
    """`1234.5`: every digit that counts, none that does not."""
    if value is None:
        return None
    text = format(Decimal(value), "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def amount(value: Decimal | int | None, currency: str) -> str | None:
    """`1234.50`: at least the digits of the currency."""
    text = figure(value)
    if text is None:
        return None
    whole, _point, fraction = text.partition(".")
    fraction = fraction.ljust(digits_of(currency), "0")
    return f"{whole}.{fraction}" if fraction else whole


def simple(kind: str, value: Any) -> Any:
    """A value of any kind but money and references."""
    if isinstance(value, Decimal):
        return figure(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def code_of(model: type) -> str:
    """The column that names a row of `model` to programs; empty when only its id does."""
    key = model.business_key  # type: ignore[attr-defined]
    return key if key != "id" else ""


class _Selection:
    """What to select, and how each column is read from the selected tuple."""

    def __init__(self, actor: Actor):
        self.actor = actor
        self.annotations: dict[str, Any] = {}
        self.names: list[str] = []
        self._places: dict[Any, int] = {}

    def place(self, expression: Any) -> int:
        """The position of an expression in the tuple; the same column is selected once."""
        plain = isinstance(expression, F)
        key = expression.name if plain else id(expression)
        if key not in self._places:
            name = expression.name if plain else f"_v{len(self.names)}"
            if not plain:
                self.annotations[name] = expression
            self._places[key] = len(self.names)
            self.names.append(name)
        return self._places[key]

    def reader(self, column: Column) -> Read:
        if column.kind == "reference":
            return self._reference(column)
        at = self.place(column.sql(self.actor))
        if column.kind in ("money", "price"):
            currency = column.currency_sql(self.actor)
            if currency is None:
                own = self.actor.currency
                return lambda row: amount(row[at], own)
            money = self.place(currency)
            return lambda row: amount(row[at], row[money] or self.actor.currency)
        if column.numeric and column.kind != "integer":
            return lambda row: figure(row[at])
        if column.kind in ("date", "moment", "decimal") or column.source in ("derived", "fact", "added"):
            kind = column.kind
            return lambda row: simple(kind, row[at])
        return itemgetter(at)

    def _reference(self, column: Column) -> Read:
        assert column.relation is not None
        at = self.place(column.sql(self.actor) if column.source != "field" else F(f"{column.name}_id"))
        title = self.place(column.title_sql(self.actor))
        named = column.code_sql(self.actor)
        code = self.place(named) if named is not None else None

        def read(row: Sequence[Any]) -> Json | None:
            if row[at] is None:
                return None
            found = {"id": row[at], "title": str(row[title] or "")}
            if code is not None:
                found["code"] = row[code]
            return found

        return read


def shaped(rows: Any, columns: Iterable[Column], actor: Actor, *, extra: dict[str, Any] | None = None) -> list[Json]:
    """The rows of a queryset with `id`, `version` and these columns; `extra` expressions come back under their names."""
    columns = list(columns)
    selection, readers = _selected(rows.model, columns, actor, extra or {})
    found = [_read(readers, row) for row in rows.annotate(**selection.annotations).values_list(*selection.names)]
    _fill_all(found, columns, rows.model, actor)
    return found


Readers = list[tuple[str, Read]]


def _selected(model: Any, columns: list[Column], actor: Actor, extra: dict[str, Any]) -> tuple[_Selection, Readers]:
    selection = _Selection(actor)
    readers: Readers = [(name, itemgetter(selection.place(F(name)))) for name in ("id", "version") if has_field(model, name)]
    readers += [(c.name, selection.reader(c)) for c in columns if not c.many and c.name != "id"]
    readers += [(name, itemgetter(selection.place(expression))) for name, expression in extra.items()]
    return selection, readers


def _read(readers: Readers, row: Sequence[Any]) -> Json:
    return {name: read(row) for name, read in readers}


def _fill_all(found: list[Json], columns: list[Column], model: type, actor: Actor) -> None:
    for column in columns:
        if column.many and found:
            _fill_many(found, column, model, actor)


# A record is read with the same columns over and over: the SQL for rows named by one id is kept, as long as nothing in it
# depends on who asks.
_kept: dict[Any, tuple[Kept, Readers]] = {}
_MOST_KEPT = 1000
_ID = stand_in(0, int)


def shaped_by_id(model: Any, lookup: str, row_id: int, columns: Iterable[Column], actor: Actor, order: tuple[str, ...] = ()) -> list[Json]:
    """The rows whose `lookup` is this id, as `shaped` gives them; whether the actor may see them was asked before."""
    columns = list(columns)
    rows = model._base_manager.order_by(*order)
    if any(column.source == "fact" or not getattr(column, "is_timeless", True) for column in columns):
        return shaped(rows.filter(**{lookup: row_id}), columns, actor)
    names = tuple(column.name for column in columns)
    added = (current_set(), definitions_stamp()) if any(column.source == "added" for column in columns) else ()
    key = (model, lookup, order, names, actor.language, actor.currency, added)
    kept = _kept.get(key)
    if kept is None:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        kept = _kept[key] = _compiled(rows.filter(**{lookup: _ID}), columns, actor)
    question, readers = kept
    found = [_read(readers, row) for row in question.rows([row_id])]
    _fill_all(found, columns, model, actor)
    return found


def _compiled(rows: Any, columns: list[Column], actor: Actor) -> tuple[Kept, Readers]:
    selection, readers = _selected(rows.model, columns, actor, {})
    return Kept(rows.annotate(**selection.annotations).values_list(*selection.names), [_ID]), readers


def _fill_many(found: list[Json], column: Column, model: type, actor: Actor) -> None:
    assert column.relation is not None
    key = code_of(column.relation)
    pairs = model._base_manager.filter(  # type: ignore[attr-defined]
        pk__in=[row["id"] for row in found], **{f"{column.name}__isnull": False}
    ).annotate(_title=title_of(column.relation, actor, prefix=f"{column.name}__"))
    parts: dict[int, list[Json]] = defaultdict(list)
    for pk, other, title, code in pairs.values_list("pk", f"{column.name}__pk", "_title", f"{column.name}__{key or 'pk'}"):
        parts[pk].append({"id": other, "title": str(title), **({"code": code} if key else {})})
    for row in found:
        row[column.name] = sorted(parts[row["id"]], key=lambda part: part["title"])
