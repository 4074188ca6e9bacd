"""Figures and tabs of finance on customers, invoices, receipts and accounts."""

from decimal import Decimal

from django.db.models import Case, DateField, DecimalField, F, Func, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from guanxi.erp.finance.models import (
    Account,
    AccountBalance,
    Allocation,
    Invoice,
    JournalEntry,
    JournalLine,
    PartyBalance,
    Period,
    Receipt,
    Refund,
    RefundLine,
)
from guanxi.erp.finance.models.ledger import BASE
from guanxi.erp.finance.queries import books_currency_sql, in_books_currency
from guanxi.erp.finance.screens import (
    AllocationScreen,
    InvoiceScreen,
    JournalEntryScreen,
    JournalLineScreen,
    ReceiptScreen,
    RefundLineScreen,
    RefundScreen,
)
from guanxi.kernel.columns.registry import fact
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.shared.parties.models import Party

_AMOUNT = DecimalField(max_digits=19, decimal_places=4)


def _sum(rows, group: str, expression):
    """SQL: the sum of `expression` over the rows that belong to the record; zero without any."""
    total = rows.order_by().values(group).annotate(total=Sum(expression)).values("total")
    return Coalesce(Subquery(total, output_field=_AMOUNT), Value(Decimal(0)), output_field=_AMOUNT)


def _receivable(actor):
    return _sum(PartyBalance.objects.filter(party_id=OuterRef("pk"), **in_books_currency(actor)), "party_id", "receivable_base")


ALARM = {"positive": "red"}


def _overdue(actor):
    rows = Invoice.objects.filter(customer_id=OuterRef("pk"), due_on__lt=actor.today, open_amount__gt=0, **in_books_currency(actor))
    return NullIf(_sum(rows, "customer_id", "open_base"), Value(Decimal(0)), output_field=_AMOUNT)


def _days_overdue(actor):
    late = Func(Value(actor.today, DateField()), F("due_on"), arg_joiner=" - ", template="(%(expressions)s)", output_field=IntegerField())
    return Case(When(open_amount__gt=0, due_on__lt=actor.today, then=late), default=None, output_field=IntegerField())


fact(Party, "receivable", _("Receivable"), "money", _receivable, right="see_receivables", kept=True, currency=books_currency_sql)
fact(Party, "overdue", _("Overdue"), "money", _overdue, right="see_receivables", currency=books_currency_sql, tones=ALARM)
fact(Invoice, "days_overdue", _("Days overdue"), "integer", _days_overdue, kept=True, tones=ALARM)


def _turnover(side: str):
    return lambda actor: _sum(AccountBalance.objects.filter(account_id=OuterRef("pk")), "account_id", side)


def _balance(actor):
    return _sum(AccountBalance.objects.filter(account_id=OuterRef("pk")), "account_id", F("debit") - F("credit"))


fact(Account, "debit_turnover", _("Debit turnover"), "money", _turnover("debit"), kept=True, currency=BASE)
fact(Account, "credit_turnover", _("Credit turnover"), "money", _turnover("credit"), kept=True, currency=BASE)
fact(Account, "balance", _("Balance"), "money", _balance, kept=True, currency=BASE)


@panel(Party, _("Invoices"), order=30, key="invoices", when=lambda party: party.is_customer)
def invoices_of_party(party: Party, actor) -> Panel:
    columns = ("number", "status", "issued_on", "due_on", "total", "open_amount", "days_overdue", "entity")
    return Panel(InvoiceScreen, Invoice.objects.filter(customer=party), columns, sort="-issued_on")


@panel(Party, _("Receipts"), order=31, key="receipts", when=lambda party: party.is_customer)
def receipts_of_party(party: Party, actor) -> Panel:
    columns = ("number", "status", "received_on", "method", "amount", "unallocated", "reference", "entity")
    return Panel(ReceiptScreen, Receipt.objects.filter(customer=party), columns, sort="-received_on")


