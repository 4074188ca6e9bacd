"""Taking in an uploaded file: at once, or in the background with progress that others see, and a notice at the end."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connections, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.database import in_set
from guanxi.kernel.importing.importer import ALL, GOOD, import_file
from guanxi.kernel.importing.undoing import undo_import
from guanxi.kernel.jobs.job import job
from guanxi.kernel.notices.kinds import notice_kind
from guanxi.kernel.notices.raising import raise_notices
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.transfer.files import Table, open_table
from guanxi.kernel.transfer.mapping import mapping_of
from guanxi.kernel.transfer.models import Upload
from guanxi.kernel.transfer.report import Report

AT_ONCE = 2_000
"""Rows that a person waits for; more are taken in the background."""
SHOWN_ERRORS = 100
TAKEN = notice_kind(
    "import_taken", "system", gettext_lazy("%(file)s was imported: %(created)s new, %(changed)s changed, %(failed)s not imported"), "upload"
)
FAILED = notice_kind("import_failed", "system", gettext_lazy("%(file)s was not imported"), "alert-triangle")
UNDONE = notice_kind("import_undone", "system", gettext_lazy("The import of %(file)s was undone"), "arrow-back-up")
KEPT = notice_kind("import_kept", "system", gettext_lazy("The import of %(file)s could not be undone"), "alert-triangle")
WORKED_ON = ("checking", "taking", "undoing")
_COUNTS = ("created", "changed", "unchanged", "performed", "waiting", "also", "failed", "looked_at", "last_row")


@contextmanager
def opened(row: Upload, most_bytes: int = 200 * 1024 * 1024) -> Iterator[Table]:
    """The file as a table; it lies on disk under a name of ours for as long as this takes."""
    with tempfile.NamedTemporaryFile(prefix="guanxi-import-") as file:
        file.write(bytes(row.content))
        file.flush()
        table = open_table(Path(file.name), most_bytes=most_bytes)
        table.name = row.name
        yield table


def take_at_once(row: Upload, actor: Actor, *, trial: bool) -> Report:
    """In the caller's transaction: the row is locked, tried or taken, and says what came of it."""
    mapping = mapping_of(row.choices["mapping"])
    with opened(row) as table:
        report = import_file(Path(row.name), mapping, actor, dry_run=trial, mode=row.choices["mode"], table=table)
    _keep(row, report, actor)
    return report


def _keep(row: Upload, report: Report, actor: Actor) -> None:
    row.report, row.errors = report.as_dict(SHOWN_ERRORS) | {"header": report.header}, report.error_file() if report.errors else b""
    row.done, row.state, row.problem = report.looked_at, "open", ""
    if report.written:
        row.taken_at, row.content, row.acts, row.state = actor.now, b"", report.acts, "taken"
    row.save()


@job(whole=False, attempts=2)
def take_upload(set_key: str, member_id: int | None, *, upload: int) -> None:
    """Try or take in a file as it was mapped, or take it back. A run that a killed one left begins anew, or after the last batch committed."""
    found = Running(set_key, member_id, upload)
    if found.row is not None and found.actor is not None:
        with override(found.actor.language):
            found.run()


