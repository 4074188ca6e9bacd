"""Taking a merge back: every row that followed goes home, figures are taken apart, the record is there again."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.shared.merging.models import Merge
from guanxi.shared.merging.moving import change_by, move_column, twin_of
from guanxi.shared.merging.references import Reference, references_to


def undo_merge(act: Act, steps: list[History], actor: Actor) -> list[History]:
    """Before the history is put back: the rows that have none, and all that moved at once. What is left to put back."""
    if not actor.may("merging.merge_records"):
        raise Forbidden(_("You may not undo this: it needs the right to merge."), right="merging.merge_records")
    merge = Merge.objects.get(act_id=act.pk)
    model = model_named(merge.survivor_model)
    if not model.objects.visible_to(actor).visible_to(actor, "change").filter(pk=merge.survivor_id).exists():
        raise Refused(_("The record that stayed is gone or not yours to change any more."))
    moved: set[tuple[str, int, str]] = set()
    for rows in merge.moved.all():
        reference = next(one for one in references_to(model) if (one.model._meta.label_lower, one.column) == (rows.model, rows.column))
        if rows.ids and len(move_column(reference, model.label(), merge.survivor_id, merge.gone_id, rows.ids)) < len(rows.ids):
            what = reference.model._meta.verbose_name_plural
            raise Refused(_("Some of the %(what)s that moved are gone or belong to another record since; undo that first.") % {"what": what})
        for kept in rows.kept:
            _take_apart(reference, kept, merge)
        moved |= {(rows.model, pk, rows.column) for pk in rows.ids}
    return [step for step in steps if not (step.kind == "changed" and {(step.model, step.row_id, name) for name in step.changes or {}} <= moved)]


def _take_apart(reference: Reference, kept: dict[str, Any], merge: Merge) -> None:
    model = apps.get_model(reference.model._meta.label_lower)
    values = {f.attname: f.to_python(kept[f.name]) if kept.get(f.name) is not None else None for f in model._meta.concrete_fields if f.name in kept}
    row = model(**{**values, "pk": kept["id"]})
    twin_of(reference, row, merge.survivor_id).update(**change_by(row, -1))
    model._base_manager.bulk_create([row])
