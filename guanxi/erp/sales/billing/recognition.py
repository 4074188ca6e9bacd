"""Revenue of what was billed ahead of its delivery (decision 0028): a contract liability until the goods leave.

What stands on the contract liability account for an order line, with its invoice lines as sources, is never more than what is billed of the
line beyond what is delivered, and never less than nothing. Deliveries, reversals and credit notes bring it there, each in its own transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import F, Sum

from guanxi.erp.finance.models import InvoiceLine, JournalLine
from guanxi.erp.finance.operations import EntryDraft, EntryLine, books_at, post_entry
from guanxi.erp.finance.operations.invoices import TAKEN_BACK
from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.inventory.operations.deliveries import SHIPPED
from guanxi.erp.sales.billing.invoicing import net_until
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.database.known import known
from guanxi.kernel.records.models import Link
from guanxi.kernel.values import ZERO, round_money


@dataclass
class _Ahead:
    """What an invoice line has on the contract liability account: in its currency and in the books'."""

    line: InvoiceLine
    amount: Decimal
    base: Decimal


def recognise_delivered(lines: Sequence[DeliveryLine], day: date, actor: Actor) -> None:
    """Goods left: what was billed ahead for them becomes revenue."""
    ids = [line.source_id for line in lines if line.source_model == OrderLine.label() and line.source_id]
    if ids and (found := _billed_ahead(ids)):
        _recognise(found, day, actor)


def follow_taken_back(lines: Sequence[InvoiceLine], day: date, actor: Actor) -> None:
    """An invoice was reversed or credited: no more stays a liability than is still billed ahead, no more revenue than is still billed."""
    links = Link.objects.filter(to_model=InvoiceLine.label(), to_id__in=[one.pk for one in lines], kind="invoice", from_model=OrderLine.label())
    ids = list(links.values_list("from_id", flat=True).distinct())
    if ids and (found := _billed_ahead(ids)):
        _recognise(found, day, actor)


def recognise_billed(invoice_line_ids: Sequence[int], day: date, actor: Actor) -> None:
    """The same for lines of an invoice, when goods left while it was written."""
    follow_taken_back([InvoiceLine(pk=pk) for pk in invoice_line_ids], day, actor)


SHIPPED.append(recognise_delivered)
TAKEN_BACK.append(follow_taken_back)


@known
def _billed_ahead(line_ids: list[int]) -> Any:
    """Which of these order lines were ever billed ahead of delivery: asked with each shipment, so it is one question."""
    billed = Link.objects.filter(from_model="sales.orderline", from_id__any=line_ids, kind="invoice", to_model="finance.invoiceline")
    booked = JournalLine.objects.filter(
        source_model="finance.invoiceline", source_id__in=billed.values("to_id"), account__uses__use="contract_liability"
    )
    return billed.filter(to_id__in=booked.values("source_id")).values_list("from_id", flat=True)


def _recognise(line_ids: Sequence[int], day: date, actor: Actor) -> None:
    rows: Any = OrderLine.objects.filter(pk__in=set(line_ids)).select_related("order", "order__entity", "product").order_by("order_id", "position")
    standing = _standing([row.pk for row in rows])
    by_order: dict[int, list[EntryLine]] = defaultdict(list)
    orders: dict[int, Order] = {}
    for row in rows.annotate(_delivered=OrderLine.delivered_quantity.sql()):
        ahead, billed = standing[row.pk]
        now = sum((one.amount for one in ahead), ZERO)
        wanted = max(ZERO, min(now, billed - net_until(row, row._delivered, row.order.currency)))
        orders[row.order_id] = row.order
        by_order[row.order_id] += _sides(row, ahead, now - wanted)
    for key, sides in by_order.items():
        if sides:
            order = orders[key]
            post_entry(
                EntryDraft(
                    entity_id=order.entity_id, posted_on=day, kind="recognition", source=order.ref(), lines=sides, description=order.number,
                    books=books_at(order.entity_id, day, actor),
                ),
                actor=actor,
            )


def _standing(line_ids: Sequence[int]) -> dict[int, tuple[list[_Ahead], Decimal]]:
    """By order line: what its invoice lines have on the account, the oldest first, and what is billed of it without tax."""
    links = list(
        Link.objects.filter(from_model=OrderLine.label(), from_id__in=list(line_ids), kind="invoice", to_model=InvoiceLine.label())
        .order_by("pk").values_list("from_id", "to_id")
    )
    lines = InvoiceLine.objects.select_related("invoice").in_bulk([to_id for _from_id, to_id in links])
    booked = JournalLine.objects.filter(source_model=InvoiceLine.label(), source_id__in=list(lines), account__uses__use="contract_liability")
    sums = booked.order_by().values("source_id").annotate(amount=Sum(-F("amount")), base=Sum(F("credit") - F("debit")))
    held = {row["source_id"]: (row["amount"], row["base"]) for row in sums}
    found: dict[int, tuple[list[_Ahead], Decimal]] = {}
    for pk in line_ids:
        mine = dict.fromkeys(to_id for from_id, to_id in links if from_id == pk)
        found[pk] = [_Ahead(lines[one], *held[one]) for one in mine if one in held], sum((lines[one].net for one in mine), ZERO)
    return found


def _sides(row: Any, ahead: Sequence[_Ahead], part: Decimal) -> list[EntryLine]:
    """So much of the liability of an order line to revenue, from its oldest invoice line on; a negative part goes back."""
    sides: list[EntryLine] = []
    for one in ahead:
        taken = min(part, one.amount) if part > 0 else max(part, one.amount)
        if taken * part <= 0:
            continue
        part -= taken
        base = one.base if taken == one.amount else round_money(one.base * taken / one.amount, row.order.entity.currency)
        invoice = one.line.invoice
        side = partial(
            EntryLine, party_id=invoice.customer_id, salesperson_id=invoice.owner_id, product_id=one.line.product_id, source=one.line.ref(),
            currency=invoice.currency, rate=invoice.rate,
        )
        sides += [side("contract_liability", base, foreign=taken), side("revenue", -base, foreign=-taken)]
    return sides
