"""Sections of a document: lines that follow each other under one heading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.values import ZERO


@dataclass(frozen=True)
class Section:
    """`title` is empty for the lines that stand first, under no heading."""

    title: str
    lines: list[Any]
    subtotal: Decimal


def line_sections(lines: Sequence[Any], title: Callable[[Any], str], amount: Callable[[Any], Any]) -> list[Section]:
    """In the order of the lines; none where no line has a heading."""
    found = [(name, list(run)) for name, run in groupby(lines, key=title)]
    if not any(name for name, _run in found):
        return []
    return [Section(name, run, sum((Decimal(amount(line) or 0) for line in run), ZERO)) for name, run in found]


def refuse_strays(lines: Sequence[Draft], name: str) -> None:
    """A line without a heading after one that has some would seem to stand under it."""
    for line, above in zip(lines[1:], lines, strict=False):
        if above.get(name) and not line.get(name):
            line.add_error(name, _("Lines without a section stand first: give this one a section, or move it up."))
