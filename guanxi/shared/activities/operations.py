"""Noting down what was done, and what has to be done."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.about.sight import party_of, target_of
from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import act_scope, note_assigned
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.search.index import index_records
from guanxi.shared.activities.completion import subject_of
from guanxi.shared.activities.models import LABEL, Activity
from guanxi.shared.parties.models import Contact

_LABELS = {
    "body": gettext_lazy("Text"), "target_model": gettext_lazy("About (kind of record)"), "target_id": gettext_lazy("About (record)"),
    "contact": gettext_lazy("Contact"), "at": gettext_lazy("When"), "minutes": gettext_lazy("Minutes"), "due_on": gettext_lazy("Due on"),
    "owner": gettext_lazy("Owner"), "subject": gettext_lazy("Subject"), "kind": gettext_lazy("Kind"), "outcome": gettext_lazy("Outcome"),
    "note": gettext_lazy("Note"), "call": gettext_lazy("Call"), "visit": gettext_lazy("Visit"), "task": gettext_lazy("Task"),
}
_WRITTEN = gettext_lazy("Written down.")
# Clocks of phones and servers differ a little.
_AHEAD = timedelta(minutes=10)


@operation(label=gettext_lazy("Add note"), icon="note", labels=_LABELS, done=_WRITTEN)
def add_note(*, actor: Actor, target_model: str, target_id: int, body: LongText) -> Activity:
    """Note something down about a record."""
    return _noted("note", _target(target_model, target_id, actor), actor, body=body)


@operation(label=gettext_lazy("Log call"), icon="phone", labels=_LABELS, done=_WRITTEN)
def log_call(
    *, actor: Actor, target_model: str, target_id: int, body: LongText, contact: Contact | None = None, at: datetime | None = None,
    minutes: int | None = None,
) -> Activity:
    """Record a telephone call: with whom, when, how long, and what was said."""
    return _noted("call", _target(target_model, target_id, actor), actor, body=body, contact=contact, at=at, minutes=minutes)


@operation(label=gettext_lazy("Log visit"), icon="map-pin", labels=_LABELS, done=_WRITTEN)
def log_visit(
    *, actor: Actor, target_model: str, target_id: int, body: LongText, contact: Contact | None = None, at: datetime | None = None,
    minutes: int | None = None,
) -> Activity:
    """Record a visit: whom one met, when, and what came of it."""
    return _noted("visit", _target(target_model, target_id, actor), actor, body=body, contact=contact, at=at, minutes=minutes)


@operation(label=gettext_lazy("Add task"), icon="checkbox", labels=_LABELS, done=_WRITTEN)
def add_task(
    *, actor: Actor, target_model: str = "", target_id: int | None = None, body: LongText, due_on: date | None = None,
    owner: Member | None = None, contact: Contact | None = None,
) -> Activity:
    """Something to do by a day, for oneself or for somebody who may see the record; about a record or about none."""
    target = _target(target_model, target_id, actor) if target_model or target_id else None
    if owner is not None and owner.pk != actor.member_id:
        _require_sight(owner, target)
    return _noted("task", target, actor, body=body, due_on=due_on, owner_id=owner.pk if owner else None, contact=contact)


@operation(label=gettext_lazy("Note down"), icon="note", labels=_LABELS, done=_WRITTEN)
def record_activity(
    *, actor: Actor, kind: Literal["note", "call", "visit", "task"], target_model: str, target_id: int, body: LongText,
    due_on: date | None = None, contact: Contact | None = None,
) -> Activity:
    """A note, call, visit or task, in the box above a timeline."""
    target = _target(target_model, target_id, actor)
    return _noted(kind, target, actor, body=body, due_on=due_on if kind == "task" else None, contact=contact if kind != "note" else None)


def _why_not_finished(activity: Activity) -> str:
    if activity.kind != "task":
        return _("Only tasks can be finished; this is a %(kind)s.") % {"kind": activity.get_kind_display()}
    return _("This task is finished already.") if activity.done_at is not None else ""


@operation(label=gettext_lazy("Finish task"), icon="check", labels=_LABELS, unless=_why_not_finished)
def finish_task(activity: Activity, *, actor: Actor, outcome: LongText = "") -> Activity:
    """It is done; what came of it may be said."""
    activity.assign(done_at=actor.now, at=actor.now, outcome=outcome or activity.outcome)
    _touch(activity.target_model, activity.target_id)
    return activity


@operation(
    label=gettext_lazy("Reopen task"), icon="arrow-back-up", labels=_LABELS,
    unless=lambda activity: (activity.kind != "task" or activity.done_at is None) and _("Only a finished task can be reopened."),
)
def reopen_task(activity: Activity, *, actor: Actor) -> Activity:
    """It has to be done after all."""
    activity.assign(done_at=None)
    _touch(activity.target_model, activity.target_id)
    return activity


def _target(label: str, row_id: int | None, actor: Actor) -> Record:
    """The record an activity is about; never another activity."""
    return target_of("" if label == LABEL else label, row_id, actor)


def _require_sight(member: Member, target: Record | None) -> None:
    """A task for somebody who may not see the record would be out of their sight."""
    other = actor_of(member.pk)
    if other is None:
        raise Refused(_("%(name)s is no longer active; choose somebody else.") % {"name": member}, field="owner")
    if target is not None and not type(target).objects.visible_to(other).filter(pk=target.pk).exists():
        raise Refused(_("%(name)s may not see %(record)s; choose somebody else.") % {"name": member, "record": target}, field="owner")


def _noted(kind: str, target: Record | None, actor: Actor, *, body: str, **values: Any) -> Activity:
    if not body.strip():
        raise Refused(_("Write at least a few words."), field="body")
    contact, at = values.get("contact"), values.pop("at", None) or actor.now
    party_id = None
    if target is not None:
        party_id = party_of(target)
    if contact is not None and contact.party_id != party_id:
        raise Refused(_("%(name)s belongs to another company.") % {"name": contact}, field="contact")
    if at > actor.now + _AHEAD:
        raise Refused(_("This is still to come: make it a task."), field="at")
    values["owner_id"] = values.get("owner_id") or actor.member_id
    label, row_id = target.ref() if target is not None else ("", None)
    activity = Activity.objects.create(
        kind=kind, subject=subject_of(body), body=body, at=at, party_id=party_id, target_model=label, target_id=row_id, **values,
    )
    index_records(Activity, [activity.pk])
    note_assigned(activity)
    _touch(label, row_id)
    return activity


def _touch(label: str, row_id: int | None) -> None:
    """Open pages of the record look again."""
    scope = act_scope()
    if scope is not None and row_id is not None:
        scope.touched.append((label, row_id))
