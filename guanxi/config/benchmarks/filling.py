"""How very many rows come into a set: COPY through the application's role; constraints, history and guards stay on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from django.conf import settings
from django.db import connections
from psycopg import connect, sql

from guanxi.config.terminal import say

CHUNK = 50_000


class Filling:
    """Rows of one set, chunk by chunk, each chunk in a transaction of its own."""

    def __init__(self, key: str, is_searched: bool = True):
        from guanxi.kernel.access.actor import system_actor
        from guanxi.kernel.database import in_set

        self.key, self.rng, self.is_searched = key, Random(7), is_searched
        with in_set(key):
            self.actor = system_actor()

    def enter(self, model: Any, ids: list[int]) -> None:
        """Writes the search entries of new rows."""
        from guanxi.kernel.search.index import index_new

        def chunk(first: int, size: int) -> list[int]:
            mine = ids[first : first + size]
            index_new(model, mine)
            return mine

        if self.is_searched:
            self.in_chunks(f"search entries of {model._meta.label}", len(ids), CHUNK // 5, chunk)

    def copy(self, model: Any, count: int, make: Callable[[int, int], dict[str, Any]]) -> list[int]:
        """`count` rows of `model`; `make(place, id)` gives the columns that differ from the defaults. Returns the ids."""

        def chunk(first: int, size: int) -> list[int]:
            mine = next_ids(model._meta.db_table, size)
            write(model, (make(first + n, row_id) for n, row_id in enumerate(mine)), mine)
            return mine

        ids = self.in_chunks(model._meta.label, count, CHUNK, chunk)
        self.analyse(model._meta.db_table)
        return ids

    def analyse(self, *tables: str) -> None:
        """A database that takes a table of a million rows for an empty one would read it whole for each row of another."""
        with owner_connection(self.key) as connection:
            connection.execute(sql.SQL("ANALYZE {}").format(sql.SQL(", ").join(map(sql.Identifier, tables))))

    def in_chunks(self, label: str, count: int, most: int, chunk: Callable[[int, int], list[int]]) -> list[int]:
        from guanxi.kernel.database import in_set

        started, ids = time.monotonic(), list[int]()
        for first in range(0, count, most):
            with in_set(self.key, member=self.actor.member_id):
                ids += chunk(first, min(most, count - first))
        seconds = time.monotonic() - started
        say(f"{len(ids):>10,} {label}  {seconds:6.1f} s  {len(ids) / max(seconds, 0.001):,.0f} a second")
        return ids

    @contextmanager
    def without_search_index(self) -> Iterator[None]:
        """An index over millions of words is made in one go: row by row it takes many times as long."""
        if not self.is_searched:
            yield
            return
        with owner_connection(self.key) as connection:
            connection.execute("DROP INDEX IF EXISTS search_terms")
            try:
                yield
            finally:
                started = time.monotonic()
                connection.execute("SET maintenance_work_mem = '1GB'")
                connection.execute("CREATE INDEX search_terms ON search_searchentry USING gin (terms)")
                say(f"           the search index made  {time.monotonic() - started:6.1f} s")


def owner_connection(key: str) -> Any:
    """The set's own tables as their owner, who alone may change indexes."""
    from guanxi.kernel.database.session import path_of

    connection = connect(**settings.GUANXI_PLACE.conninfo("owner"), autocommit=True)
    connection.execute("SELECT set_config('search_path', %s, false)", [path_of(key)])
    return connection


def next_ids(table: str, count: int) -> list[int]:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def defaults_of(model: Any) -> dict[str, Any]:
    """What the model itself puts into columns that are not given."""
    fields = [f for f in model._meta.concrete_fields if not f.primary_key]
    return {f.attname: f.get_db_prep_save(f.get_default(), connections["default"]) for f in fields} | {"version": 1}


def write(model: Any, rows: Iterator[dict[str, Any]], ids: Sequence[int]) -> None:
    """One COPY; columns not given take the model's defaults."""
    fields, defaults = model._meta.concrete_fields, defaults_of(model)
    names = [f.attname for f in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(sql.Identifier(f.column) for f in fields)
    )
    with connections["default"].cursor() as cursor, cursor.cursor.copy(statement) as copying:
        for row_id, row in zip(ids, rows, strict=True):
            values = {**defaults, **row, "id": row_id}
            copying.write_row([values[name] for name in names])


def tidy(key: str) -> None:
    """What the database does by itself within the hour: it looks at the new rows, so that it knows how many there are of which."""
    started = time.monotonic()
    with owner_connection(key) as connection:
        connection.execute("VACUUM (ANALYZE)")
    say(f"           vacuumed and analysed  {time.monotonic() - started:6.1f} s")
