"""From events to deliveries: the worker looks through what was announced, and writes one delivery for each endpoint that chose it.

Nothing of this is done by the act that announces: with no endpoint switched on there is one short question a second.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from uuid import uuid4

import structlog
from django.db import Error, close_old_connections, connections

from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.database import UnknownSet, in_set
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.models import Event
from guanxi.kernel.outbox.queue import dispatch_all
from guanxi.kernel.sets.lifecycle import list_sets, wanted_stamp
from guanxi.shared.webhooks.catalogue import names_of, type_of
from guanxi.shared.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookPosition
from guanxi.shared.webhooks.rights import visible_events

log = structlog.get_logger("guanxi.webhooks")
CHANNEL = "webhook"
TOGETHER = 500
BREATH_SECONDS = 1.0

_ALONE = "SELECT pg_try_advisory_xact_lock(hashtext('guanxi.webhooks'), hashtext(current_schema()))"
_HORIZON = """
SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint, (SELECT coalesce(max(id), 0) FROM events_event)
FROM pg_current_snapshot() s
"""

_NEXT = "SELECT id FROM events_event WHERE id > %s AND id <> ALL(%s::bigint[]) ORDER BY id LIMIT %s"


def fan_out(key: str) -> int:
    """Look through the next events of the set; how many there were."""
    with in_set(key):
        endpoints = list(WebhookEndpoint.objects.filter(status="on").prefetch_related("events").order_by("pk"))
        if not endpoints or not _alone():
            return 0
        position = WebhookPosition.objects.order_by("pk").first() or WebhookPosition()
        _skip(position, min(endpoint.first_event_id for endpoint in endpoints))
        oldest, newest, latest_id = _horizon()
        events = _next_events(position)
        deliveries = [made for endpoint in endpoints for made in _told(endpoint, events)]
        dispatch_all(CHANNEL, insert_rows(deliveries))
        _go_on(position, events, oldest, newest, latest_id)
        return len(events)


def _alone() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute(_ALONE)
        return bool(cursor.fetchone()[0])


def _horizon() -> tuple[int, int, int]:
    """The oldest transaction that is still open, the next one to come, and the last event that can be seen."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_HORIZON)
        return cursor.fetchone()


def _next_events(position: WebhookPosition) -> list[Event]:
    with connections["default"].cursor() as cursor:
        cursor.execute(_NEXT, [position.before_id, position.looked_at, TOGETHER])
        ids = [pk for (pk,) in cursor.fetchall()]
    return list(Event.objects.filter(pk__in=ids).order_by("pk"))


def _skip(position: WebhookPosition, first_event_id: int) -> None:
    """What happened before the first endpoint was switched on concerns nobody."""
    if position.before_id < first_event_id:
        position.before_id = first_event_id
        position.looked_at = [pk for pk in position.looked_at if pk > first_event_id]


def _go_on(position: WebhookPosition, events: Sequence[Event], oldest: int, newest: int, latest_id: int) -> None:
    """Remember what was looked at.

    Ids are given before the commit, so that an event may appear below one that was seen long ago. Whoever announces has written
    its act before, and so has a number as a transaction: when all that were open at the mark are over, nothing below it is to come.
    """
    before = (position.before_id, position.looked_at, position.mark_id)
    looked_at = sorted({*position.looked_at, *(event.pk for event in events)})
    if oldest >= position.mark_xid and len(events) < TOGETHER:
        position.before_id = max(position.before_id, position.mark_id)
        position.mark_id, position.mark_xid = latest_id, newest
    elif position.mark_xid > newest:
        # Restored elsewhere, where transactions are counted anew.
        position.mark_id, position.mark_xid = latest_id, newest
    position.looked_at = [pk for pk in looked_at if pk > position.before_id]
    if position.pk is None or before != (position.before_id, position.looked_at, position.mark_id):
        position.save()


def _told(endpoint: WebhookEndpoint, events: Sequence[Event]) -> list[WebhookDelivery]:
    """Deliveries of those events that the endpoint chose and its owner may know of."""
    names = names_of(choice.event for choice in endpoint.events.all())
    chosen = [event for event in events if event.name in names and event.pk > endpoint.first_event_id]
    owner = actor_of(endpoint.owner_id) if chosen else None
    if owner is None:
        return []
    known = set(WebhookDelivery.objects.filter(endpoint=endpoint, event__in=chosen).values_list("event_id", flat=True))
    return [delivery_of(endpoint, event) for event in _seen(chosen, owner) if event.pk not in known]


def _seen(events: Sequence[Event], owner: Actor) -> list[Event]:
    return sorted(visible_events(events, owner), key=lambda event: event.pk)


def delivery_of(endpoint: WebhookEndpoint, event: Event) -> WebhookDelivery:
    return WebhookDelivery(
        endpoint=endpoint, event=event, type=type_of(event.name), message_id=new_message_id(), record_model=event.subject_model,
        record_id=event.subject_id, record_title=event.title, happened_at=event.at,
    )


def new_message_id() -> str:
    return f"msg_{uuid4().hex}"


def run_fan_out(stop: threading.Event, wake: threading.Event | None = None, sweep: float = 3.0) -> None:
    """The worker's loop over all open sets, until `stop`: at each wake-up, and every `sweep` seconds."""
    wake = wake or threading.Event()
    while not stop.is_set():
        wake.clear()
        try:
            for account_set in list_sets():
                while account_set.stamp == wanted_stamp() and not stop.is_set() and fan_out(account_set.key) == TOGETHER:
                    pass
        except (Error, UnknownSet) as error:
            log.warning("webhooks_paused", error=type(error).__name__)
            close_old_connections()
        stop.wait(BREATH_SECONDS)
        wake.wait(sweep)
