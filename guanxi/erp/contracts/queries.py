"""Questions to contracts."""

from __future__ import annotations

from typing import Any

from django.db.models import DateField, ExpressionWrapper, F, Value

from guanxi.erp.contracts.models import Contract
from guanxi.kernel.access.actor import Actor


def signers_known(contract: Contract, actor: Actor) -> dict[str, Any]:
    """What recording signatures starts with: today, the contact and the owner."""
    contact = contract.contact
    return {
        "signed_on": actor.today, "their_name": contact.name if contact else "", "their_position": contact.job_title if contact else "",
        "our_name": contract.owner.name, "our_position": contract.owner.title,
    }


def ending_contracts(actor: Actor) -> Any:
    """Contracts in force whose owner is to be told of their end by today: within their days of notice, and not over yet."""
    rows = Contract.objects.filter(status="signed", valid_until__gte=actor.today).exclude(renewal="none")
    return rows.filter(valid_until__lte=ExpressionWrapper(Value(actor.today) + F("notice_days"), DateField())).order_by("pk")
