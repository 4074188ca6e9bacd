"""Goods that a customer sends back: they come into quarantine, and leave it by the verdict of whoever looked at them.

Called by `erp/returns` under its own acts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from guanxi.erp.finance.operations import BooksAt, books_at
from guanxi.erp.inventory.events import GoodsInspected, GoodsReturned
from guanxi.erp.inventory.models import RECEIPT_SERIES, Delivery, DeliveryLine, GoodsReceipt, GoodsReceiptLine, StockBalance, Warehouse
from guanxi.erp.inventory.operations.goods import receive_goods
from guanxi.erp.inventory.operations.stock import (
    Movement,
    Posting,
    Shelf,
    add_balances,
    post_movements,
    quarantine_location,
    stock_location,
    take_value,
    write_moves,
)
from guanxi.erp.inventory.parts import own_costs
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.events.publish import publish
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.links import link_lines, linked_quantities
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import ZERO, round_money, round_quantity

RETURN = "return"
"""Kind of the link from a delivery line to the line of the receipt by which it came back; negative when it went to the customer again."""


@dataclass
class Verdict:
    """What becomes of a line that came back, in its unit; together no more than came."""

    line: GoodsReceiptLine
    delivery_line: DeliveryLine
    restocked: Decimal = ZERO
    scrapped: Decimal = ZERO
    sent_back: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.restocked + self.scrapped + self.sent_back


def with_the_customer(lines: Sequence[DeliveryLine]) -> dict[int, Decimal]:
    """How much of each shipped line the customer has, by its id."""
    back = linked_quantities(DeliveryLine.label(), RETURN, [line.pk for line in lines])
    return {line.pk: line.quantity - back.get(line.pk, ZERO) for line in lines}


def take_back(
    delivery: Delivery, wanted: Sequence[tuple[DeliveryLine, Decimal]], *, warehouse: Warehouse, actor: Actor, day: date, note: str = ""
) -> GoodsReceipt:
    """Into quarantine at the cost with which they left: Dr stock / Cr cost of sales. The source may deliver and bill them anew.

    `delivery` has to be locked, so that no more comes back than the customer has.
    """
    left = with_the_customer([line for line, _quantity in wanted])
    costs = own_costs([line for line, _quantity in wanted])
    if any(quantity > left[line.pk] for line, quantity in wanted):
        raise Refused(_("More than is with the customer cannot come back from delivery %(delivery)s.") % {"delivery": delivery})
    receipt = GoodsReceipt(
        kind="return", delivery=delivery, warehouse=warehouse, entity_id=delivery.entity_id, owner_id=actor.member_id, received_on=day, note=note,
    )
    [receipt.number] = next_numbers(RECEIPT_SERIES, on=day, entity_id=delivery.entity_id)
    receipt.save()
    for position, (line, quantity) in enumerate(wanted, start=1):
        back = GoodsReceiptLine.objects.create(
            receipt=receipt, position=position, product=line.product, description=line.description, quantity=quantity, unit_id=line.unit_id,
            factor=line.factor, unit_cost=costs[line.pk] / line.quantity,
            value=_worth(line, costs[line.pk], line.quantity - left[line.pk], quantity, delivery.entity.currency),
        )
        _link(line, back, quantity, day)
    index_records(GoodsReceipt, [receipt.pk])
    receive_goods(receipt, actor=actor, received_on=day)
    publish(GoodsReturned(delivery.pk, delivery.customer_id, receipt.pk), subject=delivery, party_id=delivery.customer_id)
    return receipt


def _link(line: DeliveryLine, back: GoodsReceiptLine, quantity: Decimal, day: date) -> None:
    """What came back is no longer delivered: its source may deliver it again, and bills only what was kept."""
    link_lines(RETURN, [(line, back, quantity)], day)
    if line.source_id is not None:
        Link.objects.create(
            kind="delivery", from_model=line.source_model, from_id=line.source_id, to_model=line.label(), to_id=line.pk,
            quantity=-quantity, posted_on=day,
        )


def _worth(line: DeliveryLine, cost: Decimal, before: Decimal, quantity: Decimal, currency: str) -> Decimal:
    """With what so much of a line that left at `cost` left, after `before` of it came back: a difference of rounded running amounts, so that
    all of it comes back with its cost exactly."""

    def until(part: Decimal) -> Decimal:
        return cost if part == line.quantity else round_money(cost * part / line.quantity, currency)

    return until(before + quantity) - until(before)


def release_returned(receipt: GoodsReceipt, verdicts: Sequence[Verdict], *, actor: Actor, day: date) -> None:
    """Out of quarantine: to the usual location (free from then on), to losses (Dr scrapped goods / Cr stock), or to the customer again
    (Dr cost of sales / Cr stock), at the average cost of the day."""
    books = books_at(receipt.entity_id, day, actor)
    here, there = quarantine_location(receipt.warehouse), stock_location(receipt.warehouse)
    assert receipt.delivery is not None
    customer_id = receipt.delivery.customer_id

    def moved(quantity_of: Callable[[Verdict], Decimal], to: int = 0, party_id: int | None = None) -> list[Movement]:
        return [
            Movement(
                product=one.line.product, quantity=round_quantity(quantity_of(one) * one.line.factor), from_location_id=here, to_location_id=to,
                entered_quantity=quantity_of(one), unit_id=one.line.unit_id, party_id=party_id, document=receipt.number, source=one.line.ref(),
            )
            for one in verdicts if quantity_of(one)
        ]

    kept, scrapped = moved(lambda one: one.restocked, there), moved(lambda one: one.scrapped)
    gone = moved(lambda one: one.sent_back, party_id=customer_id)
    _empty(here, there, [*kept, *scrapped, *gone])
    if kept:
        add_balances(kept)
        write_moves(receipt.entity_id, kept, day, actor)
    _issue(receipt, books, scrapped, day, "loss", "scrap", actor)
    _issue(receipt, books, gone, day, "customer", "cost_of_sales", actor)
    for one in verdicts:
        if one.sent_back:
            _link(one.delivery_line, one.line, -one.sent_back, day)
    publish(
        GoodsInspected(receipt.pk, customer_id, receipt.warehouse_id, sorted({m.product.pk for m in kept})), subject=receipt,
        party_id=customer_id,
    )


def _empty(quarantine: int, usual: int, movements: Sequence[Movement]) -> None:
    """Both places are locked in their order, then the goods are taken out of quarantine."""
    rows = StockBalance.objects.filter(location_id__in=[quarantine, usual], product_id__in={m.product.pk for m in movements})
    shelf = Shelf(list(rows.order_by("product_id", "location_id").select_for_update(of=("self",), no_key=True)))
    for movement in movements:
        [row] = [row for row in shelf.of(movement.product.pk) if row.location_id == quarantine]
        row.on_hand -= movement.quantity
    shelf.write()


def _issue(receipt: GoodsReceipt, books: BooksAt, movements: Sequence[Movement], day: date, to: str, other: str, actor: Actor) -> None:
    if not movements:
        return
    take_value(books, movements, to)
    write_moves(receipt.entity_id, movements, day, actor)
    assert receipt.delivery is not None
    party = receipt.delivery.customer
    post_movements(
        Posting(
            books=books, on=day, kind="inspection", other=other, source=receipt.ref(), description=f"{receipt.number} {party}", party_id=party.pk,
            salesperson_id=receipt.delivery.owner_id,
        ),
        movements, actor, incoming=False,
    )
