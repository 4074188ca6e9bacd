"""The way out of the outbox by which events go to endpoints."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.database import current_set
from guanxi.kernel.outbound.client import Limits, request
from guanxi.kernel.outbound.errors import BadAddress, OutboundError
from guanxi.kernel.outbox.channels import Delayed, Item, Outcome, Undeliverable, Withdrawn, channel
from guanxi.kernel.values.sealed import Unreadable
from guanxi.shared.webhooks.fanning import CHANNEL
from guanxi.shared.webhooks.models import WebhookDelivery, WebhookEndpoint
from guanxi.shared.webhooks.operations import switch_off_webhook
from guanxi.shared.webhooks.payload import event_body, test_body
from guanxi.shared.webhooks.rights import visible_events
from guanxi.shared.webhooks.secrets import valid_secrets
from guanxi.shared.webhooks.signing import signed_headers

LIMITS = Limits(connect=5, read=15, total=20, size=2048, cut=True)
PATIENCE = timedelta(days=5)
GONE = 410


@dataclass(frozen=True)
class Call:
    """All that sending needs."""

    url: str
    message_id: str
    body: bytes
    secrets: list[str] = field(repr=False)
    language: str


@dataclass(frozen=True)
class Attempt:
    """What the receiver answered, or that it did not."""

    milliseconds: int
    status: int | None = None
    answer: str = ""


# Twenty attempts within two and a half days.
@channel(CHANNEL, gettext_lazy("Webhook"), attempts=20, seconds=30)
class WebhookSender:
    def read(self, target_id: int, item: Item) -> Call:
        delivery = WebhookDelivery.objects.select_related("endpoint", "event").filter(pk=target_id).first()
        if delivery is None:
            raise Withdrawn(_("It has been deleted."))
        body = _body(delivery)
        try:
            secrets = valid_secrets(delivery.endpoint)
        except Unreadable:
            raise Undeliverable(_("The secret was made under another installation; make a new one.")) from None
        return Call(delivery.endpoint.url, delivery.message_id, body, secrets, get_language() or "en")

    def send(self, call: Call) -> Attempt:
        headers = signed_headers(call.secrets, call.message_id, int(time.time()), call.body)
        begun = time.monotonic()
        with override(call.language):
            try:
                answer = request("POST", call.url, body=call.body, headers={"Content-Type": "application/json", **headers}, limits=LIMITS)
            except BadAddress as error:
                raise Undeliverable(error, Attempt(_since(begun))) from error
            except OutboundError as error:
                raise Delayed(error, Attempt(_since(begun))) from error
            attempt = Attempt(_since(begun), answer.status, readable(answer.body))
            if answer.is_success:
                return attempt
            message = _("The receiver answered with status %(status)s.") % {"status": answer.status}
            if answer.status == GONE:
                raise Undeliverable(message, attempt)
            raise Delayed(message, attempt, seconds=_asked_pause(answer.headers.get("retry-after", "")))

    def record(self, target_id: int, outcome: Outcome) -> None:
        statuses = {"sent": "delivered", "waiting": "waiting", "failed": "failed", "cancelled": "withheld"}
        values: dict[str, Any] = {"status": statuses[outcome.status], "error": outcome.error}
        attempt = outcome.answer
        if isinstance(attempt, Attempt):
            values |= {
                "attempts": F("attempts") + 1, "attempted_at": outcome.at, "response_status": attempt.status, "answer": attempt.answer,
                "milliseconds": attempt.milliseconds,
            }
        WebhookDelivery.objects.filter(pk=target_id).updated(**values)
        if isinstance(attempt, Attempt):
            _judge(target_id, outcome, attempt)


def _body(delivery: WebhookDelivery) -> bytes:
    """Written anew for each attempt: a right taken away since the event ends what is sent."""
    endpoint, event = delivery.endpoint, delivery.event
    if event is None:
        return test_body(endpoint, delivery.happened_at, current_set())
    if endpoint.status != "on":
        raise Withdrawn(_("The webhook is switched off."))
    owner = actor_of(endpoint.owner_id)
    if owner is None or not visible_events([event], owner):
        raise Withdrawn(_("The member it belongs to may not see the record."))
    return event_body(event, owner, current_set())


def _judge(delivery_id: int, outcome: Outcome, attempt: Attempt) -> None:
    """A receiver that is gone, or has failed for days, is left alone."""
    endpoint = WebhookEndpoint.objects.filter(deliveries=delivery_id).first()
    if endpoint is None:
        return
    if outcome.status == "sent":
        WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since_at__isnull=False).update(failing_since_at=None)
        return
    since = endpoint.failing_since_at
    if since is None:
        WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since_at__isnull=True).update(failing_since_at=outcome.at)
    if endpoint.status != "on":
        return
    if attempt.status == GONE:
        reason = _("The receiver says that it is gone (status 410).")
    elif since is not None and outcome.at - since > PATIENCE:
        reason = _("Nothing was received for %(days)s days.") % {"days": PATIENCE.days}
    else:
        return
    perform(switch_off_webhook, endpoint, actor=system_actor(), arguments={"reason": reason})


def readable(body: bytes) -> str:
    """The beginning of an answer as text that can be stored and shown."""
    text = body.decode("utf-8", errors="replace")
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in text)


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)


def _asked_pause(text: str) -> float | None:
    """Retry-After in seconds; a day at most."""
    return min(float(text), 86400.0) if text.isascii() and text.isdecimal() and len(text) < 9 else None
