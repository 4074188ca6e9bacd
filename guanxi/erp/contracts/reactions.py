"""What contracts do when goods leave, invoices are posted and money comes in; who is told of what becomes of them."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.erp.contracts.billing import bind_contract_money
from guanxi.erp.contracts.collecting import follow_order, note_event
from guanxi.erp.contracts.events import ContractEnded, ContractRenewed, ContractSigned, InvoiceRequested
from guanxi.erp.contracts.figures import BILLED, link_invoice, orders_behind, plans_of_orders, refresh
from guanxi.erp.contracts.models import CALL_OFF, Contract, Instalment
from guanxi.erp.finance.events import (
    CustomerRefunded,
    InvoicePosted,
    InvoiceReversed,
    ReceiptAllocated,
    ReceiptRecorded,
    ReceiptReleased,
    ReceiptReversed,
    RefundReversed,
)
from guanxi.erp.finance.models import Allocation, Invoice
from guanxi.erp.inventory.events import DeliveryShipped
from guanxi.erp.sales.events import OrderCancelled, OrderChanged
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.ports import PREPAID, recognise_billed
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.database.known import known
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.notices.kinds import notice_kind, notify
from guanxi.kernel.notices.raising import raise_notices
from guanxi.kernel.records.models import Link

CONTRACT_ENDS = notice_kind("contract_ends", "due", _("%(title)s ends on %(day)s"), "calendar-due")

CONTRACT_RENEWS = notice_kind("contract_renews", "due", _("%(title)s ends on %(day)s and renews itself"), "calendar-due")

PLAN_DIFFERS = notice_kind("plan_differs", "due", _("%(title)s was changed: plan its collection anew"), "calendar-dollar")


def accountants(event: Any, record: Any) -> Any:
    """Whoever keeps the accounts."""
    return Member.objects.filter(roles__key="accountant").values_list("pk", flat=True)


notify(ContractSigned, to="followers")
notify(ContractRenewed, to="owner")
notify(ContractEnded, to="followers")
notify(InvoiceRequested, to=accountants, reason="assigned")


@known
def _plans(customer_id: int) -> Any:
    return Instalment.objects.filter(customer_id=customer_id).order_by().values_list("pk", flat=True)[:1]


def _has_plans(customer_id: int) -> bool:
    return bool(_plans(customer_id))


@reaction(DeliveryShipped)
def note_delivered(event: DeliveryShipped, *, actor: Actor) -> None:
    """Instalments that wait for a delivery of their order get their day."""
    if not _has_plans(event.customer_id):
        return
    links = Link.objects.filter(to_model="inventory.deliveryline", to_id__in=event.line_ids, kind="delivery", from_model=OrderLine.label())
    orders = list(OrderLine.objects.filter(pk__in=links.values("from_id")).order_by().values_list("order_id", flat=True).distinct())
    if orders:
        note_event("delivery", actor.today, order_ids=orders)


@reaction(OrderChanged)
def follow_change(event: OrderChanged, *, actor: Actor) -> None:
    """The plan follows what the order comes to now; where it cannot, the owner is told."""
    order = Order.objects.get(pk=event.order_id)
    if not follow_order(order):
        raise_notices(
            PLAN_DIFFERS, [order.owner_id], order, key=f"plan:{order.pk}:{event.edition}", at=actor.now
        )


@reaction(OrderCancelled)
def drop_plan(event: OrderCancelled, *, actor: Actor) -> None:
    """Of a cancelled order nothing is collected; what it had of its contract's money goes to the contract's other orders."""
    Instalment.objects.filter(order_id=event.order_id, invoiced=0, collected=0).delete()
    behind = Link.objects.filter(to_model=Order.label(), to_id=event.order_id, kind=CALL_OFF, from_model=Contract.label()).values("from_id")
    for contract in Contract.objects.filter(pk__in=behind):
        bind_contract_money(contract, actor)


@reaction(InvoicePosted)
def share_invoice(event: InvoicePosted, *, actor: Actor) -> None:
    """An invoice of an order with a plan bills its instalments in their order."""
    if not _has_plans(event.customer_id) or not (orders := orders_behind(event.line_ids)):
        return
    rows = list(Instalment.objects.filter(plans_of_orders(orders)).order_by("position", "pk").select_for_update(of=("self",)))
    recognise_billed(event.line_ids, actor.today, actor)
    link_invoice(Invoice.objects.get(pk=event.invoice_id), rows)
    for row in rows:
        row.flush()
    refresh(Q(pk__in=[row.pk for row in rows]))


@reaction(InvoiceReversed)
def take_invoice_back(event: InvoiceReversed, *, actor: Actor) -> None:
    """What a reversed invoice had billed can be billed again."""
    _refresh_invoices([event.invoice_id])


@reaction(ReceiptRecorded)
def note_receipt(event: ReceiptRecorded, *, actor: Actor) -> None:
    """Money is seen at the instalments it paid."""
    _refresh_receipt(event.receipt_id, event.customer_id)


@reaction(ReceiptAllocated)
def note_allocation(event: ReceiptAllocated, *, actor: Actor) -> None:
    """The same, when money that was there already pays an invoice."""
    _refresh_receipt(event.receipt_id, event.customer_id)


@reaction(ReceiptReleased)
def note_release(event: ReceiptReleased, *, actor: Actor) -> None:
    """The same, when money is freed from the invoices it had paid."""
    _refresh_receipt(event.receipt_id, event.customer_id)


@reaction(ReceiptReversed)
def note_reversal(event: ReceiptReversed, *, actor: Actor) -> None:
    """The same, when money is taken back."""
    _refresh_receipt(event.receipt_id, event.customer_id)


@reaction(CustomerRefunded)
def note_refund(event: CustomerRefunded, *, actor: Actor) -> None:
    """The same, when money is paid back."""
    for receipt_id in event.receipt_ids:
        _refresh_receipt(receipt_id, event.customer_id)


@reaction(RefundReversed)
def note_refund_reversed(event: RefundReversed, *, actor: Actor) -> None:
    """The same, when it came back to us."""
    for receipt_id in event.receipt_ids:
        _refresh_receipt(receipt_id, event.customer_id)


def _refresh_receipt(receipt_id: int, customer_id: int) -> None:
    if not _has_plans(customer_id):
        return
    _refresh_invoices(list(Allocation.objects.filter(receipt=receipt_id).values_list("invoice_id", flat=True)))
    links = Link.objects.filter(to_model="finance.receipt", to_id=receipt_id, kind=PREPAID).values_list("from_model", "from_id")
    if bound := list(links):
        orders = [pk for model, pk in bound if model == Order.label()]
        refresh(plans_of_orders(orders) | Q(pk__in=[pk for model, pk in bound if model == Instalment.label()]))


def _refresh_invoices(invoice_ids: list[int]) -> None:
    links = Link.objects.filter(to_model=Invoice.label(), to_id__in=invoice_ids, kind=BILLED, from_model=Instalment.label())
    if ids := list(links.values_list("from_id", flat=True)):
        refresh(Q(pk__in=ids))
