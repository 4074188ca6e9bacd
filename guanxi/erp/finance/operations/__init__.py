"""The verbs of finance. Other modules call `post_entry` and `post_invoice` under their own acts."""

from guanxi.erp.finance.operations.credits import CreditedLine, credit_invoice, creditable
from guanxi.erp.finance.operations.entries import (
    EntryDraft,
    EntryLine,
    JournalInput,
    next_ids,
    post_entry,
    post_journal,
    reversal_of,
    reverse_entry,
)
from guanxi.erp.finance.operations.invoices import InvoiceDraft, InvoiceInput, issue_invoice, post_invoice, reverse_invoice
from guanxi.erp.finance.operations.periods import BooksAt, books_at, close_period, open_books, reopen_period
from guanxi.erp.finance.operations.receipts import allocate_receipt, pay_invoice, record_receipt, release_receipt, reverse_receipt
from guanxi.erp.finance.operations.refunds import left_to_refund, refund_credit_note, refund_customer, refund_receipt, reverse_refund

__all__ = [
    "allocate_receipt", "books_at", "close_period", "creditable", "credit_invoice", "issue_invoice", "left_to_refund", "next_ids", "open_books",
    "pay_invoice", "post_entry", "post_invoice", "post_journal", "record_receipt", "refund_credit_note", "refund_customer", "refund_receipt",
    "release_receipt", "reopen_period", "reversal_of", "reverse_entry", "reverse_invoice", "reverse_receipt", "reverse_refund",
    "BooksAt", "CreditedLine", "EntryDraft", "EntryLine", "InvoiceDraft", "InvoiceInput",
    "JournalInput",
]
