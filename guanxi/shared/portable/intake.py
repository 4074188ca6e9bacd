"""Taking a set in: everything in one transaction, proved by its hashes before it is committed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from psycopg import sql

from guanxi.kernel.access.models import Member
from guanxi.kernel.database import roles
from guanxi.kernel.database.session import SET_KEY, owner_role, path_of
from guanxi.kernel.files.storage import LEAST_FREE, Storage, made_folder, settle
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.sets.lifecycle import append_only_tables, build_tables, install_sql, require_free, wanted_stamp
from guanxi.kernel.sets.models import AccountSet, Membership, User
from guanxi.shared.portable.archive import Archive, table_name
from guanxi.shared.portable.manifest import Manifest, NotPortable, SetFacts, TableFacts
from guanxi.shared.portable.people import made, matched
from guanxi.shared.portable.tables import Table, digest_of, facts_of, fill, make_months, place_sequences, stand_in, tables_of

ALONE = 4_711_002
MARK = ".intake"
"""Lies in the folder of a set's files until the set is committed."""


@dataclass(frozen=True)
class TakenIn:
    """What was made of an output here."""

    key: str
    name: str
    rows: int
    contents: int
    new_people: list[str]
    """User names that were made; they need a password."""


def prove(path: Path, *, seal: str = "") -> Manifest:
    """The manifest of an output that is whole and would fit this program; NotPortable says what is wrong."""
    with Archive(path) as archive:
        _require_fit(archive, seal)
        archive.prove()
        return archive.manifest


def take_in(
    path: Path, *, key: str = "", name: str = "", live: bool = False, seal: str = "", reached: Callable[[str], None] = lambda _part: None
) -> TakenIn:
    """Make an account set of an output, whole or not at all.

    Unless it is `live`, nothing of it acts outside by itself: keys, webhooks and mail servers are switched off, what waits is not sent.
    """
    with Archive(path) as archive:
        _require_fit(archive, seal)
        key = key or archive.manifest.set.key
        require_free(key)
        _require_room(archive.manifest)
        archive.prove()
        try:
            with _all_or_nothing(key):
                new_people = _make(archive, key, _name(name, archive.manifest.set, key), live, reached)
        except (DatabaseError, psycopg.Error) as error:
            raise NotPortable(_("The database refuses, and nothing was imported: %(problem)s") % {"problem": str(error).strip()}) from error
        except Refused as error:
            raise NotPortable(str(error)) from error
        except OSError as error:
            raise NotPortable(_("%(file)s cannot be written: %(problem)s") % {"file": settings.MEDIA_ROOT, "problem": error.strerror}) from error
        account_set = AccountSet.objects.get(key=key)
        manifest = archive.manifest
        return TakenIn(key, account_set.name, sum(table.rows for table in manifest.tables), len(manifest.contents), new_people)


def _require_fit(archive: Archive, seal: str) -> None:
    if seal and seal.strip().lower() != archive.seal:
        raise NotPortable(_("The seal is another one: this is not the output that you mean, or somebody has changed it."))
    if archive.manifest.stamp != wanted_stamp():
        raise NotPortable(
            _("The output was made by another version of Guanxi (%(version)s): put it out again by the version that runs here, or take it in there.")
            % {"version": archive.manifest.program or "?"}
        )


def _require_room(manifest: Manifest) -> None:
    """The rows go to the database, which may lie elsewhere; with one of our own they share this disk."""
    needed = sum(content.size for content in manifest.contents)
    if str(settings.GUANXI_PLACE.host).startswith("/"):
        needed += 2 * sum(table.size for table in manifest.tables)
    folder = next(one for one in (Path(settings.MEDIA_ROOT), *Path(settings.MEDIA_ROOT).parents) if one.exists())
    if shutil.disk_usage(folder).free < needed + LEAST_FREE:
        raise NotPortable(_("There is no room for it: it needs %(size)s MB.") % {"size": (needed + LEAST_FREE) // 1024 // 1024})


def _name(wanted: str, facts: SetFacts, key: str) -> str:
    """Twins are told apart in the list of account sets."""
    name = wanted or facts.name
    return f"{name[:80]} ({key})" if not wanted and AccountSet.objects.filter(name=name).exists() else name


@contextmanager
def _all_or_nothing(key: str) -> Iterator[None]:
    """One transaction of the owner, and files that stay only when it is committed."""
    folder = Storage(key).folder
    begun = False
    try:
        with transaction.atomic(using="owner"):
            _alone()
            forget_interrupted()
            if folder.exists():
                raise NotPortable(
                    _("There are files of an account set “%(key)s” that is no longer there: move %(folder)s away, or choose another key.")
                    % {"key": key, "folder": folder}
                )
            begun = True
            made_folder(folder)
            (folder / MARK).touch()
            yield
    except BaseException:
        # An answer to COMMIT may have been lost: what became of it is asked, and not guessed.
        with suppress(DatabaseError):
            if begun and not AccountSet.objects.filter(key=key).exists():
                Storage(key).drop()
        raise
    (folder / MARK).unlink()


def _alone() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ALONE])
        if not cursor.fetchone()[0]:
            raise NotPortable(_("Another account set is being taken in now; try again when it is done."))


