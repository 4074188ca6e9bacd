"""The timeline of a record: what was announced, noted and changed, newest first, as far as the reader may know of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from guanxi.kernel.about.sight import about_visible
from guanxi.kernel.about.timeline import Entry, Question, first_rows, untold
from guanxi.kernel.access.actor import Actor, once
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.operation import OPERATIONS
from guanxi.kernel.columns.added import added_changed, added_changes
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.database import current_set
from guanxi.kernel.database.known import known
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.discussion.queries import comment_entries, comments_about
from guanxi.kernel.events.models import Event
from guanxi.kernel.events.publish import EVENTS
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens.screen import record_url, screen_of
from guanxi.shared.activities.models import Activity, seen_by
from guanxi.shared.parties.models import Party

PAGE = 30
_EVENT, _COMMENT, _ACTIVITY, _CHANGE = range(4)
"""The order of what happened in the same moment, latest cause first."""


@dataclass
class TimelineEntry(Entry):
    """One line of the timeline, with its place in it."""

    source: int = _EVENT
    pk: int = 0
    member_id: int | None = None
    activity: Activity | None = None

    @property
    def place(self) -> tuple[datetime, int, int]:
        return self.at, -self.source, self.pk


@dataclass(frozen=True)
class Timeline:
    """A page of entries, newest first; `next_page` is what to ask for after it, empty at the end."""

    entries: list[TimelineEntry] = field(default_factory=list)
    next_page: str = ""


def activities_about(record: Record, actor: Actor) -> QuerySet[Activity]:
    """Activities on the record, which the actor may see; for a party also those on whatever belongs to it; newest first."""
    if not actor.may("view", Activity):
        return Activity.objects.none()
    asked = Q(target_model=record.label(), target_id=record.pk)
    if isinstance(record, Party):
        asked |= Q(party_id=record.pk) & seen_by(actor)
    return Activity.objects.filter(asked).select_related("owner", "contact").order_by("-at", "-pk")


def activities_of_party(actor: Actor) -> QuerySet[Activity]:
    """As a subquery of parties that the actor may see: the activities of each."""
    if not actor.may("view", Activity):
        return Activity.objects.none()
    # Most are about the party itself, and need no further question.
    itself = Q(target_model=Party.label(), target_id=OuterRef("pk"))
    return Activity.objects.filter(itself | seen_by(actor), party_id=OuterRef("pk")).order_by()


def timeline(record: Record, actor: Actor, *, page: str = "", limit: int = PAGE) -> Timeline:
    """One page of what happened to a record that the actor may see: seven queries, whatever its length."""
    before = _read_place(page)
    place = (record, actor, before, limit + 1)
    found = [
        *_announced(_rows(events_about, _EVENT, *place), record),
        *_commented(_rows(comments_about, _COMMENT, *place), record, actor),
        *entries_of(_rows(activities_about, _ACTIVITY, *place), record),
        *_changed(_rows(changes_of, _CHANGE, *place, moment="done_at"), record, actor),
    ]
    found.sort(key=lambda entry: entry.place, reverse=True)
    shown = found[:limit]
    names: dict[int, str] = dict(_names(sorted({e.member_id for e in shown if e.member_id})))
    for entry in shown:
        if entry.member_id in names:
            entry.member = (entry.member_id, names[entry.member_id])
    more = len(found) > limit
    return Timeline(shown, _write_place(shown[-1]) if more else "")


@known
def _names(ids: list[int]) -> Any:
    return Member.objects.filter(pk__any=ids).values_list("pk", "name")


def _rows(question: Question, source: int, record: Record, actor: Actor, before: Any, limit: int, moment: str = "at") -> list[Any]:
    """One page of them. Nearly always the first is asked, so that it is made once."""
    if before is None:
        return first_rows(question, record, actor, limit)
    return list(_after(question(record, actor), source, before, moment)[:limit])


def _write_place(entry: TimelineEntry) -> str:
    return f"{entry.at.isoformat()}~{entry.source}~{entry.pk}"


def _read_place(text: str) -> tuple[datetime, int, int] | None:
    """None for the first page, and for what is not a place."""
    moment, _mark, rest = text.partition("~")
    source, _mark, pk = rest.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at, int(source), int(pk)) if at.tzinfo else None
    except ValueError:
        return None


def _after(rows: QuerySet[Any], source: int, before: tuple[datetime, int, int], moment: str) -> QuerySet[Any]:
    """What comes after a place in the merged order."""
    at, place_source, pk = before
    same = Q(**{moment: at}) & (Q() if source > place_source else Q(pk__lt=pk) if source == place_source else Q(pk__in=[]))
    return rows.filter(Q(**{f"{moment}__lt": at}) | same)


def events_about(record: Record, actor: Actor) -> QuerySet[Event]:
    """Events of the record; for a party also those of its documents, as far as each may be seen."""
    asked = Q(subject_model=record.label(), subject_id=record.pk)
    if isinstance(record, Party):
        asked |= Q(party_id=record.pk) & about_visible(actor, "subject_model", "subject_id", among=Event.label())
    return Event.objects.filter(asked).exclude(name__in=untold()).order_by("-at", "-pk")


def _announced(rows: list[Event], record: Record) -> list[TimelineEntry]:
    entries = []
    for event in rows:
        declared = EVENTS.get(event.name)
        text = str(declared.label) if declared and declared.label else event.name
        is_here = (event.subject_model, event.subject_id) == record.ref()
        entries.append(
            TimelineEntry(
                event.at, text if "%(title)s" in text else f"{text} %(title)s", declared.icon if declared else "point", event.title,
                "" if is_here else record_url(current_set(), event.subject_model, event.subject_id),
                subject=(event.subject_model, event.subject_id),
                source=_EVENT, pk=event.pk, member_id=event.member_id,
            )
        )
    return entries


def _commented(rows: list[Comment], record: Record, actor: Actor) -> list[TimelineEntry]:
    """What was said about the record; for a party also about its documents."""
    return [
        TimelineEntry(**vars(entry), source=_COMMENT, pk=comment.pk, member_id=comment.author_id)
        for comment, entry in comment_entries(rows, record, actor)
    ]


def entries_of(rows: Iterable[Activity], record: Record) -> list[TimelineEntry]:
    """Activities as lines of a timeline."""
    return [_entry_of(activity, record) for activity in rows]


def _entry_of(activity: Activity, record: Record) -> TimelineEntry:
    texts = {
        "note": _("noted"),
        "call": _("spoke with %(title)s by telephone") if activity.contact_id else _("made a telephone call"),
        "visit": _("visited %(title)s") if activity.contact_id else _("made a visit"),
        "task": _("finished a task") if activity.done_at else _("has a task to do"),
    }
    tag = ""
    if activity.minutes:
        tag = _("%(minutes)s min") % {"minutes": activity.minutes}
    elif activity.kind == "task" and activity.due_on:
        tag = _("due %(day)s") % {"day": full_date(activity.due_on)}
    target = screen_of(activity.target_model) if activity.target_model else None
    if not tag and target is not None and (activity.target_model, activity.target_id) != record.ref():
        tag = str(target.singular())
    return TimelineEntry(
        activity.at, texts[activity.kind], activity.icon, str(activity.contact or ""), member=(activity.owner_id, activity.owner.name),
        detail="\n".join(filter(None, (activity.body or activity.subject, activity.outcome))), tag=tag, subject=activity.ref(),
        source=_ACTIVITY, pk=activity.pk, member_id=activity.owner_id, activity=activity,
    )


def changes_of(record: Record, actor: Actor) -> QuerySet[History]:
    """When the record was made, and which of its columns were changed; not where an event tells of the same act."""
    names = _labels_by_stored_name(actor, type(record))
    told = Event.objects.filter(act_id=OuterRef("act_id"), subject_model=record.label(), subject_id=record.pk)
    shown = Q(kind="created") | Q(kind="changed", changes__has_any_keys=sorted(names)) | added_changed(type(record), actor)
    # The moment of the act, not of writing: what is taken in from files was done on its own day.
    acts = Act.objects.filter(pk=OuterRef("act_id"))
    rows = History.objects.filter(~Exists(told), shown, model=record.label(), row_id=record.pk).annotate(
        done_at=Coalesce(Subquery(acts.values("at")), "at"), operation=Subquery(acts.values("operation"))
    )
    return rows.order_by("-done_at", "-pk")


def _changed(steps: list[Any], record: Record, actor: Actor) -> list[TimelineEntry]:
    names = _labels_by_stored_name(actor, type(record))
    operations = {found.name: found for found in OPERATIONS.values()}
    entries = []
    for step in steps:
        changed = [names[name] for name in step.changes or {} if name in names]
        changed += [str(column.label) for column, _old, _new in added_changes(type(record), step.changes or {}) if actor.sees(column)]
        operation = operations.get(step.operation)
        text = _("entered this") if step.kind == "created" else str(operation.label) if operation else _("changed this")
        entries.append(
            TimelineEntry(
                step.done_at, text if step.kind == "created" else f"{text}: {', '.join(changed)}", "plus" if step.kind == "created" else "pencil",
                source=_CHANGE, pk=step.pk, member_id=step.member_id,
            )
        )
    return entries


@once
def _labels_by_stored_name(actor: Actor, model: type[Record]) -> dict[str, str]:
    """Labels of the columns that the actor may read, by the name under which history keeps them."""
    own, fields = columns_of(model), model._meta.concrete_fields
    return {
        field.column: str(own[field.name].label)
        for field in fields
        if field.column and field.name in own and actor.sees(own[field.name]) and (own[field.name].writable or own[field.name].kind == "status")
    }
