"""Merging two records of a kind into one."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.about.sight import party_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.acts.writer import lock_records, update
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.events.publish import publish
from guanxi.kernel.likeness.models import LikePair
from guanxi.kernel.likeness.operations import declared_kind
from guanxi.kernel.records.explaining import explain
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.search.index import forget_records, index_records
from guanxi.shared.merging.events import RecordsMerged
from guanxi.shared.merging.models import Merge
from guanxi.shared.merging.moving import GUARDS, find_again, merge_guard, move

__all__ = ["merge_guard", "merge_records"]

_WORDS = "SELECT tsvector_to_array(terms) FROM search_searchentry WHERE model = %s AND object_id = %s"


@operation(
    label=gettext_lazy("Merge"), icon="git-merge", tone="danger",
    labels={
        "kind": gettext_lazy("Kind of record"), "survivor": gettext_lazy("Record that stays"), "gone": gettext_lazy("Record that goes"),
        "taken": gettext_lazy("Columns taken from the one that goes"), "joined": gettext_lazy("Texts that are joined"),
    },
)
def merge_records(*, actor: Actor, kind: str, survivor: int, gone: int, taken: str = "", joined: str = "") -> Merge:
    """Two records of the same become one: everything that refers to the one that goes belongs to the one that stays."""
    model: Any = declared_kind(kind).model
    if survivor == gone:
        raise Refused(_("Choose two different records."), field="gone")
    rows = {row.pk: row for row in lock_records(model, [survivor, gone], actor, "change")}
    staying, going = rows[survivor], rows[gone]
    # Nobody refers anew to what is about to go.
    list(model._base_manager.filter(pk=gone).select_for_update().values_list("pk"))
    require_mergeable(staying, going)
    scope = act_scope()
    merge = Merge.objects.create(
        survivor_model=model.label(), survivor_id=survivor, gone_id=gone, gone_title=str(going)[:200], member_id=actor.member_id, at=actor.now,
        gone_key=str(getattr(going, model.business_key))[:80], act_id=scope.id if scope else 0, words=_words_of(going),
    )
    values = chosen_values(staying, going, _names(taken), _names(joined), actor)
    try:
        move(merge, model, staying, going)
        model._base_manager.filter(pk=gone)._raw_delete("default")
    except IntegrityError as error:
        raise explain(error, model) from error
    staying.refresh_from_db()
    if values:
        update(form_of(model), [staying], [values], actor, by_id=True)
    LikePair.objects.filter(model=model.label(), first_id__in=(survivor, gone), second_id__in=(survivor, gone)).delete()
    forget_records(model, [gone])
    index_records(model, [survivor])
    find_again(merge)
    publish(RecordsMerged(gone, survivor), subject=staying, party_id=party_of(staying), title=str(going))
    return merge


def require_mergeable(survivor: Any, gone: Any) -> None:
    """Refused with what stands in the way."""
    lifecycle = getattr(gone, "lifecycle", None)
    if lifecycle is not None and gone.status not in lifecycle.editable and gone.status != survivor.status:
        words = _("%(row)s is “%(status)s” and has to stay: let the other one go instead.")
        raise Refused(words % {"row": gone, "status": lifecycle.labels[gone.status]})
    for guard in GUARDS.get(type(survivor).label(), ()):
        guard(survivor, gone)


def choosable(survivor: Any, gone: Any, actor: Actor) -> list[Column]:
    """The columns in which the two differ and which the actor may write."""
    lifecycle = getattr(survivor, "lifecycle", None)
    if lifecycle is not None and survivor.status not in lifecycle.editable:
        return []
    columns = form_of(type(survivor)).columns.values()
    return [c for c in columns if actor.writes(c) and raw_value(survivor, c) != raw_value(gone, c)]


def raw_value(row: Any, column: Column) -> Any:
    """As the validator takes it: references by id."""
    if column.many:
        return sorted(getattr(row, column.name).values_list("pk", flat=True))
    return getattr(row, f"{column.name}_id" if column.kind == "reference" else column.name)


def chosen_values(survivor: Any, gone: Any, taken: set[str], joined: set[str], actor: Actor) -> dict[str, Any]:
    """What the survivor gets: values of the other one, and texts of both one after the other."""
    columns = {column.name: column for column in choosable(survivor, gone, actor)}
    values = {name: raw_value(gone, columns[name]) for name in taken if name in columns}
    for name in joined & columns.keys():
        if columns[name].kind != "longtext":
            raise Refused(_("“%(column)s” is no text that can be joined.") % {"column": columns[name].label}, field="joined")
        values[name] = "\n\n".join(filter(None, (getattr(survivor, name), getattr(gone, name))))
    return values


def _names(text: str) -> set[str]:
    return {name.strip() for name in text.split(",") if name.strip()}


def _words_of(row: Any) -> list[str]:
    with connections["default"].cursor() as cursor:
        cursor.execute(_WORDS, list(row.ref()))
        found = cursor.fetchone()
    return found[0] if found else []
