"""Approval: an act that fulfils a rule's condition waits until somebody with the rule's role decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.scope import ActScope, act_scope
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
    """The third outcome of an act, beside done and refused: the first of the requests that wait."""

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


def rules_due(
    found: Operation, row: Record, values: Mapping[str, Any], actor: Actor, again: Any = ()
) -> list[tuple[ApprovalRule, dict[str, Any]]]:
    """The rules that apply, also those of the operations `again` that did not approve just this, and of which the actor is no approver; with
    what each of them looked at."""
    due = []
    for rule in ApprovalRule.objects.filter(operation__in=[found.name, *again], is_active=True).select_related("approvers").order_by("pk"):
        condition = rule_in_force(rule, found)
        facts = facts_of(condition, row, values, actor)
        is_settled = rule.operation != found.name and was_approved(rule, facts, row)
        if not is_settled and is_met(condition, facts, row, actor.today) and not is_approver(rule, actor):
            due.append((rule, plain(facts)))
    return due


def tried(found: Operation, row: Record, scope: ActScope, work: Callable[[], Any], due: list[tuple[ApprovalRule, dict[str, Any]]]) -> Any:
    """What `work` gives; where rules are `due`, or asked by acts within it, which are added to them, nothing of it stays."""
    if not scope.ruled - {found.name} or scope.actor.kind == "system":
        return None if due else work()
    before, noted = dict(row.__dict__), [(one, len(one)) for one in (scope.pending, scope.touched, scope.happened)]
    former, scope.asked = scope.asked, []
    try:
        with transaction.atomic():
            result = work()
            due += scope.asked
            if not due:
                return result
            transaction.set_rollback(True)
    except Refused:
        if not due:
            raise
    finally:
        scope.asked = former
    for one, length in noted:
        del one[length:]
    row.__dict__.update(before)
    return None


def meet_within(found: Operation, row: Record | None, given: Mapping[str, Any], scope: ActScope) -> None:
    """An act that another one does within it meets the rules written on it: the other one waits. What a customer does on our pages meets none."""
    actor: Actor = given["actor"]
    if row is None or actor.kind == "visitor":
        return
    due = [(rule, facts) for rule, facts in rules_due(found, row, found.with_defaults(given), actor) if (rule.pk, facts) not in scope.granted]
    if scope.asked is not None:
        scope.asked += [one for one in due if one not in scope.asked]
    elif due:
        words = _("This needs approval first: %(rule)s. Ask for it with “%(label)s”.")
        raise Refused(words % {"rule": due[0][0], "label": found.label})


def ask_approval(found: Operation, row: Record, due: list[tuple[ApprovalRule, dict[str, Any]]], raw: Any, actor: Actor) -> Awaiting | None:
    """A stored request for every rule that is due, which are one asking: the act is done when all of them are approved. Asked again while some
    of them wait, what was approved just so stays approved, and what no longer applies is withdrawn."""
    scope, arguments = act_scope(), plain(raw or {})
    mine = ApprovalRequest.objects.filter(operation=found.name, target_model=row.label(), target_id=row.pk, requester_id=actor.member_id)
    waiting = list(mine.filter(status="waiting").order_by("pk"))
    asking = next((one.asking for one in waiting if one.asking), scope.id if scope else None)
    answered = list(mine.filter(asking=asking, status="approved").values_list("rule_id", "arguments", "facts")) if waiting else []
    asked = []
    for rule, facts in due:
        if (rule.pk, arguments, facts) in answered:
            continue
        request = next((one for one in waiting if one.rule_id == rule.pk), None)
        if is_new := request is None:
            request = ApprovalRequest(
                rule=rule, operation=found.name, target_model=row.label(), target_id=row.pk, title=str(row),
                requester_id=actor.member_id, asked_by_id=actor.stand_in.member_id if actor.stand_in else None, requested_at=actor.now,
            )
        else:
            waiting.remove(request)
        request.arguments, request.facts, request.asking = arguments, facts, asking
        request.save()
        asked.append(request)
        if is_new and scope is not None:
            scope.happened.append(("approval_asked", request))
    ApprovalRequest.objects.filter(pk__in=[one.pk for one in waiting]).updated(status="withdrawn", decided_at=actor.now)
    return Awaiting(asked[0]) if asked else None


def end_waiting(found: Operation, row: Record, actor: Actor) -> None:
    """The step was taken by somebody who need not ask: nobody has to decide about it any more."""
    waiting = ApprovalRequest.objects.filter(operation=found.name, target_model=row.label(), target_id=row.pk, status="waiting")
    waiting.updated(status="withdrawn", decided_at=actor.now)


def was_approved(rule: ApprovalRule, facts: Mapping[str, Any], row: Record) -> bool:
    """Whether somebody said yes to just this."""
    decided = ApprovalRequest.objects.filter(rule=rule, target_model=row.label(), target_id=row.pk, status="approved")
    return plain(facts) in decided.values_list("facts", flat=True)


def is_approver(rule: ApprovalRule, actor: Actor) -> bool:
    """Whether the actor need not ask. A deputy does: in another's name one could else allow oneself what somebody has to look at."""
    return actor.kind == "system" or actor.stand_in is None and rule.approvers_id in actor.role_ids
