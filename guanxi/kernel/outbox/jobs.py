"""What is done with the outbox at night."""

from datetime import timedelta

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.jobs.job import job
from guanxi.kernel.outbox.models import Dispatch

KEPT_DAYS = 90


@job(every="47 3 * * *")
def forget_dispatches(*, actor: Actor) -> None:
    """What was sent or cancelled three months ago; the records that were sent keep their own log."""
    Dispatch.objects.filter(status__in=("sent", "cancelled"), due_at__lt=actor.now - timedelta(days=KEPT_DAYS)).delete()
