"""From delivered quantities to an invoice."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from guanxi.erp.finance.models import Invoice, InvoiceLine
from guanxi.erp.finance.operations import InvoiceDraft, post_invoice
from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.queries import lines_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.records.links import links_from
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO, round_money


def bill_lines(order: Order, *, issued_on: date, actor: Actor) -> Invoice:
    """Invoice the delivered and not yet invoiced part of each line; Refused when there is none."""
    lines = lines_of(order.pk)
    links = links_from(OrderLine.label(), [line.pk for line in lines])
    billed = _billed([link.to_id for link in links if link.kind == "invoice"])
    drafts: list[InvoiceDraft] = []
    for line in lines:
        mine = [link for link in links if link.from_id == line.pk]
        invoiced = sum((link.quantity for link in mine if link.kind == "invoice"), ZERO)
        shipped = [link for link in mine if link.kind == "delivery" and link.posted_on is not None]
        due = line.quantity if line.product.kind == "service" else sum((link.quantity for link in shipped), ZERO)
        if due > invoiced:
            amounts = [billed[link.to_id] for link in mine if link.kind == "invoice"]
            drafts.append(_draft(line, invoiced, due, _sources(line, shipped, invoiced, due), order.currency, amounts))
    if not drafts:
        raise Refused(_("There is nothing to invoice: deliver first, or everything is invoiced already."))
    return post_invoice(
        customer=order.customer, lines=drafts, issued_on=issued_on, currency=order.currency, owner=order.owner,
        entity=order.entity, payment_term=order.payment_term, actor=actor,
    )


def _billed(line_ids: list[int]) -> dict[int, tuple[Decimal, Decimal]]:
    """Net and tax of invoice lines; asked only where something was invoiced before."""
    rows = InvoiceLine.objects.filter(pk__in=line_ids).order_by().values_list("pk", "net", "tax_amount") if line_ids else ()
    return {pk: (net, tax) for pk, net, tax in rows}


def _draft(
    line: OrderLine, invoiced: Decimal, due: Decimal, sources: Sequence[tuple], currency: str, billed: Sequence[tuple[Decimal, Decimal]]
) -> InvoiceDraft:
    """What its invoices leave of the rounded running amounts, so that the parts add up to the line exactly, whichever were taken back."""

    def share(amount: Decimal, already: Decimal) -> Decimal:
        running = amount if due == line.quantity else round_money(amount * due / line.quantity, currency)
        return max(ZERO, running - already)

    net = share(line.net, sum((net for net, _tax in billed), ZERO))
    tax = share(line.tax_amount, sum((tax for _net, tax in billed), ZERO))
    return InvoiceDraft(
        source_lines=list(sources), product=line.product, description=line.description, quantity=due - invoiced, unit=line.unit,
        unit_price=line.unit_price, discount=line.discount, tax_rate=line.tax_rate, net=net, tax_amount=tax, section=line.section,
    )


def _sources(line: OrderLine, shipped: Sequence[Link], invoiced: Decimal, due: Decimal) -> list[tuple]:
    """(source line, quantity): the order line, and the delivery lines that this invoice bills, oldest first."""
    sources: list[tuple] = [(line, due - invoiced)]
    passed = ZERO
    for link in shipped:
        start, passed = passed, passed + link.quantity
        part = min(passed, due) - max(start, invoiced)
        if part > 0:
            sources.append((DeliveryLine(pk=link.to_id), part))
    return sources
