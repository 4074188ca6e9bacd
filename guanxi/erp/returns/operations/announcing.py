"""A customer says that goods come back, of one delivery or of what an order brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.inventory.models import Delivery, DeliveryLine, Warehouse
from guanxi.erp.returns.events import ReturnAnnounced, ReturnCancelled
from guanxi.erp.returns.models import RETURN_SERIES, CustomerReturn, CustomerReturnLine
from guanxi.erp.returns.queries import (
    lines_behind,
    may_come_back,
    nothing_of,
    nothing_of_order,
    under_way,
    why_nothing_comes_back,
    why_nothing_more_comes_back,
)
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.ports import CANCEL_GUARDS
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText, Quantity
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.refusals import Invalid, Refused, WhyNot
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_quantity

Reason = Literal["damaged", "wrong_item", "defective", "not_wanted", "other"]
Wish = Literal["credit", "exchange"]
LABELS = {
    "lines": gettext_lazy("Lines"), "line": gettext_lazy("Line"), "quantity": gettext_lazy("Quantity"), "reason": gettext_lazy("Reason"),
    "wish": gettext_lazy("Customer wants"), "note": gettext_lazy("Note"), "announced_on": gettext_lazy("Announced on"),
    "returned_on": gettext_lazy("Returned on"), "damaged": gettext_lazy("Damaged on the way"), "wrong_item": gettext_lazy("Wrong item"),
    "defective": gettext_lazy("Defective"), "not_wanted": gettext_lazy("Not wanted"), "other": gettext_lazy("Other reason"),
    "credit": gettext_lazy("Return for credit"), "exchange": gettext_lazy("Exchange"), "received_on": gettext_lazy("Received on"),
    "inspected_on": gettext_lazy("Inspected on"), "settled_on": gettext_lazy("Settled on"), "restocked": gettext_lazy("Back into stock"),
    "scrapped": gettext_lazy("Scrapped"), "sent_back": gettext_lazy("Back to the customer"), "finding": gettext_lazy("Finding"),
}


def why_under_way(order_ids: list[int]) -> dict[int, str]:
    """An order is not cancelled while goods of it are on their way back or wait to be judged: what is sent to the customer again is its own."""
    words = _("Return %(number)s of this order is not settled yet; settle or cancel it first.")
    found = dict(under_way(order_ids))
    orders = OrderLine.objects.filter(pk__in=found).values_list("pk", "order_id") if found else ()
    return {order_id: words % {"number": found[pk]} for pk, order_id in orders}


CANCEL_GUARDS.append(why_under_way)


@dataclass
class ReturnedLine:
    """How much of a delivery line comes back."""

    line: DeliveryLine
    quantity: Quantity


@dataclass
class ReturnedOrderLine:
    """How much of an order line comes back, of whichever delivery."""

    line: OrderLine
    quantity: Quantity


@operation(
    label=gettext_lazy("Announce return"), states=("shipped",), icon="arrow-back-up", labels=LABELS, proposes=nothing_of,
    unless=WhyNot(why_nothing_more_comes_back),
)
def announce_return(
    delivery: Delivery, *, actor: Actor, lines: list[ReturnedLine], reason: Reason = "other", wish: Wish = "credit", note: LongText = "",
    announced_on: date | None = None,
) -> CustomerReturn:
    """The customer will send goods of this delivery back, and wants credit or new ones."""
    mine = {line.pk: line for line in delivery.lines.filter(product__kind="goods").select_related("product").order_by("position", "pk")}
    left = may_come_back(list(mine.values()))
    wanted: dict[int, Decimal] = {}
    errors: dict[str, list[str]] = {}
    for number, part in enumerate(lines):
        most = left.get(part.line.pk, ZERO) - wanted.get(part.line.pk, ZERO)
        if part.line.delivery_id != delivery.pk:
            errors[f"lines.{number}.line"] = [_("This line belongs to another delivery.")]
        elif not 0 <= part.quantity <= most:
            errors[f"lines.{number}.quantity"] = [too_many(most)]
        elif part.quantity:
            wanted[part.line.pk] = wanted.get(part.line.pk, ZERO) + part.quantity
    if errors:
        raise Invalid(errors)
    parts = [(mine[pk], quantity) for pk, quantity in wanted.items()]
    return _announced(
        delivery, delivery.warehouse, parts, actor, reason=reason, wish=wish, note=note, announced_on=announced_on or actor.today
    )


@operation(
    label=gettext_lazy("Announce return"), states=("confirmed", "done"), icon="arrow-back-up", labels=LABELS, proposes=nothing_of_order,
    unless=WhyNot(why_nothing_comes_back),
)
def announce_order_return(
    order: Order, *, actor: Actor, lines: list[ReturnedOrderLine], reason: Reason = "other", wish: Wish = "credit", note: LongText = "",
    announced_on: date | None = None,
) -> CustomerReturn:
    """The customer will send goods of this order back; what was delivered last counts first."""
    behind = lines_behind(order.pk)
    _lock({line.delivery_id for line in behind})
    left = may_come_back(behind)
    parts: list[tuple[DeliveryLine, Decimal]] = []
    errors: dict[str, list[str]] = {}
    for number, part in enumerate(lines):
        mine = [line for line in behind if line.source_id == part.line.pk]
        most = sum((left[line.pk] for line in mine), ZERO)
        if part.line.order_id != order.pk:
            errors[f"lines.{number}.line"] = [_("This line belongs to another order.")]
        elif not 0 <= part.quantity <= most:
            errors[f"lines.{number}.quantity"] = [too_many(most)]
        rest = part.quantity
        for line in mine:
            taken = min(rest, left[line.pk])
            if taken > 0:
                parts.append((line, taken))
                left[line.pk], rest = left[line.pk] - taken, rest - taken
    if errors:
        raise Invalid(errors)
    return _announced(order, order.warehouse, parts, actor, reason=reason, wish=wish, note=note, announced_on=announced_on or actor.today)


def _lock(deliveries: set[int]) -> None:
    """Whoever takes from what customers have holds the deliveries."""
    list(Delivery.objects.filter(pk__in=deliveries).order_by("pk").select_for_update(no_key=True).values_list("pk"))


def too_many(most: Decimal) -> str:
    return _("Between 0 and %(quantity)s: more is not with the customer.") % {"quantity": format_quantity(most)}


def _announced(
    source: Delivery | Order, warehouse: Warehouse, parts: Sequence[tuple[DeliveryLine, Decimal]], actor: Actor, **values: Any
) -> CustomerReturn:
    if not parts:
        raise Refused(_("There is nothing to take back; enter at least one quantity."))
    if values["announced_on"] > actor.today:
        raise Invalid({"announced_on": [_("This day has not come yet.")]})
    made = CustomerReturn(
        customer_id=source.customer_id, owner_id=source.owner_id, entity_id=source.entity_id, warehouse=warehouse, **values,
    )
    [made.number] = next_numbers(RETURN_SERIES, on=made.announced_on, entity_id=made.entity_id)
    made.save()
    insert_rows([
        CustomerReturnLine(
            customer_return=made, position=position, delivery_line=line, product_id=line.product_id, description=line.description,
            unit_id=line.unit_id, factor=line.factor, announced=quantity,
        )
        for position, (line, quantity) in enumerate(parts, start=1)
    ])
    index_records(CustomerReturn, [made.pk])
    publish(ReturnAnnounced(made.pk, made.customer_id, made.reason, made.wish), subject=made, party_id=made.customer_id)
    return made


@operation(
    label=gettext_lazy("Cancel"), moves=CustomerReturn.lifecycle.to("cancelled"), icon="x", tone="danger", labels=LABELS,
)
def cancel_return(customer_return: CustomerReturn, *, actor: Actor, note: LongText = "") -> CustomerReturn:
    """The goods do not come: the customer keeps them."""
    if note:
        customer_return.assign(note=f"{customer_return.note}\n{note}".strip())
    publish(
        ReturnCancelled(customer_return.pk, customer_return.customer_id, note), subject=customer_return, party_id=customer_return.customer_id
    )
    return customer_return
