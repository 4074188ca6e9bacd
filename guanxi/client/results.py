"""What comes back, beside plain records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from guanxi.client.errors import ApiError, error_from

Record = dict[str, Any]
"""A record as JSON: amounts and quantities are exact texts, references are {"id", "code", "title"}."""


@dataclass(frozen=True)
class Done:
    """What came of an operation; `awaiting` when somebody has to approve it first."""

    act: int
    record: Record | None = None
    result: Any = None
    awaiting: Record | None = None

    @property
    def is_waiting(self) -> bool:
        return self.awaiting is not None


@dataclass(frozen=True)
class Entry:
    """What became of one of many rows; `index` is its place among those sent."""

    index: int
    outcome: str
    """created, changed, unchanged, done, waiting or failed"""
    id: int | None = None
    version: int | None = None
    error: ApiError | None = None
    more: Record = field(default_factory=dict)


@dataclass
class Batch:
    """What became of many rows, in the order sent."""

    entries: list[Entry] = field(default_factory=list)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for entry in self.entries:
            found[entry.outcome] = found.get(entry.outcome, 0) + 1
        return found

    @property
    def failed(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.outcome == "failed"]

    def add(self, rows: list[Record], start: int) -> None:
        for row in rows:
            more = dict(row)
            error = more.pop("error", None)
            self.entries.append(Entry(
                more.pop("index") + start, more.pop("outcome"), more.pop("id", None), more.pop("version", None),
                error_from(0, {"error": error}) if error else None, more,
            ))
