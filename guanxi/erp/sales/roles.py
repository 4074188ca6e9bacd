"""Who may sell, and who only looks."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_LATE = (
    "sales.renew_promise", "sales.split_quotation_line", "sales.split_order_line", "sales.substitute_quotation_line",
    "sales.substitute_order_line", "sales.change_quotation_warehouse", "sales.change_order_warehouse",
)
"""What is done where a line is late."""
_QUOTATION = ("send", "mail", "accept", "decline", "revise", "order", "reprice")
_HOLDS = ("hold_order", "release_order", "ask_release", "ask_prepayment")
_AFFECTED = ("hold_affected_line", "release_affected_line", "requote_affected_line")
_CHANGES = ("change_order", "cancel_order_line", "have_supplier_ship", "ship_ourselves", "supplier_shipped")

role(
    "salesperson", _("Salesperson"),
    {
        "sales.quotation": "view:own add:own change:own delete:own",
        "sales.order": "view:own add:own change:own delete:own",
        **{f"sales.{verb}_quotation": "own" for verb in _QUOTATION},
        "sales.place_order": "own",
        "sales.confirm_order": "own",
        "sales.reprice_order": "own",
        "sales.promise_order": "own",
        **dict.fromkeys(_LATE, "own"),
        "sales.mail_order": "own",
        "sales.create_delivery": "own",
        "sales.cancel_order": "own",
        **{f"sales.{verb}": "own" for verb in (*_HOLDS, *_CHANGES)},
        "sales.affectedline": "view:own",
        **{f"sales.{verb}": "own" for verb in _AFFECTED},
        "sales.offer_configuration": "own",
    },
    sees=("see_margin", "see_receivables"), home="sales/orders",
)
role(
    "sales_manager", _("Sales manager"),
    {
        "sales.quotation": "view:team add:team change:team delete:team",
        "sales.order": "view:team add:team change:team delete:team",
        **{f"sales.{verb}_quotation": "team" for verb in _QUOTATION},
        "sales.place_order": "team",
        "sales.confirm_order": "team",
        "sales.reprice_order": "team",
        "sales.promise_order": "team",
        **dict.fromkeys(_LATE, "team"),
        "sales.reallocate_stock": "team",
        "sales.mail_order": "team",
        "sales.create_delivery": "team",
        "sales.cancel_order": "team",
        **{f"sales.{verb}": "team" for verb in (*_HOLDS, *_CHANGES)},
        "sales.offer_configuration": "team",
        "sales.affectedline": "view:team",
        **{f"sales.{verb}": "team" for verb in (*_AFFECTED, "accept_affected_line")},
        "sales.complete_order": "team",
        "views.share_view": "own",
    },
    sees=("see_margin", "see_cost", "see_receivables"), home="sales/orders",
)
role(
    "storekeeper", _("Storekeeper"),
    {"sales.order": "view", "sales.create_delivery": "company", "sales.deliver_order": "company", "sales.reallocate_stock": "company",
     "sales.supplier_shipped": "company",
     "views.share_view": "own"},
    home="inventory/deliveries",
)
role(
    "accountant", _("Accountant"),
    {
        "sales.order": "view", "sales.quotation": "view", "sales.invoice_order": "company", "views.share_view": "own",
        **{f"sales.{verb}": "company" for verb in ("hold_order", "release_order", "ask_prepayment", "receive_prepayment")},
    },
    sees=("see_margin", "see_cost", "see_receivables"), home="finance/invoices",
)
