"""Taking a whole import back, for as long as nothing later touched its rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.scope import run_act
from guanxi.kernel.acts.undo import VERBS, invert
from guanxi.kernel.columns.text import full_moment
from guanxi.kernel.importing.writing import screen_at
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.transfer.models import Upload

OWN_VERBS = {**VERBS, "created": "add"}


@dataclass(frozen=True)
class Undone:
    """That an import was taken back, when and by whom, as far as the log still says it."""

    at: datetime | None = None
    by: str = ""

    def __str__(self) -> str:
        if self.at is None:
            return _("This has been undone already.")
        return _("%(name)s undid this already, on %(at)s.") % {"name": self.by, "at": full_moment(self.at)}


def undone_of(row: Upload) -> Undone | None:
    """From the acts themselves: they may have been undone in the log as well."""
    by = [(outcome or {}).get("undone_by") for outcome in Act.objects.filter(pk__in=row.acts).values_list("outcome", flat=True)]
    if row.state != "undone" and (len(by) < len(row.acts) or not all(by)):
        return None
    last = Act.objects.filter(pk__in=[one for one in by if one]).select_related("member").order_by("pk").last()
    return Undone(last.at, last.member.name) if last is not None else Undone()


def undo_import(row: Upload, actor: Actor) -> None:
    """What it created goes, what it changed is as it was, all or nothing; Refused with what stands in the way.

    Who may bring records in may take back their own that nobody has touched, without the right to delete others.
    """
    if not actor.may("acts.undo_act"):
        raise Forbidden(_("You may not undo what you did. Ask an administrator for the right."), right="acts.undo_act")
    if row.state not in ("taken", "undoing", "undone"):
        raise Refused(_("This file has not been imported."))
    if not row.acts:
        raise Refused(_("There is nothing to undo."))
    if (undone := undone_of(row)) is not None:
        raise Refused(str(undone))
    model = screen_at(row.screen).model
    acts = list(Act.objects.filter(pk__in=row.acts, member_id=actor.member_id).select_for_update(of=("self",)).order_by("-pk"))
    if len(acts) < len(row.acts):
        raise Refused(_("Some of what was done is no longer in the log, so it cannot be undone."))
    created: dict[str, list[int]] = defaultdict(list)
    for name, row_id in History.objects.filter(act_id__in=row.acts, kind="created").values_list("model", "row_id"):
        created[name].append(row_id)
    _require_unnamed(created)
    run_act(
        f"{model.label()}.take_back", actor=actor, body=lambda _scope: invert(acts, actor, OWN_VERBS), arguments={"file": row.name},
        key=f"take_back:{row.pk}",
    )
    row.state, row.problem = "undone", ""
    row.save(update_fields=["state", "problem"])


def _require_unnamed(created: dict[str, list[int]]) -> None:
    """What these acts created can go while nothing else refers to it."""
    named: dict[str, int] = {}
    for name, ids in created.items():
        for relation in model_named(name)._meta.related_objects:
            if relation.many_to_many:
                continue
            other: Any = relation.related_model
            rows = other._base_manager.filter(**{f"{relation.field.name}__any": ids}).exclude(pk__any=created.get(other._meta.label_lower, []))
            if count := rows.count():
                named[str(other._meta.verbose_name_plural)] = count
    if named:
        listed = ", ".join(f"{name} ({count})" for name, count in named.items())
        raise Refused(_("It cannot be undone any more, because these refer to it: %(rows)s.") % {"rows": listed})
