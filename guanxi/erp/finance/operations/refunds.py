"""Money paid back to customers: an overpayment, what a credit note freed, a prepayment that is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from django.db import connections
from django.db.models import Max, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.erp.finance.events import CustomerRefunded, RefundReversed
from guanxi.erp.finance.models import Allocation, Invoice, JournalEntry, Receipt, Refund, RefundLine
from guanxi.erp.finance.models.documents import REFUND_SERIES
from guanxi.erp.finance.operations.allocations import share_of
from guanxi.erp.finance.operations.entries import EntryDraft, EntryLine, next_ids, post_entry, reversal_of
from guanxi.erp.finance.operations.periods import BooksAt, books_at, rate_for
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Money
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import ZERO, round_money
from guanxi.kernel.values.shown import format_money
from guanxi.shared.parties.models import Party

_CHANGE_RECEIPTS = """
UPDATE finance_receipt r SET unallocated = r.unallocated - t.amount, unallocated_base = r.unallocated_base - t.base,
  refunded_amount = r.refunded_amount + t.amount, version = r.version + 1
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS t (id, amount, base) WHERE r.id = t.id
"""
_LABELS = {
    "amount": gettext_lazy("Amount"), "paid_on": gettext_lazy("Paid on"), "method": pgettext_lazy("of a refund", "Method"),
    "bank": gettext_lazy("Bank"), "cash": gettext_lazy("Cash"), "reference": gettext_lazy("Bank reference"), "note": gettext_lazy("Note"),
    "currency": gettext_lazy("Currency"), "rate": gettext_lazy("Exchange rate"), "entity": gettext_lazy("Legal entity"),
    "receipts": gettext_lazy("Receipts"),
}
Method = Literal["bank", "cash"]


def free_money(customer: Party | int) -> QuerySet[Receipt]:
    """Receipts of the customer with money that pays nothing: what was paid in advance last, the oldest first."""
    rows = Receipt.objects.filter(customer=customer, status="posted", unallocated__gt=0)
    return rows.select_related("entity", "customer").order_by("is_prepayment", "received_on", "pk")


def freed_by(note: Invoice) -> QuerySet[Receipt]:
    """Receipts that had paid the invoice of a credit note and hold free money now."""
    paying = Allocation.objects.filter(invoice=note.credits_id or note.reverses_id).values("receipt_id")
    return free_money(note.customer_id).filter(pk__in=paying, currency=note.currency).order_by("-pk")


def left_to_refund(note: Invoice) -> Decimal:
    """What may still be paid back for a credit note: no more than it took off, nor than is free of the money that had paid its invoice."""
    paid = Refund.objects.filter(credit_note=note).aggregate(total=Sum("amount"))["total"] or ZERO
    free = sum(freed_by(note).values_list("unallocated", flat=True), ZERO)
    return max(ZERO, min(-note.total - paid, free))


def _of_customer(customer: Party, actor: Actor) -> dict[str, Any]:
    """The currency in which the oldest free money is, and how much of it there is."""
    rows = list(free_money(customer))
    if not rows:
        return {}
    mine = [row for row in rows if (row.entity_id, row.currency) == (rows[0].entity_id, rows[0].currency)]
    return {"amount": sum((row.unallocated for row in mine), ZERO), "currency": rows[0].currency, "entity": rows[0].entity_id, "paid_on": actor.today}


def _of_note(note: Invoice, actor: Actor) -> dict[str, Any]:
    return {"amount": left_to_refund(note), "paid_on": actor.today}


def _of_receipt(receipt: Receipt, actor: Actor) -> dict[str, Any]:
    return {"amount": receipt.unallocated, "paid_on": actor.today}


def _nothing_free_of(customer: Party) -> str:
    return _("Nothing of what %(customer)s paid is free to be paid back.") % {"customer": customer}


@operation(
    label=gettext_lazy("Pay back"), icon="receipt-refund", labels=_LABELS, proposes=_of_customer,
    unless=lambda party: not (party.is_customer and free_money(party).exists()) and _nothing_free_of(party),
)
def refund_customer(
    customer: Party, *, actor: Actor, amount: Money, receipts: list[Receipt] | None = None, currency: str = "", entity: Entity | None = None,
    paid_on: date | None = None, method: Method = "bank", reference: str = "", rate: Decimal | None = None, note: str = "",
) -> Refund:
    """Pay free money back to the customer: of the receipts named, else the oldest first, prepayments last. No more than is free."""
    rows = free_money(customer).filter(pk__in=[one.pk for one in receipts]) if receipts else free_money(customer)
    if entity is not None:
        rows = rows.filter(entity=entity)
    first = rows.filter(currency=currency).first() if currency else rows.first()
    if first is None:
        raise Refused(_nothing_free_of(customer))
    return _pay(
        list(rows.filter(entity=first.entity_id, currency=first.currency)), amount, actor, paid_on, method, reference, rate, note,
    )


@operation(
    label=gettext_lazy("Pay back"), icon="receipt-refund", labels=_LABELS, proposes=_of_receipt,
    unless=lambda receipt: receipt.unallocated <= 0 and _("Nothing of %(receipt)s is free to be paid back.") % {"receipt": receipt},
)
def refund_receipt(
    receipt: Receipt, *, actor: Actor, amount: Money | None = None, paid_on: date | None = None, method: Method = "bank", reference: str = "",
    rate: Decimal | None = None, note: str = "",
) -> Refund:
    """Pay back what of this money pays nothing: all of it, or so much."""
    refund = _pay([receipt], amount if amount is not None else receipt.unallocated, actor, paid_on, method, reference, rate, note)
    receipt.refresh_from_db()
    return refund


def _why_note_not_refunded(invoice: Invoice) -> str:
    if invoice.total >= 0:
        return _("%(invoice)s is no credit note; pay back from the receipt or at the customer.") % {"invoice": invoice}
    if left_to_refund(invoice) <= 0:
        words = _("%(invoice)s freed no money that is still there: its invoice was not paid, or the money is used or paid back.")
        return words % {"invoice": invoice}
    return ""


@operation(label=gettext_lazy("Pay back"), icon="receipt-refund", labels=_LABELS, proposes=_of_note, unless=_why_note_not_refunded)
def refund_credit_note(
    invoice: Invoice, *, actor: Actor, amount: Money | None = None, paid_on: date | None = None, method: Method = "bank", reference: str = "",
    rate: Decimal | None = None, note: str = "",
) -> Refund:
    """Pay back the money that this credit note (or reversal) freed: no more than it comes to, of what had paid its invoice."""
    left = left_to_refund(invoice)
    wanted = left if amount is None else amount
    if wanted > left:
        raise Invalid({"amount": [_too_much(left, invoice.currency)]})
    if paid_on is not None and paid_on < invoice.issued_on:
        raise Invalid({"paid_on": [_("This is before the day of the credit note.")]})
    return _pay(list(freed_by(invoice)), wanted, actor, paid_on, method, reference, rate, note, credit_note=invoice)


def _too_much(left: Decimal, currency: str) -> str:
    return _("Only %(left)s are free to be paid back.") % {"left": format_money(left, currency)}


def _pay(
    receipts: Sequence[Receipt], amount: Decimal, actor: Actor, paid_on: date | None, method: str, reference: str, rate: Decimal | None, note: str,
    *, credit_note: Invoice | None = None,
) -> Refund:
    """Dr receivable (or prepayments) / Cr bank, out of these receipts of one entity and currency, in their order."""
    place = {receipt.pk: number for number, receipt in enumerate(receipts)}
    held = Receipt.objects.filter(pk__in=place, status="posted").select_related("entity", "customer").order_by("pk")
    locked = sorted(held.select_for_update(of=("self",), no_key=True), key=lambda row: place[row.pk])
    first, free = receipts[0], sum((row.unallocated for row in locked), ZERO)
    currency, day = first.currency, paid_on or actor.today
    if amount <= 0:
        raise Invalid({"amount": [_("The amount has to be more than zero.")]})
    if amount != round_money(amount, currency):
        raise Invalid({"amount": [_("%(amount)s has more decimal places than %(currency)s.") % {"amount": amount, "currency": currency}]})
    if amount > free:
        raise Invalid({"amount": [_too_much(free, currency)]})
    books = books_at(first.entity_id, day, actor)
    rate = rate_for(currency, books, rate)
    refund_id, entry_id = next_ids("finance_refund", "finance_journalentry")
    refund = Refund(
        id=refund_id, customer_id=first.customer_id, owner_id=first.owner_id, entity_id=first.entity_id, currency=currency, rate=rate,
        note=note[:200], paid_on=day, method=method, reference=reference[:80], amount=amount, credit_note=credit_note,
    )
    lines = _take(refund, locked, amount)
    _refuse_early(lines, day)
    insert_rows(lines)
    _change_receipts(lines)
    _post(refund, lines, books, entry_id, actor, str(first.customer))
    publish(
        CustomerRefunded(refund.pk, refund.customer_id, amount, currency, sorted(line.receipt_id for line in lines)), subject=refund,
        party_id=refund.customer_id,
    )
    return refund


def _take(refund: Refund, receipts: Sequence[Receipt], amount: Decimal) -> list[RefundLine]:
    lines, left = [], amount
    for receipt in receipts:
        part = min(left, receipt.unallocated)
        if part > 0:
            base = share_of(receipt.unallocated_base, part, receipt.unallocated, receipt)
            lines.append(RefundLine(refund_id=refund.pk, receipt=receipt, amount=part, receipt_base=base))
            left -= part
    return lines


def _refuse_early(lines: Sequence[RefundLine], day: date) -> None:
    """Money is paid back once it is there and pays nothing, so that the ages of what is owed are right on every day."""
    ids = [line.receipt_id for line in lines]
    changes = Allocation.objects.filter(receipt__in=ids).order_by().values("receipt_id").annotate(on=Max("allocated_on"))
    since = {row["receipt_id"]: row["on"] for row in changes}
    for line in lines:
        free_on = max(line.receipt.received_on, since.get(line.receipt_id, line.receipt.received_on))
        if day < free_on:
            given = {"receipt": line.receipt, "day": full_date(free_on)}
            raise Invalid({"paid_on": [_("The money of %(receipt)s is free since %(day)s only.") % given]})


def _change_receipts(lines: Sequence[RefundLine]) -> None:
    rows = sorted((line.receipt_id, line.amount, line.receipt_base) for line in lines)
    with connections["default"].cursor() as cursor:
        cursor.execute(_CHANGE_RECEIPTS, [list(column) for column in zip(*rows, strict=True)])


def _post(refund: Refund, lines: Sequence[RefundLine], books: BooksAt, entry_id: int, actor: Actor, customer: str) -> None:
    """In another currency the money leaves at the day's rate: what it is worth more or less than when it came is an exchange difference."""
    side = partial(EntryLine, party_id=refund.customer_id, currency=refund.currency)
    base = refund.amount if refund.currency == books.currency else round_money(refund.amount * refund.rate, books.currency)
    sides = [
        side(
            "prepayment" if line.receipt.is_prepayment else "receivable", line.receipt_base, foreign=line.amount, rate=line.receipt.rate,
            salesperson_id=refund.owner_id,
        )
        for line in lines
    ]
    difference = base - sum((line.receipt_base for line in lines), ZERO)
    if difference:
        sides.append(side("exchange_loss" if difference > 0 else "exchange_gain", difference, foreign=ZERO))

    def number(entry: EntryDraft) -> None:
        [refund.number] = next_numbers(REFUND_SERIES, on=refund.paid_on, entity=books.entity)
        entry.description = f"{refund.number} {customer}"
        insert_rows([refund])

    post_entry(
        EntryDraft(
            id=entry_id, entity_id=refund.entity_id, posted_on=refund.paid_on, kind="refund", source=refund.ref(), books=books,
            lines=[*sides, side(refund.method, -base, foreign=-refund.amount, rate=refund.rate)],
        ),
        actor=actor, before_number=number,
    )
    index_records(Refund, [refund.pk])


