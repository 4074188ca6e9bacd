"""Tabs on the pages of people, roles and teams."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member, Role, RoleAssignment, Team
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.shared.members.screens import MemberScreen, RoleAssignmentScreen, TeamScreen

_DAYS = ("valid_from", "valid_until")


@panel(Role, _("Members"), order=10, key="holders")
def holders_of(role: Role, actor) -> Panel:
    return Panel(RoleAssignmentScreen, RoleAssignment.objects.filter(role=role), ("member", *_DAYS), {"role": role.pk}, "member")


@panel(Member, _("Roles"), order=10, key="roles")
def roles_of(member: Member, actor) -> Panel:
    return Panel(RoleAssignmentScreen, RoleAssignment.objects.filter(member=member), ("role", *_DAYS), {"member": member.pk}, "role")


@panel(Team, _("Members"), order=10, key="members")
def members_of(team: Team, actor) -> Panel:
    rows = Member.objects.filter(team__path__startswith=team.path)
    return Panel(MemberScreen, rows, ("name", "title", "team", "roles", "is_active"), {"team": team.pk}, "name")


@panel(Team, _("Teams below"), order=20, key="below")
def teams_below(team: Team, actor) -> Panel:
    rows = Team.objects.filter(path__startswith=team.path).exclude(pk=team.pk)
    return Panel(TeamScreen, rows, ("name", "parent", "lead"), {"parent": team.pk}, "name")
