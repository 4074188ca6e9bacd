"""What an administrator may do with what waits or failed."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.events.publish import ring_after_commit
from guanxi.kernel.outbox.channels import CHANNELS, Outcome
from guanxi.kernel.outbox.models import Dispatch


@operation(
    label=gettext_lazy("Send again"), states=("waiting", "failed", "cancelled"), icon="refresh", labels={"due_at": gettext_lazy("Not before")}
)
def retry_dispatch(dispatch: Dispatch, *, actor: Actor, due_at: datetime | None = None) -> Dispatch:
    """Try again now, or not before a moment, with all attempts and under the same key."""
    _decide(dispatch, "waiting", actor, due_at=due_at or actor.now, attempts=0)
    return dispatch


@operation(label=gettext_lazy("Do not send"), states=("waiting", "failed"), icon="x", tone="danger")
def cancel_dispatch(dispatch: Dispatch, *, actor: Actor) -> Dispatch:
    """Take it out of the outbox: it is not sent, unless somebody sends it again."""
    _decide(dispatch, "cancelled", actor)
    return dispatch


def _decide(dispatch: Dispatch, status: str, actor: Actor, **values: object) -> None:
    dispatch.assign(status=status, leased_until_at=None, **values)
    known = CHANNELS.get(dispatch.channel)
    if known is not None:
        known.sender.record(dispatch.target_id, Outcome(status, dispatch.key, dispatch.attempts, actor.now, due_at=dispatch.due_at))
    ring_after_commit([f"{dispatch.target_model}:{dispatch.target_id}"])
