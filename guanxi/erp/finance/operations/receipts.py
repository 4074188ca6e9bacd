"""Money from customers: recorded, allocated to invoices, taken back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.events import ReceiptAllocated, ReceiptRecorded, ReceiptReleased, ReceiptReversed
from guanxi.erp.finance.models import Invoice, JournalEntry, Receipt
from guanxi.erp.finance.models.documents import RECEIPT_SERIES
from guanxi.erp.finance.operations.allocations import (
    allocate,
    announce_paid,
    lock_open_invoices,
    post_difference,
    release_allocations,
)
from guanxi.erp.finance.operations.entries import EntryDraft, EntryLine, next_ids, post_entry, reversal_of
from guanxi.erp.finance.operations.periods import BooksAt, books_at, rate_for
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Money
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import ZERO, round_money
from guanxi.shared.parties.models import Party

_LABELS = {
    "amount": gettext_lazy("Amount"), "received_on": gettext_lazy("Received on"), "method": gettext_lazy("Method"),
    "bank": gettext_lazy("Bank"), "cash": gettext_lazy("Cash"), "invoices": gettext_lazy("Invoices"),
    "reference": gettext_lazy("Bank reference"), "note": gettext_lazy("Note"), "currency": gettext_lazy("Currency"),
    "rate": gettext_lazy("Exchange rate"), "entity": gettext_lazy("Legal entity"), "is_prepayment": gettext_lazy("Prepayment"),
}


@operation(label=gettext_lazy("Record receipt"), icon="cash", labels=_LABELS)
def record_receipt(
    customer: Party, *, actor: Actor, amount: Money, received_on: date | None = None, method: Literal["bank", "cash"] = "bank",
    invoices: list[Invoice] | None = None, currency: str = "", rate: Decimal | None = None, reference: str = "", note: str = "",
    entity: Entity | None = None, is_prepayment: bool = False,
) -> Receipt:
    """Dr bank / Cr receivable; pays the invoices named, else the oldest open ones. What is left over is an advance.

    A prepayment is for what comes later: Dr bank / Cr prepayments, and nothing is paid with it until it is allocated.
    It is money of the legal entity named, else of that of the invoices that it pays, else of the actor's.
    """
    day = received_on or actor.today
    entity_id = entity.pk if entity is not None else invoices[0].entity_id if invoices else _owed_to(customer, currency, actor)
    books = books_at(entity_id, day, actor)
    currency = currency or books.currency
    _require_amount(amount, currency)
    rate = rate_for(currency, books, rate)
    base = amount if currency == books.currency else round_money(amount * rate, books.currency)
    receipt_id, entry_id = next_ids("finance_receipt", "finance_journalentry")
    receipt = Receipt(
        id=receipt_id, customer=customer, owner_id=customer.owner_id or actor.member_id, entity=books.entity, currency=currency,
        rate=rate, note=note[:200], received_on=day, method=method, reference=reference[:80], is_prepayment=is_prepayment, amount=amount,
        unallocated=amount, unallocated_base=base,
    )
    made = [] if is_prepayment else allocate(receipt, lock_open_invoices(receipt, invoices or None), day)
    _post(receipt, method, base, entry_id, books, actor)
    post_difference(receipt, made, actor)
    publish(
        ReceiptRecorded(receipt.pk, customer.pk, amount, currency, [a.invoice_id for a in made]), subject=receipt, party_id=customer.pk
    )
    announce_paid(receipt, made)
    return receipt


def _all_that_is_open(invoice: Invoice, actor: Actor) -> dict[str, Any]:
    return {"amount": invoice.open_amount}


@operation(
    label=gettext_lazy("Record receipt"), states=("posted",), icon="cash", labels=_LABELS, proposes=_all_that_is_open,
    unless=lambda invoice: invoice.open_amount <= 0 and _("Nothing of %(invoice)s is open.") % {"invoice": invoice},
)
def pay_invoice(
    invoice: Invoice, *, actor: Actor, amount: Money, received_on: date | None = None, method: Literal["bank", "cash"] = "bank",
    reference: str = "", rate: Decimal | None = None, note: str = "",
) -> Receipt:
    """Money for this invoice, in its currency: a receipt of its customer that pays it. What is left over is an advance."""
    return record_receipt(
        invoice.customer, actor=actor, amount=amount, received_on=received_on, method=method, invoices=[invoice], currency=invoice.currency,
        rate=rate, reference=reference, note=note, entity=invoice.entity,
    )


def _owed_to(customer: Party, currency: str, actor: Actor) -> int:
    """The legal entity that waits longest for money of the customer's."""
    if not actor.has_several_entities:
        return actor.entity_id
    rows = Invoice.objects.filter(customer=customer, status="posted", open_amount__gt=0, **({"currency": currency} if currency else {}))
    found = rows.order_by("due_on", "pk").values_list("entity_id", flat=True).first()
    return found or actor.entity_id


def _post(receipt: Receipt, method: str, base: Decimal, entry_id: int, books: BooksAt, actor: Actor) -> None:
    side = partial(EntryLine, party_id=receipt.customer_id, currency=receipt.currency, rate=receipt.rate)

    def number(entry: EntryDraft) -> None:
        [receipt.number] = next_numbers(RECEIPT_SERIES, on=receipt.received_on, entity=books.entity)
        entry.description = f"{receipt.number} {receipt.customer}"
        insert_rows([receipt])

    post_entry(
        EntryDraft(
            id=entry_id, entity_id=receipt.entity_id, posted_on=receipt.received_on, kind="receipt", source=receipt.ref(), books=books,
            lines=[
                side(method, base, foreign=receipt.amount),
                side(
                    "prepayment" if receipt.is_prepayment else "receivable", -base, foreign=-receipt.amount, salesperson_id=receipt.owner_id
                ),
            ],
        ),
        actor=actor, before_number=number,
    )
    index_records(Receipt, [receipt.pk])


