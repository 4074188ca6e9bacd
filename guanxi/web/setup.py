"""Screens of the kernel's own records: legal entities, approvals, the outbox."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.screens import Screen
from guanxi.kernel.views.completion import complete_views
from guanxi.kernel.views.models import SavedView


class EntityScreen(Screen):
    model = Entity
    path = "setup/entities"
    icon = "building-bank"
    menu = ("setup", 40)
    columns = ("name", "code", "tax_number", "currency", "country", "is_default")
    search = ("name", "code", "tax_number")
    default_sort = "code"
    subtitle = ("code", "tax_number")
    sections = {
        _("Legal entity"): ("code", "name", "tax_number", "country", "currency", "timezone"),
        _("For documents"): ("address", "phone", "bank_account", "english_name", "english_address"),
    }


class ApprovalRuleScreen(Screen):
    model = ApprovalRule
    path = "setup/approval-rules"
    icon = "checklist"
    menu = ("setup", 50)
    columns = ("name", "operation", "condition", "approvers", "is_active")
    filters = ("operation", "approvers", "is_active")
    search = ("name", "operation")
    sections = {_("Rule"): ("name", "operation", "condition", "approvers", "is_active")}


class SavedViewScreen(Screen):
    model = SavedView
    path = "views"
    icon = "bookmarks"
    columns = ("name", "screen", "owner", "sharing", "roles", "shown_as")
    filters = ("screen", "owner", "sharing")
    default_sort = "name"
    subtitle = ("screen", "owner")
    sections = {_("View"): ("screen", "name", "query", "shown_as"), _("Sharing"): ("owner", "sharing", "roles")}
    complete = complete_views
    operations = ("rename_view", "delete_view")
    hidden_operations = ("update_view", "share_view")


class ApprovalScreen(Screen):
    model = ApprovalRequest
    path = "approvals"
    icon = "checkbox"
    menu = ("", 30)
    badge = "f.status=waiting"
    columns = ("title", "status", "rule", "requester", "requested_at", "decided_by", "decided_at")
    filters = ("status", "rule", "requester", "requested_at")
    search = ("title",)
    default_sort = "-requested_at"
    default_filters = "f.status=waiting"
    views = {"waiting": (_("Waiting"), "f.status=waiting"), "asked": (_("Asked by me"), "f.requester=me")}
    subtitle = ("requester", "requested_at")
    sections = {_("Request"): ("rule", "requester", "requested_at"), _("Decision"): ("decided_by", "decided_at", "note")}
    may_create = False
    may_edit = False


class OutboxScreen(Screen):
    model = Dispatch
    path = "setup/outbox"
    icon = "send"
    menu = ("setup", 60)
    badge = "f.status=failed"
    columns = ("title", "channel", "status", "due_at", "attempts", "error", "sent_at")
    filters = ("status", "channel", "due_at", "sent_at", "attempts")
    default_sort = "-due_at"
    subtitle = ("channel", "due_at")
    sections = {_("Dispatch"): ("title", "channel", "key"), _("Delivery log"): ("due_at", "attempts", "sent_at", "error")}
    may_create = False
    may_edit = False