class Running:
    """One file on its way, and the transactions in which it is taken."""

    def __init__(self, set_key: str, member_id: Any, pk: int):
        self.set_key, self.member_id, self.pk = set_key, member_id, pk
        with in_set(set_key, member=member_id):
            self.actor = actor_of(member_id, channel="job") if member_id else None
            self.row = Upload.objects.filter(pk=pk, member_id=member_id, state__in=WORKED_ON).first()
        self.report = Report()

    def run(self) -> None:
        assert self.row is not None and self.actor is not None
        if self.row.state == "undoing":
            return self._take_back()
        trial, mode = self.row.state == "checking", self.row.choices["mode"]
        try:
            mapping = mapping_of(self.row.choices["mapping"])
            with opened(self.row) as table:
                if mode == GOOD and not trial:
                    self._resume()
                    import_file(Path(table.name), mapping, self.actor, mode=GOOD, table=table, report=self.report, scope=self._batch)
                    with self._own():
                        self._end()
                else:
                    with self._told(), self._own(), transaction.atomic():
                        import_file(Path(table.name), mapping, self.actor, dry_run=trial, mode=mode, table=table, report=self.report)
                        self._end()
        except Refused as refusal:
            with in_set(self.set_key, member=self.member_id):
                Upload.objects.filter(pk=self.pk).update(state="open", problem=str(refusal))
                self._tell(FAILED, text=str(refusal))
        except _Elsewhere:
            return

    def _take_back(self) -> None:
        """All of it in one transaction: a run that was killed leaves nothing, and is begun again."""
        assert self.row is not None and self.actor is not None
        try:
            with self._own(), transaction.atomic():
                undo_import(self.row, self.actor)
                self._tell(UNDONE)
        except Refused as refusal:
            with in_set(self.set_key, member=self.member_id):
                Upload.objects.filter(pk=self.pk).update(state="taken", problem=str(refusal))
                self._tell(KEPT, text=str(refusal))
        except _Elsewhere:
            return

    @contextmanager
    def _own(self) -> Iterator[None]:
        """A transaction that only one run of this file has at a time: a run that was thought dead must not work beside its heir."""
        with in_set(self.set_key, member=self.member_id):
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{self.set_key} import {self.pk}"])
                if not cursor.fetchone()[0]:
                    raise _Elsewhere
            now = Upload.objects.filter(pk=self.pk).values_list("state", "last_row").first()
            assert self.row is not None
            if now is None or now != (self.row.state, self.row.last_row):
                raise _Elsewhere
            yield

    def _batch(self) -> AbstractContextManager[Any]:
        @contextmanager
        def scope() -> Iterator[None]:
            with self._own():
                yield
                self._save()

        return scope()

    def _resume(self) -> None:
        """Go on where an earlier run was ended: its counts, acts and errors are kept with each batch."""
        row = self.row
        assert row is not None
        if row.last_row and row.report:
            for name in _COUNTS:
                setattr(self.report, name, row.report.get(name, 0))
            self.report.acts = list(row.acts)

    def _save(self) -> None:
        row, report = self.row, self.report
        assert row is not None
        fresh = [error for error in report.errors if error.row > row.last_row]
        kept = ((row.report or {}).get("errors") or [] if row.last_row else [])[:SHOWN_ERRORS]
        shown = [asdict(error) for error in fresh[:SHOWN_ERRORS]]
        row.report = {name: getattr(report, name) for name in _COUNTS} | {
            "file": row.name, "dry_run": False, "written": True, "header": report.header, "errors": (kept + shown)[:SHOWN_ERRORS]}
        if fresh:
            text = Report(header=report.header, errors=fresh).error_file()
            row.errors = bytes(row.errors) + text.split(b"\n", 1)[1] if row.last_row and row.errors else text
        row.done, row.last_row, row.acts = report.looked_at, report.last_row, report.acts
        row.save(update_fields=["report", "errors", "done", "last_row", "acts"])

    def _end(self) -> None:
        row, report, actor = self.row, self.report, self.actor
        assert row is not None and actor is not None
        if row.choices["mode"] == GOOD and row.state == "taking":
            row.state, row.taken_at, row.content = "taken", actor.now, b""
            row.save(update_fields=["state", "taken_at", "content"])
        else:
            _keep(row, report, actor)
        self._tell(TAKEN if row.state == "taken" else FAILED) if not report.dry_run else None

    def _tell(self, kind: Any, text: str = "") -> None:
        row, report, actor = self.row, self.report, self.actor
        assert row is not None and actor is not None
        arguments = {
            "file": row.name, "created": report.created, "changed": report.changed, "failed": report.failed,
            "page": SCREENS[row.screen].url("", rest=f"import/{row.pk}/").lstrip("/"), "text": text,
        }
        raise_notices(kind, [self.member_id], None, key=f"import:{row.pk}:{kind.name}:{row.done}", at=actor.now, arguments=arguments)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """While one long transaction runs, another connection says how far it is."""
        stop = threading.Event()

        def tell() -> None:
            try:
                while not stop.wait(1.0):
                    with in_set(self.set_key, member=self.member_id):
                        Upload.objects.filter(pk=self.pk).update(done=self.report.looked_at)
            finally:
                connections.close_all()

        teller = threading.Thread(target=tell, name="import-progress", daemon=True)
        teller.start()
        try:
            yield
        finally:
            stop.set()
            teller.join()


class _Elsewhere(Exception):
    """Another run has this file."""


def require_open(row: Upload) -> None:
    """Refused while the file is being tried, taken in or taken back, or when its contents are gone."""
    if row.state in WORKED_ON:
        raise Refused(_("This file is being worked on; wait until it is done."))
    if not row.content:
        raise Refused(_("This file is no longer here; choose it again."))


__all__ = ["ALL", "AT_ONCE", "GOOD", "Running", "opened", "require_open", "take_at_once", "take_upload"]
