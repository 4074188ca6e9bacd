"""The tree of teams with its people."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.operation import operations_of
from guanxi.kernel.screens.menu import menu_page
from guanxi.kernel.screens.visit import Visit, page
from guanxi.shared.members.queries import team_tree, without_team
from guanxi.shared.members.screens import MemberScreen, TeamScreen

PATH = "setup/team-tree"
menu_page(PATH, _("Teams"), "hierarchy-2", "setup", 20, may_see=lambda actor: bool(actor.may("view", Team)))


@page("view")
def tree_page(visit: Visit) -> HttpResponse:
    """Every team after the one it is part of, with its lead and members; moving is one step away."""
    actor = visit.actor
    shows_members = actor.may("view", Member)
    moves = any(found.key == "move_team" and actor.may(found.name) for found in operations_of(Team))
    return visit.render("people/teams.html", {
        "branches": team_tree(actor), "homeless": without_team(actor) if shows_members else [], "may_move": moves,
        "may_add": actor.may("add", Team), "team_screen": TeamScreen, "member_screen": MemberScreen,
    })
