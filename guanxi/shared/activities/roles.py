"""Who may note down what: everybody about what they see; changed by whoever wrote it."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_OWN = {"activities.activity": "view:own add:own change:own delete:own", "activities.finish_task": "own", "activities.reopen_task": "own"}
_TEAM = {"activities.activity": "view:team add:team change:team", "activities.finish_task": "team", "activities.reopen_task": "team"}
_WRITE = {f"activities.{verb}": "company" for verb in ("add_note", "log_call", "log_visit", "add_task", "record_activity")}

role("salesperson", _("Salesperson"), {**_OWN, **_WRITE})
role("sales_manager", _("Sales manager"), {**_TEAM, **_WRITE})
role("storekeeper", _("Storekeeper"), {**_OWN, **_WRITE})
role("accountant", _("Accountant"), {**_OWN, **_WRITE})
