"""Questions to returns: what may still come back, and where their papers are."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.erp.finance.models import Invoice, InvoiceLine
from guanxi.erp.finance.operations import left_to_refund
from guanxi.erp.inventory.models import Delivery, DeliveryLine
from guanxi.erp.inventory.operations import with_the_customer
from guanxi.erp.returns.models import CustomerReturn, CustomerReturnLine
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.database.known import known
from guanxi.kernel.records.models import Link
from guanxi.kernel.values import ZERO


def lines_behind(order_id: int) -> list[DeliveryLine]:
    """The shipped lines of goods of an order's deliveries, the newest first."""
    wanted = OrderLine.objects.filter(order=order_id).values("pk")
    rows = DeliveryLine.objects.filter(
        source_model=OrderLine.label(), source_id__in=wanted, delivery__status="shipped", product__kind="goods"
    )
    return list(rows.select_related("product", "delivery").order_by("-delivery__shipped_on", "-pk"))


def announced_of(lines: Sequence[DeliveryLine], *, but: int | None = None) -> dict[int, Decimal]:
    """By delivery line, what customers have announced and not sent yet; without the return `but`."""
    rows = CustomerReturnLine.objects.filter(delivery_line__in=[line.pk for line in lines], customer_return__status="announced")
    sums = rows.exclude(customer_return=but).order_by().values("delivery_line_id").annotate(total=Sum("announced"))
    return {row["delivery_line_id"]: row["total"] for row in sums}


def may_come_back(lines: Sequence[DeliveryLine], *, but: int | None = None) -> dict[int, Decimal]:
    """By delivery line, how much is with the customer and not announced (by another return than `but`)."""
    announced = announced_of(lines, but=but)
    return {pk: max(ZERO, quantity - announced.get(pk, ZERO)) for pk, quantity in with_the_customer(lines).items()}


def returnable(delivery: Delivery) -> list[tuple[DeliveryLine, Decimal]]:
    """The lines with goods of which something may still come back, and how much."""
    lines = list(delivery.lines.filter(product__kind="goods").select_related("product").order_by("position", "pk"))
    left = may_come_back(lines)
    return [(line, left[line.pk]) for line in lines if left[line.pk] > 0]


@known
def _shipped_goods(delivery_ids: list[int]) -> Any:
    return DeliveryLine.objects.filter(delivery_id__any=delivery_ids, product__kind="goods").order_by("pk")


def why_nothing_more_comes_back(deliveries: Sequence[Delivery]) -> dict[int, str]:
    """By shipped delivery of which the customer has nothing that is not announced already."""
    ids = [delivery.pk for delivery in deliveries if delivery.status == "shipped"]
    lines = list(_shipped_goods(ids)) if ids else []
    left = may_come_back(lines) if lines else {}
    words = _("The customer has nothing more of this delivery: all of it came back, or is announced already.")
    return dict.fromkeys(set(ids) - {line.delivery_id for line in lines if left[line.pk] > 0}, words)


@known
def _kept(order_ids: list[int]) -> Any:
    """Orders of which the customer has goods."""
    rows = OrderLine.objects.filter(order_id__any=order_ids, product__kind="goods").alias(_kept=OrderLine.delivered_quantity.sql())
    return rows.filter(_kept__gt=0).order_by().values_list("order_id", flat=True).distinct()


@known
def _with_announced(order_ids: list[int]) -> Any:
    """Orders of which goods are announced and have not come."""
    mine = OrderLine.objects.filter(order_id__any=order_ids)
    rows = CustomerReturnLine.objects.filter(customer_return__status="announced", delivery_line__source_model=OrderLine.label())
    return mine.filter(pk__in=rows.values("delivery_line__source_id")).order_by().values_list("order_id", flat=True).distinct()


