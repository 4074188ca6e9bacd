"""What becomes of orders whose goods came back: they end with what the customer kept, or are ordered once more. Called by `erp/returns`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal

from guanxi.erp.sales.changes.changing import ChangedLine, change_order, lines_with_progress
from guanxi.erp.sales.models import GIVEN_BACK, Order, OrderLine
from guanxi.erp.sales.operations import complete_order, enter_order
from guanxi.erp.sales.pricing.prices import agreed_steps
from guanxi.erp.sales.promising.promises import hold_changed
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.grants import ALL_RIGHTS
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.records.links import link_lines
from guanxi.kernel.records.record import Record

_SAME = ("section", "product", "configuration", "description", "unit", "unit_price", "discount", "tax")


def order_again(order: Order, parts: Sequence[tuple[OrderLine, Decimal]], *, actor: Actor, note: str = "") -> tuple[Order, list[OrderLine]]:
    """A confirmed order for so much of these lines of `order`, at the prices agreed there; its lines in the same order."""
    draft = Draft(0, values={
        "customer": order.customer, "contact": order.contact, "owner": order.owner, "entity": order.entity, "channel": order.channel,
        "currency": order.currency, "payment_term": order.payment_term, "warehouse": order.warehouse,
        "customer_reference": order.customer_reference, "note": note,
    })
    draft.lines = [
        Draft(n, values={**{name: getattr(line, name) for name in _SAME}, "quantity": quantity, "price_steps": agreed_steps(line, order)})
        for n, (line, quantity) in enumerate(parts)
    ]
    made = enter_order(draft, actor)
    return made, list(made.lines.order_by("position"))


def bring_again(order: Order, line_ids: Collection[int], *, actor: Actor) -> None:
    """An open order delivers once more what came back of these lines: it is held for it, as far as it is there. What stands still waits."""
    if not order.hold:
        hold_changed(order, line_ids, actor)
        order.flush()


def end_returned(order: Order, parts: Sequence[tuple[Record, OrderLine, Decimal]], *, actor: Actor, reason: str) -> None:
    """A confirmed order asks no more for what its customer gave back (line of the return, own line, how much): its lines become shorter by it.

    Also one that is billed in part, as what came back is credited. A line of which everything came back keeps its quantity, as its cost
    and revenue are the order's. An order of which everything came back is done.
    """
    if order.status != "confirmed":
        return
    rows = lines_with_progress(order.pk)
    returned: dict[int, Decimal] = defaultdict(Decimal)
    for _back, line, part in parts:
        returned[line.pk] += part
    if all(row.gone.delivered == 0 and row.quantity == returned[row.pk] for row in rows if row.product.kind == "goods"):
        complete_order(order, actor=actor)
        return
    shorter = {}
    for row in rows:
        quantity = row.quantity - returned[row.pk]
        if returned[row.pk] and quantity > 0 and quantity >= row.gone.least:
            shorter[row.pk] = quantity
    if shorter:
        link_lines(GIVEN_BACK, [part for part in parts if part[1].pk in shorter], posted_on=actor.today)
        # Whoever settles returns need not be allowed to change orders: this follows from the return.
        settling = replace(actor, rights=ALL_RIGHTS)
        change_order(order, actor=settling, lines=[ChangedLine(line=row, quantity=shorter.get(row.pk)) for row in rows], reason=reason)
