"""What sales announces."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class QuotationSent(EventBase):
    quotation_id: int
    customer_id: int
    total: Decimal
    currency: str

    label = _("Quotation %(title)s sent")
    icon = "file-text"


@dataclass(frozen=True)
class QuotationRevised(EventBase):
    """It was given out and is a draft again, by hand or since a line of it is quoted anew."""

    quotation_id: int
    customer_id: int

    label = _("Quotation %(title)s taken back as a draft, to be revised")
    icon = "pencil"
    may_be_undone = True


@dataclass(frozen=True)
class CouponsDropped(EventBase):
    """Prices were taken again, and these codes hold no longer: they are used up, or over."""

    document_id: int
    customer_id: int
    codes: str

    label = _("Prices taken again without the coupon %(title)s, which holds no longer")
    icon = "ticket"
    may_be_undone = True


@dataclass(frozen=True)
class PromotionsSpent(EventBase):
    """Prices were taken again, and the budgets of these promotions no longer bear what they had given."""

    document_id: int
    customer_id: int
    codes: str

    label = _("Prices taken again without the promotion %(title)s, whose budget is spent")
    icon = "discount"
    may_be_undone = True


@dataclass(frozen=True)
class PromotionsDropped(EventBase):
    """Prices were taken again, and these promotions are over, or what they ask for is no longer met."""

    document_id: int
    customer_id: int
    codes: str

    label = _("Prices taken again without the promotion %(title)s, which is over or whose conditions are no longer met")
    icon = "discount"
    may_be_undone = True


@dataclass(frozen=True)
class QuotationAccepted(EventBase):
    quotation_id: int
    customer_id: int
    total: Decimal
    currency: str

    label = _("Quotation %(title)s accepted")
    icon = "file-check"


@dataclass(frozen=True)
class QuotationDeclined(EventBase):
    quotation_id: int
    customer_id: int
    reason: str

    label = _("Quotation %(title)s declined")
    icon = "file-x"


@dataclass(frozen=True)
class OrderConfirmed(EventBase):
    order_id: int
    customer_id: int
    total: Decimal
    currency: str

    label = _("Order %(title)s confirmed")
    icon = "shopping-cart"


@dataclass(frozen=True)
class OrderPromised(EventBase):
    order_id: int
    customer_id: int
    promised_on: date | None
    former_on: date | None
    reason: str

    label = _("Order %(title)s promised for another day")
    icon = "calendar-event"
    may_be_undone = True


@dataclass(frozen=True)
class OrderCancelled(EventBase):
    order_id: int
    customer_id: int
    reason: str

    label = _("Order %(title)s cancelled")
    icon = "shopping-cart-off"


@dataclass(frozen=True)
class OrderChanged(EventBase):
    order_id: int
    customer_id: int
    edition: int
    former_total: Decimal
    total: Decimal
    currency: str
    reason: str
    product_ids: list[int]
    """Of the lines that were changed or removed."""

    label = _("Order %(title)s changed")
    icon = "pencil"


@dataclass(frozen=True)
class OrderHeld(EventBase):
    """Confirmed, but nothing is reserved or delivered; `hold` says why."""

    order_id: int
    customer_id: int
    hold: str
    note: str

    label = _("Order %(title)s put on hold")
    icon = "player-pause"


@dataclass(frozen=True)
class OrderReleased(EventBase):
    order_id: int
    customer_id: int
    hold: str
    note: str

    label = _("Order %(title)s released from hold")
    icon = "player-play"


@dataclass(frozen=True)
class OrderCompleted(EventBase):
    order_id: int
    customer_id: int

    label = _("Order %(title)s completed")
    icon = "circle-check"


@dataclass(frozen=True)
class ReservationTaken(EventBase):
    """Goods held for an order are held for another one."""

    order_id: int
    other_id: int
    other: str
    product_id: int
    quantity: str
    reason: str

    label = _("Reserved goods of %(title)s were given to another order")
    icon = "arrows-exchange"


@dataclass(frozen=True)
class ReservationGiven(EventBase):
    """An order got goods that were held for another one."""

    order_id: int
    other_id: int
    other: str
    product_id: int
    quantity: str
    reason: str

    label = _("%(title)s got goods that were reserved for another order")
    icon = "arrows-exchange"
