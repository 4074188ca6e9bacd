"""What the customer gets for goods that were accepted: a credit note for what was billed, or the same goods once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.erp.finance.models import Invoice, InvoiceLine
from guanxi.erp.finance.operations import CreditedLine, credit_invoice, creditable, left_to_refund, refund_credit_note
from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.inventory.operations import DeliveryDraft, draft_delivery
from guanxi.erp.returns.events import ReturnSettled
from guanxi.erp.returns.models import CustomerReturn, CustomerReturnLine
from guanxi.erp.returns.operations.announcing import LABELS, Wish
from guanxi.erp.returns.queries import credit_notes_of, to_pay_back, wished
from guanxi.erp.sales.models import REPLACEMENT, Order, OrderLine
from guanxi.erp.sales.operations import bring_again, end_returned, order_again
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Money
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.links import link_lines
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money

CREDIT = "credit"
"""Kind of the link from a return's line to the line of a credit note."""


@dataclass
class _Accepted:
    """Lines of which something is kept, with the order lines that they were delivered for, and these orders."""

    lines: list[CustomerReturnLine]
    order_lines: dict[int, OrderLine] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)

    def source(self, line: CustomerReturnLine) -> OrderLine | None:
        ordered = line.delivery_line.source_model == OrderLine.label()
        return self.order_lines.get(line.delivery_line.source_id or 0) if ordered else None

    def of(self, order: Order) -> list[tuple[CustomerReturnLine, OrderLine]]:
        found = [(line, self.source(line)) for line in self.lines]
        return [(line, source) for line, source in found if source is not None and source.order_id == order.pk]


@operation(label=gettext_lazy("Settle"), moves=CustomerReturn.lifecycle.to("settled"), icon="receipt-refund", labels=LABELS, proposes=wished)
def settle_return(
    customer_return: CustomerReturn, *, actor: Actor, wish: Wish | None = None, settled_on: date | None = None
) -> CustomerReturn:
    """Credit what was accepted, as far as it is billed, at the prices billed. For an exchange order the same goods again at the same price.

    What is not billed yet is simply not billed. An order that is still open gets its replacement by its own next delivery, without a
    credit note; with the wish for credit it ends with what the customer kept.
    """
    day = settled_on or actor.today
    if wish is not None:
        customer_return.assign(wish=wish)
    accepted = _accepted(customer_return, is_locked=True)
    is_exchange = customer_return.wish == "exchange"
    credits = _credit(customer_return, accepted, day, actor)
    orders = _replace(customer_return, accepted, day, actor) if is_exchange else []
    if not is_exchange:
        for order in accepted.orders.values():
            parts = [(line, source, line.accepted) for line, source in accepted.of(order)]
            end_returned(order, parts, actor=actor, reason=customer_return.number)
    customer_return.assign(settled_on=day)
    publish(
        ReturnSettled(customer_return.pk, customer_return.customer_id, [one.pk for one in credits], [one.pk for one in orders]),
        subject=customer_return, party_id=customer_return.customer_id,
    )
    return customer_return


def _nothing_to_pay_back() -> str:
    return _("There is nothing to pay back: what was credited was not paid, or its money is used or paid back already.")


