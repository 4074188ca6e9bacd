"""Long lists made into files by the worker, with the rights that their reader has then; a notice says when one can be fetched."""

from __future__ import annotations

import tempfile

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.database import current_set
from guanxi.kernel.jobs.job import job
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.notices.kinds import notice_kind
from guanxi.kernel.notices.raising import raise_notices
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.transfer.exporting import write_list
from guanxi.kernel.transfer.models import Download

MADE = notice_kind("export_made", "system", gettext_lazy("%(file)s can be fetched: %(count)s rows"), "download")
FAILED = notice_kind("export_failed", "system", gettext_lazy("%(file)s could not be made"), "alert-triangle")


@job()
def make_download(*, download: int, actor: Actor) -> None:
    """Done again, it is made once: what is there is left alone."""
    row = Download.objects.filter(pk=download, member_id=actor.member_id, made_at=None).first()
    if row is None:
        return
    try:
        if not actor.may("view", SCREENS[row.screen].model):
            raise Refused(gettext_lazy("You may no longer see this list."))
        query = ListQuery(SCREENS[row.screen], actor, QueryDict(row.query), set_key=current_set())
        with tempfile.TemporaryFile() as file:
            write_list(query, row.kind, file)
            file.seek(0)
            row.content = file.read()
    except Refused as refusal:
        row.problem = str(refusal)
    row.made_at = actor.now
    row.save()
    arguments = {
        "file": row.name, "count": f"{row.total:,}", "text": row.problem, "page": f"{row.screen}/export/{row.pk}/",
    }
    kind = FAILED if row.problem else MADE
    raise_notices(kind, [row.member_id], None, key=f"export:{row.pk}", at=actor.now, arguments=arguments)