def forget_interrupted() -> None:
    """Drop the files of intakes that were killed: their sets were never committed."""
    for mark in Path(settings.MEDIA_ROOT).glob(f"*/{MARK}"):
        key = mark.parent.name
        if SET_KEY.fullmatch(key) and not AccountSet.objects.filter(key=key).exists():
            Storage(key).drop()
        else:
            mark.unlink()


def _make(archive: Archive, key: str, name: str, live: bool, reached: Callable[[str], None]) -> list[str]:
    manifest = archive.manifest
    _keep_contents(archive, Storage(key), reached)
    facts = manifest.set
    account_set = AccountSet(
        key=key, name=name, language=facts.language, currency=facts.currency, country=facts.country, timezone=facts.timezone,
        is_two_step_needed=facts.is_two_step_needed, stamp=wanted_stamp(),
    )
    account_set.full_clean()
    account_set.save(using="owner")
    known = matched(manifest.people)
    new = made(manifest.people, known, key)
    users = {**known, **new}
    with connections["owner"].cursor() as cursor:
        roles.create_set_role(cursor, owner_role(), key)
        stand_in(cursor, path_of(key))
        # No trigger and no index stands yet: nothing is noted in the history, and all is built over rows that are there.
        loading = _Loading(cursor, archive, users, reached)
        build_tables(loading.fill)
        install_sql(cursor)
        # The history stands beside the models, and comes with the triggers.
        loading.fill()
        loading.finish()
        roles.grant_set(cursor, owner_role(), key, append_only_tables())
        if not live:
            with override(facts.language):
                _quiet(cursor)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT set_config('search_path', 'guanxi, extensions', true)")
    places = [person for person in manifest.people if person.has_place and person.member_id in users]
    Membership.objects.using("owner").bulk_create(
        Membership(user_id=users[person.member_id].pk, account_set=account_set, member_id=person.member_id) for person in places
    )
    return [user.username for user in new.values()]


def _keep_contents(archive: Archive, storage: Storage, reached: Callable[[str], None]) -> None:
    for content in archive.manifest.contents:
        reached(content.sha256)
        received = storage.receive(archive.content(content), content.sha256, content.size)
        storage.keep(received)
        if received.sha256 != content.sha256:
            raise NotPortable(_("The content %(hash)s has changed on the disk.") % {"hash": content.sha256})
    settle(storage.folder)


class _Loading:
    """Puts in the rows of those tables that stand and were not filled yet."""

    def __init__(self, cursor: Any, archive: Archive, users: dict[int, User], reached: Callable[[str], None]) -> None:
        self.cursor, self.archive, self.users, self.reached = cursor, archive, users, reached
        self.facts = {table.name: table for table in archive.manifest.tables}
        self.filled: set[str] = set()

    def fill(self) -> None:
        tables = tables_of(self.cursor)
        for name in tables.keys() - self.filled:
            self.reached(table_name(name))
            self._fill(tables[name], self.facts.get(name))
            if name == Member._meta.db_table:
                self._sign_in()
        self.filled = set(tables)

    def _fill(self, table: Table, facts: TableFacts | None) -> None:
        """Rows in, sequences placed, and what lies there compared with what was put out."""
        if facts is None or list(facts.columns) != list(table.columns) or facts.sequences.keys() != table.sequences.keys():
            raise _unlike(table.name)
        make_months(self.cursor, table, facts.months)
        fill(self.cursor, table, self.archive.rows(facts))
        place_sequences(self.cursor, table, facts.sequences)
        if digest_of(self.cursor, table).facts != facts_of(facts):
            raise NotPortable(_("The table %(table)s did not arrive as it was put out. Nothing was taken in.") % {"table": table.name})

    def _sign_in(self) -> None:
        for member_id, user in self.users.items():
            self.cursor.execute("UPDATE access_member SET user_id = %s WHERE id = %s", [user.pk, member_id])

    def finish(self) -> None:
        if strange := sorted(self.facts.keys() ^ self.filled):
            raise _unlike(strange[0])
        for name in sorted(self.filled):
            self.cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))


def _unlike(name: str) -> NotPortable:
    return NotPortable(_("The table %(table)s is another one here than in the output. Nothing was taken in.") % {"table": name})


def _quiet(cursor: Any) -> None:
    for config in apps.get_app_configs():
        for statement, parameters in getattr(config, "quiet_sql", list)():
            cursor.execute(statement, parameters)
