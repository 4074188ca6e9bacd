"""What happens by itself as contracts come to their end."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db.models import Q

from guanxi.erp.contracts.models import Contract
from guanxi.erp.contracts.queries import ending_contracts
from guanxi.erp.contracts.reactions import CONTRACT_ENDS, CONTRACT_RENEWS
from guanxi.erp.contracts.renewing import renew_if_due
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.jobs.job import job
from guanxi.kernel.notices.raising import raise_notices

MORNING_HOUR = 8
"""On the entity's clock."""


@job(every="20 * * * *")
def look_after_contracts(*, actor: Actor) -> None:
    """At any hour: what renews itself; from the morning on: owners are told of what ends."""
    renew_contracts(actor)
    if actor.now.astimezone(ZoneInfo(actor.timezone)).hour >= MORNING_HOUR:
        tell_of_ends(actor)


def renew_contracts(actor: Actor) -> int:
    """Contracts that renew themselves and whose period is over, how many; what was renewed before that begins its next period."""
    is_over, has_come = Q(renewal="automatic", valid_until__lt=actor.today), Q(next_from__lte=actor.today)
    rows = Contract.objects.filter(is_over | has_come, status="signed").select_for_update(of=("self",), no_key=True).order_by("pk")
    return sum(renew_if_due(contract, actor) for contract in rows)


def tell_of_ends(actor: Actor) -> int:
    """Each owner once for each last day, so many days before it as the contract says; how many were told now."""
    return sum(
        raise_notices(
            CONTRACT_RENEWS if contract.renewal == "automatic" else CONTRACT_ENDS, [contract.owner_id], contract,
            key=f"ends:{contract.pk}:{contract.valid_until}", at=actor.now, arguments={"day": contract.valid_until.isoformat()},
        )
        for contract in ending_contracts(actor)
    )