def _require_amount(amount: Decimal, currency: str) -> None:
    if amount <= 0:
        raise Invalid({"amount": [_("The amount has to be more than zero.")]})
    if amount != round_money(amount, currency):
        raise Invalid({"amount": [_("%(amount)s has more decimal places than %(currency)s.") % {"amount": amount, "currency": currency}]})


def _why_not_standing(receipt: Receipt) -> str:
    if receipt.reverses_id:
        return _("%(receipt)s is itself a reversal.") % {"receipt": receipt}
    return "" if receipt.status == "posted" else _("%(receipt)s is reversed.") % {"receipt": receipt}


def _why_not_allocated(receipt: Receipt) -> str:
    used = _("All of %(receipt)s is allocated or paid back already.")
    return _why_not_standing(receipt) or (used % {"receipt": receipt} if receipt.unallocated <= 0 else "")


def _why_not_released(receipt: Receipt) -> str:
    is_free = receipt.unallocated + receipt.refunded_amount >= receipt.amount
    return _why_not_standing(receipt) or (_("Nothing of %(receipt)s is allocated.") % {"receipt": receipt} if is_free else "")


def _why_not_reversed(receipt: Receipt) -> str:
    paid_back = _("Part of %(receipt)s is paid back: reverse that refund first.")
    return _why_not_standing(receipt) or (paid_back % {"receipt": receipt} if receipt.refunded_amount else "")


@operation(label=gettext_lazy("Allocate"), icon="link", labels=_LABELS, unless=_why_not_allocated)
def allocate_receipt(receipt: Receipt, *, actor: Actor, invoices: list[Invoice] | None = None, amount: Money | None = None) -> Receipt:
    """Pay more invoices with the money that is left, or with so much of it: those named, else the oldest open ones."""
    if amount is not None:
        _require_amount(amount, receipt.currency)
    made = allocate(receipt, lock_open_invoices(receipt, invoices or None), actor.today, amount)
    if not made:
        raise Refused(_("%(customer)s has no open invoice in %(currency)s.") % {"customer": receipt.customer, "currency": receipt.currency})
    receipt.assign(unallocated=receipt.unallocated, unallocated_base=receipt.unallocated_base)
    receipt.flush()
    post_difference(receipt, made, actor)
    announce_paid(receipt, made)
    publish(
        ReceiptAllocated(receipt.pk, receipt.customer_id, [a.invoice_id for a in made]), subject=receipt, party_id=receipt.customer_id
    )
    return receipt


@operation(label=gettext_lazy("Take allocations back"), icon="unlink", tone="danger", unless=_why_not_released)
def release_receipt(receipt: Receipt, *, actor: Actor) -> Receipt:
    """Free the money of this receipt: the invoices it paid are open again."""
    made = release_allocations(receipts=[receipt], on=actor.today, actor=actor)
    publish(
        ReceiptReleased(receipt.pk, receipt.customer_id, [a.invoice_id for a in made]), subject=receipt, party_id=receipt.customer_id
    )
    return receipt


@operation(
    label=gettext_lazy("Reverse"), moves=Receipt.lifecycle.to("reversed"), icon="arrow-back-up", tone="danger", unless=_why_not_reversed,
    labels={"reversed_on": gettext_lazy("Reversed on"), "reason": gettext_lazy("Reason")},
)
def reverse_receipt(receipt: Receipt, *, actor: Actor, reversed_on: date | None = None, reason: str = "") -> Receipt:
    """Take a wrong or bounced receipt back by an opposite one; the invoices it paid are open again."""
    day = reversed_on or max(actor.today, receipt.received_on)
    if day < receipt.received_on:
        raise Invalid({"reversed_on": [_("This is before the day of the receipt.")]})
    release_allocations(receipts=[receipt], on=day, actor=actor)
    receipt.assign(unallocated=ZERO, unallocated_base=ZERO)
    receipt.flush()
    entry = JournalEntry.objects.get(source_model=receipt.label(), source_id=receipt.pk, kind="receipt", reverses__isnull=True)
    [receipt_id] = next_ids("finance_receipt")
    opposite = Receipt(
        id=receipt_id, customer=receipt.customer, owner_id=receipt.owner_id, entity_id=receipt.entity_id, currency=receipt.currency,
        rate=receipt.rate, note=reason[:200], reverses=receipt, received_on=day, method=receipt.method, reference=receipt.reference,
        is_prepayment=receipt.is_prepayment, amount=-receipt.amount, unallocated=ZERO, unallocated_base=ZERO,
    )

    def number(draft: EntryDraft) -> None:
        assert draft.books is not None
        [opposite.number] = next_numbers(RECEIPT_SERIES, on=day, entity=draft.books.entity)
        draft.description = f"{opposite.number} {receipt.customer} ← {receipt.number}"
        insert_rows([opposite])

    post_entry(reversal_of(entry, day, actor, source=opposite.ref()), actor=actor, before_number=number)
    index_records(Receipt, [opposite.pk])
    publish(
        ReceiptReversed(receipt.pk, receipt.customer_id, receipt.amount, receipt.currency), subject=receipt, party_id=receipt.customer_id
    )
    return opposite


