"""Writing rows of one model: one statement, whose SQL is made once, or COPY for very many."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import repeat
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connections, models
from psycopg.types.json import Jsonb

M = TypeVar("M", bound=models.Model)
_PLAIN: tuple[tuple[type[models.Field], type], ...] = (
    (models.ForeignKey, int), (models.IntegerField, int), (models.BooleanField, bool), (models.CharField, str),
    (models.TextField, str), (models.DecimalField, Decimal), (models.DateTimeField, type(None)), (models.DateField, date),
)


def insert_rows(rows: Sequence[M]) -> list[M]:
    """Insert rows of one model, all with keys or all without, and give each its key; no signals."""
    rows = list(rows)
    if not rows:
        return rows
    with_keys = rows[0].pk is not None
    sql, columns = _statement(type(rows[0]), with_keys)
    connection = connections["default"]
    values = [[convert(value) for value in map(read, rows)] for read, convert in columns]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, "default"
    return rows


def copy_rows(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows given by attribute through COPY, with the model's defaults for what is not given; their keys, in order."""
    if not rows:
        return []
    assert model._meta.pk is not None
    statement, key, names, usual, converters = _copying(model)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [model._meta.db_table, key, len(rows)])
        keys = [row[0] for row in cursor.fetchall()]
        given = set().union(*rows)
        columns = [
            list(map(convert, (row.get(name, usual[name]) for row in rows))) if name in given else repeat(_as_text(convert(usual[name])))
            for name, convert in zip(names, converters, strict=True)
        ]
        with cursor.db.wrap_database_errors, cursor.cursor.copy(statement) as copying:
            for values in zip(keys, *columns, strict=False):
                copying.write_row(values)
    return keys


def _as_text(value: Any) -> Any:
    """What stands in every row is made into JSON once."""
    return json.dumps(value.obj) if isinstance(value, Jsonb) else value


@cache
def _copying(model: type[models.Model]) -> tuple[str, str, list[str], dict[str, Any], list[Callable[[Any], Any]]]:
    quote = connections["default"].ops.quote_name
    fields = [f for f in model._meta.concrete_fields if not f.generated and not f.primary_key]
    key = str(model._meta.pk.column)  # type: ignore[union-attr]
    columns = ", ".join(quote(str(name)) for name in (key, *(f.column for f in fields)))
    usual = {f.attname: f.get_default() for f in fields}
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    return statement, key, [f.attname for f in fields], usual, [_converter(f) for f in fields]


Column = tuple[Callable[[Any], Any], Callable[[Any], Any]]


@cache
def _statement(model: type[models.Model], with_keys: bool) -> tuple[str, list[Column]]:
    connection = connections["default"]
    quote = connection.ops.quote_name
    fields = [f for f in model._meta.concrete_fields if not f.generated and (with_keys or not f.primary_key)]
    names = ", ".join(quote(str(f.column)) for f in fields)
    # Without lengths and digits: a cast to varchar(20) would cut in silence what the column refuses.
    kinds = ", ".join(f"%s::{re.sub(r'[(].*?[)]', '', str(f.db_type(connection)))}[]" for f in fields)
    assert model._meta.pk is not None
    key = quote(str(model._meta.pk.column))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) SELECT * FROM unnest({kinds}) RETURNING {key}"
    return sql, [(attrgetter(f.attname), _converter(f)) for f in fields]


def _converter(field: models.Field) -> Callable[[Any], Any]:
    """Values as the database takes them; those that are of the column's own kind as they are."""
    plain = next((kind for base, kind in _PLAIN if isinstance(field, base)), type(None))
    prepare, connection = field.get_db_prep_save, connections["default"]

    def convert(value: Any) -> Any:
        return value if value is None or type(value) is plain else prepare(value, connection)

    return convert
