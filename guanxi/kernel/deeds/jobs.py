"""Runs in the background."""

from datetime import timedelta

from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.database import in_set
from guanxi.kernel.deeds.models import BulkRun
from guanxi.kernel.deeds.running import go_on_once
from guanxi.kernel.jobs import job

KEPT_DAYS = 90


@job(whole=False)
def go_on(set_key: str, member_id: int, *, run_id: int) -> None:
    """Part by part, each in a transaction of its own, so that one sees how far it is and may stop it."""
    is_more = True
    while is_more:
        with in_set(set_key, member=member_id):
            actor = actor_of(member_id, channel="job")
            is_more = actor is not None and go_on_once(run_id, actor)


@job(every="41 3 * * *")
def forget_runs(*, actor: Actor) -> None:
    """Every night: runs that ended three months ago. Their acts stay."""
    BulkRun.objects.filter(ended_at__lt=actor.now - timedelta(days=KEPT_DAYS)).delete()
