"""Bringing events to the reactions: at least once, in order per subject, with patience for failures."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from django.db import Error, close_old_connections, connections
from django.utils.translation import override

from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.database import UnknownSet, in_set
from guanxi.kernel.events.models import Delivery
from guanxi.kernel.events.publish import REACTIONS, Reaction, rebuild
from guanxi.kernel.sets.lifecycle import list_sets, wanted_stamp

log = structlog.get_logger("guanxi.events")

_NEXT = """
SELECT d.id, d.reaction, e.name, e.payload::text, e.at FROM events_delivery d JOIN events_event e ON e.id = d.event_id
WHERE d.attempts < %s AND d.due_at <= clock_timestamp() AND NOT EXISTS (
  SELECT 1 FROM events_delivery b WHERE b.reaction = d.reaction AND b.subject = d.subject AND b.id < d.id AND b.attempts < %s)
ORDER BY d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""


def reaction_named(name: str) -> Reaction | None:
    return next((r for listeners in REACTIONS.values() for r in listeners if r.name == name), None)


def deliver_one(key: str) -> bool:
    """Make the next due delivery of the set; False when there is none."""
    failed: int | None = None
    try:
        with in_set(key):
            with connections["default"].cursor() as cursor:
                cursor.execute(_NEXT, [Delivery.MAX_ATTEMPTS, Delivery.MAX_ATTEMPTS])
                row = cursor.fetchone()
            if row is None:
                return False
            delivery_id, reaction, name, payload, at = row
            failed = delivery_id
            listener = reaction_named(reaction)
            if listener is not None:
                with override("en"):
                    # The reaction belongs to the moment of the event, whenever the worker gets to it.
                    listener.function(rebuild(name, json.loads(payload)), actor=replace(system_actor(), now=at))
            with connections["default"].cursor() as cursor:
                cursor.execute("DELETE FROM events_delivery WHERE id = %s", [delivery_id])
        return True
    except Exception as error:
        if failed is None:
            raise
        log.error("reaction_failed", delivery=failed, set=key, error=type(error).__name__)
        with in_set(key):
            delivery = Delivery.objects.select_for_update().get(pk=failed)
            delivery.attempts += 1
            delivery.error = f"{type(error).__name__}: {error}"[:2000]
            delivery.due_at = datetime.now(UTC) + timedelta(seconds=2**delivery.attempts)
            delivery.save()
        return True


def deliver_all(key: str, limit: int = 100_000) -> int:
    """Everything due in one set; how many were made."""
    made = 0
    while made < limit and deliver_one(key):
        made += 1
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
        wake.wait(sweep)
