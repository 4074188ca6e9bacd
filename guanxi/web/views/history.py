"""The history tab: who changed what, when, from which value to which, under the field rights of the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from guanxi.kernel.access.models import Member
from guanxi.kernel.access.standing import in_place_name
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import OPERATIONS
from guanxi.kernel.columns.added import added_changes
from guanxi.kernel.columns.column import title_of
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.events.models import Event
from guanxi.kernel.files.events import FileRemoved
from guanxi.kernel.files.models import Attachment
from guanxi.kernel.records.models import History
from guanxi.kernel.screens.cells import Cell, link_references

LIMIT = 100
_HIDDEN = frozenset({"id", "version"})
Part = tuple[str, str, str]
TOLD_IN_PARTS: dict[tuple[str, str], Callable[[Any, Any], Iterator[Part]]] = {}
"""(model, column) → of its old and new value what differs: what it is of, how it was, how it is. For columns of many parts."""


@dataclass
class Change:
    at: datetime
    kind: str
    member: Any = None
    act: str = ""
    act_id: int | None = None
    fields: list[tuple[Any, Cell, Cell]] = field(default_factory=list)
    line: str = ""
    may_undo: bool = False


def history_of(record, screen, actor, set_key: str) -> list[Change]:
    """The latest changes of the row and of its lines: one query for history, members, acts, and each relation named."""
    steps = list(History.objects.filter(model=record.label(), row_id=record.pk).order_by("-pk")[:LIMIT])
    line_model = screen.lines.model if screen.lines else None
    if line_model is not None:
        parent = line_model._meta.get_field(screen.lines.parent).column
        ids = line_model._base_manager.filter(**{screen.lines.parent: record.pk}).values("pk")
        gone = Q(act_id__in={s.act_id for s in steps if s.act_id}, kind="deleted", **{f"changes__{parent}": record.pk})
        steps += History.objects.filter(Q(model=line_model.label()) & (Q(row_id__in=ids) | gone)).order_by("-pk")[:LIMIT]
        steps = sorted(steps, key=lambda step: -step.pk)[:LIMIT]
    removed = removed_files(record, actor)
    steps = sorted([*steps, *removed], key=lambda step: -step.pk)[:LIMIT]
    known = Act.objects.filter(pk__in={s.act_id for s in steps if s.act_id})
    acts = {a.pk: a for a in known.only("operation", "at", "member_id", "done_by_id", "outcome")}
    people = {member for member in (*(s.member_id for s in steps), *(pk for a in acts.values() for pk in (a.member_id, a.done_by_id))) if member}
    members = dict(Member.objects.filter(pk__in=people).values_list("pk", "name"))
    labels = {operation.name: str(operation.label) for operation in OPERATIONS.values()}
    changes: list[Change] = []
    cells: list[Cell] = []
    for step in steps:
        model: Any = line_model if line_model is not None and step.model == line_model.label() else type(record)
        act = acts.get(step.act_id or 0)
        who = act.member_id if act else step.member_id
        name = in_place_name(members.get(act.done_by_id or 0) if act else None, members.get(who or 0, ""))
        change = Change(act.at if act else step.at, step.kind, (who, name) if who else None, act_id=step.act_id)
        change.act = labels.get(act.operation, "") if act else ""
        change.line = str(model._meta.verbose_name) if line_model is not None and model is line_model else ""
        if step in removed:
            change.line = (step.changes or {}).get("name", "")
            change.may_undo = act is not None and not (act.outcome or {}).get("undone_by") and actor.may("acts.undo_act")
        if step.kind == "changed":
            change.fields = list(_fields(model, step.changes or {}, actor))
            if not change.fields:
                continue
        cells += [cell for _label, old, new in change.fields for cell in (old, new)]
        changes.append(change)
    # Only the latest act can be undone: what came later would be lost with an earlier one.
    if changes and changes[0].act_id and actor.may("acts.undo_act"):
        changes[0].may_undo = True
    _name_references(cells, actor)
    link_references(cells, actor, set_key)
    return changes


def removed_files(record, actor) -> list[History]:
    """Files that were taken away from the record, each of which can be brought back whatever came later."""
    if not actor.may("view", Attachment):
        return []
    told = Event.objects.filter(subject_model=record.label(), subject_id=record.pk, name=FileRemoved.__name__)
    return list(History.objects.filter(model=Attachment.label(), kind="deleted", act_id__in=told.values("act_id")).order_by("-pk")[:LIMIT])


def _fields(model, changes: dict[str, Any], actor):
    columns = {model._meta.get_field(c.name).column: c for c in columns_of(model).values() if c.source == "field" and not c.many}
    for added, old, new in added_changes(model, changes):
        if actor.sees(added):
            yield added.label, Cell(added, old, currency=actor.currency), Cell(added, new, currency=actor.currency)
    for stored, (old, new) in changes.items():
        column = columns.get(stored)
        if column is None or column.name in _HIDDEN or not actor.sees(column):
            continue
        if tell := TOLD_IN_PARTS.get((model.label(), column.name)):
            text = replace(column, kind="text", choices=())
            yield from ((label, Cell(text, was), Cell(text, now)) for label, was, now in tell(old, new))
            continue
        yield column.label, _cell(model, column, old, actor), _cell(model, column, new, actor)


def _cell(model, column, value, actor) -> Cell:
    """JSON holds numbers, dates and moments as text: back to what the column holds."""
    if value is not None and column.kind != "reference":
        kept = model._meta.get_field(column.name)
        # What is kept for programs is read in its field's words.
        value = kept.in_words(value) if hasattr(kept, "in_words") else kept.to_python(str(value) if isinstance(value, float) else value)
    return Cell(column, value, currency=actor.currency)


def _name_references(cells: list[Cell], actor) -> None:
    models = {cell.column.relation for cell in cells if cell.column.kind == "reference" and cell.value}
    for model in models:
        mine = [c for c in cells if c.column.relation is model and c.value]
        titles = dict(model._base_manager.filter(pk__in={c.value for c in mine}).values_list("pk", title_of(model, actor)))
        for cell in mine:
            cell.title = str(titles.get(cell.value, f"#{cell.value}"))
