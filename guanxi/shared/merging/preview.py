"""What a merge would move, by kind, before it is done: rows out of sight are only counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.records.record import Record
from guanxi.shared.merging.moving import Moving, plan

SHOWN = 100


@dataclass
class Preview:
    """The rows of one kind that refer to the record; of those, `others` are out of the actor's sight."""

    key: str
    kind: Any
    count: int
    others: int
    notes: list[str] = field(default_factory=list)
    shown: list[Record] = field(default_factory=list)


def preview(survivor: Any, gone: Any, actor: Actor, *, of: str = "") -> list[Preview]:
    """By kind, the most first; what people have no word for is counted together. `of` is the kind whose first rows are given too."""
    by_model: dict[Any, list[Moving]] = {}
    for one in plan(type(gone), survivor, gone):
        by_model.setdefault(one.reference.model, []).append(one)
    found, nameless = [], 0
    for model, moving in by_model.items():
        kind = model._meta.auto_created or model
        ids = {pk for one in moving for pk in one.rows.values_list("pk", flat=True)}
        # The plural that Django makes of what nobody named is one too.
        if not isinstance(kind._meta.verbose_name, Promise):
            nameless += len(ids)
            continue
        seen: Any = model.objects.visible_to(actor).filter(pk__in=ids) if issubclass(model, Record) else ()
        made = Preview(model._meta.label_lower, kind._meta.verbose_name_plural, len(ids), len(ids) - (seen.count() if seen != () else 0))
        made.notes = [note for one in moving for note in _notes(one)]
        made.shown = list(seen.order_by("-pk")[:SHOWN]) if of == made.key and seen != () else []
        found.append(made)
    if nameless:
        found.append(Preview("", _("Timeline entries and the like"), nameless, nameless))
    return sorted(found, key=lambda one: (-one.count, str(one.kind)))


def _notes(one: Moving) -> list[str]:
    """What happens to those that cannot simply move."""
    said = [
        (one.dropped, _("%(count)s say what is said already, and go")), (one.summed, _("%(count)s are added to those of the other one")),
        (one.emptied, _("%(count)s would stand below itself, and no longer does")),
    ]
    said += [(rows, _("%(count)s are no longer the first one")) for _flag, rows in one.unset]
    return [words % {"count": count} for rows, words in said if rows is not None and (count := rows.count())]
