"""How charts, entries, invoices and receipts are seen; documents are made by operations only."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.finance.completion import complete_accounts, complete_rates, complete_uses
from guanxi.erp.finance.models import (
    Account,
    AccountUse,
    Allocation,
    ExchangeRate,
    Invoice,
    InvoiceLine,
    JournalEntry,
    JournalLine,
    Ledger,
    PartyBalance,
    PartyTurnover,
    Period,
    Receipt,
    Refund,
    RefundLine,
)
from guanxi.erp.finance.operations.credits import what_may_be_credited
from guanxi.kernel.screens.screen import Calendar, Lines, Screen


class InvoiceScreen(Screen):
    model = Invoice
    path = "finance/invoices"
    icon = "file-invoice"
    teaches = _("What customers owe for what was delivered; an invoice is made from an order.")
    menu = ("finance", 10)
    columns = (
        "number", "customer", "entity", "status", "issued_on", "due_on", "net", "tax", "total", "open_amount", "days_overdue",
        "credited_amount", "credits", "owner",
    )
    filters = ("status", "customer", "issued_on", "due_on", "open_amount", "days_overdue", "total", "currency", "credits", "owner", "entity")
    search = ("number", "customer__name")
    default_sort = "-issued_on,-number"
    sorts = ("issued_on", "due_on", "total")
    subtitle = ("customer", "owner")
    facts = ("total", "paid_amount", "credited_amount", "open_amount", "days_overdue")
    sections = {
        _("Invoice"): ("customer", "issued_on", "due_on", "reverses", "credits", "note"),
        _("Amounts"): ("entity", "currency", "rate", "open_base", "owner"),
    }
    lines = Lines(
        InvoiceLine, "", parent="invoice", shown="section product description quantity unit unit_price discount tax_rate net tax_amount total",
        section="section", subtotal="net",
    )
    totals = ("net", "tax", "total")
    operations = ("pay_invoice", "mail_invoice", "credit_invoice", "refund_credit_note")
    proposals = {"credit_invoice": what_may_be_credited}
    calendar = Calendar(("due_on", "issued_on"))
    regions = ("customer__region", "customer__country")
    may_create = False
    may_edit = False


class ReceiptScreen(Screen):
    model = Receipt
    path = "finance/receipts"
    icon = "cash"
    teaches = _("Money that came in; set against invoices, it closes them.")
    menu = ("finance", 20)
    columns = (
        "number", "customer", "entity", "status", "received_on", "method", "amount", "unallocated", "refunded_amount", "is_prepayment", "currency",
        "reference", "owner",
    )
    filters = ("status", "customer", "received_on", "method", "is_prepayment", "amount", "unallocated", "currency", "owner", "entity")
    search = ("number", "customer__name", "reference")
    default_sort = "-received_on,-number"
    sorts = ("received_on",)
    subtitle = ("customer", "method")
    facts = ("amount", "allocated", "unallocated", "refunded_amount")
    calendar = Calendar(("received_on",))
    regions = ("customer__region", "customer__country")
    sections = {
        _("Receipt"): ("customer", "received_on", "method", "reference", "is_prepayment", "reverses", "note"),
        _("Amounts"): ("entity", "currency", "rate", "unallocated_base", "owner"),
    }
    may_create = False
    may_edit = False


class RefundScreen(Screen):
    model = Refund
    path = "finance/refunds"
    icon = "receipt-refund"
    teaches = _("Money that was paid back to customers: an overpayment, what a credit note freed, a prepayment that was not needed.")
    menu = ("finance", 25)
    columns = ("number", "customer", "entity", "status", "paid_on", "method", "amount", "credit_note", "currency", "reference", "owner")
    filters = ("status", "customer", "paid_on", "method", "amount", "credit_note", "currency", "owner", "entity")
    search = ("number", "customer__name", "reference")
    default_sort = "-paid_on,-number"
    sorts = ("paid_on",)
    subtitle = ("customer", "method")
    facts = ("amount", "paid_on", "credit_note")
    calendar = Calendar(("paid_on",))
    regions = ("customer__region", "customer__country")
    sections = {
        _("Refund"): ("customer", "paid_on", "method", "reference", "credit_note", "reverses", "note"),
        _("Amounts"): ("entity", "currency", "rate", "owner"),
    }
    may_create = False
    may_edit = False


class RefundLineScreen(Screen):
    model = RefundLine
    path = "finance/refund-lines"
    icon = "link"
    label = _("Refunded money")
    columns = ("refund__paid_on", "refund", "receipt", "amount", "receipt__received_on")
    filters = ("refund", "receipt", "amount")
    default_sort = "-id"
    title = "id"
    sections = {_("Refunded money"): ("refund", "receipt", "amount", "receipt_base")}
    may_create = False
    may_edit = False


class AllocationScreen(Screen):
    model = Allocation
    path = "finance/allocations"
    icon = "link"
    label = _("Allocations")
    columns = ("allocated_on", "receipt", "invoice", "amount", "receipt__received_on", "invoice__due_on")
    filters = ("allocated_on", "receipt", "invoice", "amount")
    default_sort = "-id"
    title = "id"
    sections = {_("Allocation"): ("receipt", "invoice", "amount", "allocated_on", "invoice_base", "receipt_base")}
    may_create = False
    may_edit = False


class PartyBalanceScreen(Screen):
    model = PartyBalance
    path = "finance/receivables"
    icon = "coins"
    teaches = _("What is still to be paid, and since when it is overdue.")
    label = _("Receivables by customer")
    menu = ("finance", 30)
    columns = ("party", "entity", "currency", "receivable", "receivable_base")
    filters = ("party", "entity", "currency", "receivable", "receivable_base")
    default_sort = "-receivable_base"
    sorts = ("receivable_base",)
    title = "party"
    regions = ("party__region", "party__country")
    sections = {_("Balance"): ("party", "entity", "currency", "receivable", "receivable_base")}
    may_create = False
    may_edit = False


class PartyTurnoverScreen(Screen):
    model = PartyTurnover
    path = "finance/turnover"
    icon = "chart-bar"
    teaches = _("What was booked with each business partner, by account and year: sales and their cost, tax, what was owed and paid.")
    label = _("Turnover by partner")
    menu = ("finance", 35)
    columns = ("party", "account", "year", "debit", "credit", "net")
    filters = ("party", "account", "year", "entity")
    default_sort = "-id"
    title = "party"
    regions = ("party__region", "party__country")
    sections = {_("Turnover"): ("party", "account", "year", "debit", "credit", "net", "entity")}
    may_create = False
    may_edit = False


class JournalEntryScreen(Screen):
    model = JournalEntry
    path = "finance/entries"
    icon = "book"
    menu = ("finance", 40)
    columns = ("number", "posted_on", "kind", "description", "total", "reverses", "member", "entity")
    filters = ("posted_on", "entity", "kind", "period", "total", "member")
    search = ("number",)
    default_sort = "-posted_on,-number"
    sorts = ("posted_on",)
    subtitle = ("kind", "description")
    facts = ("total", "posted_on")
    sections = {
        _("Entry"): ("entity", "posted_on", "period", "kind", "description"),
        _("Origin"): ("reverses", "member", "at"),
    }
    lines = Lines(
        JournalLine, "", parent="entry", shown="account description party product debit credit", required=False,
    )
    totals = ("total",)
    may_create = False
    may_edit = False


class JournalLineScreen(Screen):
    model = JournalLine
    path = "finance/lines"
    icon = "list-details"
    menu = ("finance", 50)
    columns = (
        "entry__posted_on", "entry", "account__code", "account", "entry__description", "party", "product", "salesperson", "debit", "credit", "entity",
    )
    filters = ("entry__posted_on", "entity", "entry__kind", "account", "party", "product", "salesperson", "debit", "credit", "currency", "document")
    default_sort = "-id"
    title = "entry"
    subtitle = ("account",)
    sections = {
        _("Journal line"): ("entity", "entry", "account", "debit", "credit", "description"),
        _("Concerns"): ("party", "product", "salesperson"),
        _("Currency"): ("currency", "amount", "rate"),
    }
    may_create = False
    may_edit = False


class AccountScreen(Screen):
    model = Account
    path = "finance/accounts"
    icon = "list"
    label = _("Chart of accounts")
    menu = ("finance", 60)
    columns = ("code", "name", "kind", "side", "is_postable", "debit_turnover", "credit_turnover", "balance", "entity")
    filters = ("entity", "kind", "side", "is_postable", "parent", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    subtitle = ("code", "kind")
    facts = ("debit_turnover", "credit_turnover", "balance")
    sections = {_("Account"): ("code", "name", "entity", "kind", "side", "parent", "is_postable")}
    complete = complete_accounts


class PeriodScreen(Screen):
    model = Period
    path = "finance/periods"
    icon = "calendar"
    menu = ("finance", 70)
    columns = ("code", "starts_on", "ends_on", "status", "entity")
    filters = ("entity", "status", "starts_on")
    default_sort = "-code"
    sections = {_("Period"): ("code", "starts_on", "ends_on", "entity")}
    may_create = False
    may_edit = False


class ExchangeRateScreen(Screen):
    model = ExchangeRate
    path = "finance/exchange-rates"
    icon = "arrows-exchange"
    teaches = _("What a currency is worth in another, from a day on: prices in other currencies are converted with it.")
    menu = ("finance", 80)
    columns = ("currency", "base", "rate", "valid_from")
    filters = ("currency", "base", "valid_from")
    default_sort = "-valid_from"
    subtitle = ("base", "valid_from")
    sections = {_("Exchange rate"): ("currency", "base", "rate", "valid_from")}
    complete = complete_rates


class LedgerScreen(Screen):
    model = Ledger
    path = "setup/ledgers"
    icon = "book"
    menu = ("setup", 40)
    columns = ("entity", "chart", "reversal")
    default_sort = "entity"
    title = "entity"
    sections = {_("Ledger"): ("entity", "chart", "reversal")}
    may_create = False


class AccountUseScreen(Screen):
    model = AccountUse
    path = "setup/account-uses"
    icon = "adjustments"
    menu = ("setup", 41)
    columns = ("use", "account__code", "account", "entity")
    filters = ("entity", "use", "account")
    default_sort = "use"
    title = "use"
    sections = {_("Account use"): ("use", "account")}
    complete = complete_uses
    may_create = False
