"""Pivots, charts, funnels and regions: what the rows of a list come to, with the list behind each figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from guanxi.kernel.columns.text import text_of
from guanxi.kernel.pivot.axes import STEPS, Axis, axis_of, last_day, marks_of, offered
from guanxi.kernel.pivot.funnel import FunnelOf
from guanxi.kernel.pivot.measures import Measure, measurable
from guanxi.kernel.pivot.pivot import MOST_PLACES, PATIENT, Path, Pivot
from guanxi.kernel.pivot.table import Table, list_address
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.cells import Cell
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.lists import bar_of, query_of

CHARTS = {
    "bar": (gettext_lazy("Bars"), "chart-bar"), "stacked": (gettext_lazy("Stacked"), "stack-2"),
    "line": (pgettext_lazy("chart", "Line"), "chart-line"), "pie": (gettext_lazy("Pie"), "chart-pie"),
}
MOST_BARS, MOST_SERIES = 60, 12
LONG = 1.0
"""Seconds from which on a page says that it took long."""


@dataclass(frozen=True)
class Choice:
    """One select of the question: what is chosen in it, and what can be, in groups."""

    name: str
    label: Any
    chosen: str
    groups: list[tuple[Any, list[tuple[str, Any]]]]


@dataclass(frozen=True)
class Region:
    label: str
    count: int
    cell: Cell | None
    share: float
    width: int
    url: str


def question_of(pivot: Pivot, *, one_measure: bool = False, axes: tuple[tuple[str, Any, int], ...] = ()) -> dict[str, Any]:
    """The selects of a pivot: what goes down, what goes across, what is measured."""
    groups = _axis_groups(pivot, offered(pivot.query))
    named = axes or (("rows", _("Rows"), 2), ("across", _("Columns"), 2))
    choices = []
    for name, label, number in named:
        asked = pivot.down if name == "rows" else pivot.across
        choices += [Choice(name, label if not at else _("%(what)s, within") % {"what": label}, asked[at].word if at < len(asked) else "", groups)
                    for at in range(number)]
    measures = list(measurable(pivot.query))
    return {
        "choices": choices, "one_measure": one_measure, "asked_words": [m.word for m in pivot.measures],
        "measures": [(label, list(found)) for label, found in groupby(measures, lambda m: m.column.label if m.column else "")],
    }


def _axis_groups(pivot: Pivot, axes: list[Axis]) -> list[tuple[Any, list[tuple[str, Any]]]]:
    plain = [(axis.word, axis.label) for axis in axes if not axis.step]
    days = [
        (axis.column.label, [(f"{axis.column.name}.{step}", f"{axis.column.label} ({label})") for step, label in STEPS.items()])
        for axis in axes if axis.step
    ]
    beyond = [axis for axis in pivot.axes if axis.word not in {one.word for one in axes} and not axis.step]
    return [("", plain + [(axis.word, axis.label) for axis in beyond]), *days]


def standing_of(pivot: Pivot) -> dict[str, Any]:
    """What the page says of the question itself: that it took long, was stopped, or is too much to read."""
    query = pivot.query
    return {
        "is_stopped": pivot.is_stopped, "is_cut": pivot.is_cut, "most": f"{MOST_PLACES:,}", "seconds": f"{pivot.seconds:.1f}",
        "is_slow": pivot.seconds > LONG, "wait_url": "" if query.params.get("wait") else query.address(wait="yes"), "patience": PATIENT,
    }


@page("view")
def pivot_page(visit: Visit) -> HttpResponse:
    query = query_of(visit)
    pivot = Pivot(query).ask()
    table = Table(pivot)
    return visit.render("screens/pivot.html", {
        "query": query, "table": table, "lines": list(table.lines()) if not pivot.is_cut else [], "pivot": pivot, **question_of(pivot),
        **standing_of(pivot), **bar_of(query, "pivot"),
    })


@page("view")
def chart_page(visit: Visit) -> HttpResponse:
    query = query_of(visit)
    pivot = Pivot(query)
    pivot.measures = pivot.measures[-1:] if not query.params.get("measures") else pivot.measures[:1]
    pivot.ask()
    kind = query.params.get("chart") or _usual_chart(pivot)
    chart = Chart(pivot, kind if kind in CHARTS else "bar")
    table = Table(pivot)
    return visit.render("screens/chart.html", {
        "query": query, "table": table, "lines": list(table.lines()) if not pivot.is_cut else [], "pivot": pivot, "chart": chart,
        "kinds": [(key, label, icon, query.address(chart=key)) for key, (label, icon) in CHARTS.items()],
        "currencies": _currency_links(chart),
        **question_of(pivot, one_measure=True, axes=(("rows", pgettext("pivot", "By"), 1), ("across", _("Divided by"), 1))),
        **standing_of(pivot), **bar_of(query, "chart"),
    })


def _usual_chart(pivot: Pivot) -> str:
    return "line" if pivot.down and pivot.down[0].step in ("day", "week") else "stacked" if pivot.across else "bar"


class Chart:
    """The figures of a pivot's first measure, in one currency, as series over the marks of its first axis."""

    def __init__(self, pivot: Pivot, kind: str = "bar"):
        self.pivot, self.kind = pivot, kind
        self.measure: Measure = pivot.measures[0]
        self.at = pivot.columns.index(self.measure.column.name) if self.measure.column is not None else -1
        self.currencies = sorted(pivot.total.found.get(self.at, {})) if self.measure.is_money else []
        self.currency = self._currency()
        self.bars = self._bars()
        self.all_series = self._all_series()
        self.hidden_bars = max(0, len(self.bars) - MOST_BARS)
        self.hidden_series = max(0, len(self.all_series) - MOST_SERIES)

    def _currency(self) -> str:
        if not self.currencies:
            return ""
        found = self.pivot.total.found[self.at]
        for wanted in (self.pivot.query.params.get("currency"), self.pivot.actor.currency):
            if wanted in found:
                return wanted
        return max(self.currencies, key=lambda currency: found[currency][1])

    def _bars(self) -> list[Path]:
        """The marks of the first axis; of days every period between the first and the last, also those without rows."""
        found = list(dict.fromkeys(path[:1] for path in self.pivot.paths()))
        days = [path[0] for path in found if path and isinstance(path[0], date)]
        if not days:
            return found
        axis = self.pivot.down[0]
        whole = list(_periods(days[0], days[-1], axis.step))
        if len(whole) > MOST_BARS * 7:
            return found
        self.pivot.marks[0] |= marks_of(axis, dict.fromkeys((day for day in whole if day not in self.pivot.marks[0]), ""), self.pivot.actor)
        return [(day,) for day in whole] + [path for path in found if path[0] is None]

    def _all_series(self) -> list[tuple[Path, Path]]:
        """What is added to a bar's path, down and across, to find the part of it that belongs to a series; greatest first where too many."""
        found: list[tuple[Path, Path]]
        if self.pivot.across:
            found = [((), path) for path in dict.fromkeys(path[:1] for path in self.pivot.paths(across=True))]
        elif len(self.pivot.down) > 1:
            marks = {path[1] for path in self.pivot.paths()}
            found = [((value,), ()) for value in sorted(marks, key=lambda value: self.pivot.marks[1][value].order)]
        else:
            return [((), ())]
        found = [one for one in found if any(self.cell((*bar, *one[0]), one[1]) is not None for bar in self.bars)]
        if len(found) > MOST_SERIES:
            found.sort(key=lambda one: -sum(self.value((*bar, *one[0]), one[1]) or 0 for bar in self.bars))
        return found

    def cell(self, down: Path, across: Path) -> Cell | None:
        place = self.pivot.places.get((down, across))
        if place is None or not place.count:
            return None
        cells = self.measure.cells(place.count, place.found.get(self.at, {}))
        return next((cell for cell in cells if cell.currency == self.currency), None)

    def value(self, down: Path, across: Path) -> float | None:
        cell = self.cell(down, across)
        return float(cell.value) if cell is not None and cell.value is not None else None

    def _name(self, series: tuple[Path, Path]) -> str:
        down, across = series
        if across:
            return self.pivot.marks_at(across, across=True)[0][1].label
        return self.pivot.marks[1][down[0]].label if down else str(self.measure.label)

    def _address(self, bar: Path, series: tuple[Path, Path]) -> str:
        return list_address(self.pivot.query, [*self.pivot.marks_at((*bar, *series[0])), *self.pivot.marks_at(series[1], across=True)])

    @property
    def is_empty(self) -> bool:
        return not self.pivot.total.count or not self.bars

    @property
    def title(self) -> str:
        return ", ".join(str(part) for part in (self.measure.label, *(axis.label for axis in self.pivot.axes)))

    def drawn(self) -> str:
        """What the script draws, as JSON: names, values, how these are said, and where a click leads."""
        bars = self.bars[:MOST_BARS] if not self.pivot.down or not self.pivot.down[0].step else self.bars
        series = self.all_series[:MOST_SERIES] if self.kind != "pie" else [((), ())]
        made = []
        for one in series:
            cells = [self.cell((*bar, *one[0]), one[1]) for bar in bars]
            made.append({
                "name": self._name(one), "values": [float(cell.value) if cell is not None else None for cell in cells],
                "said": [text_of(cell, self.pivot.actor) if cell is not None else "" for cell in cells],
                "urls": [self._address(bar, one) if cell is not None else "" for bar, cell in zip(bars, cells, strict=True)],
            })
        names = [self.pivot.marks_at(bar)[0][1].label for bar in bars]
        return json.dumps({"kind": self.kind, "names": names, "series": made}, ensure_ascii=False)


