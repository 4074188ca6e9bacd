"""Is a row of the file what is there already?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import LineForm
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.columns.validate import Draft

Kept = dict[int, list[Any]]
"""By document the lines that it has."""


def kept_lines(form: LineForm | None, rows: Iterable[Any]) -> Kept:
    lines: Kept = defaultdict(list)
    ids = [row.pk for row in rows]
    if form is not None and ids:
        order = ("position", "pk") if has_field(form.model, "position") else ("pk",)
        for line in form.model._base_manager.filter(**{f"{form.parent}_id__in": ids}).order_by(*order):
            lines[getattr(line, f"{form.parent}_id")].append(line)
    return lines


def differs(draft: Draft, lines: list[Any], given: set[str], columns: dict[str, Column], line_columns: dict[str, Column]) -> bool:
    """Whether a value that the file gives, or a line, is another one than the row has."""
    if any(_other(columns[name], draft.values[name], draft.instance) for name in given):
        return True
    if draft.lines is None:
        return False
    return len(draft.lines) != len(lines) or any(
        _other(line_columns[name], value, line)
        for new, line in zip(draft.lines, lines, strict=True) for name, value in new.values.items() if name in new.raw
    )


def _other(column: Column, value: Any, row: Any) -> bool:
    if column.many:
        return {one.pk for one in value or ()} != {one.pk for one in getattr(row, column.name).all()}
    if column.kind == "reference":
        return (value.pk if value is not None else None) != getattr(row, f"{column.name}_id")
    there = getattr(row, column.name)
    return (value or None) != (there or None) if value in (None, "") else value != there
