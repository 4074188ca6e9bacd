"""Announce and listen. An event is a frozen dataclass of ids and facts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, get_type_hints

from django.apps import apps
from django.db import connections, transaction

from guanxi.kernel.acts.scope import ActScope, act_scope
from guanxi.kernel.database import current_set
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.record import Record
from guanxi.kernel.values.plain import plain

EVENTS: dict[str, type[EventBase]] = {}
REACTIONS: dict[str, list[Reaction]] = {}


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where an event that a reaction hears came from: its row, who did it, and what it is about."""

    event_id: int
    member_id: int | None
    subject_model: str
    subject_id: int


@dataclasses.dataclass(frozen=True)
class EventBase:
    """Base of all events; `label` says it in the timeline, with %(title)s for the subject, unless it is not `is_told` there."""

    label: ClassVar[Any] = ""
    icon: ClassVar[str] = "point"
    is_told: ClassVar[bool] = True
    origin: ClassVar[Origin | None] = None
    """Set on the event that a reaction is given."""
    may_be_undone: ClassVar[bool] = False
    """Whether its act can be undone all the same: it is told in timelines, and nobody acts upon it."""

    def __init_subclass__(cls) -> None:
        EVENTS[cls.__name__] = cls


@dataclasses.dataclass(frozen=True)
class Reaction:
    """A function of another module that hears an event."""

    name: str
    event: type[EventBase]
    function: Callable[..., Any]


def reaction(event: type[EventBase]) -> Callable[[Callable], Callable]:
    """`@reaction(DeliveryShipped) def close_order(event, *, actor)`: run by the worker, at least once, in order per
    subject; what is due together shares a transaction, and after a failure each event gets its own. It must not mind being run
    twice for one event."""

    def listening(function: Callable) -> Callable:
        module = apps.get_containing_app_config(function.__module__)
        name = f"{module.label if module else 'kernel'}.{function.__name__}"
        REACTIONS.setdefault(event.__name__, []).append(Reaction(name, event, function))
        return function

    return listening


def publish(event: EventBase, *, subject: Record, party_id: int | None = None, at: datetime | None = None, title: str = "") -> None:
    """Announce; written with its deliveries at the end of the running act, in the same transaction. `title` stands in the
    timeline where the event is about a part of its subject, such as a file."""
    scope = act_scope()
    row = Event(
        name=type(event).__name__, payload=plain(event), subject_model=subject.label(), subject_id=subject.pk,
        title=(title or str(subject))[:200], party_id=party_id, act_id=scope.id if scope else None,
        member_id=scope.actor.member_id if scope else None, at=at or (scope.actor.now if scope else datetime.now(UTC)),
    )
    if scope:
        scope.pending.append(row)
    else:
        _write([row])


def write_pending(scope: ActScope) -> None:
    """At the end of an act: its events, and a word to open pages."""
    if scope.pending:
        _write(scope.pending)
    if scope.touched or scope.pending:
        topics = {f"{model}:{pk}" for model, pk in scope.touched} | {f"{e.subject_model}:{e.subject_id}" for e in scope.pending}
        ring_after_commit(topics)


# Events and their deliveries in one statement, at the end of nearly every act.
_TELL = """
WITH told AS (
  INSERT INTO events_event (version, name, payload, subject_model, subject_id, title, party_id, member_id, act_id, at)
  SELECT 1, t.* FROM unnest(%s::text[], %s::jsonb[], %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
                            %s::timestamptz[]) AS t
  RETURNING id, name, subject_model, subject_id)
INSERT INTO events_eventdelivery (version, event_id, reaction, subject, attempts, due_at, error)
SELECT 1, told.id, heard.reaction, told.subject_model || ':' || told.subject_id, 0, clock_timestamp(), ''
FROM told JOIN unnest(%s::text[], %s::text[]) AS heard (name, reaction) ON heard.name = told.name ORDER BY told.id
"""
_COLUMNS = attrgetter("name", "payload", "subject_model", "subject_id", "title", "party_id", "member_id", "act_id", "at")


def _write(rows: list[Event]) -> None:
    columns = [list(column) for column in zip(*map(_COLUMNS, rows), strict=True)]
    columns[1] = [json.dumps(payload, ensure_ascii=False) for payload in columns[1]]
    heard = [(name, listener.name) for name in dict.fromkeys(columns[0]) for listener in REACTIONS.get(name, ())]
    with connections["default"].cursor() as cursor:
        cursor.execute(_TELL, [*columns, [name for name, _listener in heard], [listener for _name, listener in heard]])


def ring_after_commit(topics: Iterable[str]) -> None:
    """Tell the worker and open pages, once this transaction has committed, of rows `<model>:<id>`."""
    from guanxi.kernel.events.live import ring

    if connections["default"].in_atomic_block:
        key, wanted = current_set(), sorted(topics)
        transaction.on_commit(lambda: ring(key, wanted))


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def rebuild(name: str, payload: dict[str, Any], origin: Origin | None = None) -> EventBase:
    """The dataclass from its stored row; fields that are no longer there are left out."""
    cls = EVENTS[name]
    hints = _hints(cls)  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        if field.name in payload:
            value = payload[field.name]
            kind = hints[field.name]
            if value is not None and kind in (Decimal, date, datetime):
                value = kind(value) if kind is Decimal else kind.fromisoformat(value)
            values[field.name] = value
    event = cls(**values)
    object.__setattr__(event, "origin", origin)
    return event
