"""From what was defined to columns: read once per process, and again when the account set's stamp is another one."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.db import connections
from django.utils.functional import lazystr

from guanxi.kernel.columns.added import AddedColumn
from guanxi.kernel.columns.parse import Unreadable, parse
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.custom.formulas import with_formulas
from guanxi.kernel.database.session import current_set, definitions_stamp
from guanxi.kernel.records.customisable import ADDED, Customisable
from guanxi.kernel.values.translated import Translated

Definitions = Mapping[str, Mapping[str, AddedColumn]]

_ALL = """
SELECT f.*,
  (SELECT jsonb_agg(jsonb_build_object('code', c.code, 'name', c.name, 'tone', c.tone, 'is_offered', c.is_offered) ORDER BY c.position, c.id)
   FROM custom_customchoice c WHERE c.field_id = f.id) AS choices,
  (SELECT array_agg(r.role_id ORDER BY r.role_id) FROM custom_customfield_readers r WHERE r.customfield_id = f.id) AS readers,
  (SELECT array_agg(r.role_id ORDER BY r.role_id) FROM custom_customfield_writers r WHERE r.customfield_id = f.id) AS writers
FROM custom_customfield f WHERE f.archived_at IS NULL ORDER BY f.record_kind, f.position, f.id
"""
_known: dict[str, tuple[str, Definitions]] = {}
LENGTHS = {"text": 500, "longtext": 20_000, "email": 254, "url": 500, "phone": 40}


def definitions() -> Definitions:
    """The columns of the current account set that are in use, by model and name."""
    key, stamp = current_set(), definitions_stamp()
    known = _known.get(key)
    if known is None or known[0] != stamp:
        known = _known[key] = (stamp, _read() if stamp else {})
    return known[1]


def _read() -> Definitions:
    with connections["default"].cursor() as cursor:
        cursor.execute(_ALL)
        names = [one.name for one in cursor.description]
        rows = [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    stored: dict[str, dict[str, AddedColumn]] = defaultdict(dict)
    formulas: dict[str, dict[str, tuple[AddedColumn, str]]] = defaultdict(dict)
    for row in rows:
        model, target = _model_of(row.record_kind), _model_of(row.relation)
        if model is None or not issubclass(model, Customisable) or (row.kind == "reference" and target is None):
            continue
        column = column_of_field(model, row, target)
        if column.kind == "formula":
            formulas[row.record_kind][column.name] = (column, row.formula)
        else:
            stored[row.record_kind][column.name] = column
    return {label: _in_order(with_formulas(_model_of(label), stored[label], formulas[label])) for label in {*stored, *formulas}}


def _in_order(columns: Mapping[str, AddedColumn]) -> Mapping[str, AddedColumn]:
    return dict(sorted(columns.items(), key=lambda one: (one[1].place, one[0])))


def _model_of(label: str) -> Any:
    """None for a kind of record that this installation does not have."""
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def column_of_field(model: Any, row: Any, target: Any) -> AddedColumn:
    """The column of one field; that of a formula has neither kind nor expression yet."""
    choices = _json(row.choices) or []
    is_stored = row.kind != "formula"
    money = row.kind == "money" or (not is_stored and row.shown_as == "money")
    column = AddedColumn(
        ADDED + row.code, _words(row.name), row.kind, right=_right(row.readers), write_right=_right(row.writers),
        sortable=row.kind != "choices", writable=is_stored, required=row.is_required and is_stored, unique=row.is_unique and is_stored,
        relation=target if row.kind == "reference" else None, choices=tuple((one["code"], _words(one["name"])) for one in choices),
        tones={one["code"]: one["tone"] for one in choices if one["tone"]},
        closed=frozenset(one["code"] for one in choices if not one["is_offered"]),
        currency="currency" if money and has_field(model, "currency") else None, help=_words(row.hint), source="added",
        max_length=LENGTHS.get(row.kind), code=row.code, section=Translated(_json(row.section) or {}), is_listed=row.is_listed,
        place=row.position, shown_as=row.shown_as,
    )
    if not row.default_value:
        return column
    try:
        return replace(column, default=parse(column, row.default_value))
    except Unreadable:
        return column


def _words(given: Any) -> Any:
    """A text in the language of whoever reads it."""
    return lazystr(Translated(_json(given) or {}))


def _json(given: Any) -> Any:
    return json.loads(given) if isinstance(given, str) else given


def _right(roles: list[int] | None) -> str | None:
    return "|".join(f"role:{role}" for role in roles) if roles else None
