"""Questions to offers: what waits for approval, what lapses, what stands ready to be chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.operations import send_quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.approval import facts_of, is_approver, rule_in_force, was_approved
from guanxi.kernel.acts.models import ApprovalRule
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.conditions import is_met, unknown_in
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.columns.text import text_of
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.cells import Cell

SOON = timedelta(days=3)
"""So long before its last day an offer is told of."""


@dataclass(frozen=True)
class ApprovalAhead:
    """A rule that sending would meet: who decides, and what it looks at, as far as the reader may know."""

    rule: ApprovalRule
    because: list[tuple[Column, str]]
    unknown: list[str] = field(default_factory=list)
    """What it would look at and nobody can know."""


def approvals_ahead(quotation: Quotation, actor: Actor) -> list[ApprovalAhead] | str:
    """What will be asked when the actor sends this, or makes the order after other options were chosen; a sentence instead when a rule cannot
    be read."""
    found: list[ApprovalAhead] = []
    columns = columns_of(Quotation)
    for rule in ApprovalRule.objects.filter(operation=send_quotation.name, is_active=True).select_related("approvers").order_by("pk"):
        try:
            condition = rule_in_force(rule, send_quotation)
        except Refused as refusal:
            return str(refusal)
        facts = facts_of(condition, quotation, {}, actor)
        is_settled = quotation.status != "draft" and was_approved(rule, facts, quotation)
        if is_met(condition, facts, quotation, actor.today) and not is_approver(rule, actor) and not is_settled:
            seen = [(columns[name], value) for name, value in facts.items() if name in columns and actor.sees(columns[name])]
            because = [(column, text_of(Cell(column, value, currency=quotation.currency), actor)) for column, value in seen if value is not None]
            found.append(ApprovalAhead(rule, because, unknown_in(facts, quotation)))
    return found


def day_renewed(quotation: Quotation, actor: Actor) -> dict[str, Any]:
    """What renewing starts with: as long again from today as it was valid at first."""
    length = (quotation.valid_until - quotation.quoted_on) if quotation.valid_until else timedelta(days=30)
    return {"valid_until": actor.today + max(length, timedelta(days=1))}


def options_to_choose(quotation: Quotation, actor: Actor) -> dict[str, Any]:
    """What choosing starts with: every optional line, and whether it is taken."""
    lines = quotation.lines.exclude(inclusion="firm").order_by("position", "pk")
    return {"lines": [{"line": line.pk, "is_chosen": line.inclusion == "chosen"} for line in lines]}


def lapsing_offers(actor: Actor) -> Any:
    """Offers that the customer has and that end within days; those that ended yesterday too, while nobody was told."""
    ends = (actor.today - timedelta(days=1), actor.today + SOON)
    return Quotation.objects.filter(status__in=("sent", "change_asked"), valid_until__range=ends).order_by("pk")
