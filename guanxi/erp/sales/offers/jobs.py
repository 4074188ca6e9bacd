"""Telling in time that an offer ends."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from guanxi.erp.sales.offers.queries import lapsing_offers
from guanxi.erp.sales.offers.reactions import OFFER_ENDED, OFFER_LAPSES
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.jobs.job import job
from guanxi.kernel.notices.raising import raise_notices

MORNING_HOUR = 8
"""On the entity's clock."""


@job(every="35 * * * *")
def tell_lapsing_offers(*, actor: Actor) -> None:
    """From the morning on: the owners of offers that end within days, and of those that ended yesterday."""
    if actor.now.astimezone(ZoneInfo(actor.timezone)).hour >= MORNING_HOUR:
        remind_of_offers(actor)


def remind_of_offers(actor: Actor) -> int:
    """Each owner once for each last day, and once when it is over; how many were told now."""
    told = 0
    for quotation in lapsing_offers(actor):
        is_over = quotation.valid_until < actor.today
        told += raise_notices(
            OFFER_ENDED if is_over else OFFER_LAPSES, [quotation.owner_id], quotation,
            key=f"{'ended' if is_over else 'lapses'}:{quotation.pk}:{quotation.valid_until}", at=actor.now,
            arguments={"day": quotation.valid_until.isoformat()},
        )
    return told
