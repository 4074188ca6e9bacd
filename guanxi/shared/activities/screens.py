"""How activities are seen and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.screens.screen import Calendar, Screen
from guanxi.shared.activities.completion import complete_activities
from guanxi.shared.activities.models import Activity


class ActivityScreen(Screen):
    model = Activity
    path = "activities"
    icon = "checklist"
    teaches = _("Notes, calls, visits and tasks: what was done with whom, and what is to do next.")
    menu = ("customers", 30)
    columns = ("subject", "kind", "party", "contact", "at", "due_on", "done_at", "owner")
    filters = ("kind", "is_open", "party", "owner", "at", "due_on", "done_at", "contact")
    search = ("subject", "party__name")
    default_sort = "-at"
    sorts = ("at", "due_on")
    calendar = Calendar(("due_on", "at"), minutes={"at": "minutes"}, begins={"due_on": "kind=task", "at": "kind=visit"})
    views = {
        "open": (_("My open tasks"), "f.kind=task&f.is_open=yes&f.owner=me&sort=due_on"),
        "overdue": (_("Overdue tasks"), "f.kind=task&f.is_open=yes&f.due_on=past&sort=due_on"),
    }
    title = "subject"
    subtitle = ("kind", "party", "owner")
    sections = {
        _("Activity"): ("kind", "subject", "body", "at", "minutes"),
        _("With whom"): ("party", "contact", "owner"),
        _("Task"): ("due_on", "done_at", "outcome"),
    }
    quick = ("kind", "subject", "party", "due_on")
    peek = ("kind", "at", "due_on", "party", "contact", "body", "outcome")
    complete = complete_activities
