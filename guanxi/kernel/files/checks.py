"""What `guanxi check` proves about files: every content lies in the storage, whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.database.checks import Proof, ledger_check, rows
from guanxi.kernel.files.storage import Storage

LABEL = gettext_lazy("Every file has its content")
SAMPLE = 200
"""So many contents are read again each time; all of them by `guanxi check --files`."""


@ledger_check(LABEL)
def contents_are_there(cursor: Any) -> list[Proof]:
    """Each content is there with its size; some, taken by chance, have their hash."""
    storage = _storage(cursor)
    known = rows(cursor, "SELECT sha256, size FROM files_storedcontent ORDER BY id")
    problems = []
    for sha256, size in known:
        path = storage.path(sha256)
        if not path.is_file():
            problems.append(_("The content %(hash)s is missing.") % {"hash": sha256})
        elif path.stat().st_size != size:
            problems.append(_("The content %(hash)s has %(found)s bytes instead of %(size)s.") % {
                "hash": sha256, "found": path.stat().st_size, "size": size})
    whole = Proof(_("%(count)s contents lie in the storage with their sizes.") % {"count": len(known)}, problems)
    some = rows(cursor, "SELECT sha256 FROM files_storedcontent ORDER BY random() LIMIT %s", [SAMPLE])
    return [whole, _hashed(storage, (sha256 for (sha256,) in some))]


def all_contents_are_whole(cursor: Any) -> list[Proof]:
    """Each content has the hash that names it; reads all of them."""
    return [_hashed(_storage(cursor), (sha256 for (sha256,) in rows(cursor, "SELECT sha256 FROM files_storedcontent ORDER BY id")))]


def _hashed(storage: Storage, hashes: Iterable[str]) -> Proof:
    count, problems = 0, []
    for sha256 in hashes:
        count += 1
        # What is missing is said elsewhere.
        if storage.path(sha256).is_file() and storage.hash_of(sha256) != sha256:
            problems.append(_("The content %(hash)s has changed on the disk.") % {"hash": sha256})
    return Proof(_("%(count)s contents were read and have the hash that names them.") % {"count": count}, problems)


def _storage(cursor: Any) -> Storage:
    [(schema,)] = rows(cursor, "SELECT current_schema()")
    return Storage(schema.removeprefix("set_"))
