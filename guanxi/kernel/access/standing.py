"""In another's place: deputies, who act with the rights of whom they stand in for, and those who look at the set as somebody else.

Both see and may exactly what the member may, never the sum of two people's rights: a field right of the one on the rows of the
other would be more than either has. Of rights over people nothing is lent, and a deputy's deputies are nobody's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor, StandIn, actor_of
from guanxi.kernel.access.grants import covers
from guanxi.kernel.access.models import Deputy, Look, LookedPage, RoleAssignment
from guanxi.kernel.records.refusals import Forbidden

LOOK_RIGHT = "members.see_as_member"
LONGEST_LOOK = timedelta(hours=1)


class StandingEnded(Forbidden):
    """The deputyship or the look is over; nothing was done."""


def in_place_of(own: Actor, kind: str, row_id: int, **overrides: Any) -> Actor:
    """`own` as deputy (kind "deputy") of, or looking ("look") as, the member that the row names; StandingEnded when it is over."""
    if kind == "look":
        return _looking(own, row_id, **overrides)
    found = Deputy.objects.in_force(own.today).filter(pk=row_id, deputy=own.member_id).first()
    principal = actor_of(found.principal_id, **overrides) if found else None
    if found is None or principal is None:
        raise StandingEnded(_("You are no longer a deputy here; nothing was done. Go on in your own name."))
    return replace(principal, stand_in=StandIn(own.member_id, own.name, False, found.pk, found.valid_until))


def _looking(own: Actor, row_id: int, **overrides: Any) -> Actor:
    now = datetime.now(UTC)
    found = Look.objects.filter(pk=row_id, viewer=own.member_id, ended_at__isnull=True, begun_at__gt=now - LONGEST_LOOK).first()
    seen = actor_of(found.member_id, **overrides) if found and own.may(LOOK_RIGHT) else None
    if found is None or seen is None or not covers(own.rights, seen.rights):
        raise StandingEnded(_("The look as another member has ended; nothing was done. Go on in your own name."))
    return replace(seen, may_write=False, stand_in=StandIn(own.member_id, own.name, True, found.pk))


def note_page(actor: Actor, path: str) -> None:
    """A page opened during a look goes to the log that the looked-as member and auditors can read."""
    assert actor.stand_in is not None
    LookedPage.objects.create(look_id=actor.stand_in.id, path=path[:300], at=datetime.now(UTC))


def principals_of(actor: Actor) -> Any:
    """Deputyships in force today by which the actor stands in for others; none while standing in oneself."""
    return Deputy.objects.in_force(actor.today).filter(deputy=actor.member_id) if actor.stand_in is None else Deputy.objects.none()


def assignments_of(actor: Actor) -> Any:
    """Roles in force today, of the actor and of those they stand in for."""
    today = actor.today
    mine = Q(member=actor.member_id) | Q(member__in=principals_of(actor).values("principal"))
    return RoleAssignment.objects.filter(
        mine, Q(valid_from__isnull=True) | Q(valid_from__lte=today), Q(valid_until__isnull=True) | Q(valid_until__gte=today)
    )


def roles_decided(actor: Actor) -> Any:
    """The roles whose approvals are the actor's to decide."""
    return assignments_of(actor).values("role")


def deciders_of(role_id: int, today: date) -> set[int]:
    """Members who may decide today what holders of the role decide: those who hold it, and their deputies."""
    in_force = Q(valid_from__isnull=True) | Q(valid_from__lte=today), Q(valid_until__isnull=True) | Q(valid_until__gte=today)
    held = set(RoleAssignment.objects.filter(*in_force, role=role_id, member__is_active=True).values_list("member_id", flat=True))
    return held | set(Deputy.objects.in_force(today).filter(principal__in=held).values_list("deputy_id", flat=True))


def decides_for(role_id: int, actor: Actor) -> set[int]:
    """Members in whose place the actor decides what holders of the role decide: themselves, and those they stand in for."""
    if actor.kind == "system":
        return {actor.member_id}
    return set(assignments_of(actor).filter(role=role_id).values_list("member_id", flat=True))


def in_place_name(deputy: str | None, principal: str) -> str:
    """How an act is signed: “Li Min for Wang Qiang”, or by the name alone."""
    return _("%(deputy)s for %(principal)s") % {"deputy": deputy, "principal": principal} if deputy else principal
