"""Goods that a customer sends back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.inventory.events import GoodsReturned
from guanxi.erp.inventory.models import RECEIPT_SERIES, Delivery, DeliveryLine, GoodsReceipt, GoodsReceiptLine
from guanxi.erp.inventory.operations.goods import receive_goods
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Quantity
from guanxi.kernel.events.publish import publish
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.links import link_lines, linked_quantities
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import ZERO, round_money
from guanxi.kernel.values.shown import format_quantity

RETURN = "return"
"""Kind of the link from a delivery line to the line of the receipt by which it came back."""


@dataclass
class ReturnedLine:
    """How much of a delivery line came back."""

    line: DeliveryLine
    quantity: Quantity


@operation(
    label=gettext_lazy("Take back"), states=("shipped",), icon="arrow-back-up",
    labels={
        "lines": gettext_lazy("Lines"), "line": gettext_lazy("Delivery line"), "quantity": gettext_lazy("Quantity"),
        "returned_on": gettext_lazy("Returned on"), "reason": gettext_lazy("Reason"),
    },
)
def return_goods(
    delivery: Delivery, *, actor: Actor, lines: list[ReturnedLine], reason: str = "", returned_on: date | None = None
) -> GoodsReceipt:
    """Back into stock at the cost with which they left: Dr stock / Cr cost of sales. The source may deliver and bill them anew."""
    day = returned_on or actor.today
    wanted = _wanted(delivery, lines)
    receipt = GoodsReceipt(
        kind="return", delivery=delivery, warehouse_id=delivery.warehouse_id, entity_id=delivery.entity_id, owner_id=actor.member_id,
        received_on=day, note=reason,
    )
    [receipt.number] = next_numbers(RECEIPT_SERIES, on=day, entity_id=delivery.entity_id)
    receipt.save()
    for position, (line, quantity, before) in enumerate(wanted, start=1):
        back = GoodsReceiptLine.objects.create(
            receipt=receipt, position=position, product=line.product, description=line.description, quantity=quantity, unit_id=line.unit_id,
            factor=line.factor, unit_cost=(line.cost or ZERO) / line.quantity, value=_worth(line, before, quantity, delivery.entity.currency),
        )
        link_lines(RETURN, [(line, back, quantity)], day)
        if line.source_id is not None:
            # What came back is no longer delivered: the source may deliver it again, and bills only what was kept.
            Link.objects.create(
                kind="delivery", from_model=line.source_model, from_id=line.source_id, to_model=line.label(), to_id=line.pk,
                quantity=-quantity, posted_on=day,
            )
    index_records(GoodsReceipt, [receipt.pk])
    receive_goods(receipt, actor=actor, received_on=day)
    publish(GoodsReturned(delivery.pk, delivery.customer_id, receipt.pk), subject=delivery, party_id=delivery.customer_id)
    return receipt


def returnable(delivery: Delivery) -> list[tuple[DeliveryLine, Decimal]]:
    """The lines with goods, and how much of each is still with the customer."""
    lines = list(delivery.lines.filter(product__kind="goods").select_related("product").order_by("position", "pk"))
    back = linked_quantities(DeliveryLine.label(), RETURN, [line.pk for line in lines])
    return [(line, left) for line in lines if (left := line.quantity - back.get(line.pk, ZERO)) > 0]


def _worth(line: DeliveryLine, before: Decimal, quantity: Decimal, currency: str) -> Decimal:
    """With what so much of a line left, after `before` of it came back: a difference of rounded running amounts, so that all of it comes
    back with its cost exactly."""
    cost = line.cost or ZERO

    def until(part: Decimal) -> Decimal:
        return cost if part == line.quantity else round_money(cost * part / line.quantity, currency)

    return until(before + quantity) - until(before)


def _wanted(delivery: Delivery, given: list[ReturnedLine]) -> list[tuple[DeliveryLine, Decimal, Decimal]]:
    """Line, how much of it comes back now, and how much did before."""
    left = {line.pk: (line, quantity) for line, quantity in returnable(delivery)}
    wanted: dict[int, Decimal] = {}
    errors: dict[str, list[str]] = {}
    for number, part in enumerate(given):
        most = left[part.line.pk][1] if part.line.pk in left else ZERO
        wanted[part.line.pk] = wanted.get(part.line.pk, ZERO) + part.quantity
        if part.line.delivery_id != delivery.pk:
            errors[f"lines.{number}.line"] = [_("This line belongs to another delivery.")]
        elif part.quantity < 0 or wanted[part.line.pk] > most:
            errors[f"lines.{number}.quantity"] = [
                _("Between 0 and %(quantity)s: more is not with the customer.") % {"quantity": format_quantity(most)}
            ]
    if errors:
        raise Invalid(errors)
    found = [(left[pk][0], quantity, left[pk][0].quantity - left[pk][1]) for pk, quantity in wanted.items() if quantity]
    if not found:
        raise Refused(_("There is nothing to take back; enter at least one quantity."))
    return found
