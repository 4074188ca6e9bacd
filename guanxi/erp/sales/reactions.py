"""What sales does when deliveries and invoices are announced."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from guanxi.erp.finance.events import CustomerRefunded, InvoicePosted, ReceiptRecorded, ReceiptReversed, RefundReversed
from guanxi.erp.inventory.events import DeliveryShipped, StockAdjusted
from guanxi.erp.promising.operations import give_out_arrived, waiting_behind
from guanxi.erp.sales.credit.holds import hold_unpaid_orders, release_paid_orders
from guanxi.erp.sales.credit.prepayments import unbind_paid_back
from guanxi.erp.sales.events import (
    OrderCancelled,
    OrderChanged,
    OrderHeld,
    OrderReleased,
    QuotationAccepted,
    QuotationDeclined,
    ReservationGiven,
    ReservationTaken,
)
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import complete_order
from guanxi.erp.sales.promising.promises import correct_missing, note_lost
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.database.known import known
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.notices.kinds import notify
from guanxi.kernel.records.models import Link

# Not of orders confirmed or completed: these are the daily bread, and stand in lists.
notify(QuotationAccepted, to="followers")
notify(QuotationDeclined, to="followers")
notify(OrderCancelled, to="followers")
notify(ReservationTaken, to="owner")
notify(ReservationGiven, to="owner")
notify(OrderHeld, to="followers")
notify(OrderReleased, to="followers")


@reaction(DeliveryShipped)
def complete_delivered_order(event: DeliveryShipped, *, actor: Actor) -> None:
    """An order is done when all of it is delivered and invoiced, whichever came last."""
    if short := waiting_behind("sales.orderline", "inventory.deliveryline", event.line_ids):
        correct_missing(short)
    _complete_orders_behind("inventory.deliveryline", "delivery", event.line_ids, actor)


@reaction(InvoicePosted)
def complete_invoiced_order(event: InvoicePosted, *, actor: Actor) -> None:
    """The same, when the invoice came last."""
    _complete_orders_behind("finance.invoiceline", "invoice", event.line_ids, actor)


@reaction(ReceiptRecorded)
def release_paid_order(event: ReceiptRecorded, *, actor: Actor) -> None:
    """Orders that waited for this money go on."""
    release_paid_orders(event.customer_id, actor)


@reaction(ReceiptReversed)
def hold_unpaid_order(event: ReceiptReversed, *, actor: Actor) -> None:
    """Orders that this money had released wait for it again."""
    hold_unpaid_orders(event.receipt_id, actor)


@reaction(CustomerRefunded)
def unbind_refunded(event: CustomerRefunded, *, actor: Actor) -> None:
    """Money that was paid back is no order's any more: those that it had released wait for it again."""
    unbind_paid_back(event.refund_id)
    for receipt_id in event.receipt_ids:
        hold_unpaid_orders(receipt_id, actor)


@reaction(RefundReversed)
def release_order_paid_again(event: RefundReversed, *, actor: Actor) -> None:
    """The money is there again: orders that wait for it go on."""
    release_paid_orders(event.customer_id, actor)


def _complete_orders_behind(model: str, kind: str, line_ids: list[int], actor: Actor) -> None:
    """One question for all of them: which confirmed orders behind these lines have nothing left to deliver or invoice."""
    for order in _finished_behind(model, kind, line_ids):
        complete_order(order, actor=actor)


@known
def _finished_behind(model: str, kind: str, line_ids: list[int]) -> Any:
    sources = Link.objects.filter(from_model="sales.orderline", to_model=model, kind=kind, to_id__any=line_ids).values("from_id")
    unfinished = OrderLine.objects.filter(order_id=OuterRef("pk")).annotate(
        delivered=OrderLine.delivered_quantity.sql(), invoiced=OrderLine.invoiced_quantity.sql()
    ).filter(Q(product__kind="goods", delivered__lt=F("quantity")) | Q(invoiced__lt=F("quantity")))
    behind = OrderLine.objects.filter(pk__in=sources).values("order_id")
    return Order.objects.filter(~Exists(unfinished), status="confirmed", pk__in=behind)


@reaction(OrderChanged)
def follow_change(event: OrderChanged, *, actor: Actor) -> None:
    """Goods that a change gave free go to those that wait; an order cut down to what was delivered and invoiced is done."""
    if event.product_ids:
        give_out_arrived(event.product_ids, Order.objects.values_list("warehouse_id", flat=True).get(pk=event.order_id), actor)
    gone = Link.objects.filter(from_model="sales.orderline", kind="invoice", from_id__in=OrderLine.objects.filter(order=event.order_id).values("pk"))
    _complete_orders_behind("finance.invoiceline", "invoice", list(gone.values_list("to_id", flat=True)), actor)


@reaction(OrderCancelled)
def allocate_released(event: OrderCancelled, *, actor: Actor) -> None:
    """What a cancelled order gave free goes to those that wait for it."""
    _allocate_from(event.order_id, actor)


@reaction(OrderHeld)
def allocate_held_back(event: OrderHeld, *, actor: Actor) -> None:
    """The same with goods of an order that stands still."""
    _allocate_from(event.order_id, actor)


def _allocate_from(order_id: int, actor: Actor) -> None:
    lines = OrderLine.objects.filter(order_id=order_id, product__kind="goods").order_by()
    built_in = lines.filter(configuration__parts__isnull=False).values_list("order__warehouse_id", "configuration__parts__product_id")
    places = lines.values_list("order__warehouse_id", "product_id").union(built_in)
    for warehouse_id in {warehouse for warehouse, _product in places}:
        give_out_arrived([product for warehouse, product in places if warehouse == warehouse_id], warehouse_id, actor)


@reaction(StockAdjusted)
def await_lost_goods(event: StockAdjusted, *, actor: Actor) -> None:
    """Lines that lost reserved goods by a count wait for others."""
    ids = [pk for model, pk in zip(event.source_models, event.source_ids, strict=True) if model == OrderLine.label()]
    for order in Order.objects.filter(lines__in=ids, status="confirmed").distinct() if ids else ():
        note_lost(order, ids)
