"""Links that modules put on the page of any record: ways to pages of their own about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guanxi.kernel.records.record import Record


@dataclass(frozen=True)
class RecordLink:
    """`path` lies below the account set; opens beside the page unless it `leaves` it. It stands at the head of the page, and
    beside the kinds of text that can be written above the timeline."""

    path: str
    label: Any
    icon: str
    leaves: bool = False
    in_head: bool = True
    in_composer: bool = False


_LINKS: list[Callable[[Record, Any], RecordLink | None]] = []


def record_link(make: Callable[[Record, Any], RecordLink | None]) -> Callable[[Record, Any], RecordLink | None]:
    """`@record_link` over a function (record, actor) that gives a link or None; it must not ask the database."""
    _LINKS.append(make)
    return make


def links_of(record: Record, actor: Any) -> list[RecordLink]:
    return [link for make in _LINKS if (link := make(record, actor)) is not None]
