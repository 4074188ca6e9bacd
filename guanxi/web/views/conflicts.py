"""Two people changed one record: both values, column by column and line by line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from guanxi.kernel.screens.forms import Field, FieldMaker, from_row, new_key
from guanxi.kernel.screens.visit import Visit
from guanxi.web.views.by_hand import form_columns
from guanxi.web.views.form_lines import LINES, SEEN, Sent, as_seen, line_columns, saved_lines
from guanxi.web.views.line_conflicts import meet
from guanxi.web.views.records import cells_for


def draw_conflict(visit: Visit, record: Any, raw: Mapping[str, Any], mine: Sent) -> HttpResponse:
    """What is chosen is saved over the version now shown; `mine` are the lines."""
    columns = form_columns(visit)
    row = cells_for(visit, record.pk, tuple(columns))
    saved = from_row(columns.values(), cells_for(visit, record.pk, tuple(columns), whole=True))
    maker = FieldMaker(visit.actor, visit.set_key)
    pairs: list[Any] = []
    same: list[Any] = []
    for name, column in columns.items():
        field = maker.field(column, name, raw.get(name))
        (same if _is_equal(saved.get(name), field) else pairs).append((column, row.get(name), field))
    entered, theirs = line_columns(visit), saved_lines(visit, record.pk)
    lines = meet(entered, maker, visit.request.POST, mine, theirs)
    maker.name_references()
    return visit.render("screens/conflict_part.html" if visit.is_part else "screens/conflict.html", {
        "record": record, "pairs": pairs, "same": same, "version": record.version, "key": new_key(), "lines": lines, "lines_name": LINES,
        "met": [(number, one) for number, one in enumerate(lines, start=1) if one.kept != "both"],
        "seen_name": SEEN, "seen": as_seen(entered, theirs) if entered else "",
        "back": visit.screen.url(visit.set_key, record.pk) if visit.screen else "",
    }, status=409)


def _is_equal(saved: Any, field: Field) -> bool:
    if field.column.many:
        return {pk for pk, _title in saved or []} == {pk for pk, _title in field.parts}
    value = saved[0] if isinstance(saved, tuple) else saved
    if value in (None, "") or field.value in (None, ""):
        return value in (None, "") and field.value in (None, "")
    return value == field.value
