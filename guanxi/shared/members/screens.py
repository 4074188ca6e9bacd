"""People, teams and roles as they are listed and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member, Role, RoleAssignment, Team
from guanxi.kernel.screens.screen import Screen
from guanxi.shared.members.completion import complete_assignments, complete_members, complete_roles, complete_teams


class MemberScreen(Screen):
    model = Member
    path = "setup/members"
    icon = "users"
    menu = ("setup", 10)
    columns = ("name", "code", "title", "team", "roles", "email", "phone", "is_active")
    filters = ("team", "roles", "kind", "is_active")
    search = ("name", "code", "email")
    default_sort = "name"
    subtitle = ("code", "title", "team")
    sections = {
        _("Person"): ("name", "code", "title", "email", "phone", "signature"),
        _("Place"): ("team", "reports_to", "roles", "kind", "is_active", "left_on"),
    }
    operations = ("assign_role",)
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
