"""People, teams and roles as they are listed and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Deputy, Look, LookedPage, Member, Role, RoleAssignment, Team
from guanxi.kernel.screens.screen import Screen
from guanxi.shared.members.completion import complete_assignments, complete_members, complete_roles, complete_teams
from guanxi.shared.members.models import HandOver, Invitation


class MemberScreen(Screen):
    model = Member
    path = "setup/members"
    icon = "users"
    menu = ("setup", 10)
    columns = ("name", "code", "title", "team", "roles", "email", "phone", "is_active")
    filters = ("team", "roles", "kind", "is_active")
    search = ("name", "code")
    search_begun = ("email",)
    default_sort = "name"
    subtitle = ("code", "title", "team")
    sections = {
        _("Person"): ("name", "code", "title", "email", "phone", "language", "signature"),
        _("Place"): ("team", "entity", "reports_to", "roles", "kind", "is_active", "left_on"),
    }
    begins = ("members.invite_member",)
    operations = ("assign_role", "see_as_member")
    hidden_operations = ("hand_over_records", "leave_company")
    primary = ("assign_role", "return_member")
    complete = complete_members


class TeamScreen(Screen):
    model = Team
    path = "setup/teams"
    icon = "hierarchy-2"
    columns = ("name", "parent", "lead")
    filters = ("parent", "lead")
    search = ("name",)
    default_sort = "name"
    sections = {_("Team"): ("name", "parent", "lead")}
    complete = complete_teams


class RoleScreen(Screen):
    model = Role
    path = "setup/roles"
    icon = "shield-check"
    menu = ("setup", 30)
    columns = ("name", "key", "is_builtin", "copied_from", "is_two_step_needed")
    search = ("key", "name")
    default_sort = "key"
    sections = {_("Role"): ("name", "key", "home", "is_two_step_needed", "copied_from"), _("Rights"): ("grants", "sees")}
    record_template = "people/role.html"
    value_templates = {"grants": "components/rights.html"}
    elsewhere = ("grants", "sees")
    primary = ("copy_role",)
    complete = complete_roles


class RoleAssignmentScreen(Screen):
    model = RoleAssignment
    path = "setup/role-assignments"
    icon = "shield-check"
    columns = ("role", "member", "valid_from", "valid_until")
    filters = ("role", "member", "valid_from", "valid_until")
    search = ("member__name",)
    sections = {_("Role of a member"): ("member", "role", "valid_from", "valid_until")}
    complete = complete_assignments


class InvitationScreen(Screen):
    model = Invitation
    path = "setup/invitations"
    begins = ("members.invite_member",)
    icon = "user-plus"
    menu = ("setup", 15)
    columns = ("email", "member", "status", "is_expired", "invited_by", "invited_at", "expires_at")
    filters = ("status", "is_expired", "invited_by")
    search = ("email", "member__name")
    default_sort = "-invited_at"
    subtitle = ("member", "invited_by")
    sections = {_("Invitation"): ("member", "email", "language", "invited_by", "invited_at", "expires_at", "is_expired", "accepted_at")}
    may_create = False
    may_edit = False


class HandOverScreen(Screen):
    model = HandOver
    path = "setup/hand-overs"
    icon = "arrows-exchange"
    columns = ("kind_name", "giver", "receiver", "row_count", "handed_at", "returned_count", "returned_at")
    filters = ("giver", "receiver", "handed_at", "returned_at")
    search = ("kind_name", "giver__name")
    default_sort = "-handed_at"
    subtitle = ("giver", "receiver")
    sections = {_("Hand-over"): ("kind_name", "giver", "receiver", "row_count", "handed_at"), _("Given back"): ("returned_count", "returned_at")}
    may_create = False
    may_edit = False


class DeputyScreen(Screen):
    model = Deputy
    path = "setup/deputies"
    begins = ("members.name_deputy",)
    icon = "user-check"
    menu = ("setup", 25)
    columns = ("deputy", "principal", "valid_from", "valid_until", "reason", "ended_at")
    filters = ("deputy", "principal", "valid_from", "valid_until", "ended_at")
    search = ("deputy__name", "principal__name", "reason")
    default_sort = "-valid_from"
    subtitle = ("principal",)
    sections = {_("Deputy"): ("deputy", "principal", "valid_from", "valid_until", "reason", "ended_at")}
    may_create = False
    may_edit = False


class LookScreen(Screen):
    model = Look
    path = "setup/looks"
    icon = "eye"
    columns = ("member", "viewer", "reason", "begun_at", "ended_at")
    filters = ("member", "viewer", "begun_at")
    search = ("member__name", "viewer__name", "reason")
    default_sort = "-begun_at"
    subtitle = ("viewer", "begun_at")
    sections = {_("Look as another member"): ("viewer", "member", "reason", "begun_at", "ended_at")}
    may_create = False
    may_edit = False


class LookedPageScreen(Screen):
    model = LookedPage
    path = "setup/looked-pages"
    icon = "eye"
    columns = ("path", "look", "at")
    default_sort = "-at"
    sections = {_("Page looked at"): ("path", "look", "at")}
    may_create = False
    may_edit = False
