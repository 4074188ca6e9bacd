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
        "finance.refund": "view",
        "finance.exchangerate": "view add change delete",
        **{
            f"finance.{name}": "company"
            for name in (
                "post_journal", "reverse_entry", "issue_invoice", "reverse_invoice", "credit_invoice", "record_receipt", "pay_invoice",
                "allocate_receipt", "release_receipt", "reverse_receipt", "refund_customer", "refund_receipt", "refund_credit_note", "reverse_refund",
                "mail_invoice", "close_period", "reopen_period",
            )
        },
    },
    sees=("see_receivables",), home="finance/invoices",
)


def _selling(scope: str) -> dict[str, str]:
    seen = {f"finance.{name}": f"view:{scope}" for name in ("invoice", "receipt", "refund")}
    return {**seen, "finance.exchangerate": "view", "finance.mail_invoice": scope}


role("salesperson", _("Salesperson"), _selling("own"))
role("sales_manager", _("Sales manager"), _selling("team"), sees=("see_receivables",))
