"""What sales does when deliveries and invoices are announced."""

from django.db.models import F

from guanxi.erp.finance.events import InvoicePosted
from guanxi.erp.inventory.events import DeliveryShipped
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import complete_order
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.records.models import Link


@reaction(DeliveryShipped)
def complete_delivered_order(event: DeliveryShipped, *, actor: Actor) -> None:
    """An order is done when all of it is delivered and invoiced, whichever came last."""
    _complete_orders_behind("inventory.deliveryline", "delivery", event.line_ids, actor)


@reaction(InvoicePosted)
def complete_invoiced_order(event: InvoicePosted, *, actor: Actor) -> None:
    """The same, when the invoice came last."""
    _complete_orders_behind("finance.invoiceline", "invoice", event.line_ids, actor)


def _complete_orders_behind(model: str, kind: str, line_ids: list[int], actor: Actor) -> None:
    sources = Link.objects.filter(from_model="sales.orderline", to_model=model, kind=kind, to_id__in=line_ids).values("from_id")
    for order in Order.objects.filter(status="confirmed", lines__in=sources).distinct():
        lines = OrderLine.objects.filter(order=order).annotate(
            delivered=OrderLine.delivered_quantity.sql(), invoiced=OrderLine.invoiced_quantity.sql()
        )
        undelivered = lines.filter(product__kind="goods", delivered__lt=F("quantity"))
        if not undelivered.exists() and not lines.filter(invoiced__lt=F("quantity")).exists():
            complete_order(order, actor=actor)
