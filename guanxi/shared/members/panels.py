"""Tabs on the pages of people, roles and teams."""

from django.db.models import Q, Subquery
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Deputy, Look, LookedPage, Member, Role, RoleAssignment, Team
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.shared.members.models import HandOver
from guanxi.shared.members.screens import (
    DeputyScreen,
    HandOverScreen,
    LookedPageScreen,
    LookScreen,
    MemberScreen,
    RoleAssignmentScreen,
    TeamScreen,
)

_DAYS = ("valid_from", "valid_until")


@panel(Role, _("Members"), order=10, key="holders")
def holders_of(role: Role, actor) -> Panel:
    return Panel(RoleAssignmentScreen, RoleAssignment.objects.filter(role=role), ("member", *_DAYS), {"role": role.pk}, "member")


@panel(Member, _("Roles"), order=10, key="roles")
def roles_of(member: Member, actor) -> Panel:
    return Panel(RoleAssignmentScreen, RoleAssignment.objects.filter(member=member), ("role", *_DAYS), {"member": member.pk}, "role")


def _path_of(team: Team) -> Subquery:
    return Subquery(Team.objects.filter(pk=team.pk).values("path"))


@panel(Team, _("Members"), order=10, key="members")
def members_of(team: Team, actor) -> Panel:
    rows = Member.objects.filter(team__path__startswith=_path_of(team))
    return Panel(MemberScreen, rows, ("name", "title", "team", "roles", "is_active"), {"team": team.pk}, "name")


@panel(Team, _("Teams below"), order=20, key="below")
def teams_below(team: Team, actor) -> Panel:
    rows = Team.objects.filter(path__startswith=_path_of(team)).exclude(pk=team.pk)
    return Panel(TeamScreen, rows, ("name", "parent", "lead"), {"parent": team.pk}, "name")


@panel(Member, _("Deputies"), order=20, key="deputies")
def deputies_of(member: Member, actor) -> Panel:
    rows = Deputy.objects.filter(Q(principal=member) | Q(deputy=member))
    return Panel(DeputyScreen, rows, ("deputy", "principal", "valid_from", "valid_until", "ended_at"), None, "-valid_from")


@panel(Member, _("Hand-overs"), order=30, key="hand-overs")
def hand_overs_of(member: Member, actor) -> Panel:
    rows = HandOver.objects.filter(Q(giver=member) | Q(receiver=member))
    return Panel(HandOverScreen, rows, ("kind_name", "giver", "receiver", "row_count", "handed_at", "returned_count"), None, "-handed_at")


@panel(Member, _("Looks"), order=40, key="looks")
def looks_of(member: Member, actor) -> Panel:
    rows = Look.objects.filter(Q(member=member) | Q(viewer=member))
    return Panel(LookScreen, rows, ("viewer", "member", "reason", "begun_at", "ended_at"), None, "-begun_at")


@panel(Look, _("Pages"), order=10, key="pages")
def pages_of(look: Look, actor) -> Panel:
    return Panel(LookedPageScreen, LookedPage.objects.filter(look=look), ("path", "at"), None, "-at")
