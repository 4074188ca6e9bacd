"""A pivot as a table: headings, lines with subtotals, and from each cell the way to its rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.axes import Axis, Mark, narrowed
from guanxi.kernel.pivot.pivot import Path, Pivot, Place
from guanxi.kernel.screens.cells import Cell

OWN = ("rows", "across", "measures", "chart", "currency", "view", "wait", "group", "closed", "by", "span", "day")
"""What an address says of a pivot, calendar or chart and not of the rows in it."""


@dataclass(frozen=True)
class Head:
    """A heading over `span` columns and `deep` rows of headings."""

    label: Any
    span: int = 1
    deep: int = 1
    is_total: bool = False


@dataclass(frozen=True)
class Spot:
    """One cell: a figure for each currency, and the list of the rows behind it."""

    cells: list[Cell]
    url: str = ""
    is_total: bool = False


@dataclass(frozen=True)
class Line:
    label: str
    depth: int
    is_total: bool
    path: Path
    spots: list[Spot]
    mark: Mark | None = None


def list_address(query: ListQuery, asked: list[tuple[Axis, Mark]]) -> str:
    """The list of just those rows; empty where no filter finds them."""
    changes = narrowed(query, asked)
    if changes is None:
        return ""
    return query.screen.url(query.set_key) + query.address(**{**dict.fromkeys(OWN), **changes})


class Table:
    """What a pivot that has been asked looks like."""

    def __init__(self, pivot: Pivot):
        self.pivot, self.query = pivot, pivot.query

    @cached_property
    def across(self) -> list[Path]:
        """The paths across with a subtotal after each group, and the total of all last."""
        whole = self.pivot.paths(across=True)
        if len(self.pivot.across) < 2:
            return [*whole, ()]
        groups = dict.fromkeys(path[:1] for path in whole)
        return [path for group in groups for path in (*(one for one in whole if one[:1] == group), group)] + [()]

    @cached_property
    def down(self) -> list[Path]:
        """The paths down, each group before its parts; the total of all last."""
        found: list[Path] = []
        for path in self.pivot.paths():
            if len(path) > 1 and (not found or found[-1][0] != path[0]):
                found.append(path[:1])
            found.append(path)
        return [*found, ()]

    @property
    def is_empty(self) -> bool:
        return not self.pivot.total.count

    def label(self, path: Path, across: bool = False) -> str:
        return self.pivot.marks_at(path, across)[-1][1].label if path else pgettext("pivot", "Total")

    @cached_property
    def heads(self) -> list[list[Head]]:
        """Rows of headings, the first column (whose are the lines) left out."""
        measures = self.pivot.measures
        several, depth = len(measures) > 1, max(1, len(self.pivot.across))
        if not self.pivot.across:
            return [[Head(measure.label) for measure in measures]]
        rows: list[list[Head]] = [[] for _level in range(depth)]
        for path in self.across:
            if not path:
                rows[0].append(Head(pgettext("pivot", "Total"), len(measures), depth, is_total=True))
            elif depth == 1:
                rows[0].append(Head(self.label(path, across=True), len(measures)))
            else:
                if len(path) == 1:
                    parts = sum(1 for other in self.across if other[:1] == path)
                    rows[0].append(Head(self.label(path, across=True), parts * len(measures)))
                rows[1].append(Head(_("Together") if len(path) == 1 else self.label(path, across=True), len(measures), is_total=len(path) == 1))
        if several:
            rows.append([Head(measure.label, is_total=len(path) < depth) for path in self.across for measure in measures])
        return rows

    def lines(self, *, linked: bool = True) -> Iterator[Line]:
        for path in self.down:
            asked = self.pivot.marks_at(path)
            mark = asked[-1][1] if asked else None
            is_total = len(path) < len(self.pivot.down)
            spots = [spot for column in self.across for spot in self._spots(path, column, linked)]
            yield Line(self.label(path), max(0, len(path) - 1), is_total, path, spots, mark)

    def _spots(self, down: Path, across: Path, linked: bool) -> Iterator[Spot]:
        place = self.pivot.places.get((down, across))
        asked = [*self.pivot.marks_at(down), *self.pivot.marks_at(across, across=True)]
        url = list_address(self.query, asked) if linked and place is not None and place.count else ""
        is_total = len(across) < len(self.pivot.across)
        for cells in self.figures(place):
            yield Spot(cells, url, is_total)

    def figures(self, place: Place | None) -> Iterator[list[Cell]]:
        """By measure the figures of a place; of one without rows none."""
        for measure in self.pivot.measures:
            if place is None or not place.count:
                yield []
                continue
            at = self.pivot.columns.index(measure.column.name) if measure.column is not None else -1
            yield measure.cells(place.count, place.found.get(at, {}))

    def sheet(self) -> tuple[list[str], Iterator[list[Any]]]:
        """Headings and rows for a file: a column for each axis, each period across with each measure, and each currency of an amount."""
        heads = [str(axis.label) for axis in self.pivot.down] or [""]
        columns: list[tuple[Path, int, str]] = []
        for path in self.across:
            name = " · ".join(mark.label for _axis, mark in self.pivot.marks_at(path, across=True))
            name = name or (pgettext("pivot", "Total") if self.pivot.across else "")
            for at, measure in enumerate(self.pivot.measures):
                for currency in self._currencies(at) if measure.is_money else [""]:
                    columns.append((path, at, currency))
                    heads.append(" · ".join(part for part in (name, str(measure.label), currency) if part))
        return heads, (self._row(path, columns) for path in self.down)

    def _currencies(self, at: int) -> list[str]:
        column = self.pivot.measures[at].column
        assert column is not None
        return sorted(self.pivot.total.found.get(self.pivot.columns.index(column.name), {})) or [self.query.actor.currency]

    def _row(self, path: Path, columns: list[tuple[Path, int, str]]) -> list[Any]:
        marks = [mark.label for _axis, mark in self.pivot.marks_at(path)]
        depth = max(1, len(self.pivot.down))
        if len(marks) < depth:
            marks.append(pgettext("pivot", "Total"))
        found: list[Any] = [*marks, *[""] * (depth - len(marks))]
        for across, at, currency in columns:
            cells = list(self.figures(self.pivot.places.get((path, across))))[at]
            value = next((cell.value for cell in cells if cell.currency == currency), None)
            found.append("" if value is None else value)
        return found
