"""Handing over what is in somebody's hands, and leaving: in one statement for each kind of record, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.access.models import AccessKey, Deputy, Look, Member, Team
from guanxi.kernel.acts.models import ApprovalRequest
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.database import current_set
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.sets.models import Membership
from guanxi.shared.members.events import MemberLeft
from guanxi.shared.members.models import HandOver, Invitation
from guanxi.shared.members.queries import Owned, administrators, owned_by


@dataclass(frozen=True)
class Receiver:
    """Who gets the records of one kind: a member, or with `to_pool` nobody, where the kind may lie free."""

    kind: str
    """`parties.party`"""
    successor: Member | None = None
    to_pool: bool = False


_LABELS = {
    "successor": gettext_lazy("Who takes over"), "receivers": gettext_lazy("Different for some kinds"),
    "closed_too": gettext_lazy("Closed documents too"), "kind": gettext_lazy("Kind of record"), "to_pool": gettext_lazy("To the pool"),
}


@operation(label=gettext_lazy("Hand over records"), icon="arrows-exchange", labels=_LABELS)
def hand_over_records(
    member: Member, *, actor: Actor, successor: Member | None = None, receivers: list[Receiver] | None = None, closed_too: bool = False
) -> Member:
    """Customers, open documents and open tasks go to one successor, or by kind to several; what is closed keeps the name."""
    _hand_over(member, actor, successor, receivers or (), closed_too)
    return member


def _why_not_leaving(member: Member) -> str:
    if member.kind != "staff":
        return _("Only members of staff leave the company.")
    return "" if member.is_active else _("%(name)s has left already.") % {"name": member}


@operation(label=gettext_lazy("Leaves the company"), icon="logout", labels=_LABELS, tone="danger", unless=_why_not_leaving)
def leave_company(
    member: Member, *, actor: Actor, successor: Member | None = None, receivers: list[Receiver] | None = None, closed_too: bool = False
) -> Member:
    """Hand everything over and end the place at once: pages, keys, streams and jobs; records and documents keep the name."""
    if member.pk == actor.person_id:
        raise Refused(_("Nobody sees themselves out: ask another administrator."))
    if set(administrators(actor.today).values_list("pk", flat=True)) == {member.pk}:
        raise Refused(_("The last administrator stays: give somebody else the role first."))
    count = _hand_over(member, actor, successor, receivers or (), closed_too)
    _clear(member, actor, successor)
    member.assign(is_active=False, left_on=actor.today)
    publish(MemberLeft(member.pk, successor.pk if successor else None, count), subject=member)
    _end_place(member.pk)
    return member


@operation(
    label=gettext_lazy("Comes back"), icon="arrow-back-up",
    unless=lambda member: (member.left_on is None or member.is_active) and _("%(name)s has not left.") % {"name": member},
)
def return_member(member: Member, *, actor: Actor) -> Member:
    """Who left by mistake has the place again, with the roles of before; records come back one hand-over at a time."""
    member.assign(is_active=True, left_on=None)
    _give_place(member)
    return member


@operation(
    label=gettext_lazy("Give back"), icon="arrow-back-up", unless=lambda handed: handed.returned_at and _("These have been given back already."),
)
def return_records(handed: HandOver, *, actor: Actor) -> HandOver:
    """Records that nobody touched since go back to who had them; the others stay where they are, and are counted."""
    model: Any = model_named(handed.kind)
    moved = History.objects.filter(act_id=handed.handing_act_id, model=handed.kind, kind="changed", changes__has_key="owner_id")
    later = History.objects.filter(model=handed.kind, row_id=OuterRef("pk"), pk__gt=_last_step(moved)).exclude(act_id=handed.handing_act_id)
    still = Q(owner_id=handed.receiver_id) if handed.receiver_id else Q(owner__isnull=True)
    returned = model.objects.filter(still, pk__in=moved.values("row_id")).filter(~Exists(later)).updated(owner_id=handed.giver_id)
    if not returned:
        raise Refused(_("All of these have been touched since; nothing can be given back."))
    handed.assign(returned_count=returned, returned_at=actor.now)
    return handed


def _last_step(moved: Any) -> int:
    last = moved.order_by("-pk").values_list("pk", flat=True).first()
    if last is None:
        raise Refused(_("There is nothing to undo."))
    return int(last)


def _hand_over(member: Member, actor: Actor, successor: Member | None, receivers: Sequence[Receiver], closed_too: bool) -> int:
    """How many rows went; the successor of a kind is the one named for it, else the one for all."""
    owned = [one for one in owned_by(member, closed_too=closed_too) if one.count]
    special = {receiver.kind: receiver for receiver in receivers}
    plan = [(one, special.get(one.kind) or Receiver(one.kind, successor)) for one in owned]
    homeless = [one for one, receiver in plan if receiver.successor is None and not receiver.to_pool]
    if homeless:
        listed = ", ".join(f"{one.name} ({one.count})" for one in homeless)
        raise Refused(_("Say who takes over: %(kinds)s.") % {"kinds": listed}, field="successor")
    for one, receiver in plan:
        _require_fit(one, receiver, member)
    scope = act_scope()
    for one, receiver in plan:
        new_owner = receiver.successor.pk if receiver.successor else None
        count = one.rows(member).updated(owner_id=new_owner)
        HandOver.objects.create(
            giver=member, receiver_id=new_owner, kind=one.kind, kind_name=str(one.name)[:120], row_count=count, handed_at=actor.now,
            handing_act_id=scope.id if scope else None,
        )
    return sum(one.count for one in owned)


def _require_fit(one: Owned, receiver: Receiver, member: Member) -> None:
    if receiver.successor is None:
        if not one.has_pool:
            raise Refused(_("%(kind)s always belong to somebody; say who takes over.") % {"kind": one.name}, field="successor")
        return
    if receiver.successor.pk == member.pk:
        raise Refused(_("Choose somebody else: these are theirs already."), field="successor")
    other = actor_of(receiver.successor.pk)
    if other is None or receiver.successor.kind != "staff":
        raise Refused(_("%(name)s is no longer active; choose somebody else.") % {"name": receiver.successor}, field="successor")
    if not other.may("view", one.model):
        raise Refused(
            _("%(name)s may not see any %(kind)s; choose somebody else.") % {"name": receiver.successor, "kind": one.name}, field="successor"
        )


def _clear(member: Member, actor: Actor, successor: Member | None) -> None:
    """Nothing goes on in the name of who has left."""
    waiting = ApprovalRequest.objects.filter(Q(requester=member) | Q(asked_by=member), status="waiting")
    waiting.updated(status="withdrawn", decided_at=actor.now)
    Deputy.objects.filter(Q(principal=member) | Q(deputy=member), ended_at__isnull=True, valid_until__gte=actor.today).updated(ended_at=actor.now)
    Look.objects.filter(Q(viewer=member) | Q(member=member), ended_at__isnull=True).updated(ended_at=actor.now)
    AccessKey.objects.filter(member=member, is_active=True).updated(is_active=False)
    Invitation.objects.filter(member=member, status="waiting").updated(status="withdrawn")
    Team.objects.filter(lead=member).updated(lead_id=successor.pk if successor else None)
    Member.objects.filter(reports_to=member).updated(reports_to_id=_superior(member, successor))


def _superior(member: Member, successor: Member | None) -> int | None:
    """Whom the reports of a leaver report to: the successor, unless that is one of them, else the leaver's own superior."""
    if successor is not None and successor.reports_to_id != member.pk:
        return int(successor.pk)
    return member.reports_to_id


def _end_place(member_id: int) -> None:
    """The list of sets at the sign-in, which lies outside every set; inside, the member's row is what counts."""
    key = current_set()
    transaction.on_commit(lambda: Membership.objects.filter(account_set__key=key, member_id=member_id).delete())


def _give_place(member: Member) -> None:
    from guanxi.kernel.sets.models import AccountSet, User

    key, user_id, member_id = current_set(), member.user_id, member.pk

    def give() -> None:
        user = User.objects.filter(pk=user_id or 0).first()
        if user is not None:
            Membership.objects.update_or_create(user=user, account_set=AccountSet.objects.get(key=key), defaults={"member_id": member_id})

    transaction.on_commit(give)


