"""Everybody sees what they asked for, and holders of a rule's role what they are to decide (M22.7)."""

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operations import withdraw_request

GRANTS = {"acts.approvalrequest": "view:own view:decided", "acts.withdraw_request": "own", "acts.approve_request": "decided"}


def _member(code, *roles):
    made = Member.objects.create(code=code, name=code)
    made.roles.set(roles)
    return actor_of(made.pk)


def test_a_request_is_seen_by_who_asked_and_by_who_decides(alpha):
    everybody = Role.objects.create(key="everybody", name={"en": "Everybody"}, grants=GRANTS)
    director = Role.objects.create(key="director", name={"en": "Director"})
    seller, other = _member("seller", everybody), _member("other", everybody)
    deciding, second = _member("deciding", everybody, director), _member("second", everybody, director)
    rule = ApprovalRule.objects.create(name={"en": "Large"}, operation="acts.undo_act", condition="1 = 1", approvers=director)
    request = ApprovalRequest.objects.create(
        rule=rule, operation="acts.undo_act", target_model="acts.act", target_id=1, title="x", requester_id=seller.member_id, requested_at=alpha.now
    )
    seen = {actor.name: list(ApprovalRequest.objects.visible_to(actor)) for actor in (seller, other, deciding, second)}
    assert seen == {"seller": [request], "other": [], "deciding": [request], "second": [request]}
    withdraw_request(request, actor=seller)
    request.refresh_from_db()
    assert request.status == "withdrawn"
