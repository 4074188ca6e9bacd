"""What waits for what, and the rules by which it is given out."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.promising.models import AllocationRule, DayOff, WaitingLine
from guanxi.kernel.screens.screen import Calendar, Screen


class WaitingLineScreen(Screen):
    model = WaitingLine
    path = "inventory/waiting"
    icon = "hourglass"
    teaches = _("Confirmed lines whose goods are not there yet, and what they wait for; what arrives is reserved for them by rule.")
    menu = ("erp", 35)
    badge = "f.promised_on=past"
    columns = (
        "document", "customer", "product", "quantity", "wanted_on", "promised_on", "receipt", "receipt_on", "customer__tier", "ordered_on",
        "warehouse",
    )
    filters = ("product", "customer", "customer__tier", "warehouse", "owner", "wanted_on", "promised_on", "ordered_on")
    default_sort = "promised_on,ordered_on"
    views = {
        "late": (_("Late"), "f.promised_on=past&sort=promised_on"), "undated": (_("No date known"), "f.promised_on=none&sort=ordered_on"),
    }
    title = "document"
    subtitle = ("customer", "product")
    facts = ("quantity", "promised_on", "receipt", "receipt_on")
    sections = {
        _("Waiting line"): ("order", "customer", "product", "quantity", "warehouse", "owner"),
        _("Promise"): ("wanted_on", "promised_on", "ordered_on", "receipt", "receipt_on"),
    }
    calendar = Calendar(("promised_on", "wanted_on"))
    begins = ("promising.allocate_stock",)
    may_create = False
    may_edit = False


class AllocationRuleScreen(Screen):
    model = AllocationRule
    path = "setup/allocation-rules"
    icon = "arrows-split"
    teaches = _("In which order goods that are short are given out; without a rule by the promised day, then by the order day, also in parts.")
    menu = ("setup", 52)
    columns = ("warehouse", "first_by", "then_by", "is_whole", "is_automatic")
    filters = ("warehouse", "is_whole", "is_automatic")
    default_sort = "warehouse"
    sections = {_("Allocation rule"): ("warehouse", "first_by", "then_by", "is_whole", "is_automatic")}


class DayOffScreen(Screen):
    model = DayOff
    path = "setup/days-off"
    icon = "calendar"
    teaches = _("Days on which nobody works, and weekend days that are worked in exchange: lead times count working days.")
    menu = ("setup", 53)
    columns = ("falls_on", "name", "is_worked", "entity")
    filters = ("falls_on", "is_worked", "entity")
    search = ("name",)
    default_sort = "-falls_on"
    sections = {_("Day off"): ("falls_on", "name", "is_worked", "entity")}
    calendar = Calendar(("falls_on",))
