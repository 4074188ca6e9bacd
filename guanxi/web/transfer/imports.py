"""Import in steps that may be left and come back to: a file, its columns, its texts, a trial, the result, and back again."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import islice
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.kernel.importing.importer import GOOD
from guanxi.kernel.importing.jobs import AT_ONCE, WORKED_ON, opened, require_open, take_at_once, take_upload
from guanxi.kernel.importing.undoing import undo_import, undone_of
from guanxi.kernel.lists.asking import ACTS
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.transfer.models import Upload
from guanxi.web.transfer.choices import EMPTY, NEW, Choices, Choosing, shape_of

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 500_000
SHOWN_ROWS = 3
SHOWN_FILES = 10
KEPT = timedelta(days=1)
REMEMBERED = timedelta(days=90)
COLUMNS, TEXTS, CHECK, TAKE, UNDO = "columns", "texts", "check", "take", "undo"


def draw_upload(visit: Visit) -> HttpResponse:
    assert visit.screen is not None
    earlier = Upload.objects.filter(member_id=visit.actor.member_id, screen=visit.screen.path).defer("content", "errors").order_by("-pk")
    pasted, most = visit.request.POST.get("pasted", ""), MOST_BYTES // 1024 // 1024
    context = {"refused": visit.refused, "most": most, "earlier": earlier[:SHOWN_FILES], "pasted": pasted}
    return visit.render("transfer/upload.html", context, status=visit.refused.status if visit.refused else 200)


@page("add", on_refused=draw_upload)
def upload_page(visit: Visit) -> HttpResponse:
    """GET asks for the file or for pasted cells, POST keeps them for the next step."""
    if visit.request.method != "POST":
        return draw_upload(visit)
    assert visit.screen is not None
    name, content = _sent(visit)
    _forget_old(visit)
    row = Upload(member_id=visit.actor.member_id, screen=visit.screen.path, name=name, content=content, at=visit.actor.now)
    with opened(row, MOST_BYTES) as table:
        row.total = sum(1 for _line in islice(table.lines(), MOST_ROWS + 1))
        if not row.total:
            raise Refused(_("The file names its columns, but has no row below them."))
        if row.total > MOST_ROWS:
            raise Refused(_("More than %(max)s rows: use the command guanxi import.") % {"max": f"{MOST_ROWS:,}"})
        row.shape = shape_of(visit.screen, table.header)
    row.save()
    return visit.redirect(visit.screen.url(visit.set_key, rest=f"import/{row.pk}/"))


def _sent(visit: Visit) -> tuple[str, bytes]:
    given, pasted = visit.request.FILES.get("file"), visit.request.POST.get("pasted", "")
    if given is None and not pasted.strip():
        raise Refused(_("Choose a file first, or paste cells from a spreadsheet."))
    if given is None:
        return _("pasted cells"), pasted.encode(errors="replace")
    if (given.size or 0) > MOST_BYTES:
        raise Refused(_("The file is larger than %(max)s MB; split it, or use the command guanxi import.") % {"max": MOST_BYTES // 1024 // 1024})
    return os.path.basename(str(given.name).replace("\\", "/")).replace("\x00", "")[:120], given.read()


def _forget_old(visit: Visit) -> None:
    """Contents after a day; what was done with them after three months."""
    Upload.objects.filter(at__lt=visit.actor.now - REMEMBERED).delete()
    Upload.objects.filter(at__lt=visit.actor.now - KEPT, state__in=("open", "taken", "undone")).exclude(content=b"", errors=b"").update(
        content=b"", errors=b"")


def _upload(visit: Visit, pk: int, *, lock: bool = False, without: tuple[str, ...] = ()) -> Upload:
    assert visit.screen is not None
    rows = Upload.objects.filter(pk=pk, member_id=visit.actor.member_id, screen=visit.screen.path).defer(*without)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise Missing(_("This file is no longer here; choose it again."))
    return row


def _here(visit: Visit, row: Upload, step: str = "") -> str:
    assert visit.screen is not None
    return visit.screen.url(visit.set_key, rest=f"import/{row.pk}/" + (f"?step={step}" if step else ""))


# ---- what is shown ----------------------------------------------------------------------------------------------------
def draw_import(visit: Visit, pk: int) -> HttpResponse:
    """The step that the file is at, or that was asked for."""
    row = _upload(visit, pk)
    status = visit.refused.status if visit.refused else 200
    if row.state != "open":
        template = "transfer/progress.html" if row.state in WORKED_ON else "transfer/done.html"
        return visit.render(template, _shared(visit, row), status=status)
    if not row.content:
        raise Missing(_("This file is no longer here; choose it again."))
    step = visit.request.POST.get("step") or visit.request.GET.get("step") or (CHECK if row.report else COLUMNS)
    if step in (CHECK, TAKE) and row.report and row.choices:
        return visit.render("transfer/check.html", _shared(visit, row) | {"choices": row.choices, "at": 3}, status)
    with opened(row, MOST_BYTES) as table:
        choosing = Choosing(visit, row, table)
        choices = row.choices or choosing.first()
        if step == TEXTS and row.choices:
            questions = choosing.questions(choices)
            return visit.render("transfer/texts.html", _shared(visit, row) | {"questions": questions, "EMPTY": EMPTY, "NEW": NEW, "at": 2}, status)
        return visit.render("transfer/columns.html", _shared(visit, row) | _columns(choosing, choices), status)


def _columns(choosing: Choosing, choices: Choices) -> dict[str, Any]:
    table = choosing.table
    lines = table.first_lines(SHOWN_ROWS)
    if choosing.visit.refused and choosing.visit.request.method == "POST":
        sent = choosing.visit.request.POST
        chosen = {number: sent.get(f"column.{number}", "") for number in range(len(table.header))}
    else:
        by_column = {cell: target for target, cell in choices["columns"].items()}
        chosen = {number: by_column.get(name, "") for number, name in enumerate(table.header)}
    columns = [
        (number, name, [line.cells[number] for line in lines if number < len(line.cells) and line.cells[number].strip()], chosen[number])
        for number, name in enumerate(table.header)
    ]
    return {
        "columns": columns, "choices": choices, "at": 1, "keys": choosing.keys(choices["columns"]),
        "targets": [(target.name, target.label, target.column.required) for target in choosing.targets.values()],
        "encoding": table.encoding.upper(), "separator": {"\t": "Tab"}.get(table.separator, table.separator),
    }


def _shared(visit: Visit, row: Upload) -> dict[str, Any]:
    report = row.report or {}
    undone = undone_of(row) if row.acts else None
    undoes = _undoes(visit, report) if row.acts else []
    asked = row.state == "taken" and row.acts and undone is None
    steps = [(COLUMNS, _("Columns")), (TEXTS, _("Values")), (CHECK, _("Trial run")), ("", _("Result"))]
    return {
        "upload": row, "report": report, "refused": visit.refused, "steps": list(enumerate(steps, 1)), "problems": _problems(report),
        "changes": [(change, SCREENS[change["screen"]].url(visit.set_key, change["pk"])) for change in report.get("changes", [])],
        "at": 4 if row.state != "checking" else 3, "percent": 100 * row.done // row.total if row.total else 0,
        "taken": row.state in ("taken", "undoing", "undone"), "undone": undone, "undoes": undoes,
        "also": _also(visit), "listed": _listed(visit, row) if asked else [],
        "question": "\n".join([_("Undo the whole import of %(name)s?") % {"name": row.name}, *undoes]) if asked else "",
    }


def _also(visit: Visit) -> Any:
    return SCREENS[visit.screen.brings[0]].plural() if visit.screen and visit.screen.brings else ""


def _listed(visit: Visit, row: Upload) -> list[tuple[str, str]]:
    """Where what the import made or changed is listed: the records, and those that came with them."""
    assert visit.screen is not None
    report, asked = row.report or {}, f"?f.{ACTS}={','.join(map(str, row.acts))}"
    found = []
    if number := report.get("created", 0) + report.get("changed", 0):
        words = ngettext("Show this %(n)s record", "Show these %(n)s records", number) % {"n": f"{number:,}"}
        found.append((words, visit.screen.url(visit.set_key, rest=asked)))
    if report.get("also") and visit.screen.brings:
        with_them = SCREENS[visit.screen.brings[0]]
        found.append((f"{with_them.plural()} ({report['also']:,})", with_them.url(visit.set_key, rest=asked)))
    return found


def _undoes(visit: Visit, report: dict[str, Any]) -> list[str]:
    """What taking the import back does, in sentences."""
    created, changed, also = (report.get(name, 0) for name in ("created", "changed", "also"))
    found = []
    if created:
        found.append(ngettext("%(n)s new record will be removed.", "%(n)s new records will be removed.", created) % {"n": f"{created:,}"})
    if changed:
        found.append(ngettext(
            "%(n)s changed record will be restored.", "%(n)s changed records will be restored.", changed) % {"n": f"{changed:,}"})
    if also:
        found.append(_("What came with them is undone too: %(what)s (%(n)s).") % {"what": _also(visit) or _("With them"), "n": f"{also:,}"})
    return [*found, _("Either all of it is undone, or nothing if something is in the way.")]


def _problems(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Each bad row with its cells, and at each cell what is wrong with it."""
    header = report.get("header", [])
    rows = []
    for error in report.get("errors", []):
        problems = error.get("problems", {})
        cells = [(name, cell, problems.get(name, "")) for name, cell in zip(header, error.get("cells", []), strict=False)]
        whole = " ".join(filter(None, [problems.get(""), *(text for name, text in problems.items() if name and name not in header)]))
        rows.append({"row": error["row"], "cells": cells, "whole": whole if problems else error["message"]})
    return rows


