"""Very many new words: gathered in larger heaps, and merged into the index by another connection while the import writes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError, connection, connections

from guanxi.kernel.database import current_set, in_set

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
_beside: ContextVar[_Beside | None] = ContextVar("guanxi_merging", default=None)


class _Beside:
    """The other connection. What it merges may be uncommitted: an index does not mind, and without it the words are found as well."""

    def __init__(self) -> None:
        self.thread: threading.Thread | None = None
        self.waiting, self.is_over, self.count = threading.Event(), False, 0

    def more(self, count: int) -> None:
        self.count += count
        if self.count >= EVERY:
            self.count = 0
            if self.thread is None:
                self.thread = threading.Thread(target=self._work, args=[current_set()], name="search-merging", daemon=True)
                self.thread.start()
            self.waiting.set()

    def end(self) -> None:
        if self.thread is not None:
            self.is_over = True
            self.waiting.set()
            self.thread.join()

    def _work(self, key: str) -> None:
        try:
            while not self.is_over:
                self.waiting.wait()
                self.waiting.clear()
                with in_set(key), connection.cursor() as cursor:
                    cursor.execute("SELECT merge_search_words()")
        except DatabaseError:
            # The import merges by itself, as it does without this.
            return
        finally:
            connections.close_all()


@contextmanager
def merged_beside() -> Iterator[None]:
    """While this lasts, what `index_new` writes is merged by another connection, and at the end all of it is."""
    beside = _Beside()
    token = _beside.set(beside)
    try:
        yield
    finally:
        _beside.reset(token)
        beside.end()


def merge_seldom() -> None:
    """For the rest of the transaction: new words are gathered and merged into the index in larger heaps, each page written once."""
    with connection.cursor() as cursor:
        cursor.execute(_SELDOM)


def written(count: int) -> None:
    """So many entries wait to be merged."""
    if beside := _beside.get():
        beside.more(count)
