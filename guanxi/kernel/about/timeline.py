"""The timeline of a record: what was announced about it, and what modules add (activities, mail, calls)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.access.standing import in_place_name
from guanxi.kernel.acts.models import Act
from guanxi.kernel.database.known import known
from guanxi.kernel.events.models import Event
from guanxi.kernel.events.publish import EVENTS
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import Record, model_named, seen_ids
from guanxi.kernel.screens.panels import bare
from guanxi.kernel.screens.screen import record_url

LIMIT = 40


@dataclass(frozen=True)
class Step:
    """Something to be done with an entry: opens the form of an operation."""

    url: str
    label: Any
    icon: str


@dataclass
class Entry:
    """One line. `text` may hold %(title)s, which becomes a link to `url`; `detail` is free text below it, after the words to
    which it answers, and `steps` what the reader may do with it. By `anchor` an address leads to it."""

    at: datetime
    text: str
    icon: str = "point"
    title: str = ""
    url: str = ""
    member: tuple[int, str] | None = None
    detail: str = ""
    tag: str = ""
    tone: str = ""
    subject: tuple[str, int] | None = None
    answers: str = ""
    steps: tuple[Step, ...] = ()
    anchor: str = ""

    @property
    def around(self) -> tuple[str, str]:
        """The words before and after the title."""
        before, _mark, after = self.text.partition("%(title)s")
        return before, after


@dataclass(frozen=True)
class Composer:
    """A box above the timeline: an operation with one long text, and kinds to choose from. What others offer stands in the
    same box; the operations of all call their text the same."""

    operation: str
    text: str
    kind: str = ""
    kinds: tuple[tuple[str, Any], ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    target: int | None = None
    placeholder: Any = ""
    button: Any = ""
    order: int = 50
    others: tuple[Composer, ...] = ()

    @property
    def all(self) -> tuple[Composer, ...]:
        return (self, *self.others)

    @property
    def given(self) -> dict[str, Any]:
        return {name: value for one in reversed(self.all) for name, value in one.values.items()}


Source = Callable[[Any, Any, int], list[Entry]]
_SOURCES: list[Source] = []
_COMPOSERS: list[Callable[[Any, Any], Composer | None]] = []
PARTY = "parties.party"


def timeline_source(source: Source) -> Source:
    """Add entries to every timeline: `source(record, actor, limit)` gives the latest ones the actor may see."""
    _SOURCES.append(source)
    return source


Question = Callable[[Any, Any], Any]
"""(record, actor) → a queryset in the order of the timeline; of the record it needs no more than its id."""


def first_rows(question: Question, record: Record, actor, limit: int) -> list[Any]:
    """The first of them: asked for on nearly every page, so made once."""
    return _first_rows(record.pk, question=question, model=type(record), limit=limit, eyes=actor.eyes)


@known
def _first_rows(row_id: int, *, question: Question, model: type[Record], limit: int, eyes: Any) -> Any:
    return question(bare(model, row_id), eyes.actor)[:limit]


def composer(make: Callable[[Any, Any], Composer | None]) -> Callable[[Any, Any], Composer | None]:
    """Offer the box in which something is noted down: `make(record, actor)`; the others' kinds stand beside those of the first."""
    _COMPOSERS.append(make)
    return make


def composer_of(record, actor) -> Composer | None:
    made = sorted((found for make in _COMPOSERS if (found := make(record, actor)) is not None), key=lambda found: found.order)
    return replace(made[0], others=tuple(made[1:])) if made else None


def timeline_of(record, actor, set_key: str, limit: int = LIMIT) -> list[Entry]:
    """The latest entries of all sources, newest first."""
    entries = [*_announced(record, actor, set_key, limit), *_made(record)]
    for source in _SOURCES:
        entries += source(record, actor, limit)
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def _announced(record, actor, set_key: str, limit: int) -> list[Entry]:
    events = _events(record.pk, label=record.label(), untold=tuple(untold()), limit=limit)
    visible = _visible(events, record, actor)
    names = dict(_names(sorted({e.member_id for e in events if e.member_id})))
    deputies = dict(_deputies(sorted({e.act_id for e in events if e.act_id})))
    entries = []
    for event in events:
        if (event.subject_model, event.subject_id) not in visible:
            continue
        declared = EVENTS.get(event.name)
        text = str(declared.label) if declared and declared.label else event.name
        if "%(title)s" not in text:
            text = f"{text} %(title)s"
        name = names.get(event.member_id or 0, "")
        entries.append(
            Entry(
                event.at, text, declared.icon if declared else "point", event.title or _("it"),
                record_url(set_key, event.subject_model, event.subject_id) if (event.subject_model, event.subject_id) != record.ref() else "",
                (event.member_id, in_place_name(deputies.get(event.act_id or 0), name)) if event.member_id and name else None,
            )
        )
    return entries


@known
def _events(row_id: int, *, label: str, untold: tuple[str, ...], limit: int) -> Any:
    asked = Q(subject_model=label, subject_id=row_id)
    if label == PARTY:
        asked |= Q(party_id=row_id)
    return Event.objects.filter(asked).exclude(name__in=untold).order_by("-at", "-pk")[:limit]


@known
def _names(ids: list[int]) -> Any:
    return Member.objects.filter(pk__any=ids).values_list("pk", "name")


@known
def _deputies(act_ids: list[int]) -> Any:
    return Act.objects.filter(pk__any=act_ids, done_by__isnull=False).values_list("pk", "done_by__name")


def untold() -> list[str]:
    """Names of events that are no lines of a timeline: what they tell stands there in another way."""
    return [name for name, declared in EVENTS.items() if not declared.is_told]


def _made(record) -> list[Entry]:
    """Where everything begins: who entered the row, from its history."""
    found = _beginning(record.pk, label=record.label())
    if not found:
        return []
    act = _act(found[0].act_id) if found[0].act_id else []
    return [Entry(act[0][0], _("entered this"), "plus", member=act[0][1:]) if act else Entry(found[0].at, _("entered this"), "plus")]


@known
def _beginning(row_id: int, *, label: str) -> Any:
    return History.objects.filter(model=label, row_id=row_id, kind="created").order_by("pk")[:1]


@known
def _act(act_id: int) -> Any:
    return Act.objects.filter(pk=act_id).values_list("at", "member_id", "member__name")


def _visible(events: list[Event], record, actor) -> set[tuple[str, int]]:
    """Subjects that the actor may see: one query per kind of record."""
    found = {record.ref()}
    asked: dict[str, set[int]] = defaultdict(set)
    for event in events:
        asked[event.subject_model].add(event.subject_id)
    for label, ids in asked.items():
        try:
            model: Any = model_named(label)
        except LookupError:
            continue
        found |= {(label, pk) for pk in seen_ids(sorted(ids), model=model, eyes=actor.eyes)}
    return found
