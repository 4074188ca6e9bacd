"""What is sent: `{type, timestamp, data}`, as far as the endpoint's owner may see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Model

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.record import model_named
from guanxi.kernel.screens.screen import screen_of
from guanxi.shared.webhooks.catalogue import TEST, type_of
from guanxi.shared.webhooks.models import WebhookEndpoint


def event_body(event: Event, actor: Actor, set_key: str) -> bytes:
    """The body for an event whose record the actor may see."""
    record = {
        "model": event.subject_model, "id": event.subject_id, "title": event.title,
        "url": record_address(set_key, event.subject_model, event.subject_id),
    }
    return _encoded(type_of(event.name), event.at, set_key, record, _readable(event, actor))


def test_body(endpoint: WebhookEndpoint, at: datetime, set_key: str) -> bytes:
    label, row_id = endpoint.ref()
    record = {"model": label, "id": row_id, "title": endpoint.name, "url": record_address(set_key, label, row_id)}
    return _encoded(TEST, at, set_key, record, {})


def _encoded(name: str, at: datetime, set_key: str, record: dict[str, Any], facts: dict[str, Any]) -> bytes:
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.json.encode({"type": name, "timestamp": moment, "data": {"set": set_key, "record": record, "facts": facts}})


def record_address(set_key: str, label: str, row_id: int) -> str | None:
    """Where the record is read through the API; a whole address when the installation knows its own."""
    screen = screen_of(label)
    return f"{settings.GUANXI_PUBLIC_URL}/api/{set_key}/{screen.path}/{row_id}" if screen else None


def _readable(event: Event, actor: Actor) -> dict[str, Any]:
    """The facts without those that stand for columns which the actor may not read."""
    model: type[Model] = model_named(event.subject_model)
    columns = columns_of(model)
    return {name: value for name, value in event.payload.items() if name not in columns or actor.sees(columns[name])}
