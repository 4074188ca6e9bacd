"""Who keeps people and rights, and the two roles that look at everything: those who direct the company, and those who audit it."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

role(
    "management", _("Management"),
    {
        "*": "view",
        "acts.undo_act": "own", "acts.withdraw_request": "own", "acts.approve_request": "decided", "acts.decline_request": "decided",
        "activities.activity": "view add:own change:own delete:own",
        **{f"activities.{verb}": "company" for verb in ("add_note", "log_call", "log_visit", "add_task", "record_activity")},
        "activities.finish_task": "own", "activities.reopen_task": "own",
    },
    sees=("*",), home="customers",
)
role("auditor", _("Auditor"), {"*": "view"}, sees=("*",), home="setup/members")
role("administrator", _("Administrator"), {}, home="setup/members")
