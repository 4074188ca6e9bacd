"""Questions about people and rights: who may give what, who keeps the set open, how a team tree stands."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Count, Q, Subquery, Value
from django.db.models.functions import Coalesce

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.grants import covers, union
from guanxi.kernel.access.models import Member, Role, RoleAssignment, Team
from guanxi.kernel.records.record import Record

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


@dataclass(frozen=True)
class Owned:
    """One kind of record that a member has in hand, and how many rows of it."""

    model: Any
    count: int
    closed_too: bool = False

    @property
    def kind(self) -> str:
        return str(self.model._meta.label_lower)

    @property
    def name(self) -> Any:
        return self.model._meta.verbose_name_plural

    @property
    def has_pool(self) -> bool:
        """Whether rows of this kind may lie free, belonging to nobody."""
        return bool(self.model._meta.get_field("owner").null)

    def rows(self, member: Member) -> Any:
        return self.model.objects.filter(in_hand(self.model, closed_too=self.closed_too), owner=member)


def ownable() -> list[Any]:
    """Every kind of record with an owner who can change."""
    found = [
        model for model in apps.get_models()
        if issubclass(model, Record) and not model.append_only and not model.keeps_owner and not model.part_of
        and any(f.name == "owner" and f.related_model is Member for f in model._meta.concrete_fields)
    ]
    return sorted(found, key=lambda model: model._meta.label_lower)


def in_hand(model: Any, *, closed_too: bool = False) -> Q:
    """Rows that still need somebody: all masters, documents whose life goes on, and what the model itself says (`handed_over`)."""
    if model.handed_over is not None:
        return Q() if closed_too else model.handed_over
    lifecycle = getattr(model, "lifecycle", None)
    if lifecycle is None or closed_too:
        return Q()
    return Q(status__in=[state for state in lifecycle.labels if lifecycle.transitions[state]])


def owned_by(member: Member, *, closed_too: bool = False) -> list[Owned]:
    """What the member has in hand, kind by kind: one query for all kinds."""
    models = ownable()
    counted = {}
    for number, model in enumerate(models):
        rows = model._base_manager.filter(in_hand(model, closed_too=closed_too), owner=member.pk).order_by()
        rows = rows.annotate(_all=Value(1)).values("_all").annotate(_n=Count("pk")).values("_n")
        counted[f"n{number}"] = Coalesce(Subquery(rows), 0)
    counts = Member._base_manager.filter(pk=member.pk).values_list(*counted.values()).first() or ()
    return [Owned(model, count, closed_too) for model, count in zip(models, counts, strict=True)]
