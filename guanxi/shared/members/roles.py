"""Who keeps people and rights, and the two roles that look at everything: those who direct the company, and those who audit it."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role
from guanxi.kernel.discussion.roles import SPEAKING
from guanxi.kernel.notices.roles import TOLD

_OWN = {
    # A deputy for oneself; who looked at the set as oneself; and what one handed over.
    "access.deputy": "view:own view:deputised", "members.name_deputy": "company", "members.end_deputy": "own",
    "members.change_signature": "company",
    "access.look": "view:looked",
}
for _key, _label in (
    ("salesperson", _("Salesperson")), ("sales_manager", _("Sales manager")), ("storekeeper", _("Storekeeper")), ("accountant", _("Accountant")),
    ("management", _("Management")),
):
    role(_key, _label, _OWN)

role(
    "management", _("Management"),
    {
        "*": "view",
        "acts.undo_act": "own", "acts.withdraw_request": "own", "acts.approve_request": "decided", "acts.decline_request": "decided",
        "activities.activity": "view add:own change:own delete:own",
        **{f"activities.{verb}": "company" for verb in ("add_note", "log_call", "log_visit", "add_task", "record_activity")},
        "activities.finish_task": "own", "activities.reopen_task": "own", **SPEAKING, **TOLD,
    },
    sees=("*",), home="customers",
)
role("auditor", _("Auditor"), {"*": "view", **TOLD}, sees=("*",), home="setup/members")
role("administrator", _("Administrator"), {}, home="setup/members")
