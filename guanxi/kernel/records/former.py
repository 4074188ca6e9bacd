"""Rows as they were before an act: what it created goes, what it changed or deleted comes back, in few statements."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connections, models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from guanxi.kernel.records.models import History, Link
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Refused

UNDOERS: dict[str, Callable[[Any, list[History], Any], list[History]]] = {}
"""By operation: a function (act, steps, actor) that says who may, does what the history does not, and gives the steps that are left."""


@dataclass
class _Former:
    """A row as it was before the act."""

    values: dict[str, Any] = field(default_factory=dict)
    is_new: bool = False
    is_gone: bool = False


def put_back(steps: Sequence[History]) -> None:
    """From the last step to the first: the oldest value of a column is the one that counts."""
    rows: dict[tuple[str, int], _Former] = defaultdict(_Former)
    for step in steps:
        row = rows[step.model, step.row_id]
        row.is_new |= step.kind == "created"
        row.is_gone |= step.kind == "deleted"
        row.values |= {name: pair[0] if step.kind == "changed" else pair for name, pair in (step.changes or {}).items()}
    together: dict[tuple[str, str, tuple[str, ...]], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for (name, row_id), row in rows.items():
        if row.is_new and row.is_gone:
            continue
        kind = "remove" if row.is_new else "recreate" if row.is_gone else "restore"
        values = _values(model_named(name), row.values) if kind != "remove" else {}
        together[kind, name, tuple(sorted(values))].append((row_id, values))
    for (kind, name, names), found in together.items():
        _PUT_BACK[kind](model_named(name), names, found)


def _values(model: type[models.Model], columns: dict[str, Any]) -> dict[str, Any]:
    by_column = {f.column: f for f in model._meta.concrete_fields}
    return {
        by_column[name].attname: by_column[name].to_python(value) if value is not None else None
        for name, value in columns.items() if name in by_column
    }


def _restore(model: type[models.Model], names: Sequence[str], rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    changed = [model(pk=row_id, version=F("version") + 1, **values) for row_id, values in rows]
    fields = [model._meta.get_field(f.name).name for f in model._meta.concrete_fields if f.attname in names]
    model._base_manager.bulk_update(changed, [*fields, "version"], batch_size=500)


def _recreate(model: type[models.Model], _names: Sequence[str], rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    try:
        model._base_manager.bulk_create([model(**values) for _row_id, values in rows], batch_size=500)
    except IntegrityError as error:
        raise Refused(_("Something that was entered since has taken its place, so it cannot be undone any more.")) from error
    # What had come back to be about them before they were there is said anew whose it is, by the database.
    for about in (other for other in apps.get_models() if hasattr(other, "target_owner")):
        about._base_manager.filter(target_model=model._meta.label_lower, target_id__in=[row_id for row_id, _values in rows]).update(target_owner=None)


def _remove(model: type[models.Model], _names: Sequence[str], rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Relations are checked at commit, so the order matters to no foreign key. What links the rows to others goes with them."""
    ids, label = [row_id for row_id, _values in rows], model._meta.label_lower
    with connections["default"].cursor() as cursor:
        table = connections["default"].ops.quote_name(model._meta.db_table)
        cursor.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [ids])
    Link.objects.filter(Q(from_model=label, from_id__in=ids) | Q(to_model=label, to_id__in=ids)).delete()


_PUT_BACK = {"restore": _restore, "recreate": _recreate, "remove": _remove}


def require_whole() -> None:
    """What came back refers to rows that are still there: asked now, while it can be said in words."""
    with connections["default"].cursor() as cursor:
        try:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except IntegrityError as error:
            raise Refused(_("Something that it refers to has been deleted since, so it cannot be undone any more.")) from error
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
