"""Putting a set out: one snapshot of all its tables, read while everybody works on, and its files."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.kernel.database.session import path_of
from guanxi.kernel.files.storage import Storage, settle
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.sets.lifecycle import wanted_stamp
from guanxi.shared.portable.archive import ArchiveWriter, content_name, table_name
from guanxi.shared.portable.manifest import FORMAT, ContentFacts, Manifest, NotPortable, Person, SetFacts, TableFacts, write_manifest
from guanxi.shared.portable.tables import Table, digest_of, places_of, stand_in, tables_of

PART = ".part"
_SET = """
SELECT stamp, key, name, language, currency, country, timezone, is_two_step_needed FROM guanxi.sets_accountset WHERE key = %s
"""
# The one file of the members' numbers outside, which are no business of the set.
_PEOPLE = """
SELECT m.id, u.username, u.email, u.name, u.language, u.timezone, u.is_active, p.id IS NOT NULL
FROM access_member m JOIN guanxi.sets_user u ON u.id = m.user_id
LEFT JOIN guanxi.sets_membership p ON p.user_id = u.id AND p.member_id = m.id
  AND p.account_set_id = (SELECT id FROM guanxi.sets_accountset WHERE key = %s)
ORDER BY m.id
"""


def put_out(key: str, path: Path, *, now: datetime, reached: Callable[[str], None] = lambda _part: None) -> str:
    """Write the set into a new file and return its seal. `reached` hears of each part; a failure leaves no file."""
    if path.exists():
        raise NotPortable(_("%(file)s is there already; an output is never written over another.") % {"file": path})
    try:
        number, part = tempfile.mkstemp(prefix=path.name, suffix=PART, dir=path.parent)
    except OSError as error:
        raise NotPortable(_("%(file)s cannot be written: %(problem)s") % {"file": path, "problem": error.strerror}) from None
    try:
        with os.fdopen(number, "wb") as file:
            seal = _write(key, ArchiveWriter(file, path.parent, now.timestamp()), now, reached)
            file.flush()
            os.fsync(file.fileno())
        os.rename(part, path)
    except OSError as error:
        os.unlink(part)
        raise NotPortable(_("%(file)s cannot be written: %(problem)s") % {"file": path, "problem": error.strerror or error}) from error
    except BaseException:
        os.unlink(part)
        raise
    settle(path.parent)
    return seal


def _write(key: str, writer: ArchiveWriter, now: datetime, reached: Callable[[str], None]) -> str:
    # The owner alone may see where sequences stand; the transaction can only read.
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner")) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        facts = _facts(cursor, key)
        stand_in(cursor, path_of(key))
        tables = [_add_table(cursor, table, writer, reached) for table in tables_of(cursor).values()]
        cursor.execute("SELECT sha256, size FROM files_storedcontent ORDER BY sha256")
        contents = [ContentFacts(*row) for row in cursor.fetchall()]
        cursor.execute(_PEOPLE, [key])
        people = [Person(*row) for row in cursor.fetchall()]
    for content in contents:
        reached(content_name(content.sha256))
        _add_content(Storage(key), content, writer)
    return writer.close(write_manifest(Manifest(FORMAT, _program(), wanted_stamp(), now.isoformat(), facts, tables, contents, people)))


def _facts(cursor: Any, key: str) -> SetFacts:
    cursor.execute(_SET, [key])
    found = cursor.fetchone()
    if found is None:
        raise NotPortable(_("There is no account set “%(key)s”.") % {"key": key})
    stamp, *facts = found
    if stamp != wanted_stamp():
        raise NotPortable(_("The account set “%(key)s” is behind this version; run first: guanxi set migrate %(key)s") % {"key": key})
    return SetFacts(*facts)


def _add_table(cursor: Any, table: Table, writer: ArchiveWriter, reached: Callable[[str], None]) -> TableFacts:
    reached(table_name(table.name))
    part = writer.packed()
    digest = digest_of(cursor, table, part.write)
    part.add_as(table_name(table.name))
    return TableFacts(table.name, list(table.columns), *digest.facts, places_of(cursor, table), list(table.months))


def _add_content(storage: Storage, content: ContentFacts, writer: ArchiveWriter) -> None:
    """Its bytes, if they are what their name says: a damaged file would look well kept in the output."""
    problem = NotPortable(_("The content %(hash)s is missing or damaged; `guanxi check --files` tells more.") % {"hash": content.sha256})
    try:
        with storage.open(content.sha256) as file:
            if os.fstat(file.fileno()).st_size != content.size:
                raise problem
            stream = _Hashing(file)
            writer.add(content_name(content.sha256), stream, content.size)
    except Missing:
        raise problem from None
    if stream.digest.hexdigest() != content.sha256:
        raise problem


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block: bytes = self.file.read(size)
        self.digest.update(block)
        return block


def _program() -> str:
    try:
        return version("guanxi")
    except PackageNotFoundError:
        return ""
