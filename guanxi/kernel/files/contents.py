"""Taking contents in, reading them, and sweeping away what nothing needs."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import IO, Any

from django.conf import settings
from django.db import connections
from django.db.models import Exists, ForeignObjectRel, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from guanxi.kernel.database import current_set
from guanxi.kernel.files.models import NONE, WAITING, StoredContent, may_be_shown
from guanxi.kernel.files.storage import Received, Storage
from guanxi.kernel.reading.kinds import READABLE, kind_of, media_type
from guanxi.kernel.reading.names import clean_name
from guanxi.kernel.records.refusals import Refused

KEPT_UNUSED = timedelta(days=30)
"""As long as a removed file can be brought back by undoing its removal."""
ORPHAN_SECONDS = 3600.0
PART_SECONDS = 24 * 3600.0

_KEEP = """
INSERT INTO files_storedcontent AS kept
  (version, sha256, size, media_type, kind, text, text_state, shown_state, pages, stored_at, unused_at)
VALUES (1, %s, %s, %s, %s, '', %s, %s, 0, %s, %s)
ON CONFLICT (sha256) DO UPDATE SET unused_at = CASE WHEN kept.unused_at IS NULL THEN NULL ELSE excluded.unused_at END
RETURNING id
"""


def store(stream: Any, name: str = "") -> StoredContent:
    """Take a content in: on the disk for certain when this returns, in the database when the transaction commits.

    `name` is for the refusals alone. Rolled back, the bytes stay behind without a row, and are swept away.
    """
    storage = Storage()
    # A request that is tried again brings what has been read already.
    if getattr(stream, "seekable", lambda: False)():
        stream.seek(0)
    received = storage.receive(stream, clean_name(name) if name else _("file"), settings.GUANXI_LARGEST_FILE)
    try:
        _lock(received.sha256)
        _require_quota(received)
        storage.keep(received)
    except BaseException:
        received.path.unlink(missing_ok=True)
        raise
    found = media_type(received.head, received.tail)
    now = datetime.now(UTC)
    values: list[str | int | datetime] = [
        received.sha256, received.size, found, kind_of(found), WAITING if found in READABLE else NONE,
        WAITING if may_be_shown(found) else NONE, now, now,
    ]
    with connections["default"].cursor() as cursor:
        cursor.execute(_KEEP, values)
        [pk] = cursor.fetchone()
    content = StoredContent.objects.get(pk=pk)
    if WAITING in (content.text_state, content.shown_state):
        from guanxi.kernel.files.jobs import read_content

        read_content.later(content_id=pk, once=f"files.read:{current_set()}:{pk}")
    return content


def open_content(content: StoredContent) -> IO[bytes]:
    """Its bytes; Missing when they are not there."""
    return Storage().open(content.sha256)


def _lock(sha256: str) -> None:
    """Whoever stores or sweeps this content waits for the other's commit."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 4711))", [f"{current_set()}:{sha256}"])


def _require_quota(received: Received) -> None:
    if received.size == 0:
        raise Refused(_("The file is empty; choose another."))
    most = settings.GUANXI_FILES_QUOTA
    if most and not StoredContent.objects.filter(sha256=received.sha256).exists():
        if (StoredContent.objects.aggregate(all=Sum("size"))["all"] or 0) + received.size > most:
            raise Refused(
                _("All files of this account set together may take %(max)s MB, and this one would not fit. Remove others first.")
                % {"max": most // 1024 // 1024}
            )


def unused() -> Q:
    """Contents that no row of any kind refers to."""
    found = Q()
    # Hidden ones too: most modules want no way back from a content.
    for relation in StoredContent._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and isinstance(relation, ForeignObjectRel):
            rows = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            found &= ~Q(Exists(rows.order_by()))
    return found


def mark_unused(now: datetime) -> None:
    """Note since when contents are not needed, and which ones are needed again."""
    StoredContent.objects.filter(unused(), unused_at__isnull=True).update(unused_at=now)
    StoredContent.objects.filter(~unused(), unused_at__isnull=False).update(unused_at=None)


def forget_unused(now: datetime) -> int:
    """Drop the rows that nothing has needed for long. Their bytes go at the next sweep: a copy of the database that was
    made just before still finds them."""
    # In one statement, which looks again at a row that was stored anew meanwhile.
    return StoredContent.objects.filter(unused(), unused_at__lt=now - KEPT_UNUSED)._raw_delete("default")


def orphans(storage: Storage, hashes: list[str], now: float) -> list[str]:
    """Those of the hashes that lie in the storage for a while without a row."""
    known = set(StoredContent.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    return [one for one in hashes if one not in known and storage.age(one, now) > ORPHAN_SECONDS]


def remove_orphan(storage: Storage, sha256: str) -> bool:
    """Remove bytes without a row, unless somebody has just stored them again."""
    _lock(sha256)
    if orphans(storage, [sha256], time.time()):
        storage.remove(sha256)
        return True
    return False
