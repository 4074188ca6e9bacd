"""By what very many rows are sorted at once: the `sorts` that a screen names, each with an index that this module makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Field, Index

from guanxi.kernel.columns.column import Column
from guanxi.kernel.screens.screen import SCREENS, Screen

_LONGEST_NAME = 63
_FORGET = """
DO $body$
DECLARE found text;
BEGIN
  FOR found IN SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE 'sorted\\_%%' AND NOT indexname = ANY(%s) LOOP
    EXECUTE format('DROP INDEX %%I', found);
  END LOOP;
END $body$
"""


def is_quick(screen: type[Screen], order: list[tuple[Column, bool]]) -> bool:
    """Whether rows come in this order from an index, so that the first of them need no look at the others; by a second column only
    those are sorted that are alike in the first."""
    if not order:
        return True
    first = order[0][0].name
    return first in screen.sorts or first == "id" or _orders_by_itself(screen, first)


def quick_columns(screen: type[Screen], available: dict[str, Column]) -> list[Column]:
    """The columns to offer instead of one that is not quick."""
    return [available[name] for name in screen.sorts if name in available]


def stored_field(model: Any, name: str) -> Field[Any, Any] | None:
    """The field whose values put the rows in this column's order; None where that is computed, or stands in another table."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    found = fields.get(model.sorted_as.get(name, name))
    return found if found is not None and not found.is_relation else None


def sort_indexes() -> list[str]:
    """Statements that make an index for every declared order that has none, and drop those that nobody declares any more."""
    wanted = {name: statement for screen in SCREENS.values() for name, statement in _indexes_of(screen)}
    literal = "ARRAY[" + ", ".join(f"'{name}'" for name in sorted(wanted)) + "]::text[]"
    return [_FORGET.replace("%s", literal).replace("%%", "%"), *wanted.values()]


def _orders_by_itself(screen: type[Screen], name: str) -> bool:
    """Where no two rows have the same value, whatever follows changes nothing."""
    field = stored_field(screen.model, name)
    return field is not None and bool(field.unique)


def _indexes_of(screen: type[Screen]) -> Iterator[tuple[str, str]]:
    model: Any = screen.model
    for name in screen.sorts:
        field = stored_field(model, name)
        if field is None or field.unique or _is_served(model, field):
            continue
        orders = {"": f'"{field.column}", id'}
        if field.null:
            # Rows without a value come last, whichever way the others are sorted.
            orders["_falling"] = f'"{field.column}" DESC NULLS LAST, id DESC'
        for way, columns in orders.items():
            index = f"sorted_{model._meta.db_table}_{field.column}{way}"
            assert len(index) <= _LONGEST_NAME, index
            yield index, f'CREATE INDEX IF NOT EXISTS "{index}" ON {model._meta.db_table} ({columns})'


def _is_served(model: Any, field: Field[Any, Any]) -> bool:
    """Whether the model has such an index for a reason of its own."""
    served = ([field.name, "id"], [f"-{field.name}", "-id"])
    return not field.null and any(isinstance(one, Index) and not one.condition and list(one.fields) in served for one in model._meta.indexes)
