"""Who follows a new lead: the rules for assigning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from django.db.models import Count, Q

from guanxi.crm.leads.models import AssignmentRule, Lead
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.conditions import facts_for, read_condition
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.rules import Rule, RuleError


def condition_columns() -> dict[str, Column]:
    """What is known of a lead when it arrives."""
    return {name: column for name, column in columns_of(Lead).items() if column.writable and name not in ("owner", "next_step", "next_on")}


def read_rule(text: str, otherwise: str = "") -> Rule | None:
    """The condition of a rule; None for the empty one, which every lead fulfils. RuleError when it cannot be read."""
    return read_condition(text, condition_columns(), otherwise) if text.strip() else None


def share_out(drafts: Sequence[Draft], among: Q | None = None) -> None:
    """Give leads without an owner one by the first rule that fits: the member with the fewest leads to follow, then by order.

    `among` limits the members to choose from. Three queries for any number of leads, one when there are no rules.
    """
    rules = list(_readable(AssignmentRule.objects.filter(is_active=True).order_by("position", "pk")))
    if not rules:
        return
    members = _members([rule for rule, _condition in rules], among or Q())
    load = Counter(dict(
        Lead.objects.filter(status__in=("new", "working"), owner_id__in={pk for mine in members.values() for pk in mine})
        .order_by().values_list("owner_id").annotate(Count("pk"))
    ))
    for draft in drafts:
        rule = next((r for r, condition in rules if fulfils(condition, draft.get)), None)
        mine = members.get(rule.pk) if rule else None
        if mine:
            chosen = min(mine, key=lambda pk: (load[pk], mine.index(pk)))
            load[chosen] += 1
            draft.values["owner_id"] = chosen


def _readable(rules: Iterable[AssignmentRule]) -> Iterator[tuple[AssignmentRule, Rule | None]]:
    """A rule that names a column which is gone gives leads to nobody, and keeps nobody from entering them."""
    for rule in rules:
        with suppress(RuleError):
            yield rule, read_rule(rule.condition)


def givable(actor: Actor) -> Q:
    """The members for whom the actor may enter leads: a salesperson for themselves, a manager for the team, a web form for all."""
    scopes = actor.scopes("add", Lead)
    if actor.kind == "visitor" or "company" in scopes:
        return Q()
    found = Q(pk=actor.member_id)
    return found | Q(team__in=actor.team_ids) if "team" in scopes else found


def fulfils(condition: Rule | None, value_of: Any) -> bool:
    return condition is None or condition.evaluate(facts_for(condition, value_of)) is True


def _members(rules: Iterable[AssignmentRule], among: Q) -> dict[int, list[int]]:
    """By rule the active members of the staff among whom it shares out."""
    found: dict[int, list[int]] = {}
    pairs = AssignmentRule.members.through.objects.filter(
        assignmentrule_id__in=[rule.pk for rule in rules], member__in=Member.objects.filter(among, is_active=True, kind="staff")
    )
    for rule_id, member_id in pairs.order_by("member_id").values_list("assignmentrule_id", "member_id"):
        found.setdefault(rule_id, []).append(member_id)
    return found
