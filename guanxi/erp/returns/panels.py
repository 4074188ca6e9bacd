"""Tabs: returns on customers, orders and deliveries; what became of a return on its own page."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.erp.finance.models import Invoice, InvoiceLine, Refund
from guanxi.erp.inventory.models import Delivery, DeliveryLine, GoodsReceiptLine, StockMove
from guanxi.erp.returns.models import CustomerReturn, CustomerReturnLine
from guanxi.erp.returns.queries import returns_of_order, targets_of
from guanxi.erp.returns.screens import CustomerReturnScreen
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import screen_of
from guanxi.shared.parties.models import Party

_COLUMNS = ("number", "status", "reason", "wish", "announced_on", "received_on", "inspected_on", "settled_on")


@panel(Party, _("Returns"), order=27, key="returns", when=lambda party: party.is_customer)
def returns_of_party(party: Party, actor) -> Panel:
    return Panel(CustomerReturnScreen, CustomerReturn.objects.filter(customer=party), _COLUMNS, sort="-announced_on")


@panel(Order, _("Returns"), order=15, key="returns", when=lambda order: order.status in ("confirmed", "done"))
def returns_panel(order: Order, actor) -> Panel:
    return Panel(CustomerReturnScreen, returns_of_order(order), _COLUMNS, sort="-announced_on")


@panel(Delivery, _("Returns"), order=5, key="returns", when=lambda delivery: delivery.status == "shipped")
def returns_of_delivery(delivery: Delivery, actor) -> Panel:
    back = CustomerReturnLine.objects.filter(delivery_line__delivery=delivery).values("customer_return_id")
    return Panel(CustomerReturnScreen, CustomerReturn.objects.filter(pk__in=back), _COLUMNS, sort="-announced_on")


@panel(CustomerReturn, _("Credit notes"), order=10, key="credits", when=lambda row: row.status == "settled")
def credits_of_return(customer_return: CustomerReturn, actor) -> Panel:
    screen = screen_of(Invoice)
    assert screen is not None
    lines = InvoiceLine.objects.filter(pk__in=targets_of(customer_return, "credit", InvoiceLine.label())).values("invoice_id")
    columns = ("number", "credits", "issued_on", "net", "tax", "total", "note")
    return Panel(screen, Invoice.objects.filter(pk__in=lines), columns, sort="-number")


@panel(CustomerReturn, _("Refunds"), order=15, key="refunds", when=lambda row: row.status == "settled")
def refunds_of_return(customer_return: CustomerReturn, actor) -> Panel:
    screen = screen_of(Refund)
    assert screen is not None
    lines = InvoiceLine.objects.filter(pk__in=targets_of(customer_return, "credit", InvoiceLine.label())).values("invoice_id")
    columns = ("number", "status", "paid_on", "method", "amount", "credit_note", "reference")
    return Panel(screen, Refund.objects.filter(credit_note__in=lines), columns, sort="-number")


@panel(CustomerReturn, _("Replacement"), order=20, key="replacement", when=lambda row: row.wish == "exchange" and row.status == "settled")
def replacement_of_return(customer_return: CustomerReturn, actor) -> Panel:
    screen = screen_of(Order)
    assert screen is not None
    lines = OrderLine.objects.filter(pk__in=targets_of(customer_return, "replacement", OrderLine.label())).values("order_id")
    return Panel(screen, Order.objects.filter(pk__in=lines), ("number", "status", "ordered_on", "promised_on", "total"), sort="-number")


@panel(CustomerReturn, _("Deliveries"), order=30, key="deliveries")
def deliveries_of_return(customer_return: CustomerReturn, actor) -> Panel:
    """Those it comes from, and one that replaces what was never ordered."""
    screen = screen_of(Delivery)
    assert screen is not None
    mine = CustomerReturnLine.objects.filter(customer_return=customer_return).values("delivery_line_id")
    new = targets_of(customer_return, "replacement", DeliveryLine.label())
    lines = DeliveryLine.objects.filter(Q(pk__in=mine) | Q(pk__in=new)).values("delivery_id")
    return Panel(screen, Delivery.objects.filter(pk__in=lines), ("number", "status", "planned_on", "shipped_on", "warehouse"), sort="-number")


@panel(CustomerReturn, _("Stock moves"), order=40, key="moves", when=lambda row: row.received_on is not None)
def moves_of_return(customer_return: CustomerReturn, actor) -> Panel:
    screen = screen_of(StockMove)
    assert screen is not None
    lines = CustomerReturnLine.objects.filter(customer_return=customer_return).values("receipt_line_id")
    rows = StockMove.objects.filter(source_model=GoodsReceiptLine.label(), source_id__in=lines)
    return Panel(screen, rows, ("moved_on", "product", "quantity", "from_location", "to_location", "value"), sort="id")
