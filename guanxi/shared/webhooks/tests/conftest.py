"""A receiver on this machine, and an endpoint that tells it of everything."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from standardwebhooks.webhooks import Webhook

from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.publish import publish
from guanxi.kernel.outbound.tests.servers import answer, listening
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.outbox.worker import send_due
from guanxi.shared.parties.events import PartyTransferred
from guanxi.shared.parties.models import Party
from guanxi.shared.webhooks.fanning import fan_out
from guanxi.shared.webhooks.models import WebhookDelivery, WebhookEndpoint
from guanxi.shared.webhooks.operations import switch_on_webhook

PAST = datetime(2020, 1, 1, tzinfo=UTC)


class Receiver:
    """A server that answers as it is told, and checks signatures as a customer's program would."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        """What comes next; 200 when nothing is said."""
        self.headers: dict[str, str] = {}

    def serve(self, handler) -> None:
        status, body = self.answers.pop(0) if self.answers else (200, b"thanks")
        answer(handler, status, body, **self.headers)

    def verified(self, secret: str) -> list[dict]:
        """What came, each verified by the specification's own library."""
        return [Webhook(secret).verify(got.body, got.headers) for got in self.server.received]

    @property
    def came(self) -> list[tuple[str, str]]:
        """(type, webhook-id) of every request."""
        return [(json.loads(got.body)["type"], got.headers["webhook-id"]) for got in self.server.received]


@pytest.fixture
def receiver(settings):
    settings.GUANXI_OUTBOUND_NETWORKS, settings.GUANXI_OUTBOUND_HTTP = (ip_network("127.0.0.0/8"),), True
    made = Receiver()
    with listening(made.serve) as server:
        made.server = server
        yield made


def endpoint_of(actor, receiver: Receiver, *events: str, name: str = "ERP") -> tuple[WebhookEndpoint, str]:
    """An endpoint that is switched on, and its secret."""
    values = {"name": name, "url": f"{receiver.server.url}/hook", "lines": [{"event": event} for event in events or ("*",)]}
    endpoint = create_record(WebhookEndpoint, values, actor=actor).result
    made = perform(switch_on_webhook, endpoint, actor=actor).result
    endpoint.refresh_from_db()
    return endpoint, made.secret


def carry_all(key: str = "alpha") -> int:
    """What the worker does: from events to deliveries, and out; how many requests were made."""
    fan_out(key)
    let_time_pass()
    return send_due(key)


def let_time_pass() -> None:
    """All pauses are over."""
    Dispatch.objects.filter(status="waiting").update(due_at=PAST)


def party(actor, name: str = "Hengchuan Hydraulics", **values) -> Party:
    return Party.objects.create(code=f"C-{Party.objects.count() + 1}", name=name, owner_id=values.pop("owner_id", actor.member_id), **values)


def announce(subject: Party, count: int = 1) -> None:
    for _time in range(count):
        publish(PartyTransferred(subject.pk, None, subject.owner_id), subject=subject, party_id=subject.pk)


def statuses() -> list[str]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("status", flat=True))
