"""Who keeps the books, and who may look."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_LEDGER = {f"finance.{name}": "view" for name in ("journalentry", "period", "ledger", "accountuse", "partybalance", "partyturnover")}

role(
    "accountant", _("Accountant"),
    {
        **_LEDGER,
        "finance.account": "view add change",
        "finance.invoice": "view",
        "finance.receipt": "view",
        "finance.exchangerate": "view add change delete",
        **{
            f"finance.{name}": "company"
            for name in (
                "post_journal", "reverse_entry", "issue_invoice", "reverse_invoice", "credit_invoice", "record_receipt", "allocate_receipt",
                "release_receipt", "reverse_receipt", "mail_invoice", "close_period", "reopen_period",
            )
        },
    },
    sees=("see_receivables",), home="finance/invoices",
)
role(
    "salesperson", _("Salesperson"),
    {"finance.invoice": "view:own", "finance.receipt": "view:own", "finance.exchangerate": "view", "finance.mail_invoice": "own"},
)
role(
    "sales_manager", _("Sales manager"),
    {"finance.invoice": "view:team", "finance.receipt": "view:team", "finance.exchangerate": "view", "finance.mail_invoice": "team"},
    sees=("see_receivables",),
)
