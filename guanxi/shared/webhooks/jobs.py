"""What is done with old deliveries at night."""

from datetime import timedelta

from django.db.models import Q

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.jobs.job import job
from guanxi.shared.webhooks.models import WebhookDelivery

KEPT = timedelta(days=30)
KEPT_FAILED = timedelta(days=90)


@job(every="37 3 * * *")
def forget_deliveries(*, actor: Actor) -> None:
    """What was received a month ago, and what could not be sent for three months."""
    old = Q(status="delivered", happened_at__lt=actor.now - KEPT) | Q(happened_at__lt=actor.now - KEPT_FAILED)
    WebhookDelivery.objects.filter(old).exclude(status="waiting").delete()