# ---- what is done -----------------------------------------------------------------------------------------------------
@page("add", on_refused=draw_import)
def import_page(visit: Visit, pk: int) -> HttpResponse:
    """GET shows the step; POST goes on: `columns`, `texts`, `check` (the trial), `take`, `undo`; each does its work once."""
    if visit.request.method != "POST":
        return draw_import(visit, pk)
    row, step = _upload(visit, pk, lock=True), visit.request.POST.get("step", "")
    if step == UNDO:
        if row.state == "taken" and row.total > AT_ONCE and undone_of(row) is None:
            row.state, row.problem = "undoing", ""
            row.save(update_fields=["state", "problem"])
            take_upload.later(once=f"import {row.pk} {row.state}", upload=row.pk)
        elif row.state != "undoing":
            undo_import(row, visit.actor)
        return visit.redirect(_here(visit, row))
    if row.state in ("taken", "undone", "taking", "undoing"):
        return visit.redirect(_here(visit, row))
    require_open(row)
    if step == TAKE:
        if not row.choices.get("mapping") or not row.report:
            return visit.redirect(_here(visit, row))
        row.choices["mode"] = GOOD if visit.request.POST.get("mode", row.choices["mode"]) == GOOD else "all"
        return _go(visit, row, trial=False)
    with opened(row, MOST_BYTES) as table:
        choosing = Choosing(visit, row, table)
        if step == TEXTS:
            chosen = choosing.read_texts(visit.request.POST, row.choices or choosing.first())
        else:
            chosen = choosing.read_columns(visit.request.POST)
        asks = step == TEXTS or bool(choosing.questions(chosen))
        row.choices, row.report, row.problem = choosing.mapped(chosen) | {"asks": asks}, None, ""
    if asks and step != TEXTS:
        row.save()
        return visit.redirect(_here(visit, row, TEXTS))
    return _go(visit, row, trial=True)


