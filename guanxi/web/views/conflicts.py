"""Two people changed one record: what only one of them changed is taken, what both changed is chosen, column by column and line by line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.kernel.acts.writer import check
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.screens.cells import Cell, Row
from guanxi.kernel.screens.forms import Field, FieldMaker, from_row, new_key
from guanxi.kernel.screens.visit import Visit
from guanxi.web.views.by_hand import form_columns
from guanxi.web.views.form_lines import LINES, SEEN, Sent, as_seen, line_columns, saved_lines, seen_head, seen_lines, texts_of
from guanxi.web.views.history import history_of
from guanxi.web.views.line_conflicts import meet
from guanxi.web.views.records import cells_for
from guanxi.web.why import proposed_fields


def whose_changes(columns: Iterable[Column], row: Row, raw: Mapping[str, Any], sent: Any) -> dict[str, str]:
    """For each column whose typed value is not the saved one: whose change that is, "mine", "theirs" or "both" (also where nobody can tell)."""
    columns = list(columns)
    seen, typed, saved = seen_head(sent), texts_of(columns, raw), texts_of(columns, from_row(columns, row))
    found = {}
    for name in (column.name for column in columns if column.name in raw and typed[column.name] != saved[column.name]):
        is_mine, is_theirs = typed[name] != seen.get(name), saved[name] != seen.get(name)
        found[name] = "both" if is_mine and is_theirs else "mine" if is_mine else "theirs"
    return found


def sent_version(visit: Visit) -> int | None:
    given = visit.request.POST.get("version", "")
    return int(given) if given.isdecimal() else None


def put_together(visit: Visit, record: Any, values: Mapping[str, Any]) -> tuple[dict[str, Any], int] | None:
    """Mine without what only the other changed, and the version on which to save it; None where nobody did, or something is to be chosen."""
    if sent_version(visit) in (None, record.version):
        return None
    columns = {name: column for name, column in form_columns(visit).items() if name in values}
    row = cells_for(visit, record.pk, tuple(columns), whole=True)
    whose = whose_changes(columns.values(), row, values, visit.request.POST)
    entered = line_columns(visit) if LINES in values else []
    lines = {str(line.pk): texts_of(entered, from_row(entered, line)) for line in saved_lines(visit, record.pk)} if entered else {}
    if "both" in whose.values() or list(lines.items()) != list(seen_lines(visit.request.POST).items()):
        return None
    return {name: value for name, value in values.items() if whose.get(name) != "theirs"}, row.version


def who_changed(visit: Visit, record: Any, names: Collection[str], *, lines: bool = False) -> str:
    """The names of those who changed these columns, or the lines, last."""
    assert visit.screen is not None
    left, found = set(names), list[str]()
    for change in history_of(record, visit.screen, visit.actor, visit.set_key):
        touched = left & {new.column.name for _label, _old, new in change.fields if not change.line}
        counts = lines if change.line else bool(touched)
        left -= touched
        lines = lines and not change.line
        if counts and change.member and change.member[1] not in found:
            found.append(change.member[1])
    return _(", ").join(found)


def draw_conflict(visit: Visit, record: Any, raw: Mapping[str, Any], mine: Sent) -> HttpResponse:
    """What is chosen is saved over the version now shown; `mine` are the lines."""
    columns = form_columns(visit)
    row, whole = cells_for(visit, record.pk, tuple(columns)), cells_for(visit, record.pk, tuple(columns), whole=True)
    saved = from_row(columns.values(), whole)
    whose = whose_changes(columns.values(), whole, raw, visit.request.POST)
    maker = FieldMaker(visit.actor, visit.set_key)
    fields = {n: maker.field(c, n, saved.get(n) if n not in raw or whose.get(n) == "theirs" else raw[n]) for n, c in columns.items()}
    entered, theirs, known = line_columns(visit), saved_lines(visit, record.pk), visit.screen.lines if visit.screen else None
    proposed = proposed_fields(known.model, known.parent, record.pk) if known else {}
    lines = meet(entered, maker, visit.request.POST, mine, theirs, proposed)
    maker.name_references()
    [draft] = check(replace(form_of(type(record)), lines=None), [raw], visit.actor, instances=[record])
    both = [name for name, who in whose.items() if who == "both"]
    pairs = [(columns[name], row.get(name), _typed(fields[name], row.get(name), draft), fields[name]) for name in both]
    met = [(number, one) for number, one in enumerate(lines, start=1) if one.kept != "both"]
    return visit.render("screens/conflict_part.html" if visit.is_part else "screens/conflict.html", {
        "record": record, "pairs": pairs, "same": [made for name, made in fields.items() if name not in both], "version": record.version,
        "key": new_key(), "lines": lines, "lines_name": LINES, "met": met, "seen_name": SEEN,
        "seen": as_seen(columns.values(), whole, entered, theirs, proposed), "who": who_changed(visit, record, both, lines=bool(met)),
        "back": visit.screen.url(visit.set_key, record.pk) if visit.screen else "",
    }, status=409)


def _typed(field: Field, theirs: Cell | None, draft: Draft) -> Cell:
    """What was typed, as a cell that is drawn like the saved one; as it was typed where it is no such value."""
    column = field.column
    cell = theirs or Cell(column, None)
    if column.many:
        return replace(cell, value=None, parts=[Cell(replace(column, many=False), pk, title) for pk, title in field.parts])
    if column.kind == "reference":
        return replace(cell, value=field.value or None, title=field.title, url="")
    if column.name in draft.errors or column.name not in draft.values:
        return Cell(replace(column, kind="text", choices=()), field.value)
    value = draft.values[column.name]
    if isinstance(value, Mapping) and column.kind == "translated":
        value = value.get(get_language()) or next((text for text in value.values() if text), "")
    return replace(cell, value=value)
