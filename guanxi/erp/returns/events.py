"""What returns announce."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class ReturnAnnounced(EventBase):
    return_id: int
    customer_id: int
    reason: str
    wish: str

    label = _("Return %(title)s announced")
    icon = "arrow-back-up"


@dataclass(frozen=True)
class ReturnReceived(EventBase):
    return_id: int
    customer_id: int

    label = _("Goods of return %(title)s received")
    icon = "package-import"


@dataclass(frozen=True)
class ReturnInspected(EventBase):
    return_id: int
    customer_id: int

    label = _("Return %(title)s inspected")
    icon = "clipboard-check"


@dataclass(frozen=True)
class ReturnSettled(EventBase):
    """With the credit notes that were made, and the orders that replace what came back."""

    return_id: int
    customer_id: int
    credit_ids: list[int]
    order_ids: list[int]

    label = _("Return %(title)s settled")
    icon = "circle-check"


@dataclass(frozen=True)
class ReturnCancelled(EventBase):
    return_id: int
    customer_id: int
    reason: str

    label = _("Return %(title)s cancelled")
    icon = "ban"
