"""Moving whatever refers to one record over to another, and settling what cannot stand twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.serializers.python import Serializer
from django.db import connections
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from guanxi.kernel.columns.added import added_references
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.search.index import index_records
from guanxi.shared.merging.models import Merge, MergeMove
from guanxi.shared.merging.references import Reference, never_equal, references_to, unique_with

GUARDS: dict[str, list[Callable[[Any, Any], None]]] = {}


def merge_guard(model: Any) -> Callable[[Callable[[Any, Any], None]], Callable[[Any, Any], None]]:
    """`@merge_guard(Product)` over a function (survivor, gone) that refuses what must not be merged."""

    def declare(guard: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        GUARDS.setdefault(model._meta.label_lower, []).append(guard)
        return guard

    return declare


@dataclass
class Moving:
    """What happens to the rows of one kind that refer to the record by one column."""

    reference: Reference
    rows: Any
    dropped: Any = None
    """Rows that say of the other record what is said of this one already, or would join a record with itself."""
    unset: list[tuple[str, Any]] = field(default_factory=list)
    """(flag, rows): there can be one main contact only."""
    emptied: Any = None
    """Rows that would stand below themselves."""
    summed: Any = None


def plan(model: Any, survivor: Any, gone: Any) -> Iterator[Moving]:
    """For each column that refers to the one that goes."""
    label = model.label()
    for reference in references_to(model):
        rows, there = reference.rows(label, gone.pk), reference.rows(label, survivor.pk)
        if not rows.exists():
            continue
        made = Moving(reference, rows)
        for rule in unique_with(reference):
            same = there.filter(rule.condition) if rule.condition is not None else there
            mine = rows.filter(rule.condition) if rule.condition is not None else rows
            clashing = mine.filter(Exists(same.filter(**{name: OuterRef(name) for name in rule.others})))
            if getattr(reference.model, "adds_up", ()):
                made.summed = clashing
            elif rule.flag:
                made.unset.append((rule.flag, clashing))
            else:
                made.dropped = made.dropped | clashing if made.dropped is not None else clashing
        for other in never_equal(reference):
            if other == "id":
                made.emptied = rows.filter(pk=survivor.pk)
            else:
                joined = rows.filter(**{f"{other}__in": (survivor.pk, gone.pk)})
                made.dropped = made.dropped | joined if made.dropped is not None else joined
        yield made


def move(merge: Merge, model: Any, survivor: Any, gone: Any) -> None:
    """Do it: conflicts first, then every column in one statement of the database."""
    moved: list[MergeMove] = []
    for one in plan(model, survivor, gone):
        for flag, rows in one.unset:
            rows.update(**{flag: False, "version": F("version") + 1})
        if one.emptied is not None:
            one.emptied.update(**{one.reference.name: None, "version": F("version") + 1})
        if one.dropped is not None:
            _drop(one)
        kept = _add_up(one, model, survivor) if one.summed is not None else []
        ids = move_column(one.reference, model.label(), gone.pk, survivor.pk)
        if ids or kept:
            moved.append(MergeMove(merge=merge, model=one.reference.model._meta.label_lower, column=one.reference.column, ids=ids, kept=kept))
    for _owner, column, rows in added_references(model, gone.pk):
        for row in rows.select_for_update(of=("self",)):
            row.assign(custom={**row.custom, column.code: column.keep(survivor)})
            row.flush()
    MergeMove.objects.bulk_create(moved)
    _require_tree(model, survivor)


def find_again(merge: Merge) -> None:
    """What moved is found by the name of the one it belongs to now."""
    for rows in merge.moved.all():
        index_records(rows.model, rows.ids)


def move_column(reference: Reference, label: str, old: int, new: int, ids: list[int] | None = None) -> list[int]:
    """The ids of the rows that moved; with `ids`, back again."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT merging_move(%s, %s, %s, %s, %s, %s)", [reference.model._meta.db_table, reference.column, label, old, new, ids])
        return list(cursor.fetchone()[0])


def _drop(one: Moving) -> None:
    model = one.reference.model
    ids = list(one.dropped.values_list("pk", flat=True))
    for other in references_to(model) if ids else ():
        if not other.label_column and other.model._base_manager.filter(**{f"{other.column}__in": ids}).exists():
            words = _("Both have %(what)s that are the same but for what belongs to them; make them one first.")
            raise Refused(words % {"what": model._meta.verbose_name_plural})
    model._base_manager.filter(pk__in=ids).delete()


def _add_up(one: Moving, model: Any, survivor: Any) -> list[dict[str, Any]]:
    """Add the figures of rows that would stand twice to those that stay; what they were, for undoing."""
    rows = list(one.summed.order_by("pk").select_for_update(of=("self",)))
    kept = Serializer().serialize(rows)
    for row in rows:
        twin_of(one.reference, row, survivor.pk).update(**change_by(row, 1))
    one.reference.model._base_manager.filter(pk__in=[row.pk for row in rows]).delete()
    return [{"id": one["pk"], **{name: value if value is None else str(value) for name, value in one["fields"].items()}} for one in kept]


def twin_of(reference: Reference, row: Any, pk: int) -> Any:
    """The row for the same but the record."""
    [rule] = [rule for rule in unique_with(reference) if rule.others] or [next(unique_with(reference))]
    return reference.model._base_manager.filter(**{reference.column: pk}, **{name: getattr(row, name) for name in rule.others})


def change_by(row: Any, sign: int) -> dict[str, Any]:
    return {"version": F("version") + 1, **{name: F(name) + sign * getattr(row, name) for name in row.adds_up}}


def _require_tree(model: Any, survivor: Any) -> None:
    """Nothing may come to stand below itself."""
    for reference in references_to(model):
        if reference.model is not model or reference.label_column:
            continue
        here, passed = survivor.pk, set()
        while here is not None and here not in passed:
            passed.add(here)
            here = model._base_manager.filter(pk=here).values_list(reference.column, flat=True).first()
        if here is not None:
            words = _("%(row)s would stand below itself; change “%(column)s” of one of them first.")
            raise Refused(words % {"row": survivor, "column": model._meta.get_field(reference.name).verbose_name})
