"""The secrets of an endpoint: shown once, kept sealed, two of them valid while a new one takes over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import F, Q

from guanxi.kernel.values.sealed import seal, unseal
from guanxi.shared.webhooks.models import WebhookEndpoint, WebhookSecret
from guanxi.shared.webhooks.signing import new_secret


@dataclass(frozen=True)
class NewSecret:
    """A secret as it is given out, once."""

    endpoint: WebhookEndpoint
    secret: str

    @property
    def shown_once(self) -> str:
        """What a page shows now and never again."""
        return self.secret


def make_secret(endpoint: WebhookEndpoint, now: datetime, hours: int) -> NewSecret:
    """A new one; those before it end after some hours."""
    until = now + timedelta(hours=hours)
    WebhookSecret.objects.filter(Q(valid_until_at__isnull=True) | Q(valid_until_at__gt=until), endpoint=endpoint).update(valid_until_at=until)
    WebhookSecret.objects.filter(endpoint=endpoint, valid_until_at__lte=now).delete()
    secret = new_secret()
    WebhookSecret.objects.create(endpoint=endpoint, sealed=seal(secret))
    return NewSecret(endpoint, secret)


def valid_secrets(endpoint: WebhookEndpoint) -> list[str]:
    """The newest first."""
    rows = WebhookSecret.objects.filter(Q(valid_until_at__isnull=True) | Q(valid_until_at__gt=datetime.now(UTC)), endpoint=endpoint)
    return [unseal(sealed) for sealed in rows.order_by(F("valid_until_at").desc(nulls_first=True), "-pk").values_list("sealed", flat=True)]
