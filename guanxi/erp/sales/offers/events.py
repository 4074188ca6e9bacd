"""What is announced of an offer between sending and ordering."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class QuotationRenewed(EventBase):
    quotation_id: int
    customer_id: int
    valid_until: date
    former_until: date | None

    label = _("Quotation %(title)s renewed")
    icon = "calendar-plus"


@dataclass(frozen=True)
class QuotationWithdrawn(EventBase):
    quotation_id: int
    customer_id: int
    reason: str

    label = _("Quotation %(title)s withdrawn")
    icon = "arrow-back-up"


@dataclass(frozen=True)
class QuotationOpened(EventBase):
    """The customer looked at the page for the first time."""

    quotation_id: int
    customer_id: int
    given_to: str

    label = _("Quotation %(title)s seen by the customer")
    is_told = False
    icon = "eye"


@dataclass(frozen=True)
class QuotationQuestioned(EventBase):
    quotation_id: int
    customer_id: int
    name: str

    label = _("Change of quotation %(title)s asked for")
    is_told = False
    icon = "message-2"


@dataclass(frozen=True)
class QuotationAdjusted(EventBase):
    """Other options were chosen; what the offer comes to now."""

    quotation_id: int
    customer_id: int
    total: Decimal
    currency: str

    label = _("Options of quotation %(title)s chosen")
    is_told = False
    icon = "checklist"
