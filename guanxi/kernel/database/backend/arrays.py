"""Lists as parameters, written in one go: psycopg looks at each element several times, which costs more than the row it is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any

from psycopg import DataError
from psycopg.types.array import ListDumper


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# The oids of bigint[], numeric[], boolean[] and date[]; texts say nothing of their kind, so that the statement's own cast decides.
_PLAIN: dict[type, tuple[int, Callable[[Any], str]]] = {
    int: (1016, str), Decimal: (1231, str), bool: (1000, lambda value: "t" if value else "f"), date: (1182, date.isoformat), str: (0, _quoted),
}


def _kind(given: list[Any]) -> type | None:
    """The one plain type of all elements that are not null; None when there are several, or none."""
    kinds = set(map(type, given))
    kinds.discard(NoneType)
    kind = kinds.pop() if len(kinds) == 1 else None
    return kind if kind in _PLAIN else None


class PlainListDumper(ListDumper):
    """Flat lists of one plain type; whatever else there is goes the way of psycopg."""

    write: Callable[[Any], str] | None = None

    def get_key(self, obj: list[Any], format: Any) -> Any:
        kind = _kind(obj)
        return super().get_key(obj, format) if kind is None else (self.cls, kind)

    def upgrade(self, obj: list[Any], format: Any) -> Any:
        kind = _kind(obj)
        if kind is None:
            return super().upgrade(obj, format)
        return _dumper(kind)

    def dump(self, obj: list[Any]) -> Any:
        write = self.write
        if write is None:
            return super().dump(obj)
        text = "{" + ",".join(["NULL" if one is None else write(one) for one in obj]) + "}"
        if "\x00" in text:
            raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return text.encode()


@cache
def _dumper(kind: type) -> PlainListDumper:
    """Such lists are written in the same way by every connection."""
    found = PlainListDumper(list)
    found.oid, found.write = _PLAIN[kind]
    return found
