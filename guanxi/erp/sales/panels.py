"""What sales shows on other records: tabs on customers and orders, and figures from the ledger."""

from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from guanxi.erp.finance.models import AccountUse, Allocation, Invoice, InvoiceLine, JournalLine, PartyTurnover, Receipt
from guanxi.erp.finance.queries import books_currency_sql, in_books_currency
from guanxi.erp.inventory.models import Delivery, DeliveryLine, Reservation
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.sales.billing.settlement import PREPAID
from guanxi.erp.sales.models import Order, OrderChange, OrderLine, Quotation
from guanxi.erp.sales.pricing.margins import COSTS, of_order
from guanxi.erp.sales.screens import OrderChangeScreen, OrderLineScreen, OrderScreen, QuotationScreen
from guanxi.kernel.columns.registry import fact
from guanxi.kernel.records.models import Link
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import screen_of
from guanxi.shared.parties.models import Party

_AMOUNT = DecimalField(max_digits=19, decimal_places=4)
_ZERO = Value(Decimal(0))


@panel(Party, _("Quotations"), order=20, key="quotations", when=lambda party: party.is_customer)
def quotations_of_party(party: Party, actor) -> Panel:
    return Panel(
        QuotationScreen, Quotation.objects.filter(customer=party),
        columns=("number", "status", "quoted_on", "valid_until", "net", "total", "owner", "entity"), new={"customer": party.pk}, sort="-quoted_on",
    )


@panel(Party, _("Sales orders"), order=21, key="orders", when=lambda party: party.is_customer)
def orders_of_party(party: Party, actor) -> Panel:
    return Panel(
        OrderScreen, Order.objects.filter(customer=party),
        columns=("number", "status", "ordered_on", "promised_on", "net", "total", "margin_rate", "owner", "entity"),
        new={"customer": party.pk}, sort="-ordered_on",
    )


def targets_of(order: Order, kind: str) -> Subquery:
    """Ids of the lines that the order's lines became."""
    lines = OrderLine.objects.filter(order=order).values("pk")
    return Subquery(Link.objects.filter(from_model="sales.orderline", from_id__in=lines, kind=kind).values("to_id"))


def deliveries_of(order: Order):
    return Delivery.objects.filter(pk__in=DeliveryLine.objects.filter(pk__in=targets_of(order, "delivery")).values("delivery_id"))


def invoices_of(order: Order):
    return Invoice.objects.filter(pk__in=InvoiceLine.objects.filter(pk__in=targets_of(order, "invoice")).values("invoice_id"))


@panel(Order, _("Deliveries"), order=10, key="deliveries")
def deliveries_panel(order: Order, actor) -> Panel:
    screen = screen_of(Delivery)
    assert screen is not None
    return Panel(screen, deliveries_of(order), columns=("number", "status", "planned_on", "shipped_on", "warehouse"), sort="-number")


@panel(Order, _("Invoices"), order=20, key="invoices")
def invoices_panel(order: Order, actor) -> Panel:
    screen = screen_of(Invoice)
    assert screen is not None
    return Panel(screen, invoices_of(order), columns=("number", "status", "issued_on", "due_on", "total", "open_amount"), sort="-number")


@panel(Order, _("Receipts"), order=22, key="receipts")
def receipts_panel(order: Order, actor) -> Panel:
    """Money taken in against the order, and what paid its invoices."""
    screen = screen_of(Receipt)
    assert screen is not None
    before = Link.objects.filter(from_model="sales.order", from_id=order.pk, kind=PREPAID, to_model="finance.receipt").values("to_id")
    after = Allocation.objects.filter(invoice__in=invoices_of(order).values("pk")).values("receipt_id")
    rows = Receipt.objects.filter(Q(pk__in=before) | Q(pk__in=after))
    return Panel(screen, rows, columns=("number", "status", "received_on", "method", "amount", "unallocated", "is_prepayment"), sort="-number")


@panel(Order, _("Journal lines"), order=60, key="journal", when=lambda order: order.status not in ("draft", "cancelled"))
def journal_of_order(order: Order, actor) -> Panel:
    screen = screen_of(JournalLine)
    assert screen is not None
    columns = ("entry__posted_on", "entry", "account__code", "account", "product", "debit", "credit")
    return Panel(screen, JournalLine.objects.filter(of_order(order.pk)), columns=columns, sort="id")


@panel(Order, _("Changes"), order=25, key="changes")
def changes_panel(order: Order, actor) -> Panel:
    columns = ("edition", "at", "member", "changes", "former_total", "total", "reason")
    return Panel(OrderChangeScreen, OrderChange.objects.filter(order=order), columns, sort="-id")


@panel(WaitingLine, _("Reserved for others"), order=10, key="reserved")
def reserved_for_others(waiting: WaitingLine, actor) -> Panel:
    """Order lines that hold what this one lacks."""
    mine = WaitingLine.objects.filter(pk=waiting.pk)
    held = Reservation.objects.filter(
        source_model=OrderLine.label(), product_id__in=mine.values("product_id"), location__warehouse_id__in=mine.values("warehouse_id")
    ).exclude(source_id__in=mine.values("source_id")).values("source_id")
    columns = ("order", "order__customer", "reserved_quantity", "quantity", "promised_on", "order__ordered_on")
    return Panel(OrderLineScreen, OrderLine.objects.filter(pk__in=held), columns, sort="-id")


def _ledger(actor, *uses: str):
    """Credits less debits of the customer on the accounts used for `uses`, this calendar year, in the books' currency."""
    accounts = AccountUse.objects.filter(use__in=uses).values("account_id")
    wanted = {"party_id": OuterRef("pk"), "account_id__in": accounts, "year": actor.today.year, **in_books_currency(actor)}
    kept = PartyTurnover.objects.filter(**wanted).order_by()
    total = kept.values("party_id").annotate(total=Sum(F("credit") - F("debit"))).values("total")
    return Coalesce(Subquery(total, output_field=_AMOUNT), _ZERO, output_field=_AMOUNT)


fact(Party, "sales_of_year", _("Sales this year"), "money", lambda actor: _ledger(actor, "revenue"), kept=True, currency=books_currency_sql)
fact(
    Party, "margin_of_year", _("Margin this year"), "money", lambda actor: _ledger(actor, "revenue", *COSTS), right="see_margin",
    kept=True, currency=books_currency_sql,
)
fact(
    Party, "margin_rate_of_year", _("Margin rate"), "percent",
    lambda actor: _ledger(actor, "revenue", *COSTS) / NullIf(_ledger(actor, "revenue"), _ZERO), right="see_margin", kept=True,
)


def _open_orders(actor):
    rows = Order.objects.filter(Q(status="confirmed"), customer_id=OuterRef("pk"), **in_books_currency(actor)).order_by()
    total = rows.values("customer_id").annotate(total=Sum("net")).values("total")
    return Coalesce(Subquery(total, output_field=_AMOUNT), _ZERO, output_field=_AMOUNT)


fact(Party, "open_orders", _("Open orders"), "money", _open_orders, currency=books_currency_sql)
