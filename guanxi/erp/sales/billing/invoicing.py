"""From delivered quantities to an invoice."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, When
from django.utils.translation import gettext as _

from guanxi.erp.finance.models import Invoice, InvoiceLine
from guanxi.erp.finance.operations import InvoiceDraft, post_invoice
from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.sales.days import require_day
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.queries import lines_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.database.known import known
from guanxi.kernel.records.links import links_from
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO, round_half_up, round_money
from guanxi.kernel.values.shown import format_money

_LEAST = Decimal("0.000001")


@known
def _one_to_invoice(order_id: int) -> Any:
    due = Case(When(product__kind="service", then=F("quantity")), default=OrderLine.delivered_quantity.sql())
    rows = OrderLine.objects.filter(order=order_id).alias(_due=due, _invoiced=OrderLine.invoiced_quantity.sql())
    return rows.filter(_due__gt=F("_invoiced")).order_by().values_list("pk")[:1]


def why_nothing_to_invoice(order: Order) -> str:
    return "" if _one_to_invoice(order.pk) else _("There is nothing to invoice: deliver first, or everything is invoiced already.")


def bill_lines(order: Order, *, issued_on: date, actor: Actor) -> Invoice:
    """Invoice of each line what was delivered and kept, and is not invoiced.

    What came back counts as not delivered, what was credited as not invoiced: delivered again, it is billed again, and never twice. The
    amounts are those of all pieces kept, less what the standing invoices and credit notes come to, so that the parts add up to the line.
    """
    require_day(order, issued_on, "issued_on")
    drafts = []
    for one in _progress([order]):
        line = one.line
        due = line.quantity if line.product.kind == "service" else sum((link.quantity for link in one.shipped), ZERO)
        if due > one.invoiced:
            net, tax = _until(line, due, order.currency)
            drafts.append(_draft(one, due, max(ZERO, net - one.billed_net), max(ZERO, tax - one.billed_tax)))
    return _post(order, drafts, issued_on, actor, payment_term=order.payment_term)


def bill_amount(orders: Sequence[Order], amount: Decimal, *, issued_on: date, actor: Actor, due_on: date | None = None, note: str = "") -> Invoice:
    """Invoice so much of what these orders of one customer come to, tax included: the same share of what is left of each line, and all
    that is left where the amount comes to it. Refused when less than that is left.

    What of it is not delivered yet is a contract liability; its delivery makes revenue of it (`recognition.py`, decision 0028).
    """
    for order in orders:
        require_day(order, issued_on, "issued_on")
    open_lines = [one for one in _progress(orders) if one.line.quantity > one.invoiced and one.left > 0]
    left, currency = sum((one.left for one in open_lines), ZERO), orders[0].currency
    if amount > left:
        figures = {"amount": format_money(amount, currency), "left": format_money(left, currency)}
        raise Refused(_("Only %(left)s of what was ordered are not invoiced yet; %(amount)s cannot be.") % figures)
    drafts, rest = [], amount
    for one in open_lines:
        # Running parts: what is rounded at one line is made good at the next, so that the invoice comes to the amount.
        part = rest if left == one.left else round_money(one.left * rest / left, currency)
        left, rest = left - one.left, rest - part
        if part == one.left:
            net = one.line.net - one.billed_net
            drafts.append(_draft(one, one.line.quantity, net, one.line.tax_amount - one.billed_tax, ahead=one.ahead(net)))
        elif part > 0:
            share = part / one.left
            net = round_money((one.line.net - one.billed_net) * share, currency)
            until = one.invoiced + max(_LEAST, round_half_up((one.line.quantity - one.invoiced) * share, 6))
            drafts.append(_draft(one, until, net, part - net, ahead=one.ahead(net)))
    return _post(orders[0], drafts, issued_on, actor, due_on=due_on, note=note)


@dataclass(frozen=True)
class _Progress:
    """What became of an order line: quantity and amounts invoiced, and the links to what was shipped."""

    line: OrderLine
    invoiced: Decimal
    shipped: list[Link]
    billed_net: Decimal
    billed_tax: Decimal
    billed_of: dict[int, Decimal]
    """By delivery line, what invoices name of it."""

    @property
    def left(self) -> Decimal:
        return self.line.net + self.line.tax_amount - self.billed_net - self.billed_tax

    def ahead(self, net: Decimal) -> Decimal:
        """How much of the next `net` billed is not delivered yet. Services are done when they are billed."""
        if self.line.product.kind == "service":
            return ZERO
        delivered = sum((link.quantity for link in self.shipped), ZERO)
        earned = net_until(self.line, delivered, self.line.order.currency)
        return min(net, max(ZERO, self.billed_net + net - earned))


def _progress(orders: Sequence[Order]) -> list[_Progress]:
    """The parts of a line add up to it exactly, however they were invoiced: what comes next is what its invoices leave."""
    lines = [line for order in orders for line in lines_of(order.pk)]
    links = links_from(OrderLine.label(), [line.pk for line in lines])
    invoices = [link for link in links if link.kind == "invoice"]
    billed = _amounts([link.to_id for link in invoices]) if invoices else {}
    billed_of = _billed_of([link.to_id for link in links if link.kind == "delivery"]) if invoices else {}
    found = []
    for line in lines:
        mine = [link for link in invoices if link.from_id == line.pk]
        amounts = [billed[link.to_id] for link in mine]
        found.append(_Progress(
            line, sum((link.quantity for link in mine), ZERO),
            [link for link in links if link.from_id == line.pk and link.kind == "delivery" and link.posted_on is not None],
            sum((net for net, _tax in amounts), ZERO), sum((tax for _net, tax in amounts), ZERO), billed_of,
        ))
    return found


def _billed_of(delivery_line_ids: list[int]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = defaultdict(Decimal)
    for link in links_from(DeliveryLine.label(), delivery_line_ids):
        if link.kind == "invoice":
            found[link.from_id] += link.quantity
    return found


def _amounts(line_ids: list[int]) -> dict[int, tuple[Decimal, Decimal]]:
    rows = InvoiceLine.objects.filter(pk__in=line_ids).order_by().values_list("pk", "net", "tax_amount")
    return {pk: (net, tax) for pk, net, tax in rows}


def net_until(line: OrderLine, quantity: Decimal, currency: str) -> Decimal:
    """What the first `quantity` of the line comes to without tax; all of it where that is all or more."""
    return line.net if quantity >= line.quantity else _until(line, quantity, currency)[0]


def _until(line: OrderLine, quantity: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """Net and tax of the first `quantity` of the line."""
    if quantity == line.quantity:
        return line.net, line.tax_amount
    return round_money(line.net * quantity / line.quantity, currency), round_money(line.tax_amount * quantity / line.quantity, currency)


def _post(order: Order, drafts: list[InvoiceDraft], issued_on: date, actor: Actor, **terms: Any) -> Invoice:
    return post_invoice(
        customer=order.customer, lines=drafts, issued_on=issued_on, currency=order.currency, owner=order.owner, entity=order.entity,
        actor=actor, **terms,
    )


def _draft(one: _Progress, until: Decimal, net: Decimal, tax: Decimal, *, ahead: Decimal = ZERO) -> InvoiceDraft:
    line, quantity = one.line, until - one.invoiced
    return InvoiceDraft(
        source_lines=[(line, quantity), *_delivered_in(one, quantity)], product=line.product, description=line.description, quantity=quantity,
        unit=line.unit, unit_price=line.unit_price, discount=line.discount, tax_rate=line.tax_rate, net=net, tax_amount=tax, section=line.section,
        ahead=ahead,
    )


def _delivered_in(one: _Progress, quantity: Decimal) -> list[tuple[Any, Decimal]]:
    """(delivery line, quantity) that an invoice over so much bills, oldest first: of each what the customer kept and no invoice names yet.

    What was billed before it left is taken as the first that left.
    """
    kept: dict[int, Decimal] = defaultdict(Decimal)
    for link in one.shipped:
        kept[link.to_id] += link.quantity
    before, found = one.invoiced - sum((one.billed_of.get(pk, ZERO) for pk in kept), ZERO), []
    for pk, pieces in kept.items():
        still = max(ZERO, pieces - one.billed_of.get(pk, ZERO))
        passed = min(still, max(ZERO, before))
        part = min(quantity, still - passed)
        before, quantity = before - passed, quantity - part
        if part > 0:
            found.append((DeliveryLine(pk=pk), part))
    return found