def _periods(first: date, last: date, step: str) -> Iterator[date]:
    while first <= last:
        yield first
        first = last_day(first, step) + timedelta(days=1)


def _currency_links(chart: Chart) -> list[tuple[str, str, bool]]:
    if len(chart.currencies) < 2:
        return []
    return [(one, chart.pivot.query.address(currency=one), one == chart.currency) for one in chart.currencies]


@page("view")
def regions_page(visit: Visit) -> HttpResponse:
    """Where the rows are: a bar for each region, with its share."""
    query = query_of(visit)
    offered_here = [axis for name in query.screen.regions if (axis := axis_of(query, name)) is not None]
    axis = next((one for one in offered_here if one.word == query.params.get("by")), next(iter(offered_here), None))
    if axis is None:
        raise Missing(_("You may not see where these are."))
    pivot = Pivot(query, [axis], Pivot(query).measures[-1:] if not query.params.get("measures") else Pivot(query).measures[:1]).ask()
    chart = Chart(pivot)
    return visit.render("screens/regions.html", {
        "query": query, "pivot": pivot, "chart": chart, "axis": axis, "regions": _regions(chart), "total": chart.cell((), ()),
        "ways": [(one, query.address(by=one.word), one.word == axis.word) for one in offered_here], "currencies": _currency_links(chart),
        **question_of(pivot, one_measure=True), "choices": [], **standing_of(pivot), **bar_of(query, "regions"),
    })


def _regions(chart: Chart) -> list[Region]:
    pivot = chart.pivot
    values = {bar: chart.value(bar, ()) or 0 for bar in chart.bars}
    whole, most = sum(values.values()), max([1e-9, *values.values()])
    found = [
        Region(
            pivot.marks_at(bar)[0][1].label, pivot.places[(bar, ())].count, chart.cell(bar, ()), value / whole if whole else 0,
            round(100 * max(0, value) / most), chart._address(bar, ((), ())),
        )
        for bar, value in values.items()
    ]
    order = {id(region): bar[0] is None for region, bar in zip(found, values, strict=True)}
    return sorted(found, key=lambda region: (order[id(region)], -region.share, region.label))


@page("view")
def funnel_page(visit: Visit) -> HttpResponse:
    """How far the rows came, from step to step."""
    query = query_of(visit)
    funnel = FunnelOf(query)
    steps = funnel.steps()
    return visit.render("screens/funnel.html", {
        "query": query, "steps": steps, "is_empty": not steps or not steps[0].count, **standing_of(funnel.pivot), **bar_of(query, "funnel"),
    })
