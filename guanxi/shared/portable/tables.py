"""The tables of a set as PostgreSQL's catalogue knows them, and their rows as text that is the same wherever they lie.

A cursor stands in the set's search path. Text and not binary, which may differ between versions of PostgreSQL.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg import sql

from guanxi.shared.portable.manifest import TableFacts

BLOCK = 256 * 1024
KEPT_APART = {("access_member", "user_id")}
"""Numbers of global rows: they mean something in one installation only, and travel as people (`Person`)."""
MONTH = re.compile(r"_(\d{4})_(0[1-9]|1[0-2])$")

_SETTINGS = """
SELECT set_config('search_path', %s, true), set_config('datestyle', 'ISO, YMD', true), set_config('intervalstyle', 'iso_8601', true),
       set_config('timezone', 'UTC', true), set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)
"""
_TABLES = """
SELECT c.relname::text,
  (SELECT array_agg(a.attname::text ORDER BY a.attname::text COLLATE "C") FROM pg_attribute a
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
  (SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attname::text COLLATE "C") FROM pg_attribute a
   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
  (SELECT array_agg(a.attname::text ORDER BY k.place) FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number WHERE i.indrelid = c.oid AND i.indisprimary),
  (SELECT array_agg(p.relname::text ORDER BY p.relname::text COLLATE "C") FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhrelid
   WHERE h.inhparent = c.oid)
FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'django_migrations'
ORDER BY c.relname::text COLLATE "C"
"""
_SEQUENCES = """
SELECT t.relname::text, a.attname::text, s.relname::text FROM pg_class s
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
LEFT JOIN pg_class t ON t.oid = d.refobjid LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE s.relnamespace = current_schema()::regnamespace AND s.relkind = 'S' AND t.relname IS DISTINCT FROM 'django_migrations'
"""


@dataclass(frozen=True)
class Table:
    """A table that holds rows of the set, partitions counted as one."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    months: tuple[str, ...]
    sequences: dict[str, str] = field(default_factory=dict)

    def names(self) -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier(name) for name, _kind in self.columns)


class Digest:
    """Rows, bytes and hash of a text that goes by."""

    def __init__(self) -> None:
        self.rows = self.size = 0
        self._hash = hashlib.sha256()

    def update(self, block: bytes) -> None:
        self._hash.update(block)
        self.size += len(block)
        # A line break inside a value is written as \n: each of these ends a row.
        self.rows += block.count(b"\n")

    @property
    def facts(self) -> tuple[int, int, str]:
        return self.rows, self.size, self._hash.hexdigest()


def facts_of(facts: TableFacts) -> tuple[int, int, str]:
    return facts.rows, facts.size, facts.sha256


def stand_in(cursor: Any, path: str) -> None:
    """For this transaction: in this search path, and values written the one way."""
    cursor.execute(_SETTINGS, [path])


def tables_of(cursor: Any) -> dict[str, Table]:
    """Every table of the set, with its sequences."""
    cursor.execute(_TABLES)
    found = {
        name: Table(name, tuple(zip(columns, kinds, strict=True)), tuple(key), tuple(part for part in parts or () if MONTH.search(part)))
        for name, columns, kinds, key, parts in cursor.fetchall()
    }
    cursor.execute(_SEQUENCES)
    for table, column, sequence in cursor.fetchall():
        if table is None:
            raise LookupError(f"the sequence {sequence} belongs to no table")
        found[table].sequences[column] = sequence
    return found


def rows_of(cursor: Any, table: Table) -> Iterator[bytes]:
    """Its rows in blocks, in the order of its key."""
    apart = sql.SQL("NULL")
    columns = sql.SQL(", ").join(apart if (table.name, name) in KEPT_APART else sql.Identifier(name) for name, _kind in table.columns)
    kinds = dict(table.columns)
    # Texts in the order of their bytes, not of a language.
    order = sql.SQL(", ").join(
        sql.SQL('{}::text COLLATE "C"').format(sql.Identifier(name)) if kinds[name].startswith(("character", "text")) else sql.Identifier(name)
        for name in table.key
    )
    statement = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(columns, sql.Identifier(table.name), order)
    held: list[bytes] = []
    size = 0
    with cursor.copy(statement) as copy:
        for row in copy:
            held.append(bytes(row))
            size += len(row)
            if size >= BLOCK:
                yield b"".join(held)
                held, size = [], 0
    if held:
        yield b"".join(held)


def fill(cursor: Any, table: Table, blocks: Iterable[bytes]) -> None:
    """Put rows in."""
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), table.names())) as copy:
        for block in blocks:
            copy.write(block)


def digest_of(cursor: Any, table: Table, also: Callable[[bytes], Any] = lambda _block: None) -> Digest:
    """Of the rows that lie there now; each block is shown to `also`."""
    digest = Digest()
    for block in rows_of(cursor, table):
        digest.update(block)
        also(block)
    return digest


def places_of(cursor: Any, table: Table) -> dict[str, tuple[int, bool]]:
    """Where its sequences stand. They know no snapshot: what is read after the rows is beyond all of them."""
    found = {}
    for column, sequence in table.sequences.items():
        cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(sequence)))
        [(last, is_called)] = cursor.fetchall()
        found[column] = (last, is_called)
    return found


def place_sequences(cursor: Any, table: Table, places: dict[str, tuple[int, bool]]) -> None:
    for column, sequence in table.sequences.items():
        last, is_called = places[column]
        cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s, %s)", [sequence, last, is_called])


def make_months(cursor: Any, table: Table, months: Iterable[str]) -> None:
    """The partitions that the table had elsewhere, beside those it has."""
    for name in sorted(set(months) - set(table.months)):
        found = MONTH.search(name)
        if found is None or name != table.name + found.group():
            continue
        year, month = int(found[1]), int(found[2])
        after = f"{year + month // 12:04}-{month % 12 + 1:02}-01"
        cursor.execute(
            sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                sql.Identifier(name), sql.Identifier(table.name), sql.Literal(f"{year:04}-{month:02}-01"), sql.Literal(after)
            )
        )
