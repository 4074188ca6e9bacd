"""Questions about people and rights: who may give what, who keeps the set open, how a team tree stands."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.grants import covers, union
from guanxi.kernel.access.models import Member, Role, RoleAssignment, Team

ADMINISTRATOR = "administrator"


def may_give(actor: Actor, role: Role) -> bool:
    """Nobody gives a right that they do not have."""
    return covers(actor.rights, union([(role.grants, role.sees)]))


def administrators(today: date) -> Any:
    """Active people who may do everything: one of them has to be left."""
    held = RoleAssignment.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=today), Q(valid_until__isnull=True), role__key=ADMINISTRATOR
    )
    return Member.objects.filter(pk__in=held.values("member"), is_active=True, kind="staff")


@dataclass
class Branch:
    """A team with its people and the teams below it."""

    team: Team
    depth: int
    members: list[Member] = field(default_factory=list)
    below: int = 0
    """People of the team and of all teams below it."""


def team_tree(actor: Actor) -> list[Branch]:
    """All teams the actor may see, each after the one it is part of, with the active members they may see: two queries."""
    teams = list(Team.objects.visible_to(actor).select_related("lead").order_by("name"))
    members: dict[int | None, list[Member]] = defaultdict(list)
    for member in Member.objects.visible_to(actor).filter(is_active=True, kind="staff").order_by("name"):
        members[member.team_id].append(member)
    known = {team.pk for team in teams}
    children: dict[int | None, list[Team]] = defaultdict(list)
    for team in teams:
        children[team.parent_id if team.parent_id in known else None].append(team)
    found: list[Branch] = []

    def grow(team: Team, depth: int) -> int:
        branch = Branch(team, depth, members.get(team.pk, []))
        found.append(branch)
        branch.below = len(branch.members) + sum(grow(child, depth + 1) for child in children[team.pk])
        return branch.below

    for root in children[None]:
        grow(root, 0)
    return found


def without_team(actor: Actor) -> list[Member]:
    return list(Member.objects.visible_to(actor).filter(is_active=True, kind="staff", team__isnull=True).order_by("name"))
