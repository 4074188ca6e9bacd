"""What became of instalments: invoiced by links from instalments to invoices, collected by what these invoices and prepayments took in.

The kept figures are written by the acts and reactions that change them, and proved by `guanxi check`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from guanxi.erp.contracts.models import CALL_OFF, Contract, Instalment
from guanxi.erp.finance.models import Invoice, InvoiceLine, Receipt
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.ports import PREPAID
from guanxi.kernel.records.links import link_lines
from guanxi.kernel.records.models import Link
from guanxi.kernel.values import ZERO

BILLED = "instalment"
"""The kind of link from an instalment to an invoice; its quantity is money."""


def plans_of_orders(order_ids: Iterable[int]) -> Q:
    """Instalments planned for these orders, or for the contracts they were called off from."""
    ids = list(order_ids)
    contracts = Link.objects.filter(to_model=Order.label(), to_id__in=ids, kind=CALL_OFF, from_model=Contract.label()).values("from_id")
    return Q(order_id__in=ids) | Q(contract_id__in=contracts)


def called_off(contract: Contract) -> Any:
    """Ids of the orders that were called off from a contract."""
    return Link.objects.filter(from_model=Contract.label(), from_id=contract.pk, kind=CALL_OFF, to_model=Order.label()).values("to_id")


def orders_of(one: Instalment) -> list[int]:
    """The orders that the plan of an instalment is about: one, or those called off from its contract."""
    if one.contract_id is None:
        return [one.order_id] if one.order_id else []
    links = Link.objects.filter(from_model=Contract.label(), from_id=one.contract_id, kind=CALL_OFF, to_model=Order.label())
    return list(links.order_by("pk").values_list("to_id", flat=True))


def orders_behind(invoice_line_ids: Sequence[int]) -> list[int]:
    links = Link.objects.filter(
        to_model=InvoiceLine.label(), to_id__in=list(invoice_line_ids), kind="invoice", from_model=OrderLine.label()
    ).values("from_id")
    return list(OrderLine.objects.filter(pk__in=links).order_by().values_list("order_id", flat=True).distinct())


def plan_of(one: Instalment) -> list[Instalment]:
    """All instalments of its plan, in their order, held until the transaction ends."""
    of = {"contract": one.contract_id} if one.contract_id else {"order": one.order_id}
    return list(Instalment.objects.filter(**of).order_by("position", "pk").select_for_update(of=("self",)))


def link_invoice(invoice: Invoice, rows: Sequence[Instalment], first: Instalment | None = None) -> None:
    """Share an invoice out to instalments: to `first`, then to the others in their order, as far as they are not invoiced."""
    if Link.objects.filter(to_model=Invoice.label(), to_id=invoice.pk, kind=BILLED).exists():
        return
    left, pairs = invoice.total, []
    for row in sorted(rows, key=lambda one: (first is not None and one.pk != first.pk, one.position, one.pk)):
        part = min(left, row.amount - row.invoiced)
        if part > 0:
            pairs.append((row, invoice, part))
            left -= part
            if row.event == "invoice" and row.due_on is None:
                row.assign(due_on=invoice.issued_on + timedelta(days=row.days))
    if pairs:
        link_lines(BILLED, pairs, posted_on=invoice.issued_on)


def refresh(wanted: Q) -> None:
    """Write what became of the plans that the instalments chosen belong to: a few questions for each plan."""
    for one in Instalment.objects.filter(wanted).order_by("contract_id", "order_id", "pk").distinct("contract_id", "order_id"):
        refresh_plan(plan_of(one))


def refresh_plan(rows: Sequence[Instalment]) -> None:
    """All instalments of one plan, in their order."""
    if not rows:
        return
    invoiced, collected = _billed(rows)
    free = _prepaid(orders_of(rows[0]), [row.pk for row in rows])
    for row in rows:
        # Money that is not bound to an invoice yet pays what is first.
        taken = min(free, row.amount - collected[row.pk])
        free -= taken
        figures = {"invoiced": invoiced[row.pk], "collected": collected[row.pk] + taken}
        values = {**figures, "status": _stage(row, **figures)}
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        row.assign(**changed)
        row.flush()


def _billed(rows: Sequence[Instalment]) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """By instalment: what standing invoices bill of it, and what was paid on them, the first instalment of an invoice first."""
    invoiced: dict[int, Decimal] = defaultdict(Decimal)
    collected: dict[int, Decimal] = defaultdict(Decimal)
    place = {row.pk: at for at, row in enumerate(rows)}
    links = list(Link.objects.filter(from_model=Instalment.label(), from_id__in=list(place), kind=BILLED, to_model=Invoice.label()))
    invoices = Invoice.objects.filter(pk__in={link.to_id for link in links}, status="posted").in_bulk()
    paid = {pk: invoice.total - invoice.open_amount for pk, invoice in invoices.items()}
    for link in sorted(links, key=lambda one: place[one.from_id]):
        if link.to_id in invoices:
            part = min(paid[link.to_id], link.quantity)
            paid[link.to_id] -= part
            invoiced[link.from_id] += link.quantity
            collected[link.from_id] += part
    return invoiced, collected


def _prepaid(order_ids: Sequence[int], instalment_ids: Sequence[int]) -> Decimal:
    """What was taken in against the orders, or against the contract itself, and has paid no invoice yet."""
    # Money of the contract that is bound to its orders is the same money.
    sums = money_bound(Order, order_ids) | money_bound(Instalment, instalment_ids)
    receipts = Receipt.objects.filter(pk__in=sums, status="posted", reverses__isnull=True).values_list("pk", "unallocated")
    return sum((min(sums[pk], unallocated) for pk, unallocated in receipts), ZERO)


def money_bound(model: type[Order] | type[Instalment], ids: Iterable[int]) -> dict[int, Decimal]:
    """By receipt: so much of it was taken in against these orders or instalments."""
    bound = Link.objects.filter(from_model=model.label(), from_id__in=list(ids), kind=PREPAID, to_model=Receipt.label()).order_by()
    return dict(bound.values("to_id").annotate(total=Sum("quantity")).values_list("to_id", "total"))


def _stage(row: Instalment, invoiced: Decimal, collected: Decimal) -> str:
    if collected >= row.amount:
        return "collected"
    if collected > 0:
        return "partly"
    if invoiced > 0:
        return "invoiced"
    return "requested" if row.requested_at is not None else "planned"
