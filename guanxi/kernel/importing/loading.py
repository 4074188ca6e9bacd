"""Very many new rows at once: no object for each, one COPY for all, numbers and search entries in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.db import IntegrityError

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.writer import complete_rows, insert, plain_values, require_inside
from guanxi.kernel.columns.added import added_columns, with_stored
from guanxi.kernel.columns.forms import Form
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.database.rows import copy_rows
from guanxi.kernel.records.explaining import explain
from guanxi.kernel.search.index import index_new


def load(form: Form, drafts: Sequence[Draft], actor: Actor) -> list[int]:
    """What `insert` does, for rows that nobody needs as objects; their keys, in order. History is written by the triggers."""
    model = form.model
    if not drafts:
        return []
    if form.lines or any(f.name in d.values for f in model._meta.many_to_many for d in drafts):
        made = insert(form, drafts, actor)
        require_inside(actor, "add", model, made)
        return [row.pk for row in made]
    given = set().union(*(draft.values for draft in drafts))
    relations, asked, has_added = _relations(model), _asked(model), bool(added_columns(model))
    held, named = plain_values(model, dict.fromkeys(given)), [pair for pair in relations if pair[0] in given]
    rows: list[Any] = []
    for draft in drafts:
        values = {**asked, **{name: value for name, value in draft.values.items() if name in held}}
        values = with_stored(model, values, draft.values) if has_added else values
        for name, attribute in named:
            if name in values:
                row = values.pop(name)
                values[attribute] = row if row is None or isinstance(row, int) else row.pk
        rows.append(SimpleNamespace(**values))
    complete_rows(model, rows, actor)
    try:
        keys = copy_rows(model, [row.__dict__ for row in rows])
    except IntegrityError as error:
        raise explain(error, model) from error
    if not _all_own(model, rows, actor):
        require_inside(actor, "add", model, keys)
    index_new(model, keys)
    return keys


def _all_own(model: Any, rows: Sequence[Any], actor: Actor) -> bool:
    """Whether it needs no question to the database that the actor's scope reaches all of these rows."""
    return model.access_paths.get("own") == "owner" and "own" in actor.scopes("add", model) and all(r.owner_id == actor.member_id for r in rows)


@cache
def _relations(model: Any) -> tuple[tuple[str, str], ...]:
    return tuple((f.name, f.attname) for f in model._meta.concrete_fields if f.is_relation)


@cache
def _asked(model: Any) -> dict[str, Any]:
    """What completion asks of every row."""
    names = {"owner_id", "entity_id", model.number_field, getattr(model, "numbered_on", None)}
    return {f.attname: f.get_default() for f in model._meta.concrete_fields if f.attname in names}
