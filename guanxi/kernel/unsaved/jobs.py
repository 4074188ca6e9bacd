"""Unsaved input does not stay for ever."""

from datetime import timedelta

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.jobs import job
from guanxi.kernel.unsaved.models import UnsavedForm

KEPT_DAYS = 14


@job(every="47 3 * * *")
def forget_unsaved(*, actor: Actor) -> None:
    """Every night: what nobody went on with for two weeks."""
    UnsavedForm.objects.filter(at__lt=actor.now - timedelta(days=KEPT_DAYS)).delete()
