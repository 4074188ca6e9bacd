"""Switching webhooks on and off, their secrets, and sending again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.events.models import Event
from guanxi.kernel.events.publish import publish
from guanxi.kernel.outbound.addresses import read_url
from guanxi.kernel.outbox.queue import dispatch_all
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.webhooks.catalogue import TEST
from guanxi.shared.webhooks.events import WebhookStopped
from guanxi.shared.webhooks.fanning import CHANNEL, new_message_id
from guanxi.shared.webhooks.models import WebhookDelivery, WebhookEndpoint
from guanxi.shared.webhooks.rights import require_whole_sight
from guanxi.shared.webhooks.secrets import NewSecret, make_secret

MOST_AT_ONCE = 10_000
LONGEST_HOURS = 30 * 24
MOMENT = timedelta(seconds=1)
"""Until the page that shows a single delivery has begun to listen, so that it sees what becomes of it."""
_LABELS = {
    "hours": gettext_lazy("Hours for which the former secret is still used too"), "reason": gettext_lazy("Reason"),
    "since": gettext_lazy("Everything since"),
}


@operation(label=gettext_lazy("Switch on"), moves=WebhookEndpoint.lifecycle.to("on"), icon="player-play", labels=_LABELS)
def switch_on_webhook(endpoint: WebhookEndpoint, *, actor: Actor) -> WebhookEndpoint | NewSecret:
    """Events are sent from now on; the first time its secret is made and shown, this once."""
    require_whole_sight(actor, endpoint.owner_id)
    read_url(endpoint.url)
    if not endpoint.events.exists():
        raise Refused(_("Choose at least one event first."))
    latest = Event.objects.aggregate(latest=Max("pk"))["latest"] or 0
    endpoint.assign(first_event_id=latest, failing_since_at=None, stop_reason="")
    return endpoint if endpoint.secrets.exists() else make_secret(endpoint, actor.now, 0)


@operation(label=gettext_lazy("Switch off"), moves=WebhookEndpoint.lifecycle.to("off"), icon="ban", tone="danger", labels=_LABELS)
def switch_off_webhook(endpoint: WebhookEndpoint, *, actor: Actor, reason: str = "") -> WebhookEndpoint:
    """Nothing is sent any more; what happens until it is switched on again is not made up for."""
    endpoint.assign(stop_reason=reason)
    publish(WebhookStopped(endpoint.pk, endpoint.owner_id, reason), subject=endpoint)
    return endpoint


@operation(label=gettext_lazy("New secret"), icon="key", labels=_LABELS)
def rotate_secret(endpoint: WebhookEndpoint, *, actor: Actor, hours: int = 24) -> NewSecret:
    """Shown this once; for some hours requests are signed with the former one as well, so that receivers can change over."""
    require_whole_sight(actor, endpoint.owner_id)
    if not 0 <= hours <= LONGEST_HOURS:
        raise Refused(_("Choose between 0 and %(most)s hours.") % {"most": LONGEST_HOURS}, field="hours")
    return make_secret(endpoint, actor.now, hours)


@operation(label=gettext_lazy("Send a test"), icon="send")
def send_test_event(endpoint: WebhookEndpoint, *, actor: Actor) -> WebhookDelivery:
    """An event of the type webhook.test, which tells nothing."""
    if not endpoint.secrets.exists():
        raise Refused(_("Switch it on first: then it has a secret to sign with."))
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint, type=TEST, message_id=new_message_id(), record_model=endpoint.label(), record_id=endpoint.pk,
        record_title=endpoint.name, happened_at=actor.now,
    )
    dispatch_all(CHANNEL, [delivery], due_at=datetime.now(UTC) + MOMENT)
    return delivery


@operation(label=gettext_lazy("Send again"), icon="refresh", states=("delivered", "failed", "withheld"))
def replay_delivery(delivery: WebhookDelivery, *, actor: Actor) -> WebhookDelivery:
    """Once more with all attempts and the same webhook-id, so that a receiver who has it already may pass over it."""
    if delivery.event_id is not None:
        _require_on(delivery.endpoint)
    delivery.assign(status="waiting", error="")
    dispatch_all(CHANNEL, [delivery], due_at=datetime.now(UTC) + MOMENT)
    return delivery


@operation(label=gettext_lazy("Send failed ones again"), icon="refresh", states=("on",), labels=_LABELS)
def replay_since(endpoint: WebhookEndpoint, *, actor: Actor, since: datetime) -> WebhookEndpoint:
    """Everything since a moment that was not received, in the order in which it happened."""
    _require_on(endpoint)
    if since > actor.now:
        raise Refused(_("The moment is in the future."), field="since")
    missed = WebhookDelivery.objects.filter(endpoint=endpoint, status__in=("failed", "withheld"), happened_at__gte=since)
    rows: Sequence[WebhookDelivery] = list(missed.order_by("happened_at", "pk").select_for_update(of=("self",), no_key=True)[:MOST_AT_ONCE])
    if not rows:
        raise Refused(_("Since then everything was received, or is on its way."), field="since")
    WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows]).updated(status="waiting", error="")
    dispatch_all(CHANNEL, rows)
    return endpoint


def _require_on(endpoint: WebhookEndpoint) -> None:
    if endpoint.status != "on":
        raise Refused(_("Switch the webhook on first."))
