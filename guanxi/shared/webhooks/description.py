"""What is sent, as the part `webhooks` of an OpenAPI 3.1 description."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.shared.webhooks.catalogue import TEST, facts_schema, in_words, types
from guanxi.shared.webhooks.models import WebhookEndpoint

Schema = dict[str, Any]


def told_to(actor: Actor) -> Schema:
    """What is sent to other systems, by type of event, for a reader who has to do with webhooks."""
    if not actor.may("view", WebhookEndpoint):
        return {}
    found = {name: _told(name, in_words(declared), facts_schema(declared)) for name, declared in types().items()}
    return {"webhooks": found | {TEST: _told(TEST, _("A test: it tells nothing."), {"type": "object"})}}


def _told(name: str, summary: str, facts: Schema) -> Schema:
    text: Schema = {"type": "string"}
    record = {"type": "object", "properties": {"model": text, "id": {"type": "integer"}, "title": text, "url": {"type": ["string", "null"]}}}
    body = {"type": "object", "required": ["type", "timestamp", "data"], "properties": {
        "type": {"const": name}, "timestamp": {"type": "string", "format": "date-time"},
        "data": {"type": "object", "properties": {"set": text, "record": record, "facts": facts}},
    }}
    headers = [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    ]
    return {"post": {
        "operationId": f"webhook.{name}", "summary": summary, "security": [], "parameters": headers,
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"2XX": {"description": _("Done")}},
    }}