@operation(
    label=gettext_lazy("Pay back"), icon="receipt-refund", unless=lambda row: to_pay_back(row) <= 0 and _nothing_to_pay_back(),
    proposes=lambda row, actor: {"amount": to_pay_back(row), "paid_on": actor.today},
    labels={
        "amount": gettext_lazy("Amount"), "paid_on": gettext_lazy("Paid on"), "method": pgettext_lazy("of a refund", "Method"),
        "bank": gettext_lazy("Bank"), "cash": gettext_lazy("Cash"),
        "reference": gettext_lazy("Bank reference"), "rate": gettext_lazy("Exchange rate"),
    },
)
def refund_return(
    customer_return: CustomerReturn, *, actor: Actor, amount: Money | None = None, paid_on: date | None = None,
    method: Literal["bank", "cash"] = "bank", reference: str = "", rate: Decimal | None = None,
) -> CustomerReturn:
    """Pay back what the return's credit notes freed of money that had been paid already, or so much of it: a refund for each of them."""
    left = {note: rest for note in credit_notes_of(customer_return) if (rest := left_to_refund(note)) > 0}
    if not left:
        raise Refused(_nothing_to_pay_back())
    wanted, most = amount, sum(left.values(), ZERO)
    if amount is not None and not 0 < amount <= most:
        currency = next(iter(left)).currency
        raise Invalid({"amount": [_("Between 0 and %(most)s: more is not free to be paid back.") % {"most": format_money(most, currency)}]})
    for note, rest in left.items():
        part = rest if wanted is None else min(rest, wanted)
        if part > 0:
            wanted = None if wanted is None else wanted - part
            refund_credit_note(
                note, actor=actor, amount=part, paid_on=paid_on, method=method, reference=reference, rate=rate, note=customer_return.number
            )
    return customer_return


def has_nothing_to_settle(customer_return: CustomerReturn) -> bool:
    """Whether settling makes no paper: none of it is billed, or an open order brings it again by itself."""
    accepted = _accepted(customer_return, is_locked=False)
    if customer_return.wish == "exchange":
        sources = [accepted.source(line) for line in accepted.lines]
        return all(source is not None and source.order.status == "confirmed" for source in sources)
    return not any(_to_credit(customer_return, accepted).values())


def _accepted(customer_return: CustomerReturn, *, is_locked: bool) -> _Accepted:
    """Orders are locked by id, so that nothing is billed meanwhile."""
    rows = customer_return.lines.select_related("product", "unit", "delivery_line").order_by("position", "pk")
    found = _Accepted([line for line in rows if line.accepted])
    ids = {line.delivery_line.source_id or 0 for line in found.lines if line.delivery_line.source_model == OrderLine.label()}
    lines = OrderLine.objects.filter(pk__in=ids).select_related("product", "unit", "tax", "configuration")
    orders = Order.objects.filter(pk__in=lines.order_by().values("order_id")).select_related(*Order.loaded_with, "contact", "channel").order_by("pk")
    if is_locked:
        orders = orders.select_for_update(of=("self",), no_key=True)
    found.orders = {order.pk: order for order in orders}
    found.order_lines = {line.pk: line for line in lines}
    for line in found.order_lines.values():
        line.order = found.orders[line.order_id]
    return found


def _to_credit(customer_return: CustomerReturn, accepted: _Accepted) -> dict[int, Decimal]:
    """By return line: as much as its order line is billed for beyond what is delivered now. In an exchange an open order brings it again."""
    ids = list(accepted.order_lines)
    sums: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    links = Link.objects.filter(from_model=OrderLine.label(), from_id__in=ids, kind__in=("invoice", "delivery"), posted_on__isnull=False)
    for pk, kind, quantity in links.values_list("from_id", "kind", "quantity"):
        sums[pk, kind] += quantity
    excess = {pk: max(ZERO, sums[pk, "invoice"] - sums[pk, "delivery"]) for pk in ids}
    wanted: dict[int, Decimal] = {}
    for line in accepted.lines:
        source = accepted.source(line)
        comes_again = source is not None and customer_return.wish == "exchange" and source.order.status == "confirmed"
        part = min(line.accepted, excess[source.pk]) if source is not None and not comes_again else ZERO
        wanted[line.pk] = part
        if source is not None:
            excess[source.pk] -= part
    return wanted


