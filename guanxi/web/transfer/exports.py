"""A list as a file to keep: its filters, its columns, its order; a long one is made in the background and fetched when it is there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import IO, Any

from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.pivot import Pivot
from guanxi.kernel.pivot.table import Table
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.transfer.exporting import FORMATS, write_file, write_list
from guanxi.kernel.transfer.jobs import make_download
from guanxi.kernel.transfer.models import Download
from guanxi.web.views.say import tell

MOST_ROWS = 1_000_000
AT_ONCE = 20_000
"""Rows that a person waits for."""
KEPT = timedelta(days=1)
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@page("view")
def export(visit: Visit) -> Any:
    """The file, made inside the visit's transaction; of a long list the promise of one."""
    query, kind = _asked(visit)
    _refuse(query)
    count = query.rows[: MOST_ROWS + 1].count()
    if count > MOST_ROWS:
        raise Refused(_("More than %(max)s rows: narrow the list, or use the command guanxi export.") % {"max": f"{MOST_ROWS:,}"})
    if count > AT_ONCE:
        return _later(visit, query, kind, count)
    file = tempfile.TemporaryFile()
    write_list(query, kind, file)
    return _sent(file, _name(visit, kind), kind)


def _later(visit: Visit, query: ListQuery, kind: str, count: int) -> HttpResponse:
    screen = visit.screen
    assert screen is not None
    sent = visit.request.GET.copy()
    sent.pop("format", None)
    Download.objects.filter(at__lt=visit.actor.now - KEPT).delete()
    row = Download.objects.create(
        member_id=visit.actor.member_id, screen=screen.path, query=sent.urlencode(), kind=kind, name=_name(visit, kind), total=count,
        at=visit.actor.now,
    )
    make_download.later(once=f"export {row.pk}", download=row.pk)
    tell(visit, _("%(count)s rows are written into a file; a notice tells you when you can fetch it.") % {"count": f"{count:,}"})
    return visit.redirect(screen.url(visit.set_key) + (f"?{row.query}" if row.query else ""))


@page("view")
def fetch(visit: Visit, pk: int) -> Any:
    """A file that was made in the background: only for who asked for it."""
    assert visit.screen is not None
    row = Download.objects.filter(pk=pk, member_id=visit.actor.member_id, screen=visit.screen.path).first()
    if row is None:
        raise Missing(_("This file is no longer here; export the list again."))
    if row.problem:
        raise Refused(row.problem)
    if row.content is None:
        raise Refused(_("The file is still being made; a notice tells you when it is there."))
    file = tempfile.TemporaryFile()
    file.write(bytes(row.content))
    return _sent(file, row.name, row.kind)


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
    file = tempfile.TemporaryFile()
    write_file(kind, header, rows, file)
    return _sent(file, _name(visit, kind), kind)


def _name(visit: Visit, kind: str) -> str:
    assert visit.screen is not None
    return f"{visit.screen.plural()}-{visit.actor.today}.{kind}"


def _sent(file: IO[bytes], name: str, kind: str) -> FileResponse:
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[kind])
