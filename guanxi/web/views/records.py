"""The page of one record: what it is, what may be done, its lines, its tabs, its time line, its history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.about.links import RecordLink, links_of
from guanxi.kernel.about.timeline import timeline_of
from guanxi.kernel.access.standing import assignments_of
from guanxi.kernel.access.why import why
from guanxi.kernel.acts.approval import is_approver
from guanxi.kernel.acts.models import ApprovalRequest
from guanxi.kernel.acts.operation import operation_named
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.conditions import unknown_in
from guanxi.kernel.columns.sections import line_sections
from guanxi.kernel.database.known import known
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.refusals import Missing, no_such
from guanxi.kernel.screens.cells import Row, rows_by
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.panels import counts_of, panels_of
from guanxi.kernel.screens.screen import Lines
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.templatetags.rows import Heading
from guanxi.web.views.acting import acting_on
from guanxi.web.views.by_hand import editable_names
from guanxi.web.views.history import history_of
from guanxi.web.views.lists import headers_of, on_phone
from guanxi.web.views.print_links import print_links
from guanxi.web.views.remarks import remarks_on
from guanxi.web.views.talking import talk_about
from guanxi.web.why import explain_prices

PANEL_ROWS = 50
DRESSED: dict[str, Callable[[Visit, list[Row]], frozenset[str]]] = {}
"""Kind of line → a page's function that draws more into the rows of a document's lines; it names the columns that are said by others then."""


def record_of(visit: Visit, pk: int) -> Any:
    """The row, if the actor may see it."""
    assert visit.screen is not None
    found = _seen(pk, model=visit.screen.model, eyes=visit.actor.eyes)
    if not found:
        raise no_such(visit.screen.model, pk, visit.actor)
    return found[0]


@known
def _seen(pk: int, *, model: Any, eyes: Any) -> Any:
    return model.objects.each_visible_to(eyes.actor).filter(pk=pk)


def cells_for(visit: Visit, pk: int, names: tuple[str, ...], *, whole: bool = False) -> Row:
    """One row's cells for these column names (as far as the actor may read them)."""
    assert visit.screen is not None
    names = tuple(dict.fromkeys(names))
    rows = rows_by(pk, visit.screen, names, visit.actor, visit.set_key, templates=visit.screen.value_templates, whole=whole)
    if not rows:
        raise Missing(_("It has just been deleted."))
    return rows[0]


def page_names(screen) -> tuple[str, ...]:
    """Every column that the page of a record shows."""
    sections = [name for _label, names in screen.all_sections() for name in names]
    status = ["status"] if hasattr(screen.model, "lifecycle") else []
    return (screen.title, *status, *screen.subtitle, *screen.facts, *screen.totals, *sections)


def lines_of(visit: Visit, pk: int) -> dict[str, Any] | None:
    screen = visit.screen
    if screen is None or screen.lines is None:
        return None
    lines, actor = screen.lines, visit.actor
    shown = lines.seen(lines.names, actor)
    found = rows_by(pk, lines, lines.names, actor, visit.set_key, by=lines.parent, templates=screen.value_templates)
    shown = explain_prices(found, shown)
    titles = {row.pk: str(cell.value or "") for row in found if lines.section and (cell := row.get(lines.section))}
    dress = DRESSED.get(lines.model.label())
    hidden = {lines.section, *(dress(visit, found) if dress else ()), *_never_filled(lines, found), *_says_nothing(lines, found)}
    columns = [c for c in shown if c.name not in hidden]
    if len(columns) < len(shown):
        for row in found:
            row.cells = [cell for cell in row.cells if cell.column.name not in hidden]
    return {"columns": columns, "rows": found, "headings": _headings(found, columns, titles, lines)}


def _never_filled(lines: Lines, rows: list[Row]) -> set[str]:
    """What became of none of the lines takes no room."""
    names = (*lines.progress.split(), *(name for name, _outer in lines.inside))
    return {name for name in names if all((cell := row.get(name)) is None or cell.value in (None, "") for row in rows)}


def _says_nothing(lines: Lines, rows: list[Row]) -> set[str]:
    def is_idle(row: Row, name: str, beside: str) -> bool:
        cell, other = row.get(name), row.get(beside)
        return cell is None or not cell.value or other is not None and str(cell.value) == other.title

    return {name for name, beside in lines.spared if all(is_idle(row, name, beside) for row in rows)} if rows else set()


