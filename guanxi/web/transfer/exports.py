"""A list as a file to keep: its filters, its columns, its order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _

from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.pivot import Pivot
from guanxi.kernel.pivot.table import Table
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.transfer.exporting import FORMATS, csv_of, header_of, rows_for, xlsx_into

MOST_ROWS = 500_000
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@page("view")
def export(visit: Visit) -> Any:
    """The whole file is made inside the visit's transaction; what it lies in is removed when it has been sent."""
    query, kind = _asked(visit)
    _refuse(query)
    if query.rows[: MOST_ROWS + 1].count() > MOST_ROWS:
        raise Refused(_("More than %(max)s rows: narrow the list, or use the command guanxi export.") % {"max": f"{MOST_ROWS:,}"})
    columns = [column for column in query.shown if column.kind != "json"]
    return _file(visit, kind, header_of(columns), rows_for(query, columns))


@page("view")
def export_pivot(visit: Visit) -> Any:
    """A pivot as a file: its lines with subtotals, a column for each figure and each currency."""
    query, kind = _asked(visit)
    pivot = Pivot(query).ask()
    _refuse(query)
    if pivot.is_stopped or pivot.is_cut:
        raise Refused(_("This is too much for one table: narrow the filters or choose longer periods."))
    return _file(visit, kind, *Table(pivot).sheet())


def _asked(visit: Visit) -> tuple[ListQuery, str]:
    sent = visit.request.GET.copy()
    assert visit.screen is not None
    kind = sent.pop("format", ["csv"])[-1]
    if kind not in FORMATS:
        raise Refused(_("A list is exported as csv or xlsx."))
    return ListQuery(visit.screen, visit.actor, sent, set_key=visit.set_key), kind


def _refuse(query: ListQuery) -> None:
    if query.notes:
        raise Refused(" ".join(str(note) for note in query.notes))


def _file(visit: Visit, kind: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> FileResponse:
    assert visit.screen is not None
    file = tempfile.TemporaryFile()
    if kind == "csv":
        file.writelines(csv_of(header, rows))
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xlsx"
            xlsx_into(path, header, rows)
            file.write(path.read_bytes())
    file.seek(0)
    name = f"{visit.screen.plural()}-{visit.actor.today}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[kind])
