"""Making and changing records: the form, the conflict of two people, copying, archiving, deleting."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import router
from django.db.models import ProtectedError
from django.db.models.deletion import Collector
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from guanxi.kernel.acts.writer import archive_record, change_record, create_record, delete_record
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.records.refusals import Conflict, Forbidden, Refused
from guanxi.kernel.screens.cells import Row
from guanxi.kernel.screens.forms import FieldMaker, LineTable, from_row, new_key, read_values
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.unsaved.models import UnsavedForm
from guanxi.web.views.by_hand import form_columns, require_by_hand
from guanxi.web.views.conflicts import draw_conflict, put_together, sent_version
from guanxi.web.views.drafting import propose
from guanxi.web.views.form_lines import LINES, SEEN, as_seen, line_columns, saved_lines, sent_lines, shown_columns
from guanxi.web.views.records import cells_for, record_of
from guanxi.web.views.say import tell
from guanxi.web.views.unsaved import GO_ON, form_name, is_saved, left_in
from guanxi.web.why import proposed_fields

AGAIN = "drawn_again"
"""Sent with a form that is only to be drawn again with what was typed: in another language."""


def draw_form(
    visit: Visit, raw: Mapping[str, Any], lines: Sequence[tuple[int, Mapping[str, Any]]], *, errors: Mapping[str, list[str]] | None = None,
    refused: Refused | None = None, record: Any = None, version: int | None = None, cells: Mapping[str, Row] | None = None, seen: str = "",
    status: int = 200, proposed: Mapping[str, Collection[str]] | None = None,
) -> HttpResponse:
    """The form page, or its part in a dialog; `errors` by column, the rest above the form."""
    screen = visit.screen
    assert screen is not None
    request = visit.request
    sent = request.POST if request.method == "POST" else request.GET
    quick = bool(sent.get("quick"))
    maker = FieldMaker(visit.actor, visit.set_key, screen.narrowing())
    columns = form_columns(visit)
    errors = dict(errors or {})
    asked = set(quick_names(screen, columns)) if quick else set(columns)
    sections = []
    placed: set[str] = set()
    for label, names in screen.all_sections():
        fields = [maker.field(columns[n], n, raw.get(n), errors) for n in names if n in columns and n in asked]
        placed |= {f.name for f in fields}
        if fields:
            sections.append((label, fields))
    rest = [maker.field(c, n, raw.get(n), errors) for n, c in columns.items() if n in asked and n not in placed]
    if rest:
        sections.insert(0, ("", rest))
    table: LineTable | None = None
    if screen.lines and not quick:
        table = maker.lines(
            LINES, line_columns(visit), lines or [(0, {})], errors, shown_columns(visit), cells, screen.lines.section, dict(screen.lines.inside)
        )
        for made in (f for line in table.rows for f in line.fields if f.column.name in (proposed or {}).get(str(line.id), ())):
            # What nobody decided is sent empty, so that it follows what is changed beside it.
            made.is_proposed = True
        table.preview_url = screen.url(visit.set_key, rest=f"preview/{f'?id={record.pk}' if record else ''}")
    maker.name_references()
    is_refused = bool(errors or refused) or AGAIN in sent or GO_ON in sent
    if not quick and (record is None or is_refused):
        propose(visit, [f for _label, fields in sections for f in fields], table, raw, lines, record)
    for made in (f for _label, fields in sections for f in fields if f.name in screen.advice):
        made.advice_url = screen.url(visit.set_key, rest=f"advice/{made.name}/{f'?id={record.pk}' if record else ''}")
    drawn = {f.name for _label, fields in sections for f in fields}
    general = [m for name, messages in errors.items() if name not in drawn and not name.startswith(f"{LINES}.") and name != LINES for m in messages]
    if refused is not None and not errors:
        general.append(str(refused))
    totals = [columns_of(screen.model)[n] for n in screen.totals if visit.actor.sees(columns_of(screen.model)[n])]
    return visit.render("screens/quick.html" if quick else ("screens/form_part.html" if visit.is_part else "screens/form.html"), {
        "record": record, "sections": sections, "table": table, "totals": totals, "general": general, "version": version,
        "key": sent.get("key") if request.method == "POST" and sent.get("key") else new_key(), "quick": quick,
        "back": screen.url(visit.set_key, record.pk if record else None), "is_refused": is_refused,
        "seen_name": SEEN, "seen": seen, "form_name": form_name(visit),
        "left": None if quick or request.method == "POST" or GO_ON in sent else left_in(visit),
    }, status=status)


def quick_names(screen, columns: Mapping[str, Column]) -> list[str]:
    quick = [n for n in screen.quick if n in columns]
    needed = [n for n, c in columns.items() if c.required and (not quick or c.source == "added")]
    return quick + needed or [screen.title]


@page("view")
def advice(visit: Visit, name: str) -> HttpResponse:
    """What stands under a field, for the values of the form as they are now; nothing is written."""
    screen, sent = visit.screen, visit.request.POST
    assert screen is not None
    if visit.request.method != "POST":
        raise Refused(_("There is nothing to say about this."))
    given = visit.request.GET.get("id", "")
    record = record_of(visit, int(given)) if given.isdecimal() and len(given) < 19 else None
    return visit.render("screens/advice.html", {"advice": screen.advice[name](read_values(form_columns(visit).values(), sent), visit.actor, record)})


# ---- new ------------------------------------------------------------------------------------------------------------

def draw_new_again(visit: Visit, left: QueryDict | None = None) -> HttpResponse:
    """With what was sent, or with what was left in it."""
    sent = visit.request.POST if left is None else left
    raw = read_values(form_columns(visit).values(), sent, partial=bool(sent.get("quick")))
    return draw_form(
        visit, raw, sent_lines(visit, sent), errors=getattr(visit.refused, "errors", None), refused=visit.refused,
        status=visit.refused.status if visit.refused else 200,
    )


@page("add", on_refused=draw_new_again)
def new_page(visit: Visit) -> HttpResponse:
    """An empty form (filled from the address or from a row to copy), and saving it."""
    screen, request = visit.screen, visit.request
    assert screen is not None
    if not screen.may_create:
        raise Forbidden(_("%(what)s come from other steps of the work; they are not entered by hand.") % {"what": screen.plural()})
    columns = form_columns(visit)
    if AGAIN in request.POST:
        return draw_new_again(visit)
    if request.method != "POST":
        if GO_ON in request.GET and (left := left_in(visit)) is not None:
            return draw_new_again(visit, left.sent)
        raw, lines = _start(visit, columns)
        return draw_form(visit, raw, lines)
    quick = bool(request.POST.get("quick"))
    values = read_values(columns.values(), request.POST, partial=quick)
    if screen.lines and not quick:
        values[LINES] = [line for _at, line in sent_lines(visit, request.POST)]
    outcome = create_record(screen.model, values, actor=visit.actor, key=request.POST.get("key"))
    record = outcome.result
    if quick:
        made = json.dumps({"created": {"id": record.pk, "label": str(record)}})
        return HttpResponse(status=204, headers={"HX-Trigger": made})
    is_saved(visit)
    # A number that was given stays given: what has one is cancelled, not undone from a message.
    undo = None if screen.model.number_series else outcome.act_id
    tell(visit, _("%(what)s %(row)s is saved.") % {"what": screen.singular(), "row": record}, undo=undo)
    return visit.redirect(screen.url(visit.set_key, record.pk))


def _start(visit: Visit, columns: Mapping[str, Column]) -> tuple[dict[str, Any], list[tuple[int, dict[str, Any]]]]:
    """What a new form starts with: the address, or the row to copy."""
    screen, given = visit.screen, visit.request.GET
    assert screen is not None
    raw: dict[str, Any] = {}
    lines: list[tuple[int, dict[str, Any]]] = []
    if given.get("copy", "").isdecimal():
        source = record_of(visit, int(given["copy"]))
        copied = {n: c for n, c in columns.items() if not c.unique}
        raw = from_row(copied.values(), cells_for(visit, source.pk, tuple(copied), whole=True))
        if screen.lines:
            lines = [(at, from_row(line_columns(visit), row)) for at, row in enumerate(saved_lines(visit, source.pk))]
    raw |= read_values([c for n, c in columns.items() if n in given], given, partial=True)
    if given.get("typed") and screen.title in columns:
        raw[screen.title] = given["typed"]
    return raw, lines


# ---- change ---------------------------------------------------------------------------------------------------------

def draw_edit_again(visit: Visit, pk: int, left: UnsavedForm | None = None) -> HttpResponse:
    sent, refused = visit.request.POST if left is None else left.sent, visit.refused
    record = record_of(visit, pk)
    columns = form_columns(visit)
    raw = read_values(columns.values(), sent)
    if theirs := {name: column for name, column in columns.items() if sent.get(f"keep.{name}") == "theirs"}:
        raw |= from_row(theirs.values(), cells_for(visit, pk, tuple(theirs), whole=True))
    lines = sent_lines(visit, sent)
    if isinstance(refused, Conflict):
        return draw_conflict(visit, record, raw, lines)
    cells = {str(row.pk): row for row in saved_lines(visit, pk)}
    return draw_form(
        visit, raw, lines, errors=getattr(refused, "errors", None), refused=refused, record=record,
        version=int(sent.get("version") or 0) if left is None else left.record_version, cells=cells, seen=sent.get(SEEN, ""),
        status=refused.status if refused else 200,
    )


@page("change", on_refused=draw_edit_again)
def edit_page(visit: Visit, pk: int) -> HttpResponse:
    screen, request = visit.screen, visit.request
    assert screen is not None
    require_by_hand(screen)
    record = record_of(visit, pk)
    columns = form_columns(visit)
    if AGAIN in request.POST:
        return draw_edit_again(visit, pk)
    if request.method != "POST":
        if GO_ON in request.GET and (left := left_in(visit)) is not None:
            return draw_edit_again(visit, pk, left)
        row = cells_for(visit, pk, tuple(columns), whole=True)
        rows = saved_lines(visit, pk)
        lines = [(at, {**from_row(line_columns(visit), line), "id": line.pk}) for at, line in enumerate(rows)]
        proposed = proposed_fields(screen.lines.model, screen.lines.parent, pk) if screen.lines else None
        return draw_form(
            visit, from_row(columns.values(), row), lines, record=record, version=row.version, cells={str(r.pk): r for r in rows},
            seen=as_seen(columns.values(), row, line_columns(visit), rows, proposed), proposed=proposed,
        )
    values = read_values(columns.values(), request.POST)
    # After a conflict: what the other person saved is kept where that was chosen.
    values = {name: value for name, value in values.items() if request.POST.get(f"keep.{name}") != "theirs"}
    if screen.lines:
        values[LINES] = [line for _at, line in sent_lines(visit, request.POST)]
    version, said = sent_version(visit), _("Saved.")
    if together := put_together(visit, record, values):
        (values, version), said = together, _("Saved. What somebody else saved meanwhile was kept as well.")
    outcome = change_record(pk, values, model=screen.model, actor=visit.actor, version=version, key=request.POST.get("key"))
    is_saved(visit)
    tell(visit, said, undo=outcome.act_id)
    return visit.redirect(screen.url(visit.set_key, pk))


# ---- away with it ---------------------------------------------------------------------------------------------------

@page("change")
def archive(visit: Visit, pk: int) -> HttpResponse:
    """Put away, or take out again."""
    require_by_hand(visit.screen)
    record = record_of(visit, pk)
    if visit.request.method != "POST":
        return visit.redirect(visit.screen.url(visit.set_key, pk))  # type: ignore[union-attr]
    restore = bool(visit.request.POST.get("restore"))
    outcome = archive_record(record, actor=visit.actor, key=visit.request.POST.get("key"), restore=restore)
    text = _("%(row)s is back in use.") if restore else _("%(row)s is archived.")
    tell(visit, text % {"row": record}, undo=outcome.act_id)
    return visit.redirect(visit.screen.url(visit.set_key, pk))  # type: ignore[union-attr]


def draw_deletion(visit: Visit, pk: int) -> HttpResponse:
    """What goes with it, and what stands in the way."""
    record = record_of(visit, pk)
    collector = Collector(using=router.db_for_write(type(record)))
    counts: dict[str, int] = {}
    protected: dict[str, int] = {}
    try:
        collector.collect([record])
    except ProtectedError as error:
        for row in error.protected_objects:
            name = str(row._meta.verbose_name_plural)
            protected[name] = protected.get(name, 0) + 1
    else:
        found = {model: len(rows) for model, rows in collector.data.items()}
        for rows in collector.fast_deletes:
            if rows.model is not type(record):
                found[rows.model] = found.get(rows.model, 0) + rows.count()
        counts = {str(label): count for label, count in visit.screen.goes_with(record).items()}  # type: ignore[union-attr]
        counts |= {str(m._meta.verbose_name_plural): n for m, n in found.items() if m is not type(record) and n and not m._meta.auto_created}
    return visit.render("screens/delete.html", {
        "record": record, "counts": counts, "protected": protected, "key": new_key(), "refused": visit.refused,
        "may_archive": hasattr(record, "archived_at"), "url": visit.screen.url(visit.set_key, pk),  # type: ignore[union-attr]
    }, status=visit.refused.status if visit.refused else 200)


@page("delete", on_refused=draw_deletion)
def delete(visit: Visit, pk: int) -> HttpResponse:
    require_by_hand(visit.screen)
    if visit.request.method != "POST":
        return draw_deletion(visit, pk)
    record = record_of(visit, pk)
    name = str(record)
    outcome = delete_record(record, actor=visit.actor, key=visit.request.POST.get("key"))
    tell(visit, _("%(row)s is deleted.") % {"row": name}, undo=outcome.act_id)
    return visit.redirect(visit.screen.url(visit.set_key))  # type: ignore[union-attr]
