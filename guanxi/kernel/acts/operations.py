"""Deciding on what waits for approval, and undoing an act."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.access.standing import decides_for
from guanxi.kernel.acts.approval import facts_of, rule_in_force, rules_due
from guanxi.kernel.acts.models import Act, ApprovalRequest
from guanxi.kernel.acts.operation import locked, operation, operation_named
from guanxi.kernel.acts.scope import ActScope, act_scope
from guanxi.kernel.acts.undo import invert
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.columns.validate import refuse_errors, validate
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.values.plain import plain


@operation(
    label=gettext_lazy("Approve"), moves=ApprovalRequest.lifecycle.to("approved"), icon="check",
    labels={"note": gettext_lazy("Note")},
)
def approve_request(request: ApprovalRequest, *, actor: Actor, note: LongText = "") -> ApprovalRequest:
    """Let the act happen: it runs as the requester once every rule that asked is answered, unless what was looked at has changed meanwhile."""
    _require_approver(request, actor)
    found = operation_named(request.operation)
    requester = actor_of(request.requester_id, now=actor.now)
    if requester is None:
        raise Refused(_("%(name)s is no longer active, so this cannot be done in their name.") % {"name": request.requester})
    row = locked(found, request.target_id, requester)
    [draft] = validate(found.parameters, [request.arguments], actor=requester)
    refuse_errors([draft])
    again = found.again(row) if found.again is not None else ()
    # What a rule on an act within this one looks at is known when that act is done.
    is_within = request.rule.operation not in (found.name, *again)
    if not is_within and (facts := plain(facts_of(rule_in_force(request.rule, found), row, draft.values, requester))) != request.facts:
        changed = ", ".join(name for name in facts if facts[name] != request.facts.get(name))
        raise Refused(_("Changed since it was asked: %(names)s. Ask again with the new values.") % {"names": changed})
    if not request.beside().filter(status="waiting").exists():
        assert (scope := act_scope()) is not None
        scope.granted = [*request.beside().filter(status="approved").values_list("rule_id", "facts"), (request.rule_id, request.facts)]
        _require_granted(rules_due(found, row, draft.values, requester, again), scope)
        found._run(row, {**draft.values, "actor": requester})
        _require_granted(scope.asked or [], scope)
    return _decided(request, actor, note)


@operation(
    label=gettext_lazy("Decline"), moves=ApprovalRequest.lifecycle.to("declined"), icon="x", tone="danger",
    labels={"note": gettext_lazy("Note")},
)
def decline_request(request: ApprovalRequest, *, actor: Actor, note: LongText) -> ApprovalRequest:
    """Say no, with the reason; the act is not done, whatever others say."""
    _require_approver(request, actor)
    request.beside().filter(status="waiting").updated(status="withdrawn", decided_at=actor.now)
    return _decided(request, actor, note)


@operation(label=gettext_lazy("Withdraw"), moves=ApprovalRequest.lifecycle.to("withdrawn"), icon="arrow-back-up")
def withdraw_request(request: ApprovalRequest, *, actor: Actor) -> ApprovalRequest:
    """Take one's own request back."""
    if request.requester_id != actor.member_id:
        raise Forbidden(_("Only %(name)s can withdraw this request.") % {"name": request.requester})
    request.beside().filter(status="waiting").updated(status="withdrawn", decided_at=actor.now)
    return request


def _why_not_undone(act: Act) -> str:
    if act.result in ("refused", "waiting"):
        return _("There is nothing to undo.")
    return {"undone": _("This has been undone already."), "running": _("It is still at work; wait for its end, or stop it.")}.get(act.result, "")


@operation(label=gettext_lazy("Undo"), icon="arrow-back-up", unless=_why_not_undone, done=gettext_lazy("Undone."))
def undo_act(act: Act, *, actor: Actor) -> Act:
    """Put back every row the act wrote, while nothing later touched them and no ledger was posted."""
    if act.member_id != actor.member_id and "company" not in actor.named_scopes("acts.undo_act", "do"):
        raise Forbidden(_("Only %(name)s can undo this.") % {"name": act.member})
    invert([act], actor)
    return act


def _require_granted(due: list[tuple[Any, dict[str, Any]]], scope: ActScope) -> None:
    if others := [str(rule) for rule, now in due if (rule.pk, now) not in scope.granted]:
        raise Refused(_("Changed since it was asked: %(names)s. Ask again with the new values.") % {"names": ", ".join(others)})


def _decided(request: ApprovalRequest, actor: Actor, note: str) -> ApprovalRequest:
    request.assign(decided_by_id=actor.member_id, decided_at=actor.now, note=note)
    scope = act_scope()
    if scope is not None:
        scope.happened.append(("approval_decided", request))
    return request


def _require_approver(request: ApprovalRequest, actor: Actor) -> None:
    """A holder of the role, or the deputy of one; never who asked, in whosever name, nor in the place of who asked."""
    places = decides_for(request.rule.approvers_id, actor)
    if not places:
        raise Forbidden(_("Only a holder of the role “%(role)s” can decide this.") % {"role": request.rule.approvers})
    asked = {request.requester_id, request.asked_by_id}
    if actor.person_id in asked or not places - asked:
        raise Forbidden(_("Somebody else has to approve what you asked for."))
