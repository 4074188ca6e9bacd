"""Who sees and looks after which parties."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role
from guanxi.kernel.discussion.roles import SPEAKING
from guanxi.kernel.likeness.roles import ASKING, SORTING_OUT
from guanxi.kernel.notices.roles import TOLD

LISTS = {f"parties.{name}": "view" for name in ("region", "industry", "partycategory", "channel", "paymentterm")}
"""Everybody may choose from the short lists."""
EVERYBODY = {
    **LISTS, "access.member": "view", "access.team": "view", "access.entity": "view",
    # What one did oneself can be undone; what one asked for can be withdrawn; whoever holds a rule's role decides.
    "acts.act": "view:own", "acts.undo_act": "own",
    "acts.approvalrequest": "view:own view:decided", "acts.withdraw_request": "own",
    "acts.approve_request": "decided", "acts.decline_request": "decided",
    **SPEAKING, **TOLD,
}

role(
    "salesperson", _("Salesperson"),
    {
        **EVERYBODY,
        "parties.party": "view:own view:masked add:own change:own",
        "parties.contact": "view:own view:masked add:own change:own delete:own",
        **ASKING,
        "parties.make_customer": "own",
        "parties.make_main_contact": "own",
        "parties.make_default_address": "own",
    },
)
role(
    "sales_manager", _("Sales manager"),
    {
        **EVERYBODY,
        "parties.party": "view:team view:masked add:team change:team delete:team",
        "parties.contact": "view:team view:masked add:team change:team delete:team",
        **SORTING_OUT,
        "merging.merge_records": "company",
        "merging.merge": "view:own view:team",
        "parties.assign_owner": "team",
        "parties.make_customer": "team",
        "parties.make_main_contact": "team",
        "parties.make_default_address": "team",
    },
)
role("storekeeper", _("Storekeeper"), {**EVERYBODY, "parties.party": "view", "parties.contact": "view"})
role(
    "accountant", _("Accountant"),
    {
        **EVERYBODY,
        "parties.party": "view change",
        "parties.contact": "view",
        "parties.paymentterm": "view add change",
        "parties.set_credit_limit": "company",
        "parties.make_customer": "company",
        "parties.make_supplier": "company",
    },
)
