"""Of which kinds of record anything is said at all: a page asks who may see a record for these only, not for all fifty that there are.

Who may see what is said of a record is a subquery for each kind (`about.sight`), and one of these kinds, a mail, has all of them inside it again:
to plan that took the database a tenth of a second for each such list on a page. Mostly a few kinds occur, which an index of them says at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.apps import apps

Said = tuple[tuple[str, frozenset[str]], ...]
"""By the label of what says something: labels of the kinds of record of which it does."""
_KIND_COLUMNS = (["target_model"], ["subject_model"])
_EACH = """ARRAY(WITH RECURSIVE said AS (
  (SELECT {column} AS kind FROM {table} ORDER BY {column} LIMIT 1)
  UNION ALL SELECT (SELECT {column} FROM {table} WHERE {column} > said.kind ORDER BY {column} LIMIT 1) FROM said WHERE said.kind IS NOT NULL
) SELECT kind FROM said WHERE kind IS NOT NULL)"""


def said_from(values: Sequence[Any]) -> Said:
    """As it is now, of values selected as `said_columns`. What is said of another kind a moment later, the next page shows."""
    return tuple((label, frozenset(kinds)) for label, kinds in zip(_columns(), values, strict=True))


def said_columns() -> str:
    """Of every model with an index of its kinds: from each to the next, so that it costs nothing how many rows there are."""
    return ", ".join(_EACH.format(table=table, column=column) for table, column in _columns().values())


@cache
def _columns() -> dict[str, tuple[str, str]]:
    return {model._meta.label_lower: (model._meta.db_table, column) for model in apps.get_models() if (column := _kind_column(model))}


def _kind_column(model: Any) -> str | None:
    return next((index.fields[0] for index in model._meta.indexes if index.fields in _KIND_COLUMNS), None)
