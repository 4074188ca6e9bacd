"""One value of one row, changed where it stands in a list."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from guanxi.kernel.acts.writer import change_record
from guanxi.kernel.columns.column import Column
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.refusals import Conflict, Missing
from guanxi.kernel.screens.cells import rows_of
from guanxi.kernel.screens.forms import FieldMaker, from_row, new_key, read_values
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.by_hand import editable_names, form_columns, require_by_hand
from guanxi.web.views.conflicts import put_together, sent_version, who_changed
from guanxi.web.views.form_lines import SEEN, as_seen
from guanxi.web.views.lists import on_phone
from guanxi.web.views.records import cells_for, draw_peek, record_of
from guanxi.web.views.say import offer_undo


def _column(visit: Visit, name: str) -> Column:
    if name not in editable_names(visit):
        raise Missing(_("There is no such column, or you may not see it."))
    return form_columns(visit)[name]


def _draw(visit: Visit, pk: int, name: str, raw: Any, version: int, seen: str, errors: Any = None, theirs: Any = None) -> HttpResponse:
    column = _column(visit, name)
    maker = FieldMaker(visit.actor, visit.set_key, visit.screen.narrowing() if visit.screen else {})
    field = maker.field(column, name, raw, errors or {})
    maker.name_references()
    refused, sent = visit.refused, visit.request.POST or visit.request.GET
    return visit.render("screens/cell_edit.html", {
        "field": field, "version": version, "place": sent.get("place", ""), "key": new_key(), "theirs": theirs, "seen_name": SEEN, "seen": seen,
        "who": who_changed(visit, record_of(visit, pk), [name]) if theirs is not None else "",
        "is_refused": refused is not None,
        "problem": "" if refused is None or isinstance(refused, Conflict) or (errors or {}).get(name) else str(refused),
        "address": f"{visit.screen.url(visit.set_key, pk)}cell/{name}/",  # type: ignore[union-attr]
    }, status=refused.status if refused else 200)


def draw_cell_again(visit: Visit, pk: int, name: str) -> HttpResponse:
    """Refused: the field with what was typed and why; after somebody else's change with both values."""
    column, sent = _column(visit, name), visit.request.POST
    raw = read_values([column], sent).get(name)
    record_of(visit, pk)
    row = cells_for(visit, pk, (name,))
    is_conflict = isinstance(visit.refused, Conflict)
    version = row.version if is_conflict else int(sent.get("version") or 0)
    seen = as_seen([column], cells_for(visit, pk, (name,), whole=True), [], []) if is_conflict else sent.get(SEEN, "")
    answer = _draw(visit, pk, name, raw, version, seen, getattr(visit.refused, "errors", None), row.get(name) if is_conflict else None)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#cell-edit", "outerHTML"
    return answer


@page("change", on_refused=draw_cell_again)
def cell_page(visit: Visit, pk: int, name: str) -> HttpResponse:
    """The field of one cell, and saving it; the answer is the row as the list (whose address comes as `state`) shows it now."""
    require_by_hand(visit.screen)
    column = _column(visit, name)
    record = record_of(visit, pk)
    if visit.request.method != "POST":
        row = cells_for(visit, pk, (name,), whole=True)
        return _draw(visit, pk, name, from_row([column], row).get(name), row.version, as_seen([column], row, [], []))
    assert (screen := visit.screen) is not None
    sent = visit.request.POST
    if sent.get("keep") == "theirs":
        return _shown(visit, pk)
    values = read_values([column], sent)
    # Somebody else may have changed the row, but not this value.
    values, version = put_together(visit, record, values) or (values, sent_version(visit))
    outcome = change_record(pk, values, model=screen.model, actor=visit.actor, version=version, key=sent.get("key"))
    answer = _shown(visit, pk)
    offer_undo(visit, answer, _("Saved."), outcome.act_id)
    return answer


def _shown(visit: Visit, pk: int) -> HttpResponse:
    """The row as the list shows it now; for the panel, it with the row beside it."""
    assert visit.screen is not None
    sent = visit.request.POST
    query = ListQuery(visit.screen, visit.actor, QueryDict(sent.get("state", "").lstrip("?")), set_key=visit.set_key)
    rows = visit.screen.model.objects.visible_to(visit.actor).filter(pk=pk)
    shown = rows_of(rows, query.shown, visit.actor, visit.set_key, templates=visit.screen.value_templates)
    answer = visit.render("screens/row.html", {"rows": shown, "phone": on_phone(query), "editable": editable_names(visit)})
    if sent.get("place") != "peek":
        return answer
    row = answer.content.decode().replace("<tr ", f"<tr hx-swap-oob=\"outerHTML:[data-rows] tr[data-id='{pk}']\" ", 1)
    panel = draw_peek(visit, pk)
    panel.content = panel.content.decode() + f"<template>{row}</template>"
    return panel