def _headings(rows: list[Row], columns: list[Column], titles: dict[int, str], lines: Lines) -> dict[int, Heading]:
    """What stands above the first line of each section."""
    summed = lines.subtotal

    def amount(row: Row) -> Any:
        return lines.counted(lambda name: cell.value if name and (cell := row.get(name)) else None)

    before = next((at for at, column in enumerate(columns) if column.name == summed), len(columns))
    found = line_sections(rows, lambda row: titles.get(row.pk, ""), amount)
    made = {}
    for section in found:
        first = section.lines[0]
        subtotal = replace(first.cells[before], value=section.subtotal) if before < len(columns) else None
        made[first.pk] = Heading(section.title, before + 1, subtotal, len(columns) - before - 1)
    return made


def sections_of(visit: Visit, row: Row) -> list[tuple[Any, list]]:
    """Sections with their cells; an empty one is left out."""
    assert visit.screen is not None
    found = []
    for label, names in visit.screen.all_sections():
        left_out = {visit.screen.title, *(name for name, other in visit.screen.shown_until.items() if (cell := row.get(other)) and not cell.is_blank)}
        cells = [cell for name in names if (cell := row.get(name)) is not None and name not in left_out]
        if cells:
            found.append((label, cells))
    return found


def requests_of(visit: Visit, record: Any) -> list[dict[str, Any]]:
    """What waits for approval on this row, each with the rules that ask; `is_free` where the reader need not ask and may do it all the same."""
    waiting = _waiting(*record.ref())
    held: dict[int, set[int]] = defaultdict(set)
    found: dict[Any, dict[str, Any]] = {}
    for member_id, role_id in assignments_of(visit.actor).values_list("member_id", "role_id") if waiting else ():
        held[role_id].add(member_id)
    for request in waiting:
        try:
            label = operation_named(request.operation).label
        except LookupError:
            label = request.operation
        asked = {request.requester_id, request.asked_by_id}
        may = bool(held[request.rule.approvers_id] - asked) and visit.actor.person_id not in asked and visit.actor.may("acts.approve_request")
        one = found.setdefault((request.operation, request.requester_id), {
            "operation": request.operation, "label": label, "requester": request.requester, "asked": [], "is_free": True,
        })
        one["asked"].append({"request": request, "unknown": unknown_in(request.facts, record), "may_decide": may})
        one["is_free"] &= is_approver(request.rule, visit.actor)
    return list(found.values())


@known
def _waiting(label: str, row_id: int) -> Any:
    rows = ApprovalRequest.objects.filter(target_model=label, target_id=row_id, status="waiting")
    return rows.select_related("rule__approvers", "requester")


@page("view")
def record_page(visit: Visit, pk: int, **more: Any) -> HttpResponse:
    """The whole page; `?tab=` names a panel or the history."""
    context = {**frame_of(visit, pk), **more}
    if not context["tab"]:
        context |= overview_of(visit, context["record"], context["row"])
    assert visit.screen is not None
    return visit.render(visit.screen.record_template, context)


def frame_of(visit: Visit, pk: int) -> dict[str, Any]:
    """What stands around the overview of a record, and the tab that was chosen instead of it."""
    screen, actor = visit.screen, visit.actor
    assert screen is not None
    record = record_of(visit, pk)
    row = cells_for(visit, pk, page_names(screen))
    panels = panels_of(record, actor)
    counts = counts_of(record, panels, actor)
    tab = visit.request.GET.get("tab", "")
    chosen = next((declared for declared in panels if declared.key == tab), None)
    links = links_of(record, actor)
    requests = requests_of(visit, record)
    acting = acting_on(record, screen, actor, without={one["operation"] for one in requests if not one["is_free"]})
    remarks = remarks_on(record, visit, acting.operations)
    context: dict[str, Any] = {
        "record": record, "row": row, "url": screen.url(visit.set_key, pk), "acting": acting,
        "remarks": [one for one in remarks if one.tone], "quiet": [one for one in remarks if not one.tone],
        "status": row.get("status"), "subtitle": [c for n in screen.subtitle if (c := row.get(n)) and not c.is_blank],
        "facts": [c for n in screen.facts if (c := row.get(n))], "requests": requests, "key": new_key(),
        "tabs": [(declared.key, declared.label, counts[declared.key]) for declared in panels], "tab": tab if chosen else "",
        "topic": f"{record.label()}:{pk}", "prints": print_links(visit, record),
        "links": [link_to(visit, link) for link in links if link.in_head],
        "writings": [link_to(visit, link) for link in links if link.in_composer],
    }
    if tab == "history":
        context |= {"tab": tab, "changes": history_of(record, screen, actor, visit.set_key)}
    elif chosen:
        context |= panel_context(visit, chosen, chosen.make(record, actor))
    return context


