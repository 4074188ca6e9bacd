"""What the customer is shown of an order: goods, days, parcels, and what is still to be paid; no price, cost, credit or note of ours."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.erp.inventory.models import Delivery, Package
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.panels import deliveries_of, invoices_of
from guanxi.kernel.files.models import StoredContent
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money, format_quantity
from guanxi.shared.catalog.paper import goods


@dataclass(frozen=True)
class TrackedLine:
    """`state`: done, part, waiting (goods), or service."""

    name: str
    detail: str
    quantity: str
    unit: str
    delivered: str
    promised_on: str
    state: str


@dataclass(frozen=True)
class TrackedDelivery:
    """`state`: planned, shipped, arrived. Packages are (the carrier's number or our own, what is in it)."""

    number: str
    state: str
    day: str
    carrier: str
    tracking: str
    packages: list[tuple[str, str]]
    arrived_on: str
    received_by: str
    photo: int | None = None
    """Key of the delivery whose proof is a picture that may be looked at."""


@dataclass(frozen=True)
class TrackedOrder:
    """`state`: cancelled, done (all is delivered), part, confirmed."""

    number: str
    reference: str
    customer: str
    company: str
    company_address: str
    ordered_on: str
    promised_on: str
    state: str
    lines: list[TrackedLine]
    deliveries: list[TrackedDelivery]
    open_amount: str
    owner: Any


def tracked_order(order: Order, language: str) -> TrackedOrder:
    """In the customer's language: four statements, however many lines and deliveries."""
    speech = Speech(language)
    rows: Any = OrderLine.objects.filter(order=order).select_related("product", "unit").order_by("position", "pk")
    lines = list(rows.annotate(_done=OrderLine.delivered_quantity.sql()))
    wanted = [line for line in lines if line.product.kind == "goods"]
    total = sum((line.quantity * line.factor for line in wanted), ZERO)
    done = sum((line._done * line.factor for line in wanted), ZERO)
    english, entity = not speech.is_chinese, order.entity
    return TrackedOrder(
        order.number, order.customer_reference, order.customer.name, (english and entity.english_name) or entity.name,
        (english and entity.english_address) or entity.address, speech.day(order.ordered_on), speech.day(order.promised_on),
        _state(order, done, total), [_line(line, speech, order) for line in lines], _deliveries(order, speech), _open_amount(order), order.owner,
    )


def _state(order: Order, done: Decimal, total: Decimal) -> str:
    if order.status == "cancelled":
        return "cancelled"
    return "done" if order.status == "done" or (total and done >= total) else "part" if done else "confirmed"


def _line(line: Any, speech: Speech, order: Order) -> TrackedLine:
    words = goods(line, speech)
    name, detail = words if isinstance(words, list) else (words, "")
    is_service = line.product.kind == "service"
    state = "service" if is_service else "done" if line._done >= line.quantity else "part" if line._done else "waiting"
    is_open = state in ("part", "waiting") and order.status == "confirmed"
    return TrackedLine(
        name, detail, format_quantity(line.quantity), speech.one(line.unit.name), "" if is_service else format_quantity(line._done),
        speech.day(line.promised_on or order.promised_on) if is_open else "", state,
    )


def _deliveries(order: Order, speech: Speech) -> list[TrackedDelivery]:
    found = deliveries_of(order).exclude(status="cancelled").select_related("proof__content")
    rows: list[Delivery] = list(found.order_by("planned_on", "pk"))
    packed: dict[int, list[tuple[str, str]]] = {row.pk: [] for row in rows}
    for package in Package.objects.filter(delivery__in=rows).order_by("position"):
        packed[package.delivery_id].append((package.tracking or package.number, package.content))
    return [
        TrackedDelivery(
            row.number, "planned" if row.status == "draft" else "arrived" if row.delivered_on else "shipped",
            speech.day(row.shipped_on or row.planned_on), row.carrier, row.tracking, packed[row.pk], speech.day(row.delivered_on), row.received_by,
            row.pk if _is_picture(row) else None,
        )
        for row in rows
    ]


def _is_picture(delivery: Delivery) -> bool:
    return delivery.delivered_on is not None and delivery.proof is not None and delivery.proof.content.is_shown


def proof_of(order: Order, delivery_id: int) -> StoredContent | None:
    """The picture by which one of the order's deliveries was proved; no other file of it, nor of any other."""
    rows = deliveries_of(order).exclude(status="cancelled").select_related("proof__content")
    delivery = rows.filter(pk=delivery_id).first()
    return delivery.proof.content if delivery is not None and delivery.proof is not None and _is_picture(delivery) else None


def _open_amount(order: Order) -> str:
    """Of invoices in the order's currency; nothing when all is paid."""
    amount = invoices_of(order).filter(currency=order.currency).order_by().aggregate(total=Sum("open_amount"))["total"]
    return format_money(amount, order.currency) if amount else ""


def words_of_state(state: str) -> str:
    """A sentence for the head of the page."""
    return {
        "cancelled": _("This order was cancelled."), "done": _("Everything has been delivered."), "part": _("Part of it has been delivered."),
        "confirmed": _("We are preparing your order."),
    }[state]
