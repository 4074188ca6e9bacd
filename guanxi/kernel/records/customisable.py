"""Records that people enter: an administrator may give them columns of the account set's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import models

from guanxi.kernel.records.record import Record

ADDED = "x_"
"""What the name of every added column begins with, so that it never is the name of a column that the program has."""

_readers: list[Callable[[Record, str], Any]] = []


def reads_added(reader: Callable[[Record, str], Any]) -> Callable[[Record, str], Any]:
    """Register how `row.x_budget` is read: `reader(row, name)`, LookupError where there is no such column."""
    _readers.append(reader)
    return reader


class CustomValues(models.JSONField):
    """The values of the added columns by their code; {} when there are none."""

    hidden_column = True

    def __init__(self, *args: Any, **options: Any):
        options |= {"default": dict, "blank": True, "editable": False}
        super().__init__(*args, **options)


class Customisable(Record):
    """A master or a document. `row.x_budget` is the value of an added column, as `row.note` is that of another."""

    custom = CustomValues()

    class Meta:
        abstract = True

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith(ADDED) and _readers:
                try:
                    return _readers[0](self, name)
                except LookupError:
                    pass
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