def why_nothing_comes_back(orders: Sequence[Order]) -> dict[int, str]:
    """By order of which the customer has nothing that is not announced already."""
    ids = [order.pk for order in orders if order.status in ("confirmed", "done")]
    kept = set(_kept(ids)) if ids else set()
    words = _("The customer has nothing of this order: nothing was shipped, or all of it came back.")
    found = dict.fromkeys(set(ids) - kept, words)
    words = _("All that the customer still has of this order is announced already.")
    for order_id in _with_announced(sorted(kept)) if kept else ():
        if not any(may_come_back(lines_behind(order_id)).values()):
            found[order_id] = words
    return found


def returns_of_order(order: Order) -> Any:
    """The returns of goods that an order's deliveries brought."""
    mine = OrderLine.objects.filter(order=order).values("pk")
    back = DeliveryLine.objects.filter(source_model=OrderLine.label(), source_id__in=mine).values("pk")
    return CustomerReturn.objects.filter(pk__in=CustomerReturnLine.objects.filter(delivery_line__in=back).values("customer_return_id"))


@known
def under_way(order_ids: Sequence[int]) -> Any:
    """(id of the order line, number of the return) of what is not settled yet."""
    mine = OrderLine.objects.filter(order_id__any=order_ids).values("pk")
    rows = CustomerReturnLine.objects.filter(delivery_line__source_model=OrderLine.label(), delivery_line__source_id__in=mine)
    rows = rows.filter(customer_return__status__in=("announced", "received", "inspected")).order_by("-customer_return")
    return rows.values_list("delivery_line__source_id", "customer_return__number")


def targets_of(customer_return: CustomerReturn, kind: str, model: str) -> Any:
    """Ids of the lines of `model` that the return's lines became."""
    lines = CustomerReturnLine.objects.filter(customer_return=customer_return).values("pk")
    return Link.objects.filter(from_model=CustomerReturnLine.label(), from_id__in=lines, kind=kind, to_model=model).values("to_id")


def credit_notes_of(customer_return: CustomerReturn) -> list[Invoice]:
    """What settling the return made, in the order of their numbers."""
    lines = InvoiceLine.objects.filter(pk__in=targets_of(customer_return, "credit", InvoiceLine.label())).values("invoice_id")
    return list(Invoice.objects.filter(pk__in=lines).order_by("pk"))


def to_pay_back(customer_return: CustomerReturn) -> Decimal:
    """What its credit notes freed of money that had been paid, and is still there."""
    if customer_return.status != "settled":
        return ZERO
    return sum((left_to_refund(note) for note in credit_notes_of(customer_return)), ZERO)


def nothing_of(delivery: Delivery, actor: Any) -> dict[str, Any]:
    """What taking goods of a delivery back starts with: nothing of each line that may come back."""
    return {"lines": [{"line": line.pk, "quantity": 0} for line, _left in returnable(delivery)]}


def nothing_of_order(order: Order, actor: Any) -> dict[str, Any]:
    """The same for an order."""
    lines = lines_behind(order.pk)
    left = may_come_back(lines)
    sources = {line.source_id for line in lines if left[line.pk] > 0}
    return {"lines": [{"line": pk, "quantity": 0} for pk in order.lines.order_by("position").values_list("pk", flat=True) if pk in sources]}


def as_announced(customer_return: CustomerReturn, actor: Any) -> dict[str, Any]:
    """What receiving starts with: all that was announced, today."""
    lines = [{"line": line.pk, "quantity": line.announced} for line in customer_return.lines.order_by("position")]
    return {"lines": lines, "received_on": max(actor.today, customer_return.announced_on)}


def wished(customer_return: CustomerReturn, actor: Any) -> dict[str, Any]:
    """What settling starts with: as the customer wanted it."""
    return {"wish": customer_return.wish}


def all_good(customer_return: CustomerReturn, actor: Any) -> dict[str, Any]:
    """What inspecting starts with: everything is as new, today."""
    rows = customer_return.lines.filter(received__gt=0).order_by("position")
    lines = [{"line": line.pk, "restocked": line.received, "scrapped": 0, "sent_back": 0} for line in rows]
    return {"lines": lines, "inspected_on": max(actor.today, customer_return.received_on or actor.today)}
