"""Looking at all open lines, and telling whom it concerns."""

from __future__ import annotations

from guanxi.erp.sales.impact.finding import look_again
from guanxi.erp.sales.impact.reactions import tell_owners
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.jobs.job import job


@job(every="10 19 * * *")
def look_for_changes(*, actor: Actor) -> None:
    """After something changed, and at night for what no act tells: a price list that begins, a component that costs more."""
    tell_owners(look_again(actor), actor)
