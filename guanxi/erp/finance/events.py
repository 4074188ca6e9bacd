"""What finance announces."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class InvoicePosted(EventBase):
    invoice_id: int
    customer_id: int
    total: Decimal
    currency: str
    line_ids: list[int]

    label = _("Invoice %(title)s posted")
    icon = "file-invoice"


@dataclass(frozen=True)
class InvoiceReversed(EventBase):
    invoice_id: int
    customer_id: int
    reversal_id: int
    total: Decimal
    currency: str

    label = _("Invoice %(title)s reversed")
    icon = "arrow-back-up"


@dataclass(frozen=True)
class InvoiceCredited(EventBase):
    """Part of an invoice was taken off by a credit note of `total`, which is negative."""

    invoice_id: int
    customer_id: int
    credit_id: int
    total: Decimal
    currency: str

    label = _("Part of invoice %(title)s credited")
    icon = "receipt-refund"


@dataclass(frozen=True)
class InvoicePaid(EventBase):
    """Nothing of the invoice is open any more."""

    invoice_id: int
    customer_id: int
    total: Decimal
    currency: str
    receipt_id: int

    label = _("Invoice %(title)s paid")
    icon = "circle-check"


@dataclass(frozen=True)
class ReceiptRecorded(EventBase):
    receipt_id: int
    customer_id: int
    amount: Decimal
    currency: str
    invoice_ids: list[int]

    label = _("Receipt %(title)s recorded")
    icon = "cash"


@dataclass(frozen=True)
class ReceiptAllocated(EventBase):
    """Money that was there already paid invoices."""

    receipt_id: int
    customer_id: int
    invoice_ids: list[int]

    label = _("Receipt %(title)s allocated")
    icon = "link"
    is_told = False


@dataclass(frozen=True)
class ReceiptReleased(EventBase):
    """Invoices that the money had paid are open again."""

    receipt_id: int
    customer_id: int
    invoice_ids: list[int]

    label = _("Allocations of receipt %(title)s taken back")
    icon = "unlink"
    is_told = False


@dataclass(frozen=True)
class ReceiptReversed(EventBase):
    receipt_id: int
    customer_id: int
    amount: Decimal
    currency: str

    label = _("Receipt %(title)s reversed")
    icon = "arrow-back-up"


@dataclass(frozen=True)
class CustomerRefunded(EventBase):
    """Money was paid back out of these receipts."""

    refund_id: int
    customer_id: int
    amount: Decimal
    currency: str
    receipt_ids: list[int]

    label = _("Refund %(title)s paid")
    icon = "receipt-refund"


@dataclass(frozen=True)
class RefundReversed(EventBase):
    """The money is the customer's again, free on these receipts."""

    refund_id: int
    customer_id: int
    amount: Decimal
    currency: str
    receipt_ids: list[int]

    label = _("Refund %(title)s reversed")
    icon = "arrow-back-up"


@dataclass(frozen=True)
class PeriodClosed(EventBase):
    period_id: int
    entity_id: int
    month: str

    label = _("Month %(title)s closed")
    icon = "lock"