def link_to(visit: Visit, link: RecordLink) -> dict[str, Any]:
    """A module's link as the head of the page draws it."""
    return {"url": visit.url(link.path), "label": link.label, "icon": link.icon, "beside": not link.leaves}


def overview_of(visit: Visit, record: Any, row: Row) -> dict[str, Any]:
    """The first tab: lines and totals, sections, timeline."""
    screen = visit.screen
    assert screen is not None
    return {
        "sections": sections_of(visit, row), "lines": lines_of(visit, record.pk),
        "totals": [c for n in screen.totals if (c := row.get(n))],
        "timeline": timeline_of(record, visit.actor, visit.set_key), **talk_about(visit, record),
    }


def panel_context(visit: Visit, declared, made) -> dict[str, Any]:
    """Rows of a panel as a small list; more than fit are a click away in the real list."""
    shown = made.screen.seen(made.columns, visit.actor)
    params = {"columns": ",".join(column.name for column in shown), "sort": visit.request.GET.get("sort") or made.sort}
    query = ListQuery(made.screen, visit.actor, params, base=made.rows, set_key=visit.set_key)
    query.params = {**params, "tab": declared.key}
    new = ""
    if made.new is not None and made.screen.may_create and visit.actor.may("add", made.screen.model):
        given = "&".join(f"{name}={value}" for name, value in made.new.items())
        new = made.screen.url(visit.set_key, rest=f"new/?{given}")
    return {
        "panel": declared, "panel_query": query, "panel_rows": query.fetch(PANEL_ROWS), "headers": headers_of(query), "new_url": new,
        "list_url": f"{made.screen.url(visit.set_key)}?{made.query}" if made.query else "", "panel_screen": made.screen, "phone": on_phone(query),
    }


@page("view")
def peek(visit: Visit, pk: int) -> HttpResponse:
    return draw_peek(visit, pk)


def draw_peek(visit: Visit, pk: int) -> HttpResponse:
    """The panel beside a list: what a look needs, and the next step."""
    screen = visit.screen
    assert screen is not None
    record = record_of(visit, pk)
    first = tuple(name for names in list(screen.sections.values())[:2] for name in names)
    names = screen.peek or tuple(dict.fromkeys(n for n in (*screen.facts, *first) if n not in (*screen.subtitle, "status")))[:12]
    names += tuple(name for name in screen.all_columns() if name not in screen.columns)
    row = cells_for(visit, pk, (screen.title, *(["status"] if hasattr(record, "lifecycle") else []), *screen.subtitle, *names))
    acting = acting_on(record, screen, visit.actor)
    return visit.render("screens/peek.html", {
        "record": record, "row": row, "url": screen.url(visit.set_key, pk), "acting": acting,
        "status": row.get("status"), "subtitle": [c for n in screen.subtitle if n not in names and (c := row.get(n)) and not c.is_blank],
        "cells": [c for n in names if (c := row.get(n)) and n != screen.title], "key": new_key(),
        "editable": editable_names(visit) if acting.may_change else frozenset(),
        "timeline": timeline_of(record, visit.actor, visit.set_key, limit=5),
    })


@page("view")
def why_page(visit: Visit, pk: int) -> HttpResponse:
    """Why can I see this, and may I change it?"""
    record = record_of(visit, pk)
    return visit.render("screens/why.html", {
        "record": record, "answers": [(_("See"), why(visit.actor, record, "view")), (_("Change"), why(visit.actor, record, "change"))],
    })


