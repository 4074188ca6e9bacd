"""What webhooks announce themselves."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class WebhookStopped(EventBase):
    """Switched off: by a member, or by itself because its receiver is gone or has not answered for days."""

    endpoint_id: int
    owner_id: int
    reason: str

    label = _("Webhook %(title)s switched off")
    icon = "ban"
