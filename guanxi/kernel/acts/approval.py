"""Approval: an act that fulfils a rule's condition waits until somebody with the rule's role decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.conditions import facts_for, is_met, read_condition
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.rules import Rule, RuleError
from guanxi.kernel.values.plain import plain

if TYPE_CHECKING:
    from guanxi.kernel.acts.operation import Operation


@dataclass(frozen=True)
class Awaiting:
    """The third outcome of an act, beside done and refused."""

    request: ApprovalRequest
    is_awaiting: bool = True


def condition_columns(found: Operation) -> dict[str, Column]:
    """What a condition may speak of: the target's columns and the operation's parameters."""
    columns = {**(columns_of(found.target) if found.target else {}), **found.parameters}
    # What differs with the day or the reader is no fact on which an approval could rest.
    return {name: column for name, column in columns.items() if getattr(column, "is_timeless", True)}


def check_condition(text: str, found: Operation) -> Rule:
    """The condition as a rule; RuleError when it cannot be read or is no condition."""
    return read_condition(text, condition_columns(found), _("An approval rule needs a condition, such as total > 100000."))


def facts_of(rule: Rule, row: Record, values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """What the rule reads of the parameters, else of the row; figures that other modules offer are asked of the database."""
    own = columns_of(type(row))
    offered = {name: own[name].sql(actor) for name in rule.names if name not in values and name in own and own[name].source == "fact"}
    asked: dict[str, Any] = {}
    if offered:
        [found] = type(row)._base_manager.filter(pk=row.pk).values_list(*offered.values())
        asked = dict(zip(offered, found, strict=True))
    return facts_for(rule, lambda name: values[name] if name in values else asked.get(name, getattr(row, name, None)))


def rule_in_force(rule: ApprovalRule, found: Operation) -> Rule:
    """The rule's condition; Refused when it cannot be read any more: what should have been looked at does not pass unseen."""
    try:
        return check_condition(rule.condition, found)
    except RuleError as error:
        words = _("The approval rule “%(rule)s” cannot be read: %(reason)s Ask an administrator to put it right.")
        raise Refused(words % {"rule": rule, "reason": error}) from error


def ask_approval(found: Operation, row: Record | None, values: Mapping[str, Any], raw: Any, actor: Actor, again: Any = ()) -> Awaiting | None:
    """A stored request when a rule applies (also one of the operations `again`, if it did not approve just this) and the actor is no approver."""
    if row is None:
        return None
    rules = ApprovalRule.objects.filter(operation__in=[found.name, *again], is_active=True)
    for rule in rules.select_related("approvers").order_by("pk"):
        condition = rule_in_force(rule, found)
        facts = facts_of(condition, row, values, actor)
        is_settled = rule.operation != found.name and was_approved(rule, facts, row)
        if is_settled or not is_met(condition, facts, row, actor.today) or is_approver(rule, actor):
            continue
        existing = ApprovalRequest.objects.filter(
            rule=rule, target_model=row.label(), target_id=row.pk, status="waiting", requester_id=actor.member_id
        ).first()
        request = existing or ApprovalRequest(
            rule=rule, operation=found.name, target_model=row.label(), target_id=row.pk, title=str(row),
            requester_id=actor.member_id, asked_by_id=actor.stand_in.member_id if actor.stand_in else None, requested_at=actor.now,
        )
        request.arguments, request.facts = plain(raw or {}), plain(facts)
        request.save()
        if existing is None and (scope := act_scope()) is not None:
            scope.happened.append(("approval_asked", request))
        return Awaiting(request)
    return None


def was_approved(rule: ApprovalRule, facts: Mapping[str, Any], row: Record) -> bool:
    """Whether somebody said yes to just this."""
    decided = ApprovalRequest.objects.filter(rule=rule, target_model=row.label(), target_id=row.pk, status="approved")
    return plain(facts) in decided.values_list("facts", flat=True)


def is_approver(rule: ApprovalRule, actor: Actor) -> bool:
    """Whether the actor need not ask. A deputy does: in another's name one could else allow oneself what somebody has to look at."""
    return actor.kind == "system" or actor.stand_in is None and rule.approvers_id in actor.role_ids
