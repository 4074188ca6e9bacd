"""A pivot: the rows of a list by up to two axes down and two across, in one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connections, transaction
from django.utils.translation import gettext as _

from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.axes import Axis, Mark, axis_of, marks_of, usual_axis
from guanxi.kernel.pivot.measures import Found, Measure, measure_of, merged, usual_measures

DEEPEST, MOST_MEASURES = 2, 6
MOST_PLACES = 5_000
"""Cells of the answer, subtotals among them."""
TOO_MANY = MOST_PLACES + 1
SLOW, PATIENT = 5, 30
"""Seconds after which the database stops, at first and for those who said that they would wait."""
STOPPED = "57014"
Path = tuple[Any, ...]


class TooSlow(Exception):
    """The database was stopped."""


@dataclass
class Place:
    """What the rows of one cell come to."""

    count: int = 0
    found: dict[int, dict[str, Found]] = field(default_factory=dict)
    """By number of the measured column and currency."""


class Pivot:
    """What an address asks of a list's rows: `rows=ordered_on.month&across=status&measures=count,total.sum`."""

    def __init__(self, query: ListQuery, down: Iterable[Axis] | None = None, measures: Iterable[Measure] | None = None):
        self.query, self.actor = query, query.actor
        params = query.params
        is_asked = any(params.get(name) for name in ("rows", "across", "measures"))
        self.down = list(down) if down is not None else self._read("rows", axis_of, DEEPEST)
        self.across = [] if down is not None else self._read("across", axis_of, DEEPEST)
        self.measures = list(measures) if measures is not None else self._read("measures", measure_of, MOST_MEASURES)
        if not is_asked and down is None:
            self.down = [axis for axis in [usual_axis(query.screen, query)] if axis is not None]
        self.measures = self.measures or usual_measures(query)
        self.columns = list(dict.fromkeys(m.column.name for m in self.measures if m.column is not None))
        self.places: dict[tuple[Path, Path], Place] = {}
        self.marks: list[dict[Any, Mark]] = []
        self.seconds = 0.0
        self.is_stopped = self.is_cut = False

    def _read(self, name: str, one_of: Callable[[ListQuery, str], Any], most: int) -> list[Any]:
        words = list(dict.fromkeys(word for word in (self.query.params.get(name) or "").split(",") if word))
        found = []
        for word in words[:most]:
            asked = one_of(self.query, word)
            if asked is None:
                self.query.notes.append(_("Rows cannot be put together by “%(name)s”.") % {"name": word[:60]} if name != "measures" else
                                        _("“%(name)s” cannot be measured.") % {"name": word[:60]})
            else:
                found.append(asked)
        return found

    @property
    def axes(self) -> list[Axis]:
        return [*self.down, *self.across]

    @property
    def total(self) -> Place:
        return self.places.get(((), ()), Place())

    def ask(self) -> Pivot:
        """Put the question; `is_stopped` when the database took too long, `is_cut` when there is more than anybody can read."""
        began = monotonic()
        try:
            lines = self._lines(PATIENT if self.query.params.get("wait") else SLOW)
        except TooSlow:
            self.is_stopped, lines = True, []
        self.seconds = monotonic() - began
        self.is_cut = len(lines) > MOST_PLACES
        texts: list[dict[Any, str]] = [{} for _axis in self.axes]
        for line in [] if self.is_cut else lines:
            self._keep(line, texts)
        self.marks = [marks_of(axis, values, self.actor) for axis, values in zip(self.axes, texts, strict=True)]
        return self

    def _keep(self, line: dict[str, Any], texts: list[dict[Any, str]]) -> None:
        number = len(self.axes)
        # The bit of an axis is set where the line is a total over it.
        depth = [not line["_g"] >> (number - 1 - at) & 1 for at in range(number)] if number else []
        values = [line[f"_k{at}"] for at in range(number) if depth[at]]
        for at in range(number):
            if depth[at]:
                texts[at].setdefault(line[f"_k{at}"], line.get(f"_l{at}") or "")
        down = sum(depth[: len(self.down)])
        place = self.places.setdefault((tuple(values[:down]), tuple(values[down:])), Place())
        place.count += line["_n"]
        for at, name in enumerate(self.columns):
            column = self.query.available[name]
            is_money = column.kind in ("money", "price")
            currency = (line.get(f"_c{at}") or self.actor.currency) if is_money else ""
            if line[f"_n{at}"]:
                mine = place.found.setdefault(at, {})
                mine[currency] = merged(mine.get(currency), (line[f"_s{at}"], line[f"_n{at}"], line[f"_a{at}"], line[f"_z{at}"]))

    def _lines(self, patience: int) -> list[dict[str, Any]]:
        wanted: dict[str, Any] = {}
        aggregates = ["count(*) AS _n"]
        for at, axis in enumerate(self.axes):
            wanted[f"_k{at}"] = axis.expression
            if axis.is_text:
                wanted[f"_l{at}"] = axis.text
                aggregates.append(f"min(_l{at}) AS _l{at}")
        currencies = []
        for at, name in enumerate(self.columns):
            column = self.query.available[name]
            wanted[f"_x{at}"] = column.sql(self.actor)
            if column.kind in ("money", "price") and (currency := column.currency_sql(self.actor)) is not None:
                wanted[f"_c{at}"] = currency
                currencies.append(f"_c{at}")
            aggregates.append(f"sum(_x{at}) AS _s{at}, count(_x{at}) AS _n{at}, min(_x{at}) AS _a{at}, max(_x{at}) AS _z{at}")
        keys = [f"_k{at}" for at in range(len(self.axes))]
        try:
            rows = self.query.rows.annotate(**wanted).values_list(*wanted) if wanted else self.query.rows.values_list("pk")
            inner_sql, given = rows.query.sql_with_params()
        except EmptyResultSet:
            return []
        names_sql = ", ".join([*keys, *currencies, f"grouping({', '.join(keys)}) AS _g" if keys else "0 AS _g", *aggregates])
        sets_sql = ", ".join(f"({', '.join([*chosen, *currencies])})" for chosen in self._sets(keys))
        with stopped_after(patience), connections["default"].cursor() as cursor:
            cursor.execute(f"SELECT {names_sql} FROM ({inner_sql}) AS found GROUP BY GROUPING SETS ({sets_sql}) LIMIT {TOO_MANY}", given)
            heads = [column.name for column in cursor.description]
            return [dict(zip(heads, line, strict=True)) for line in cursor.fetchall()]

    def _sets(self, keys: list[str]) -> list[list[str]]:
        """Every total: of each depth of what goes down with each depth of what goes across."""
        down, across = keys[: len(self.down)], keys[len(self.down) :]
        return [[*down[:one], *across[:other]] for one in range(len(down) + 1) for other in range(len(across) + 1)]

    def marks_at(self, path: Path, across: bool = False) -> list[tuple[Axis, Mark]]:
        """The axes of a path with the marks on them."""
        first = len(self.down) if across else 0
        return [(self.axes[first + at], self.marks[first + at][value]) for at, value in enumerate(path)]

    def paths(self, across: bool = False) -> list[Path]:
        """Every path down (or across) to the end, in the order in which people read them."""
        first, depth = (len(self.down), len(self.across)) if across else (0, len(self.down))
        found = {path[1] if across else path[0] for path in self.places}
        whole = [path for path in found if len(path) == depth and depth]
        return sorted(whole, key=lambda path: [self.marks[first + at][value].order for at, value in enumerate(path)])


@contextmanager
def stopped_after(seconds: int) -> Iterator[None]:
    """Statements within are stopped after so many seconds (TooSlow), and what came before them stands."""
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
            yield
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == STOPPED:
            raise TooSlow from error
        raise
