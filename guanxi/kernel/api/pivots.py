"""Pivots of a list: the pages' words, figures as exact texts, amounts by currency."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.acts.writer import require
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import Problem, json_answer
from guanxi.kernel.api.shapes import Json, amount, figure, simple
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.measures import Measure
from guanxi.kernel.pivot.pivot import MOST_PLACES, Path, Pivot, Place
from guanxi.kernel.screens.screen import Screen

PLAIN = frozenset({"q", "where", "rows", "across", "measures", "wait"})


def told(call: Call, screen: type[Screen]) -> HttpResponse:
    """`rows`, `across`, `measures` over the rows that the filters leave; subtotals are cells with shorter paths."""
    require(call.actor, "view", screen.model)
    for name in call.parameters:
        if name not in PLAIN and not name.startswith("f."):
            raise Problem(400, "bad_query", _("There is no parameter “%(name)s”.") % {"name": name[:60]})
    query = ListQuery(screen, call.actor, call.parameters, set_key=call.set_key)
    pivot = Pivot(query)
    if query.notes:
        raise Problem(400, "bad_query", " ".join(str(note) for note in query.notes))
    pivot.ask()
    if pivot.is_stopped:
        raise Problem(503, "too_slow", _("This takes too long: narrow the filters, or send wait=yes to wait longer."))
    if pivot.is_cut:
        raise Problem(400, "bad_query", _("These are more than %(max)s cells: choose longer periods or fewer columns.") % {"max": MOST_PLACES})
    axes = {name: [{"word": a.word, "label": str(a.label)} for a in found] for name, found in (("rows", pivot.down), ("across", pivot.across))}
    order = {path: at for at, path in enumerate([*pivot.paths(), *pivot.paths(across=True)])}
    found = sorted(pivot.places.items(), key=lambda item: (len(item[0][0]), len(item[0][1]), *(order.get(path, 0) for path in item[0])))
    return json_answer({
        **axes, "measures": [{"word": m.word, "label": str(m.label)} for m in pivot.measures],
        "cells": [_cell(pivot, down, across, place) for (down, across), place in found],
    })


def _cell(pivot: Pivot, down: Path, across: Path, place: Place) -> Json:
    """One cell by the values and labels of its axes."""
    marks = {"rows": pivot.marks_at(down), "across": pivot.marks_at(across, across=True)}
    said = {name: [{"value": simple(axis.column.kind, mark.value), "label": mark.label} for axis, mark in found] for name, found in marks.items()}
    return {**said, "figures": {measure.word: _figure(pivot, measure, place) for measure in pivot.measures}}


def _figure(pivot: Pivot, measure: Measure, place: Place) -> Any:
    if measure.column is None:
        return place.count
    cells = measure.cells(place.count, place.found.get(pivot.columns.index(measure.column.name), {}))
    if measure.is_money:
        return {cell.currency: amount(cell.value, cell.currency) for cell in cells}
    return figure(cells[0].value) if cells else None