def _credit(customer_return: CustomerReturn, accepted: _Accepted, day: date, actor: Actor) -> list[Invoice]:
    """One credit note for each invoice that billed what came back, the newest first."""
    wanted = _to_credit(customer_return, accepted)
    parts: dict[int, dict[int, list[tuple[CustomerReturnLine, Decimal]]]] = defaultdict(lambda: defaultdict(list))
    billed = _billed(accepted)
    left = creditable(list({line.pk: line for lines in billed.values() for line in lines}.values()))
    for line in accepted.lines:
        for one in billed.get(line.pk, ()):
            taken = min(wanted[line.pk], left[one.pk].quantity)
            if taken > 0:
                wanted[line.pk] -= taken
                left[one.pk].quantity -= taken
                parts[one.invoice_id][one.pk].append((line, taken))
    credits = []
    for invoice in Invoice.objects.filter(pk__in=list(parts)).order_by("pk"):
        mine = parts[invoice.pk]
        note = credit_invoice(
            invoice, actor=actor, credited_on=max(day, invoice.issued_on),
            lines=[CreditedLine(left[pk].line, sum((quantity for _line, quantity in given), ZERO)) for pk, given in mine.items()],
            reason=f"{customer_return.number} {customer_return.get_reason_display()}",
        )
        made = zip(mine.values(), note.lines.order_by("position"), strict=True)
        link_lines(CREDIT, [(line, row, quantity) for given, row in made for line, quantity in given], posted_on=day)
        credits.append(note)
    return credits


def _billed(accepted: _Accepted) -> dict[int, list[InvoiceLine]]:
    """By return line, the invoice lines that bill it: those that name its delivery line first, then the newest of its order line."""
    sources = {line.pk: accepted.source(line) for line in accepted.lines}
    keys = [(OrderLine.label(), source.pk) for source in sources.values() if source is not None]
    keys += [(DeliveryLine.label(), line.delivery_line_id) for line in accepted.lines]
    to: dict[tuple[str, int], list[int]] = defaultdict(list)
    links: Any = Link.objects.filter(
        from_id__in=[pk for _model, pk in keys], from_model__in=[OrderLine.label(), DeliveryLine.label()], kind="invoice", quantity__gt=0,
    )
    for model, pk, to_id in links.order_by("-pk").values_list("from_model", "from_id", "to_id"):
        to[model, pk].append(to_id)
    rows = InvoiceLine.objects.filter(
        pk__in={pk for ids in to.values() for pk in ids}, invoice__status="posted", invoice__reverses__isnull=True,
    ).in_bulk()
    found: dict[int, list[InvoiceLine]] = {}
    for line in accepted.lines:
        source = sources[line.pk]
        if source is not None:
            ids = [*to[DeliveryLine.label(), line.delivery_line_id], *to[OrderLine.label(), source.pk]]
            found[line.pk] = [rows[pk] for pk in dict.fromkeys(ids) if pk in rows]
    return found


def _replace(customer_return: CustomerReturn, accepted: _Accepted, day: date, actor: Actor) -> list[Order]:
    """The same goods once more: by an open order itself, by a new one for an order that is done, by a delivery where none was ordered."""
    orders = []
    for order in accepted.orders.values():
        lines = accepted.of(order)
        if order.status == "confirmed":
            link_lines(REPLACEMENT, [(line, source, line.accepted) for line, source in lines], posted_on=day)
            bring_again(order, {source.pk for _line, source in lines}, actor=actor)
            continue
        made, rows = order_again(order, [(source, line.accepted) for line, source in lines], actor=actor, note=customer_return.number)
        link_lines(REPLACEMENT, [(line, row, line.accepted) for (line, _source), row in zip(lines, rows, strict=True)], posted_on=day)
        orders.append(made)
    _deliver_again(customer_return, [line for line in accepted.lines if accepted.source(line) is None], day, actor)
    return orders


def _deliver_again(customer_return: CustomerReturn, lines: Sequence[CustomerReturnLine], day: date, actor: Actor) -> None:
    """What was never ordered (a sample) is replaced by another delivery."""
    if not lines:
        return
    drafts = [
        DeliveryDraft(
            source=None, product=line.product, quantity=line.accepted, unit=line.unit, factor=line.factor, description=line.description,
        )
        for line in lines
    ]
    made = draft_delivery(
        customer_return.customer, warehouse=customer_return.warehouse, lines=drafts, actor=actor, owner=customer_return.owner,
        entity=customer_return.entity, note=customer_return.number,
    )
    rows = made.lines.order_by("position")
    link_lines(REPLACEMENT, [(line, row, line.accepted) for line, row in zip(lines, rows, strict=True)], posted_on=day)
