"""What a long import leaves to others beside it: a thread makes the entries of one batch while the database works on the next, and another
connection merges new words into the index."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError, connection, connections

from guanxi.kernel.database import UnknownSet, current_set, in_set

MERGE_SQL = """
CREATE OR REPLACE FUNCTION merge_search_words() RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path FROM CURRENT SET maintenance_work_mem = '16MB' AS $body$
  SELECT gin_clean_pending_list('search_terms')
$body$;
"""
"""Only the owner of an index may merge what waits for it. Heaps of 16 MB stay in the processor's cache: of 256 MB it took a third longer."""
EVERY = 8_000
"""Entries, a quarter of what this transaction would gather before it merged by itself."""
_SELDOM = "SELECT set_config('gin_pending_list_limit', '32MB', true), set_config('work_mem', '128MB', true)"
_COPY = "COPY search_searchentry (version, model, object_id, title, subtitle, terms) FROM STDIN (FORMAT binary)"
_HEAD, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_SWITCH = 0.0005
"""Seconds after which the thread yields to the import, which has an answer of the database: usually it is ten times as long."""
_USUAL, _switching, _making = sys.getswitchinterval(), threading.Lock(), [0]
BESIDE: ContextVar[Beside | None] = ContextVar("guanxi_beside", default=None)


class Beside:
    """Entries that are being made, and the connection that merges their words. What it merges may be uncommitted: an index does not mind,
    and words that wait are found as well."""

    def __init__(self) -> None:
        self.makers: ThreadPoolExecutor | None = None
        self.made: list[tuple[int, Future[list[bytes]]]] = []
        self.merging: threading.Thread | None = None
        self.wanted, self.is_over, self.count = threading.Event(), False, 0

    def make(self, pieces: Callable[[], list[bytes]], count: int) -> None:
        if self.makers is None:
            self.makers = ThreadPoolExecutor(1, "search-entries")
            _switch(1)
        self.made.append((count, self.makers.submit(pieces)))

    def write(self, most: int | None = None) -> None:
        """Write the entries that were made first, so many batches of them or all, in the transaction of their rows. When this is rolled back
        to a savepoint, `made` has to be what it was there."""
        due, self.made = self.made[:most], [] if most is None else self.made[most:]
        for count, pieces in due:
            copy_entries(pieces.result())
            self._count(count)

    def _count(self, count: int) -> None:
        self.count += count
        if self.count >= EVERY:
            self.count = 0
            if self.merging is None:
                self.merging = threading.Thread(target=self._merge, args=[current_set()], name="search-merging", daemon=True)
                self.merging.start()
            self.wanted.set()

    def _merge(self, key: str) -> None:
        try:
            is_last = False
            while not is_last:
                self.wanted.wait()
                self.wanted.clear()
                is_last = self.is_over
                with in_set(key), connection.cursor() as cursor:
                    cursor.execute("SELECT merge_search_words()")
        except (DatabaseError, UnknownSet):
            # The import merges by itself, as it does without this.
            return
        finally:
            connections.close_all()

    def end(self) -> None:
        if self.makers is not None:
            self.makers.shutdown(cancel_futures=True)
            _switch(-1)
        if self.merging is not None:
            self.is_over = True
            self.wanted.set()
            self.merging.join()


def _switch(more: int) -> None:
    """Threads take turns more often as long as any import has one beside it."""
    with _switching:
        _making[0] += more
        sys.setswitchinterval(_SWITCH if _making[0] else _USUAL)


@contextmanager
def worked_beside() -> Iterator[Beside]:
    """While this lasts, entries of many new rows are made beside it and wait until they are told to be written."""
    beside = Beside()
    token = BESIDE.set(beside)
    try:
        yield beside
    finally:
        BESIDE.reset(token)
        beside.end()


def written_first() -> None:
    """Before entries are changed: those that wait might be among them."""
    if (beside := BESIDE.get()) is not None and beside.made:
        beside.write()


def copy_entries(pieces: Iterable[bytes]) -> None:
    """Piece by piece: while the database takes one, the next may be made."""
    with connection.cursor() as cursor, cursor.db.wrap_database_errors, cursor.cursor.copy(_COPY) as copying:
        copying.write(_HEAD)
        for piece in pieces:
            copying.write(piece)
        copying.write(_END)


def merge_seldom() -> None:
    """For the rest of the transaction: new words are gathered and merged into the index in larger heaps, each page written once."""
    with connection.cursor() as cursor:
        cursor.execute(_SELDOM)
