"""What a merge would move, by kind, before it is done: rows out of sight are only counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.merging.moving import plan
from guanxi.kernel.records.record import Record, has_own_sight

SHOWN = 100


@dataclass
class Preview:
    """The rows of one kind that refer to the record by one column."""

    key: str
    kind: Any
    column: Any
    count: int
    others: int
    notes: list[str] = field(default_factory=list)
    shown: list[Record] = field(default_factory=list)


def preview(survivor: Any, gone: Any, actor: Actor, *, rows: bool = False) -> list[Preview]:
    """By kind and column; with `rows` the first of those that the actor may see."""
    found = []
    for one in plan(type(gone), survivor, gone):
        model = one.reference.model
        if model._meta.auto_created or not issubclass(model, Record):
            owner = model._meta.auto_created
            kind = owner._meta.verbose_name_plural if owner else model._meta.verbose_name_plural
            found.append(Preview(_key(one), kind, "", one.rows.count(), one.rows.count(), _notes(one)))
            continue
        seen = model.objects.visible_to(actor).filter(pk__in=one.rows.values("pk"))
        count, visible = one.rows.count(), seen.count() if actor.may("view", model) or has_own_sight(model) else 0
        column = model._meta.get_field(one.reference.name)
        label = column.verbose_name if column.is_relation else ""
        shown = list(seen.order_by("-pk")[:SHOWN]) if rows and visible else []
        found.append(Preview(_key(one), model._meta.verbose_name_plural, label, count, count - visible, _notes(one), shown))
    return sorted(found, key=lambda one: (-one.count, str(one.kind)))


def _key(one: Any) -> str:
    return f"{one.reference.model._meta.label_lower}.{one.reference.column}"


def _notes(one: Any) -> list[str]:
    """What happens to those that cannot simply move."""
    said = [
        (one.dropped, _("%(count)s say what is said already, and go")), (one.summed, _("%(count)s are added to those of the other one")),
        (one.emptied, _("%(count)s would stand below itself, and no longer does")),
    ]
    said += [(rows, _("%(count)s are no longer the first one")) for _flag, rows in one.unset]
    return [words % {"count": count} for rows, words in said if rows is not None and (count := rows.count())]
