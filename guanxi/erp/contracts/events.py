"""What contracts announce."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class ContractApproved(EventBase):
    contract_id: int
    customer_id: int
    total: Decimal
    currency: str

    label = _("Contract %(title)s approved")
    icon = "circle-check"


@dataclass(frozen=True)
class ContractSent(EventBase):
    contract_id: int
    customer_id: int
    fingerprint: str

    label = _("Contract %(title)s sent")
    icon = "send"


@dataclass(frozen=True)
class ContractRevised(EventBase):
    """It was approved or given out and is a draft again, by hand or since a line of it is quoted anew."""

    contract_id: int
    customer_id: int

    label = _("Contract %(title)s taken back as a draft, to be revised")
    icon = "pencil"
    may_be_undone = True


@dataclass(frozen=True)
class ContractSigned(EventBase):
    contract_id: int
    customer_id: int
    signed_on: date
    total: Decimal
    currency: str

    label = _("Contract %(title)s signed")
    icon = "signature"


@dataclass(frozen=True)
class ContractRenewed(EventBase):
    contract_id: int
    customer_id: int
    valid_until: date
    former_until: date

    label = _("Contract %(title)s renewed")
    icon = "refresh"


@dataclass(frozen=True)
class ContractEnded(EventBase):
    contract_id: int
    customer_id: int
    reason: str

    label = _("Contract %(title)s ended")
    icon = "calendar-off"


@dataclass(frozen=True)
class ContractCalled(EventBase):
    contract_id: int
    customer_id: int
    order_id: int
    total: Decimal
    currency: str

    label = _("Order called off from contract %(title)s")
    icon = "shopping-cart"


@dataclass(frozen=True)
class InvoiceRequested(EventBase):
    instalment_id: int
    customer_id: int
    amount: Decimal
    currency: str
    note: str

    label = _("Invoice requested for %(title)s")
    icon = "file-invoice"