def _go(visit: Visit, row: Upload, *, trial: bool) -> HttpResponse:
    """Now, or for a large file in the background: the page then shows how far it is, and may be left."""
    if row.total <= AT_ONCE:
        take_at_once(row, visit.actor, trial=trial)
    else:
        row.state, row.done, row.last_row, row.problem = "checking" if trial else "taking", 0, 0, ""
        row.save()
        take_upload.later(once=f"import {row.pk} {row.state}", upload=row.pk)
    return visit.redirect(_here(visit, row))


@page("add")
def progress(visit: Visit, pk: int) -> HttpResponse:
    """How far it is; the whole page when it is done."""
    row = _upload(visit, pk, without=("content", "errors"))
    if row.state not in WORKED_ON:
        return visit.redirect(_here(visit, row))
    return visit.render("transfer/bar.html", _shared(visit, row))


@page("add")
def error_file(visit: Visit, pk: int) -> HttpResponse:
    """The rows that were not taken, with their reasons, to be corrected and taken in again."""
    row = _upload(visit, pk)
    if not row.errors:
        raise Missing(_("All rows were good."))
    name = _("%(file)s, rows with problems") % {"file": os.path.splitext(row.name)[0]}
    headers = {"Content-Disposition": content_disposition_header(True, f"{name}.csv") or ""}
    return HttpResponse(bytes(row.errors), content_type="text/csv; charset=utf-8", headers=headers)
