"""The books of each legal entity, and the invoices, receipts and refunds that stand behind the receivables."""

from guanxi.erp.finance.models.documents import Allocation, Invoice, InvoiceLine, Receipt, Refund, RefundLine
from guanxi.erp.finance.models.ledger import (
    Account,
    AccountBalance,
    AccountUse,
    JournalEntry,
    JournalLine,
    Ledger,
    PartyBalance,
    PartyTurnover,
    Period,
)
from guanxi.erp.finance.models.rates import ExchangeRate

__all__ = [
    "Account", "AccountBalance", "AccountUse", "Allocation", "ExchangeRate", "Invoice", "InvoiceLine", "JournalEntry", "JournalLine", "Ledger",
    "PartyBalance", "PartyTurnover", "Period", "Receipt", "Refund", "RefundLine",
]
