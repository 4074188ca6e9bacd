"""Bringing events to the reactions: at least once, in order per subject, with patience for failures."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import Error, close_old_connections, connections
from django.utils.translation import override

from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.database import UnknownSet, in_set
from guanxi.kernel.events.models import EventDelivery
from guanxi.kernel.events.publish import REACTIONS, Origin, Reaction, rebuild
from guanxi.kernel.sets.lifecycle import list_sets, wanted_stamp

log = structlog.get_logger("guanxi.events")

# A reaction's pause after a failure holds the later events of its subject, and nothing else. One worker at a time delivers
# in a set, so that what it takes together stays in order.
_DUE = """
WITH alone AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtext('guanxi.deliveries'), hashtext(current_schema())) AS is_so)
SELECT d.id, d.reaction, e.name, e.payload::text, e.at, e.id, e.member_id, e.subject_model, e.subject_id
FROM alone, events_eventdelivery d JOIN events_event e ON e.id = d.event_id
WHERE alone.is_so AND d.attempts < %s AND d.due_at <= clock_timestamp() AND NOT EXISTS (
  SELECT 1 FROM events_eventdelivery b WHERE b.reaction = d.reaction AND b.subject = d.subject AND b.id < d.id
  AND b.attempts < %s AND b.due_at > clock_timestamp())
ORDER BY d.id LIMIT %s
"""
TOGETHER = 50
BREATH_SECONDS = 0.2


def reaction_named(name: str) -> Reaction | None:
    return next((r for listeners in REACTIONS.values() for r in listeners if r.name == name), None)


def deliver_due(key: str, limit: int = TOGETHER) -> int:
    """Make the next due deliveries of the set in one transaction; how many. When one fails, each gets a transaction of its own."""
    due: list[tuple[Any, ...]] = []
    try:
        with in_set(key), connections["default"].cursor() as cursor:
            cursor.execute(_DUE, [EventDelivery.MAX_ATTEMPTS, EventDelivery.MAX_ATTEMPTS, limit])
            due = cursor.fetchall()
            if due:
                _react(due)
                cursor.execute("DELETE FROM events_eventdelivery WHERE id = ANY(%s)", [[row[0] for row in due]])
        return len(due)
    except Exception as error:
        if not due:
            raise
        if len(due) > 1:
            return sum(deliver_due(key, 1) for _row in due)
        _note_failure(key, due[0][0], error)
        return 1


def _react(due: Sequence[tuple[Any, ...]]) -> None:
    actor = system_actor()
    with override("en"):
        for _id, reaction, name, payload, at, *origin in due:
            listener = reaction_named(reaction)
            if listener is not None:
                # The reaction belongs to the moment of the event, whenever the worker gets to it.
                listener.function(rebuild(name, json.loads(payload), Origin(*origin)), actor=replace(actor, now=at))


def _note_failure(key: str, delivery_id: int, error: Exception) -> None:
    log.error("reaction_failed", delivery=delivery_id, set=key, error=type(error).__name__)
    with in_set(key):
        delivery = EventDelivery.objects.select_for_update().get(pk=delivery_id)
        delivery.attempts += 1
        delivery.error = f"{type(error).__name__}: {error}"[:2000]
        delivery.due_at = datetime.now(UTC) + timedelta(seconds=2**delivery.attempts)
        delivery.save()


def deliver_all(key: str, limit: int = 100_000) -> int:
    """Everything due in one set; how many were made."""
    made = 0
    while made < limit and (done := deliver_due(key, min(TOGETHER, limit - made))):
        made += done
    return made


def run_deliveries(stop: threading.Event, wake: threading.Event | None = None, sweep: float = 3.0) -> None:
    """The worker's loop over all sets, until `stop`: at each wake-up, and every `sweep` seconds."""
    wake = wake or threading.Event()
    while not stop.is_set():
        wake.clear()
        try:
            for account_set in list_sets():
                if account_set.stamp == wanted_stamp() and not stop.is_set():
                    deliver_all(account_set.key, limit=500)
        except (Error, UnknownSet) as error:
            log.warning("deliveries_paused", error=type(error).__name__)
            close_old_connections()
        stop.wait(BREATH_SECONDS)
        wake.wait(sweep)
