"""What inventory announces."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class DeliveryShipped(EventBase):
    delivery_id: int
    customer_id: int
    line_ids: list[int]

    label = _("Delivery %(title)s shipped")
    icon = "truck-delivery"


@dataclass(frozen=True)
class DeliveryCancelled(EventBase):
    delivery_id: int
    customer_id: int

    label = _("Delivery %(title)s cancelled")
    icon = "ban"


@dataclass(frozen=True)
class DeliveryPicked(EventBase):
    delivery_id: int
    customer_id: int

    label = _("Delivery %(title)s picked")
    icon = "list-check"


@dataclass(frozen=True)
class ProofRecorded(EventBase):
    """The customer has the goods."""

    delivery_id: int
    customer_id: int
    delivered_on: date
    received_by: str

    label = _("Delivery %(title)s arrived at the customer")
    icon = "signature"


@dataclass(frozen=True)
class GoodsReturned(EventBase):
    delivery_id: int
    customer_id: int
    receipt_id: int

    label = _("Goods of delivery %(title)s came back")
    icon = "arrow-back-up"


@dataclass(frozen=True)
class GoodsInspected(EventBase):
    """Goods that came back were looked at; those named are free in the warehouse."""

    receipt_id: int
    customer_id: int
    warehouse_id: int
    product_ids: list[int]

    label = _("Returned goods of %(title)s inspected")
    icon = "clipboard-check"


@dataclass(frozen=True)
class GoodsReceived(EventBase):
    receipt_id: int
    supplier_id: int | None
    warehouse_id: int
    product_ids: list[int]

    label = _("Goods receipt %(title)s posted")
    icon = "package-import"


@dataclass(frozen=True)
class StockTransferred(EventBase):
    """Free goods are in another warehouse."""

    product_id: int
    from_warehouse_id: int
    to_warehouse_id: int

    label = _("%(title)s moved to another warehouse")
    icon = "arrows-exchange"


@dataclass(frozen=True)
class StockAdjusted(EventBase):
    """A count differed from the books; the lines named lost reserved goods that are not there."""

    product_id: int
    warehouse_id: int
    difference: str
    source_models: list[str]
    source_ids: list[int]

    label = _("Stock of %(title)s adjusted")
    icon = "clipboard-check"
