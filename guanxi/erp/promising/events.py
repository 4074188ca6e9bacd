"""What promising announces."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class StockAllocated(EventBase):
    """Goods that were short are held for a document now."""

    order_id: int
    source_ids: list[int]
    product_ids: list[int]
    quantities: list[str]
    is_complete: bool
    """Whether nothing of it waits any longer."""

    label = _("Goods that were short are reserved for %(title)s")
    icon = "package-import"
