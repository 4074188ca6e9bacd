"""Which money pays which invoice, and the exchange difference that comes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from django.db import connections
from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.erp.finance.events import InvoicePaid
from guanxi.erp.finance.models import Allocation, Invoice, Receipt
from guanxi.erp.finance.operations.entries import EntryDraft, EntryLine, post_entry
from guanxi.erp.finance.operations.periods import books_at
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO, round_money

_CHANGE_INVOICES = """
UPDATE finance_invoice i SET open_amount = i.open_amount + t.amount, open_base = i.open_base + t.base, version = i.version + 1
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS t (id, amount, base) WHERE i.id = t.id
"""
_CHANGE_RECEIPTS = """
UPDATE finance_receipt r SET unallocated = r.unallocated + t.amount, unallocated_base = r.unallocated_base + t.base, version = r.version + 1
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS t (id, amount, base) WHERE r.id = t.id
"""


def lock_open_invoices(receipt: Receipt, invoices: Sequence[Invoice] | None) -> list[Invoice]:
    """The invoices a receipt may pay, locked by id; Refused when one that was named cannot be paid by it."""
    rows = Invoice.objects.filter(customer_id=receipt.customer_id, entity_id=receipt.entity_id, currency=receipt.currency, status="posted")
    if invoices is None:
        rows = rows.filter(open_amount__gt=0)
    else:
        rows = rows.filter(pk__in=[invoice.pk for invoice in invoices])
    found = list(rows.order_by("pk").select_for_update(no_key=True))
    if invoices is not None:
        payable = {row.pk for row in found if row.open_amount > 0}
        for invoice in invoices:
            if invoice.pk not in payable:
                raise Refused(
                    _("%(invoice)s cannot be paid by this receipt: it is paid or reversed, or of another customer or currency.")
                    % {"invoice": invoice}
                )
    return found


def allocate(receipt: Receipt, invoices: Sequence[Invoice], on: date, most: Decimal | None = None) -> list[Allocation]:
    """Pay locked invoices, the oldest first, as far as the receipt's free money goes, or `most` of it; changes `receipt` without saving it."""
    scope = act_scope()
    made = []
    left = receipt.unallocated if most is None else min(most, receipt.unallocated)
    for invoice in sorted(invoices, key=lambda row: (row.due_on, row.issued_on, row.pk)):
        amount = min(left, invoice.open_amount)
        if amount <= 0:
            continue
        invoice_base = share_of(invoice.open_base, amount, invoice.open_amount, receipt)
        receipt_base = share_of(receipt.unallocated_base, amount, receipt.unallocated, receipt)
        made.append(
            Allocation(
                receipt_id=receipt.pk, invoice=invoice, amount=amount, invoice_base=invoice_base, receipt_base=receipt_base,
                allocated_on=max(on, receipt.received_on, invoice.issued_on), act_id=scope.id if scope else None,
            )
        )
        left -= amount
        invoice.open_amount, invoice.open_base = invoice.open_amount - amount, invoice.open_base - invoice_base
        receipt.unallocated, receipt.unallocated_base = receipt.unallocated - amount, receipt.unallocated_base - receipt_base
    if made:
        insert_rows(made)
        _change(_CHANGE_INVOICES, [(a.invoice_id, -a.amount, -a.invoice_base) for a in made])
    return made


def share_of(base: Decimal, amount: Decimal, whole: Decimal, receipt: Receipt) -> Decimal:
    """The part of `base` that goes with `amount`; the last part takes all that is left."""
    return base if amount == whole else round_money(base * amount / whole, receipt.entity.currency)


def _change(statement: str, rows: Iterable[tuple[int, Decimal, Decimal]]) -> None:
    sums: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for key, amount, base in rows:
        sums[key][0] += amount
        sums[key][1] += base
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, [list(column) for column in zip(*((k, *v) for k, v in sorted(sums.items())), strict=True)])


def announce_paid(receipt: Receipt, made: Iterable[Allocation]) -> None:
    for allocation in made:
        invoice = allocation.invoice
        if invoice.open_amount == 0:
            publish(
                InvoicePaid(invoice.pk, invoice.customer_id, invoice.total, invoice.currency, receipt.pk), subject=invoice,
                party_id=invoice.customer_id,
            )


def _post_settlement(receipt: Receipt, made: Sequence[Allocation], actor: Actor, is_release: bool) -> None:
    """A prepayment that pays an invoice moves from prepayments to receivables; a release moves it back."""
    base, amount = sum((a.receipt_base for a in made), ZERO), sum((a.amount for a in made), ZERO)
    on = max(a.allocated_on for a in made)
    side = partial(EntryLine, party_id=receipt.customer_id, currency=receipt.currency, rate=receipt.rate)
    books = books_at(receipt.entity_id, on, actor)
    post_entry(
        EntryDraft(
            entity_id=receipt.entity_id, posted_on=on, kind="settlement", source=receipt.ref(), books=books,
            is_red=is_release and books.reversal == "red", description=str(receipt),
            lines=[side("prepayment", base, foreign=amount), side("receivable", -base, foreign=-amount)],
        ),
        actor=actor,
    )


