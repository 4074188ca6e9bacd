"""Two people changed one record: both values, column by column, and both sets of lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.columns.text import text_of
from guanxi.kernel.screens.cells import Row
from guanxi.kernel.screens.forms import Field, FieldMaker, from_row, new_key
from guanxi.kernel.screens.visit import Visit
from guanxi.web.views.by_hand import form_columns
from guanxi.web.views.records import cells_for

LINES = "lines"
Entered = Sequence[tuple[int, Mapping[str, Any]]]


def draw_conflict(visit: Visit, record: Any, raw: Mapping[str, Any], mine: Entered, theirs: Sequence[Row]) -> HttpResponse:
    """What is chosen is saved over the version now shown; `mine` and `theirs` are the lines."""
    columns = form_columns(visit)
    row = cells_for(visit, record.pk, tuple(columns))
    saved = from_row(columns.values(), cells_for(visit, record.pk, tuple(columns), whole=True))
    maker = FieldMaker(visit.actor, visit.set_key)
    pairs: list[Any] = []
    same: list[Any] = []
    for name, column in columns.items():
        field = maker.field(column, name, raw.get(name))
        (same if _is_equal(saved.get(name), field) else pairs).append((column, row.get(name), field))
    lines = _lines(visit, maker, mine, theirs)
    maker.name_references()
    kept = {str(line.pk) for line in theirs}
    sent = [
        (name, value) for name, values in visit.request.POST.lists() if name.startswith(f"{LINES}.") for value in values
        # A line that the other person took away is a new one if mine are kept.
        if not name.endswith(".id") or value in kept
    ]
    return visit.render("screens/conflict_part.html" if visit.is_part else "screens/conflict.html", {
        "record": record, "pairs": pairs, "same": same, "version": record.version, "key": new_key(), "lines": sent,
        "their_lines": lines[0], "my_lines": [_said(fields) for fields in lines[1]], "lines_differ": lines[2],
        "back": visit.screen.url(visit.set_key, record.pk) if visit.screen else "",
    }, status=409)


def _is_equal(saved: Any, field: Field) -> bool:
    if field.column.many:
        return {pk for pk, _title in saved or []} == {pk for pk, _title in field.parts}
    value = saved[0] if isinstance(saved, tuple) else saved
    if value in (None, "") or field.value in (None, ""):
        return value in (None, "") and field.value in (None, "")
    return value == field.value


def _lines(visit: Visit, maker: FieldMaker, mine: Entered, theirs: Sequence[Row]) -> tuple[list[str], list[list[Field]], bool]:
    """Both sets of lines, and whether they differ."""
    if visit.screen is None or visit.screen.lines is None:
        return [], [], False
    columns = visit.screen.lines.seen(visit.screen.lines.entered, visit.actor)
    entered = [[maker.field(c, f"{LINES}.{at}.{c.name}", values.get(c.name)) for c in columns] for at, values in mine]
    saved = [from_row(columns, line) for line in theirs]
    differ = len(entered) != len(saved) or any(
        not _is_equal(line.get(field.column.name), field) for line, fields in zip(saved, entered, strict=True) for field in fields
    )
    told = [" · ".join(text_of(cell, visit.actor) for c in columns if (cell := line.get(c.name)) and not cell.is_blank) for line in theirs]
    return told, entered, differ


def _said(fields: list[Field]) -> str:
    """One line as it was typed."""
    shown = [f.title or (_("yes") if f.value is True else str(f.column.label_of(f.value) or "")) for f in fields]
    return " · ".join(part for part in shown if part)
