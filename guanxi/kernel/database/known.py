"""Questions that are asked again and again: a queryset whose SQL is made once.

Building and compiling a query costs several times what the database needs to answer it. A `@known` function builds a
queryset from values; it is called once with stand-ins, and from then on only the values change.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from psycopg.types.numeric import Int8

Given = int | str | date | Sequence[int]
_STANDS_FOR = -7_654_321
_STANDS_FOR_DAY = date(1, 1, 1)


@models.Field.register_lookup
@models.ForeignKey.register_lookup
class AnyOf(models.Lookup):
    """`pk__any=[1, 2]`: like `in` for ids (or texts), as one array, so that the SQL is the same however many there are."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        kind = "text" if isinstance(self.lhs.output_field, models.CharField | models.TextField) else "bigint"
        return f"{left} = ANY(%s::{kind}[])", (*parameters, list(self.rhs))


class Kept:
    """A compiled queryset and the places of the ids among its parameters."""

    def __init__(self, queryset: models.QuerySet[Any], stand_ins: Sequence[Given], *, has_words: bool = True):
        self.queryset = queryset
        self.compiler = queryset.query.get_compiler("default")
        try:
            text, values = self.compiler.as_sql()
            self.sql, parameters = _with_words(text, values, stand_ins) if has_words else (str(text), list(values))
        except EmptyResultSet:
            self.sql, parameters = "", []
        self.parameters = parameters
        self.places = [(place, number) for number, one in enumerate(stand_ins) for place, value in enumerate(parameters) if value == one]

    def rows(self, given: Sequence[Given]) -> list[Any]:
        """What the queryset holds for these ids: rows, tuples or values, as it was built."""
        if not self.sql:
            return []
        connection = connections["default"]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._filled(given))
            found = cursor.fetchall()
        if self.converters or self.compiler.has_extra_select:
            found = [self._converted(row, connection) for row in found]
        again: Any = _Again(self.queryset, _Answered(self.compiler, found))
        reader: Any = self.queryset._iterable_class  # type: ignore[attr-defined]
        return list(reader(again))

    @functools.cached_property
    def converters(self) -> list[tuple[int, Any, Any]]:
        """What turns a column's value into what Python has of it; the same columns each time, so found once."""
        found = self.compiler.get_converters([one[0] for one in self.compiler.select[: self.compiler.col_count]])
        return [(place, *how) for place, how in found.items()]

    def _converted(self, row: Sequence[Any], connection: Any) -> tuple[Any, ...]:
        values = list(row[: self.compiler.col_count])
        for place, converters, expression in self.converters:
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return tuple(values)

    def _filled(self, given: Sequence[Given]) -> list[Any]:
        parameters = self.parameters.copy()
        for place, number in self.places:
            # Of one width: by their size numbers would be of three kinds, each of which the database plans anew.
            parameters[place] = Int8(value) if type(value := given[number]) is int else value
        return parameters

    def expected(self, given: Sequence[Given]) -> int:
        """How many rows the database expects."""
        return int(self._first("EXPLAIN (FORMAT json) ", "", given)[0]["Plan"]["Plan Rows"]) if self.sql else 0

    def count(self) -> int:
        """How many rows that are, where nothing is given."""
        return int(self._first("SELECT count(*) FROM (", ") counted", ())) if self.sql else 0

    def _first(self, before: str, after: str, given: Sequence[Given]) -> Any:
        with connections["default"].cursor() as cursor:
            cursor.execute(before + self.sql + after, self._filled(given))
            return cursor.fetchone()[0]


def _with_words(sql: str, values: Sequence[Any], stand_ins: Sequence[Given]) -> tuple[str, list[Any]]:
    """Texts that stay the same stand in the SQL itself: knowing them, the database keeps its plan instead of making it anew each time."""
    parts, left, given = [], [], iter(values)
    for part in re.split("(%%|%s)", sql):
        if part == "%s":
            value = next(given)
            if type(value) is str and value not in stand_ins:
                part = "'" + value.replace("'", "''").replace("%", "%%") + "'"
            else:
                left.append(value)
        parts.append(part)
    return "".join(parts), left


class _Answered:
    """What Django's row readers ask of a compiler, when the rows are there already."""

    def __init__(self, compiler: Any, rows: list[Any]):
        self.select, self.klass_info, self.annotation_col_map = compiler.select, compiler.klass_info, compiler.annotation_col_map
        self.rows = rows

    def execute_sql(self, *_as: Any, **_named: Any) -> list[Any]:
        return self.rows

    def results_iter(self, *_as: Any, **_named: Any) -> Iterator[Any]:
        return iter(self.rows)


class _Again:
    """What Django's row readers ask of a queryset and its query, with the compiler that has its SQL already."""

    db = "default"

    def __init__(self, queryset: Any, compiler: Any):
        self._queryset, self._compiler, self.query = queryset, compiler, self

    def get_compiler(self, *_as: Any, **_named: Any) -> Any:
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queryset, name, None) if hasattr(self._queryset, name) else getattr(self._queryset.query, name)


def stand_in(number: int, kind: type) -> Given:
    """A value of this kind that no question holds for another reason."""
    if kind is list:
        return [_STANDS_FOR - number]
    if kind is date:
        return _STANDS_FOR_DAY + timedelta(days=number)
    return f"\x01 stands for {number}" if kind is str else _STANDS_FOR - number


def known(build: Callable[..., models.QuerySet[Any]]) -> Callable[..., list[Any]]:
    """`@known def lines_of(order_id): return OrderLine.objects.filter(order=order_id)`; calling it gives the list.

    Positional arguments are what changes: ids, lists of ids for `__any`, texts, days. Named ones say which question it is and
    must be hashable; where rights, language or day are in it, `eyes=actor.eyes` is among them.
    """

    @functools.lru_cache(500)
    def kept(kinds: tuple[type, ...], **which: Hashable) -> Kept:
        stand_ins = [stand_in(number, kind) for number, kind in enumerate(kinds)]
        return Kept(build(*stand_ins, **which), stand_ins)

    @functools.wraps(build)
    def asked(*given: Given, **which: Hashable) -> list[Any]:
        return kept(tuple(map(type, given)), **which).rows(given)

    asked.expected = lambda *given, **which: kept(tuple(map(type, given)), **which).expected(given)  # type: ignore[attr-defined]
    return asked


class _AskedMeanwhile(Exception):
    pass


class _Making:
    """How a question is made: no part of its name, so that any is like another."""

    def __init__(self, make: Any):
        self.make = make

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Making)

    def __hash__(self) -> int:
        return 0


def named(name: Hashable, make: Callable[..., models.QuerySet[Any]], kinds: tuple[type, ...] = ()) -> Kept | None:
    """The question with this name, made by `make` unless it is kept already; None where making it asks the database: it may hold rows then.
    All that it depends on is in its name, but what it is given each time, of these `kinds`. Its texts stay parameters: people may have typed them."""
    return _named(name, kinds, _Making(make))


@functools.lru_cache(500)
def _named(_name: Hashable, kinds: tuple[type, ...], making: _Making) -> Kept | None:
    make, making.make = making.make, None
    stand_ins = [stand_in(number, kind) for number, kind in enumerate(kinds)]
    try:
        with connections["default"].execute_wrapper(_refuse):
            return Kept(make(*stand_ins), stand_ins, has_words=False)
    except _AskedMeanwhile:
        return None


def _refuse(*_given: Any) -> Any:
    raise _AskedMeanwhile
