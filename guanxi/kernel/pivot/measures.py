"""Measures: how many rows, and what a column of theirs comes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import pgettext_lazy

from guanxi.kernel.columns.column import Column
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.screens.cells import Cell
from guanxi.kernel.values.currencies import digits_of
from guanxi.kernel.values.rounding import round_half_up

COUNT = "count"
WAYS = {
    "sum": pgettext_lazy("measure", "sum"), "avg": pgettext_lazy("measure", "average"), "min": pgettext_lazy("measure", "smallest"),
    "max": pgettext_lazy("measure", "largest"),
}
ADDED = ("money", "quantity", "integer", "decimal")
"""Kinds of which a sum says something; rates and prices have an average."""
PLACES = 4
Found = tuple[Any, int, Any, Any]
"""Sum, number of values, least, greatest."""


@dataclass(frozen=True)
class Measure:
    """`count`, or a column and a way: `total.sum`."""

    column: Column | None = None
    way: str = COUNT

    @property
    def word(self) -> str:
        return f"{self.column.name}.{self.way}" if self.column else COUNT

    @property
    def label(self) -> Any:
        if self.column is None:
            return pgettext_lazy("pivot", "Number")
        return self.column.label if self.way == "sum" else format_lazy("{} ({})", self.column.label, WAYS[self.way])

    @property
    def way_label(self) -> Any:
        return WAYS.get(self.way, self.label)

    @property
    def is_money(self) -> bool:
        return self.column is not None and self.column.kind in ("money", "price")

    def shown(self) -> Column:
        """A column that its figures are drawn with."""
        if self.column is None:
            return Column(COUNT, self.label, "integer", source="derived")
        kind = "decimal" if self.column.kind == "integer" and self.way == "avg" else self.column.kind
        return replace(self.column, label=self.label, kind=kind)

    def figure(self, found: Found, currency: str) -> Any:
        total, number, least, greatest = found
        if self.way == "avg":
            if not number:
                return None
            places = digits_of(currency) if self.column is not None and self.column.kind == "money" else PLACES
            return round_half_up(Decimal(total) / number, places)
        return {"sum": total, "min": least, "max": greatest}[self.way]

    def cells(self, count: int, by_currency: dict[str, Found]) -> list[Cell]:
        """A figure for each currency; amounts of different currencies are never added."""
        if self.column is None:
            return [Cell(self.shown(), count)]
        figures = ((currency, self.figure(found, currency)) for currency, found in sorted(by_currency.items()))
        return [Cell(self.shown(), figure, currency=currency) for currency, figure in figures if figure is not None]


def measure_of(query: ListQuery, word: str) -> Measure | None:
    """The measure that a word asks for; None where the actor knows no such column, or it cannot be measured."""
    if word == COUNT:
        return Measure()
    name, _dot, way = word.partition(".")
    column = query.available.get(name)
    if column is None or not _fits(column) or way not in WAYS or (way == "sum" and column.kind not in ADDED):
        return None
    return Measure(column, way)


def _fits(column: Column) -> bool:
    return column.numeric and not column.many and not column.costly and column.name != "id"


def measurable(query: ListQuery) -> Iterator[Measure]:
    """What may be asked for, of the columns of the screen."""
    yield Measure()
    for column in query.available.values():
        if _fits(column) and not query.screen.is_idle(column, query.actor):
            yield from (Measure(column, way) for way in WAYS if way != "sum" or column.kind in ADDED)


def merged(one: Found | None, other: Found) -> Found:
    """What two parts come to together."""
    if one is None:
        return other
    return _of(one[0], other[0], lambda a, b: a + b), one[1] + other[1], _of(one[2], other[2], min), _of(one[3], other[3], max)


def _of(one: Any, other: Any, together: Any) -> Any:
    return other if one is None else one if other is None else together(one, other)


def usual_measures(query: ListQuery) -> list[Measure]:
    """How many, and the first amount of the list."""
    amounts = [query.available[n] for n in query.screen.all_columns() if n in query.available and query.available[n].kind == "money"]
    summed = [Measure(column, "sum") for column in amounts if _fits(column)]
    return [Measure(), *summed[-1:]]
