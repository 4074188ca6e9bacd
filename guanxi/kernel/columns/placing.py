"""Where added columns stand: in a section of the page by its name in any language, else in one of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.columns.added import AddedColumn
from guanxi.kernel.values.translated import Translated

Sections = list[tuple[Any, tuple[str, ...]]]


def with_added(sections: Mapping[Any, tuple[str, ...]], columns: Collection[AddedColumn]) -> Sections:
    """The sections in their order, each with the columns that were put into it, and the new ones after them."""
    found: Sections = list(sections.items())
    if not columns:
        return found
    own = [_names(label) for label in sections]
    mine: list[frozenset[str]] = []
    for column in _in_order(columns):
        wanted = frozenset(text.casefold() for text in (column.section or {}).values())
        place = next((at for at, names in enumerate([*own, *mine]) if names & wanted or (not wanted and not names)), None)
        if place is None:
            place = len(found)
            mine.append(wanted)
            found.append((column.section or _("More about it"), ()))
        label, names = found[place]
        found[place] = (label, (*names, column.name))
    return found


def listed_names(columns: Iterable[AddedColumn]) -> tuple[str, ...]:
    return tuple(column.name for column in _in_order(columns) if column.is_listed)


def _in_order(columns: Iterable[AddedColumn]) -> list[AddedColumn]:
    return sorted(columns, key=lambda column: (column.place, column.name))


@cache
def _names(label: Any) -> frozenset[str]:
    """A section's name in every language."""
    return frozenset(text.casefold() for text in Translated.of(label).values() if text)