def post_difference(receipt: Receipt, made: Sequence[Allocation], actor: Actor, *, is_release: bool = False) -> None:
    """Money worth more than the claim it settles is an exchange gain, money worth less a loss; a release takes it back. What was paid
    in advance becomes a payment with it."""
    if receipt.is_prepayment and made:
        _post_settlement(receipt, made, actor, is_release)
    difference = sum((a.receipt_base - a.invoice_base for a in made), ZERO)
    if not difference:
        return
    on = max(a.allocated_on for a in made)
    side = partial(EntryLine, party_id=receipt.customer_id, currency=receipt.currency, foreign=ZERO)
    other = "exchange_gain" if (difference > 0) != is_release else "exchange_loss"
    books = books_at(receipt.entity_id, on, actor)
    post_entry(
        EntryDraft(
            entity_id=receipt.entity_id, posted_on=on, kind="exchange", source=receipt.ref(), books=books,
            is_red=is_release and books.reversal == "red", description=str(receipt), lines=[side("receivable", difference), side(other, -difference)],
        ),
        actor=actor,
    )


def release_allocations(
    *, on: date, actor: Actor, invoices: Sequence[Invoice] = (), receipts: Sequence[Receipt] = ()
) -> list[Allocation]:
    """Take back what stands allocated to these documents: invoices are open again, money is free again."""
    mine = Allocation.objects.filter(invoice__in=invoices) | Allocation.objects.filter(receipt__in=receipts)
    standing = list(
        mine.order_by().values("receipt_id", "invoice_id")
        .annotate(amount=Sum("amount"), invoice_base=Sum("invoice_base"), receipt_base=Sum("receipt_base")).exclude(amount=0)
    )
    if not standing:
        return []
    locked = {row.pk: row for row in Invoice.objects.filter(pk__in=[s["invoice_id"] for s in standing]).order_by("pk").select_for_update(no_key=True)}
    paying = Receipt.objects.filter(pk__in=[s["receipt_id"] for s in standing]).order_by("pk").select_for_update(of=("self",), no_key=True)
    money = {row.pk: row for row in paying.select_related("entity")}
    scope = act_scope()
    made = [
        Allocation(
            receipt_id=s["receipt_id"], invoice_id=s["invoice_id"], amount=-s["amount"], invoice_base=-s["invoice_base"],
            receipt_base=-s["receipt_base"], act_id=scope.id if scope else None,
            allocated_on=max(on, money[s["receipt_id"]].received_on, locked[s["invoice_id"]].issued_on),
        )
        for s in standing
    ]
    insert_rows(made)
    _change(_CHANGE_INVOICES, [(a.invoice_id, -a.amount, -a.invoice_base) for a in made])
    _change(_CHANGE_RECEIPTS, [(a.receipt_id, -a.amount, -a.receipt_base) for a in made])
    for receipt in money.values():
        post_difference(receipt, [a for a in made if a.receipt_id == receipt.pk], actor, is_release=True)
    for given in (*invoices, *receipts):
        given.refresh_from_db()
    return made


def release_part(invoice: Invoice, amount: Decimal, *, on: date, actor: Actor) -> None:
    """Take back so much of what stands allocated to a locked invoice, the newest money first; changes `invoice` without saving it."""
    standing = Allocation.objects.filter(invoice=invoice).order_by().values("receipt_id")
    sums = list(
        standing.annotate(amount=Sum("amount"), invoice_base=Sum("invoice_base"), receipt_base=Sum("receipt_base"))
        .exclude(amount=0).order_by("-receipt_id")
    )
    locked = Receipt.objects.filter(pk__in=[s["receipt_id"] for s in sums]).order_by("pk").select_for_update(of=("self",), no_key=True)
    money = {row.pk: row for row in locked.select_related("entity")}
    scope, left = act_scope(), amount
    for given in sums:
        part = min(left, given["amount"])
        if part <= 0:
            break
        receipt = money[given["receipt_id"]]
        freed = Allocation(
            receipt_id=receipt.pk, invoice_id=invoice.pk, amount=-part, act_id=scope.id if scope else None,
            invoice_base=-share_of(given["invoice_base"], part, given["amount"], receipt),
            receipt_base=-share_of(given["receipt_base"], part, given["amount"], receipt),
            allocated_on=max(on, receipt.received_on, invoice.issued_on),
        )
        insert_rows([freed])
        _change(_CHANGE_INVOICES, [(invoice.pk, part, -freed.invoice_base)])
        _change(_CHANGE_RECEIPTS, [(receipt.pk, part, -freed.receipt_base)])
        post_difference(receipt, [freed], actor, is_release=True)
        invoice.open_amount, invoice.open_base = invoice.open_amount + part, invoice.open_base - freed.invoice_base
        left -= part
