"""Reading contents after they came, and sweeping at night."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import structlog
from django.db.models import Q

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.database import in_set
from guanxi.kernel.files import contents
from guanxi.kernel.files.models import DONE, FAILED, NONE, WAITING, StoredContent
from guanxi.kernel.files.pictures import TILE, make_pictures
from guanxi.kernel.files.storage import Storage
from guanxi.kernel.jobs.job import job
from guanxi.kernel.reading.documents import words_of
from guanxi.kernel.search.index import index_records

PATIENCE = timedelta(hours=1)
log = structlog.get_logger("guanxi.files")


@job(whole=False, attempts=2)
def read_content(set_key: str, member: int | None, *, content_id: int) -> None:
    """Find the words in a content and draw its first page small. Nothing is locked meanwhile: this may take a minute."""
    with in_set(set_key):
        content = StoredContent.objects.filter(pk=content_id).first()
    if content is None:
        return
    storage = Storage(set_key)
    found: dict[str, str | int] = {}
    if content.text_state == WAITING:
        text = words_of(storage.path(content.sha256), content.media_type)
        found |= {"text": text or "", "text_state": FAILED if text is None else DONE if text else NONE}
    if content.shown_state == WAITING:
        pages = make_pictures(storage, content, 1, TILE)
        found |= {"pages": pages or 0, "shown_state": DONE if pages else FAILED}
    if found:
        with in_set(set_key):
            StoredContent.objects.filter(pk=content_id).updated(**found)
            index_records(StoredContent, [content_id])


@job(every="40 2 * * *")
def read_waiting(*, actor: Actor) -> None:
    """Ask again for what was not read when it came."""
    rows = StoredContent.objects.filter(Q(text_state=WAITING) | Q(shown_state=WAITING), stored_at__lt=actor.now - PATIENCE)
    for pk in rows.values_list("pk", flat=True)[:1000]:
        read_content.later(content_id=pk)


@job(every="50 2 * * *", whole=False)
def sweep_contents(set_key: str, member: int | None) -> None:
    """Remove bytes that have no row (what was rolled back, or is gone since the last sweep), then rows that nothing needs."""
    storage, now = Storage(set_key), time.time()
    removed = storage.forget_parts(now - contents.PART_SECONDS)
    for hashes in storage.hashes():
        with in_set(set_key):
            found = contents.orphans(storage, hashes, now)
        for sha256 in found:
            with in_set(set_key):
                removed += contents.remove_orphan(storage, sha256)
    with in_set(set_key):
        contents.mark_unused(datetime.now(UTC))
        forgotten = contents.forget_unused(datetime.now(UTC))
    log.info("swept", set=set_key, removed=removed, forgotten=forgotten)
