"""A list under headings: its rows by one or two axes, each heading with number and sums, open or shut as the address says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from urllib.parse import quote

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.lists.query import EXACT, PAGE, ListQuery
from guanxi.kernel.pivot.axes import axis_of
from guanxi.kernel.pivot.measures import Measure
from guanxi.kernel.pivot.pivot import DEEPEST, Path, Pivot
from guanxi.kernel.pivot.table import list_address
from guanxi.kernel.screens.cells import Cell, Row, rows_of

ALL, BLANK = "*", "~"


@dataclass
class Heading:
    """One heading, the rows of it that stand on the page, and the address that opens or shuts it."""

    label: str
    depth: int
    count: int
    sums: list[Cell]
    is_open: bool
    toggle: str
    url: str
    tone: str = ""
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Stretch:
    """A heading of the whole list, and which of its rows (counted over all that are open) are below it."""

    path: Path
    is_open: bool
    first: int
    last: int


class Groups:
    """A grouped list: one statement for all headings, one for the rows of the page."""

    def __init__(self, query: ListQuery):
        self.query = query
        words = list(dict.fromkeys(word for word in (query.params.get("group") or "").split(",") if word))[:DEEPEST]
        found = [(word, axis_of(query, word)) for word in words]
        query.notes += [_("Rows cannot be put together by “%(name)s”.") % {"name": word[:60]} for word, axis in found if axis is None]
        self.axes = [axis for _word, axis in found if axis is not None]
        self.closed = list(dict.fromkeys(key for key in (query.params.get("closed") or "").split(",") if key))

    @property
    def is_asked(self) -> bool:
        return bool(self.axes)

    @cached_property
    def pivot(self) -> Pivot:
        return Pivot(self.query, self.axes, [Measure(), *(Measure(c, "sum") for c in self.query.summed)]).ask()

    @cached_property
    def stretches(self) -> list[Stretch]:
        return list(self._stretches())

    @property
    def total(self) -> int:
        """Rows under open headings."""
        return self.stretches[-1].last if self.stretches else 0

    @property
    def pages(self) -> int:
        return max(1, -(-min(self.total, EXACT) // PAGE))

    @property
    def page(self) -> int:
        given = self.query.params.get("page") or "1"
        return max(1, min(int(given), self.pages)) if given.isdecimal() and len(given) < 6 else 1

    def _is_open(self, path: Path) -> bool:
        return (key_of(path) in self.closed) == (ALL in self.closed)

    def _stretches(self) -> Iterator[Stretch]:
        at = 0
        for first in dict.fromkeys(path[:1] for path in self.pivot.paths()):
            parts = [path for path in self.pivot.paths() if path[:1] == first]
            is_open = self._is_open(first)
            if len(self.axes) == 1:
                size = self.pivot.places[(first, ())].count if is_open else 0
                yield Stretch(first, is_open, at, at + size)
                at += size
                continue
            inner, began = [], at
            for path in parts if is_open else []:
                size = self.pivot.places[(path, ())].count if self._is_open(path) else 0
                inner.append(Stretch(path, self._is_open(path), at, at + size))
                at += size
            yield Stretch(first, is_open, began, at)
            yield from inner

    def headings(self) -> list[Heading]:
        """The headings of the page with their rows."""
        start = (self.page - 1) * PAGE
        here = [one for one in self.stretches if self._stands_on(one, start)]
        rows = self._rows([one for one in here if len(one.path) == len(self.axes) and one.last > one.first], start)
        return [self._heading(one, rows.get(one.path, [])) for one in here]

    def _stands_on(self, one: Stretch, start: int) -> bool:
        if one.last > one.first:
            return one.first < start + PAGE and one.last > start
        return min(one.first // PAGE, self.pages - 1) * PAGE == start

    def _rows(self, leaves: list[Stretch], start: int) -> dict[Path, list[Row]]:
        if not leaves:
            return {}
        query = self.query
        alias = {f"_a{at}": axis.expression for at, axis in enumerate(self.axes)}
        asked = [_is_at(one.path) for one in leaves]
        number = Case(*(When(condition, then=Value(at)) for at, condition in enumerate(asked)), output_field=IntegerField())
        ordered = query.ordered
        rows = ordered.alias(**alias).filter(reduce(or_, asked)).annotate(_g=number).order_by("_g", *ordered.query.order_by)
        begin = max(0, start - leaves[0].first)
        # Where on the page the heading stands that a row belongs to is read with the row.
        columns = [*query.shown, Column("_g", "", "integer", F("_g"), source="derived")]
        found: dict[Path, list[Row]] = {}
        for row in rows_of(rows[begin : begin + PAGE], columns, query.actor, query.set_key, templates=query.screen.value_templates):
            found.setdefault(leaves[row.cells.pop().value].path, []).append(row)
        return found

    def _heading(self, one: Stretch, rows: list[Row]) -> Heading:
        asked = self.pivot.marks_at(one.path)
        mark, place = asked[-1][1], self.pivot.places[(one.path, ())]
        sums = [cell for at, measure in enumerate(self.pivot.measures[1:]) for cell in measure.cells(place.count, place.found.get(at, {}))]
        toggle, url = self._toggled(key_of(one.path)), list_address(self.query, asked)
        return Heading(mark.label, len(one.path) - 1, place.count, sums, one.is_open, toggle, url, mark.tone, rows)

    def _toggled(self, key: str) -> str:
        keys = [one for one in self.closed if one != key] if key in self.closed else [*self.closed, key]
        return self.query.address(closed=",".join(keys) or None, page=self.page if self.page > 1 else None)

    @property
    def all_closed(self) -> str:
        return self.query.address(closed=ALL)

    @property
    def all_open(self) -> str:
        return self.query.address(closed=None)


def _is_at(path: Path) -> Q:
    return Q(*(Q(**{f"_a{at}__isnull": True} if value is None else {f"_a{at}": value}) for at, value in enumerate(path)))


def key_of(path: Path) -> str:
    """A heading's name in the address."""
    return "/".join(BLANK if value is None else quote(str(value), safe="").replace("~", "%7E") for value in path)