_REFUND = ("number", "status", "paid_on", "method", "amount", "credit_note", "reference", "entity")


@panel(Party, _("Refunds"), order=33, key="refunds", when=lambda party: party.is_customer)
def refunds_of_party(party: Party, actor) -> Panel:
    return Panel(RefundScreen, Refund.objects.filter(customer=party), _REFUND, sort="-paid_on")


@panel(Invoice, _("Refunds"), order=16, key="refunds", when=lambda invoice: invoice.total < 0)
def refunds_of_note(invoice: Invoice, actor) -> Panel:
    return Panel(RefundScreen, Refund.objects.filter(credit_note=invoice), _REFUND, sort="-number")


@panel(Invoice, _("Payments"), order=10, key="payments")
def payments_of_invoice(invoice: Invoice, actor) -> Panel:
    columns = ("allocated_on", "receipt", "receipt__received_on", "amount")
    return Panel(AllocationScreen, Allocation.objects.filter(invoice=invoice), columns, sort="id")


@panel(Invoice, _("Credit notes"), order=15, key="credits", when=lambda invoice: invoice.credits_id is None)
def credits_of_invoice(invoice: Invoice, actor) -> Panel:
    columns = ("number", "status", "issued_on", "net", "tax", "total", "note")
    return Panel(InvoiceScreen, Invoice.objects.filter(credits=invoice), columns, sort="-number")


@panel(Receipt, _("Paid invoices"), order=10, key="payments")
def invoices_of_receipt(receipt: Receipt, actor) -> Panel:
    columns = ("allocated_on", "invoice", "invoice__due_on", "amount")
    return Panel(AllocationScreen, Allocation.objects.filter(receipt=receipt), columns, sort="id")


@panel(Receipt, _("Refunds"), order=15, key="refunds")
def refunds_of_receipt(receipt: Receipt, actor) -> Panel:
    columns = ("refund__paid_on", "refund", "amount")
    return Panel(RefundLineScreen, RefundLine.objects.filter(receipt=receipt), columns, sort="id")


@panel(Refund, _("Receipts"), order=10, key="receipts")
def receipts_of_refund(refund: Refund, actor) -> Panel:
    columns = ("receipt", "receipt__received_on", "receipt__amount", "amount")
    return Panel(RefundLineScreen, RefundLine.objects.filter(refund=refund), columns, sort="id")


def _entries(record):
    return JournalEntry.objects.filter(Q(source_model=record.label(), source_id=record.pk))


@panel(Invoice, _("Journal entries"), order=20, key="entries")
def entries_of_invoice(invoice: Invoice, actor) -> Panel:
    return Panel(JournalEntryScreen, _entries(invoice), ("number", "posted_on", "kind", "description", "total"), sort="number")


@panel(Receipt, _("Journal entries"), order=20, key="entries")
def entries_of_receipt(receipt: Receipt, actor) -> Panel:
    return Panel(JournalEntryScreen, _entries(receipt), ("number", "posted_on", "kind", "description", "total"), sort="number")


@panel(Refund, _("Journal entries"), order=20, key="entries")
def entries_of_refund(refund: Refund, actor) -> Panel:
    return Panel(JournalEntryScreen, _entries(refund), ("number", "posted_on", "kind", "description", "total"), sort="number")


@panel(Period, _("Journal entries"), order=10, key="entries")
def entries_of_period(period: Period, actor) -> Panel:
    columns = ("number", "posted_on", "kind", "description", "total")
    return Panel(JournalEntryScreen, JournalEntry.objects.filter(period=period), columns, sort="-number")


@panel(Account, _("Journal lines"), order=10, key="lines")
def lines_of_account(account: Account, actor) -> Panel:
    columns = ("entry__posted_on", "entry", "entry__description", "party", "product", "debit", "credit")
    return Panel(JournalLineScreen, JournalLine.objects.filter(account=account), columns, sort="-id")
