"""A list as a file to keep: its filters, its columns, its order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _

from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.transfer.exporting import FORMATS, write_csv, write_xlsx

MOST_ROWS = 500_000
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@page("view")
def export(visit: Visit) -> Any:
    """The whole file is made inside the visit's transaction; what it lies in is removed when it has been sent."""
    screen, sent = visit.screen, visit.request.GET.copy()
    assert screen is not None
    kind = sent.pop("format", ["csv"])[-1]
    if kind not in FORMATS:
        raise Refused(_("A list is exported as csv or xlsx."))
    query = ListQuery(screen, visit.actor, sent, set_key=visit.set_key)
    if query.notes:
        raise Refused(" ".join(str(note) for note in query.notes))
    if query.rows[: MOST_ROWS + 1].count() > MOST_ROWS:
        raise Refused(_("More than %(max)s rows: narrow the list, or use the command guanxi export.") % {"max": f"{MOST_ROWS:,}"})
    columns = [column for column in query.shown if column.kind != "json"]
    file = tempfile.TemporaryFile()
    if kind == "csv":
        file.writelines(write_csv(query, columns))
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xlsx"
            write_xlsx(query, columns, path)
            file.write(path.read_bytes())
    file.seek(0)
    name = f"{screen.plural()}-{visit.actor.today}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[kind])