@operation(
    label=gettext_lazy("Reverse"), moves=Refund.lifecycle.to("reversed"), icon="arrow-back-up", tone="danger",
    unless=lambda refund: refund.reverses_id and _("%(refund)s is itself a reversal.") % {"refund": refund},
    labels={"reversed_on": gettext_lazy("Reversed on"), "reason": gettext_lazy("Reason")},
)
def reverse_refund(refund: Refund, *, actor: Actor, reversed_on: date | None = None, reason: str = "") -> Refund:
    """Take a wrong or returned refund back by an opposite one; the money is free on its receipts again."""
    day = reversed_on or max(actor.today, refund.paid_on)
    if day < refund.paid_on:
        raise Invalid({"reversed_on": [_("This is before the day of the refund.")]})
    given = list(refund.lines.order_by("receipt_id"))
    list(Receipt.objects.filter(pk__in=[line.receipt_id for line in given]).order_by("pk").select_for_update(no_key=True))
    [opposite_id] = next_ids("finance_refund")
    opposite = Refund(
        id=opposite_id, customer=refund.customer, owner_id=refund.owner_id, entity_id=refund.entity_id, currency=refund.currency, rate=refund.rate,
        note=reason[:200], reverses=refund, paid_on=day, method=refund.method, reference=refund.reference, amount=-refund.amount,
        credit_note_id=refund.credit_note_id,
    )
    lines = [
        RefundLine(refund_id=opposite_id, receipt_id=line.receipt_id, amount=-line.amount, receipt_base=-line.receipt_base) for line in given
    ]
    insert_rows(lines)
    _change_receipts(lines)
    entry = JournalEntry.objects.get(reverses__isnull=True, source_model=refund.label(), source_id=refund.pk)

    def number(draft: EntryDraft) -> None:
        assert draft.books is not None
        [opposite.number] = next_numbers(REFUND_SERIES, on=day, entity=draft.books.entity)
        draft.description = f"{opposite.number} {refund.customer} ← {refund.number}"
        insert_rows([opposite])

    post_entry(reversal_of(entry, day, actor, source=opposite.ref()), actor=actor, before_number=number)
    index_records(Refund, [opposite.pk])
    publish(
        RefundReversed(refund.pk, refund.customer_id, refund.amount, refund.currency, [line.receipt_id for line in given]), subject=refund,
        party_id=refund.customer_id,
    )
    return opposite
