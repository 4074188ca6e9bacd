"""Who asks for dates, who sees what waits, and who gives out what is short."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

role("salesperson", _("Salesperson"), {"promising.waitingline": "view:own", "promising.ask_promise": "company", "promising.dayoff": "view"})
role(
    "sales_manager", _("Sales manager"),
    {
        "promising.waitingline": "view:team", "promising.reserve_waiting": "team", "promising.ask_promise": "company",
        "promising.dayoff": "view", "promising.allocationrule": "view",
    },
)
role(
    "storekeeper", _("Storekeeper"),
    {
        "promising.waitingline": "view", "promising.allocate_stock": "company", "promising.reserve_waiting": "company",
        "promising.ask_promise": "company", "promising.allocationrule": "view", "promising.dayoff": "view add change delete",
    },
)
