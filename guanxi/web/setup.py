"""Screens of the kernel's own records: legal entities, approvals, changes of many rows, the outbox."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.about.links import RecordLink, record_link
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.models import Act, ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.rules import advise_condition, complete_approval_rules
from guanxi.kernel.deeds.models import BulkRun
from guanxi.kernel.numbers.completion import advise_pattern, complete_rules
from guanxi.kernel.numbers.models import NumberRule
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens import Screen, screen_of
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


class NumberRuleScreen(Screen):
    model = NumberRule
    path = "setup/numbers"
    icon = "hash"
    menu = ("setup", 45)
    columns = ("key", "pattern", "first_number", "is_gapless", "entity")
    filters = ("key", "entity", "is_gapless")
    default_sort = "key"
    subtitle = ("entity",)
    sections = {_("Numbering"): ("key", "entity", "pattern", "first_number", "is_gapless")}
    complete = complete_rules
    advice = {"pattern": advise_pattern}
    value_templates = {"pattern": "components/number_pattern.html"}


class ApprovalRuleScreen(Screen):
    model = ApprovalRule
    path = "setup/approval-rules"
    example = {"condition": "id > 1000"}
    icon = "checklist"
    menu = ("setup", 50)
    columns = ("name", "operation", "condition", "approvers", "is_active")
    filters = ("operation", "approvers", "is_active")
    search = ("name", "operation")
    sections = {_("Rule"): ("name", "operation", "condition", "approvers", "is_active")}
    complete = complete_approval_rules
    advice = {"condition": advise_condition}


class ActScreen(Screen):
    """The log of acts, for those who may see it; what was entered stands on an act's own page, masked."""

    model = Act
    path = "setup/acts"
    label = _("Log of acts")
    icon = "clipboard-list"
    menu = ("setup", 80)
    columns = ("at", "member", "operation", "target", "result", "channel", "done_by")
    filters = ("member", "done_by", "operation", "target_model", "at", "result", "channel", "access_key")
    default_sort = "-at"
    views = {
        "refused": (_("Refused"), "f.result=refused"), "today": (_("Of today"), "f.at=today"), "interface": (_("By the API"), "f.channel=api"),
    }
    title = "operation"
    subtitle = ("member", "at")
    sections = {_("Act"): ("at", "member", "done_by", "operation", "target", "result", "channel", "access_key")}
    record_template = "pages/act.html"
    may_create = False
    may_edit = False


class BulkRunScreen(Screen):
    """What one began on many rows; reached from the message and the bell."""

    model = BulkRun
    path = "bulk"
    icon = "checkup-list"
    columns = ("at", "what", "kind", "total", "refused", "done", "ended_at")
    filters = ("what", "kind", "at")
    default_sort = "-at"
    subtitle = ("kind", "at")
    facts = ("total", "done", "waiting", "refused", "ended_at")
    sections = {_("Run"): ("what", "kind", "member", "at", "ended_at")}
    record_template = "pages/bulk.html"
    may_create = False
    may_edit = False


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
    teaches = _("Steps that wait for somebody's consent, because a rule says so.")
    menu = ("", 30)
    badge = "f.status=waiting&where=none(requester:me)"
    columns = ("title", "status", "rule", "requester", "requested_at", "decided_by", "decided_at")
    filters = ("status", "rule", "requester", "requested_at")
    search = ("title",)
    default_sort = "-requested_at"
    default_filters = "f.status=waiting"
    views = {
        "mine": (_("Waiting for me"), "f.status=waiting&where=none(requester:me)"), "waiting": (_("Waiting"), "f.status=waiting"),
        "asked": (_("Asked by me"), "f.requester=me"),
    }
    subtitle = ("requester", "requested_at")
    sections = {_("Request"): ("target", "rule", "requester", "requested_at"), _("Decision"): ("decided_by", "decided_at", "note")}
    record_template = "pages/approval.html"
    may_create = False
    may_edit = False


@record_link
def dispatched(record: Record, actor) -> RecordLink | None:
    """From a dispatch to what it sends."""
    screen = screen_of(record.target_model) if isinstance(record, Dispatch) else None
    if screen is None or not actor.may("view", screen.model):
        return None
    return RecordLink(f"{screen.path}/{record.target_id}/", screen.singular(), screen.icon, leaves=True)  # type: ignore[attr-defined]


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
