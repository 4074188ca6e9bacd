"""Import in three steps: a file, what its columns are, and a trial run before it is done."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.transfer.files import Table, open_table
from guanxi.kernel.transfer.importer import ALL, GOOD, import_file
from guanxi.kernel.transfer.mapping import Mapping, mapping_of
from guanxi.kernel.transfer.models import Upload
from guanxi.kernel.transfer.writing import import_form
from guanxi.web.transfer.guess import LINES, guessed, targets_of

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 20_000
SHOWN_ROWS = 3
SHOWN_ERRORS = 50
KEPT = timedelta(days=1)


@dataclass
class FileColumn:
    """A column of the file, some of its values, and what it becomes."""

    number: int
    name: str
    values: list[str]
    target: str


def draw_upload(visit: Visit) -> HttpResponse:
    context = {"refused": visit.refused, "most": MOST_BYTES // 1024 // 1024}
    return visit.render("transfer/upload.html", context, status=visit.refused.status if visit.refused else 200)


@page("add", on_refused=draw_upload)
def upload_page(visit: Visit) -> HttpResponse:
    """GET asks for the file, POST keeps it for the next step."""
    if visit.request.method != "POST":
        return draw_upload(visit)
    assert visit.screen is not None
    given = visit.request.FILES.get("file")
    if given is None:
        raise Refused(_("Choose a file first."))
    if (given.size or 0) > MOST_BYTES:
        raise Refused(_("The file is larger than %(max)s MB; split it, or use the command guanxi import.") % {"max": MOST_BYTES // 1024 // 1024})
    Upload.objects.filter(at__lt=visit.actor.now - KEPT).delete()
    name = os.path.basename(str(given.name).replace("\\", "/")).replace("\x00", "")[:120]
    row = Upload(member_id=visit.actor.member_id, screen=visit.screen.path, name=name, content=given.read(), at=visit.actor.now)
    with opened(row) as table:
        if sum(1 for _line in islice(table.lines(), MOST_ROWS + 1)) > MOST_ROWS:
            raise Refused(_("More than %(max)s rows: use the command guanxi import.") % {"max": f"{MOST_ROWS:,}"})
    row.save()
    return visit.redirect(visit.screen.url(visit.set_key, rest=f"import/{row.pk}/"))


@contextmanager
def opened(row: Upload) -> Iterator[Table]:
    """The file as a table; it lies on disk under a name of ours for as long as this takes."""
    with tempfile.NamedTemporaryFile(prefix="guanxi-import-") as file:
        file.write(bytes(row.content))
        file.flush()
        table = open_table(Path(file.name), most_bytes=MOST_BYTES)
        table.name = row.name
        yield table


def _upload(visit: Visit, pk: int, *, lock: bool = False) -> Upload:
    assert visit.screen is not None
    rows = Upload.objects.filter(pk=pk, member_id=visit.actor.member_id, screen=visit.screen.path)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise Missing(_("This file is no longer here; choose it again."))
    return row


def draw_import(visit: Visit, pk: int) -> HttpResponse:
    """The columns with their targets, and under them what a trial run said."""
    assert visit.screen is not None
    row = _upload(visit, pk)
    if row.taken_at is not None:
        return visit.render("transfer/done.html", {"upload": row, "report": row.report})
    targets = targets_of(import_form(visit.screen, visit.actor))
    with opened(row) as table:
        lines = list(islice(table.lines(), SHOWN_ROWS))
        try:
            chosen = _chosen(visit, row, table, targets)
        except Refused:
            chosen = row.choices or _guess(visit, table, targets)
        by_column = {cell: target for target, cell in chosen["columns"].items()}
        columns = [
            FileColumn(number, name, [line.cells[number] for line in lines if number < len(line.cells)], by_column.get(name, ""))
            for number, name in enumerate(table.header)
        ]
    return visit.render("transfer/import.html", {
        "upload": row, "columns": columns, "chosen": chosen, "refused": visit.refused, "report": row.report, "shown_errors": SHOWN_ERRORS,
        "targets": [(name, _label(name, column), column.required) for name, column in targets.items()],
        "encoding": table.encoding.upper(), "separator": {"\t": "Tab"}.get(table.separator, table.separator),
    }, status=visit.refused.status if visit.refused else 200)


def _label(name: str, column: Column) -> str:
    return _("Line · %(column)s") % {"column": column.label} if name.startswith(LINES) else str(column.label)


def _guess(visit: Visit, table: Table, targets: dict[str, Column]) -> dict[str, Any]:
    assert visit.screen is not None
    return {"columns": guessed(table.header, targets, visit.screen.model.business_key), "mode": ALL, "dates": "", "empty": "keep"}


def _chosen(visit: Visit, row: Upload, table: Table, targets: dict[str, Column]) -> dict[str, Any]:
    """What was chosen just now, before, or is guessed."""
    sent = visit.request.POST
    if visit.request.method != "POST":
        return row.choices or _guess(visit, table, targets)
    columns: dict[str, str] = {}
    for number, name in enumerate(table.header):
        target = sent.get(f"column.{number}", "")
        if target and target not in targets:
            raise Refused(_("Choose what “%(column)s” is from the list.") % {"column": name})
        if target in columns:
            raise Refused(_("Two columns cannot both be “%(label)s”.") % {"label": _label(target, targets[target])})
        if target:
            columns[target] = name
    mode = GOOD if sent.get("mode") == GOOD else ALL
    return {"columns": columns, "mode": mode, "dates": sent.get("dates", ""), "empty": sent.get("empty", "keep")}


def mapping_from(screen_path: str, chosen: dict[str, Any], business_key: str) -> Mapping:
    """The choices as a mapping file would say them."""
    columns = {target: cell for target, cell in chosen["columns"].items() if not target.startswith(LINES)}
    lines = {target.removeprefix(LINES): cell for target, cell in chosen["columns"].items() if target.startswith(LINES)}
    given: dict[str, Any] = {"screen": screen_path, "columns": columns, "dates": chosen["dates"], "empty": chosen["empty"]}
    if business_key not in columns:
        given["key"] = []
    if lines:
        given["lines"] = {"columns": lines}
    return mapping_of(given)


@page("add", on_refused=draw_import)
def import_page(visit: Visit, pk: int) -> HttpResponse:
    """GET shows the columns; POST tries it (`step=check`) or does it (`step=take`), once."""
    if visit.request.method != "POST":
        return draw_import(visit, pk)
    assert visit.screen is not None
    row = _upload(visit, pk, lock=True)
    here = visit.screen.url(visit.set_key, rest=f"import/{row.pk}/")
    if row.taken_at is not None:
        return visit.redirect(here)
    targets = targets_of(import_form(visit.screen, visit.actor))
    with opened(row) as table:
        row.choices = _chosen(visit, row, table, targets)
        mapping = mapping_from(visit.screen.path, row.choices, visit.screen.model.business_key)
        trial = visit.request.POST.get("step") != "take"
        report = import_file(Path(row.name), mapping, visit.actor, dry_run=trial, mode=row.choices["mode"], table=table)
    row.report = report.as_dict(SHOWN_ERRORS)
    row.errors = report.error_file() if report.errors else b""
    if report.written:
        row.taken_at, row.content = visit.actor.now, b""
    row.save()
    return visit.redirect(here)


@page("add")
def error_file(visit: Visit, pk: int) -> HttpResponse:
    """The rows that were not taken, with their reasons, to be corrected and taken again."""
    row = _upload(visit, pk)
    if not row.errors:
        raise Missing(_("All rows were good."))
    response = HttpResponse(bytes(row.errors), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="errors.csv"'
    return response
