"""Invoices: posted at once, reversed by an opposite invoice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.events import InvoicePosted, InvoiceReversed
from guanxi.erp.finance.models import Invoice, InvoiceLine, JournalEntry
from guanxi.erp.finance.models.documents import INVOICE_SERIES
from guanxi.erp.finance.operations.allocations import release_allocations
from guanxi.erp.finance.operations.entries import EntryDraft, EntryLine, next_ids, post_entry, reversal_of
from guanxi.erp.finance.operations.periods import BooksAt, books_at, rate_for
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Percent, Price, Quantity
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.links import link_lines
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import ZERO, round_money
from guanxi.shared.catalog.models import Product, Tax, Unit
from guanxi.shared.parties.models import Party, PaymentTerm

DEFAULT_DAYS = 30


@dataclass
class InvoiceDraft:
    """One line to invoice; `net` and `tax_amount` are already rounded to the currency's digits."""

    product: Product | None
    description: str
    quantity: Decimal
    unit: Unit | None
    unit_price: Decimal
    net: Decimal
    tax_amount: Decimal
    discount: Decimal = ZERO
    tax_rate: Decimal = ZERO
    section: str = ""
    ahead: Decimal = ZERO
    """So much of `net` is billed ahead of its delivery: a contract liability, no revenue yet."""
    source_lines: Sequence[tuple[Record, Decimal]] = field(default_factory=list)
    """(line, quantity in that line's unit) of the documents it bills; they become links of the kind "invoice"."""


TAKEN_BACK: list[Callable[[Sequence[InvoiceLine], date, Actor], None]] = []
"""What modules above do at once when lines of an invoice are reversed or credited: functions (these lines, day, actor)."""


def post_invoice(
    customer: Party, *, lines: Sequence[InvoiceDraft], actor: Actor, issued_on: date | None = None, due_on: date | None = None,
    payment_term: PaymentTerm | None = None, currency: str = "", rate: Decimal | None = None, owner: Member | None = None,
    entity: Entity | None = None, note: str = "",
) -> Invoice:
    """Dr receivable / Cr revenue (ahead of delivery: contract liability) / Cr output tax, with links to what it bills. Runs under an act.

    The number of statements does not depend on the number of lines; the numbers are taken last.
    """
    if not lines:
        raise Refused(_("An invoice needs at least one line."))
    issued_on = issued_on or actor.today
    entity_id = entity.pk if entity is not None else actor.entity_id
    books = books_at(entity_id, issued_on, actor)
    currency = currency or books.currency
    _check_rounding(lines, currency)
    rate = rate_for(currency, books, rate)
    net, tax = sum((line.net for line in lines), ZERO), sum((line.tax_amount for line in lines), ZERO)
    if net + tax < 0:
        raise Refused(_("An invoice cannot be less than zero; reverse the wrong one instead."))
    invoice_id, entry_id = next_ids("finance_invoice", "finance_journalentry")
    invoice = Invoice(
        id=invoice_id, customer=customer, owner_id=_owner(owner, customer, actor), entity_id=entity_id, currency=currency,
        rate=rate, note=note[:200], issued_on=issued_on, due_on=due_on or _due_on(issued_on, payment_term or customer.payment_term),
        net=net, tax=tax, total=net + tax, open_amount=net + tax, open_base=ZERO,
    )
    rows = _write_lines(invoice, lines)
    entry = _entry(invoice, rows, [line.ahead for line in lines], books)
    entry.id, invoice.open_base = entry_id, entry.lines[0].amount

    def number(draft: EntryDraft) -> None:
        [invoice.number] = next_numbers(INVOICE_SERIES, on=issued_on, entity=books.entity)
        draft.description = f"{invoice.number} {customer}"
        insert_rows([invoice])

    post_entry(entry, actor=actor, before_number=number)
    index_records(Invoice, [invoice.pk], are_new=True)
    publish(
        InvoicePosted(invoice.pk, customer.pk, invoice.total, currency, [row.pk for row in rows]), subject=invoice, party_id=customer.pk
    )
    return invoice


def _check_rounding(lines: Iterable[InvoiceDraft], currency: str) -> None:
    for line in lines:
        if line.net != round_money(line.net, currency) or line.tax_amount != round_money(line.tax_amount, currency):
            raise ValueError(f"{line.net} and {line.tax_amount} are not rounded to the digits of {currency}")


def _owner(owner: Member | None, customer: Party, actor: Actor) -> int:
    return owner.pk if owner is not None else customer.owner_id or actor.member_id


def _due_on(issued_on: date, term: PaymentTerm | None) -> date:
    return issued_on + timedelta(days=DEFAULT_DAYS) if term is None else term.due_on(issued_on)


def _write_lines(invoice: Invoice, lines: Sequence[InvoiceDraft]) -> list[InvoiceLine]:
    rows = insert_rows(
        [
            InvoiceLine(
                invoice_id=invoice.pk, position=position, product=line.product, description=line.description[:200],
                quantity=line.quantity, unit=line.unit, unit_price=line.unit_price, discount=line.discount, tax_rate=line.tax_rate,
                net=line.net, tax_amount=line.tax_amount, total=line.net + line.tax_amount, section=line.section,
            )
            for position, line in enumerate(lines, start=1)
        ]
    )
    pairs = [(source, row, quantity) for line, row in zip(lines, rows, strict=True) for source, quantity in line.source_lines]
    if pairs:
        link_lines("invoice", pairs, posted_on=invoice.issued_on)
    return rows


def _entry(invoice: Invoice, rows: Sequence[InvoiceLine], ahead: Sequence[Decimal], books: BooksAt) -> EntryDraft:
    """Revenue by line, tax by rate, and the receivable as their sum, so that rounding to the books' currency balances."""
    side = partial(
        EntryLine, party_id=invoice.customer_id, salesperson_id=invoice.owner_id, currency=invoice.currency, rate=invoice.rate
    )

    def base(amount: Decimal) -> Decimal:
        return amount if invoice.currency == books.currency else round_money(amount * invoice.rate, books.currency)

    taxes: dict[Decimal, Decimal] = defaultdict(Decimal)
    revenue = []
    for row, later in zip(rows, ahead, strict=True):
        taxes[row.tax_rate] += row.tax_amount
        of_line = partial(side, product_id=row.product_id, source=row.ref())
        if later != row.net or not later:
            revenue.append(of_line("revenue", base(later) - base(row.net), foreign=later - row.net))
        if later:
            revenue.append(of_line("contract_liability", -base(later), foreign=-later))
    output = [side("output_tax", -base(amount), foreign=-amount) for _rate, amount in sorted(taxes.items())]
    owed = -sum((line.amount for line in revenue + output), ZERO)
    receivable = side("receivable", owed, foreign=invoice.total)
    return EntryDraft(
        entity_id=invoice.entity_id, posted_on=invoice.issued_on, kind="invoice", source=invoice.ref(), books=books,
        lines=[receivable, *revenue, *output],
    )


def _why_not_reversed(invoice: Invoice) -> str:
    if invoice.reverses_id:
        return _("%(invoice)s is itself a reversal; post a new invoice instead.") % {"invoice": invoice}
    credited = _("Part of %(invoice)s is credited: credit the rest, or post a new invoice.")
    return credited % {"invoice": invoice} if invoice.credited_amount else ""


@operation(
    label=gettext_lazy("Reverse"), moves=Invoice.lifecycle.to("reversed"), icon="arrow-back-up", tone="danger", unless=_why_not_reversed,
    labels={"reversed_on": gettext_lazy("Reversed on"), "reason": gettext_lazy("Reason")},
)
def reverse_invoice(invoice: Invoice, *, actor: Actor, reversed_on: date | None = None, reason: str = "") -> Invoice:
    """Take the invoice back by one with the opposite amounts; money already allocated to it becomes an advance again."""
    day = reversed_on or max(actor.today, invoice.issued_on)
    if day < invoice.issued_on:
        raise Invalid({"reversed_on": [_("This is before the day of the invoice.")]})
    release_allocations(invoices=[invoice], on=day, actor=actor)
    [opposite_id] = next_ids("finance_invoice")
    opposite = Invoice(
        id=opposite_id, customer=invoice.customer, owner_id=invoice.owner_id, entity_id=invoice.entity_id,
        currency=invoice.currency, rate=invoice.rate, note=reason[:200], reverses=invoice, issued_on=day, due_on=invoice.due_on,
        net=-invoice.net, tax=-invoice.tax, total=-invoice.total, open_amount=ZERO, open_base=ZERO,
    )
    lines = list(invoice.lines.order_by("position"))
    rows = insert_rows(
        [
            InvoiceLine(
                invoice_id=opposite.pk, position=line.position, product_id=line.product_id, description=line.description,
                quantity=-line.quantity, unit_id=line.unit_id, unit_price=line.unit_price, discount=line.discount,
                tax_rate=line.tax_rate, net=-line.net, tax_amount=-line.tax_amount, total=-line.total, section=line.section,
            )
            for line in lines
        ]
    )
    _link_back(lines, rows, day)
    invoice.assign(open_amount=ZERO, open_base=ZERO)
    invoice.flush()

    def number(draft: EntryDraft) -> None:
        assert draft.books is not None
        [opposite.number] = next_numbers(INVOICE_SERIES, on=day, entity=draft.books.entity)
        draft.description = f"{opposite.number} {invoice.customer} ← {invoice.number}"
        insert_rows([opposite])

    entry = JournalEntry.objects.filter(source_model=invoice.label(), source_id=invoice.pk).first()
    if entry is None:
        # An invoice over nothing has no entry, but its reversal has a number all the same.
        number(EntryDraft(invoice.entity_id, day, "invoice", [], books=books_at(invoice.entity_id, day, actor)))
    else:
        post_entry(reversal_of(entry, day, actor, source=opposite.ref()), actor=actor, before_number=number)
    for follow in TAKEN_BACK:
        follow(lines, day, actor)
    index_records(Invoice, [opposite.pk])
    publish(
        InvoiceReversed(invoice.pk, invoice.customer_id, opposite.pk, invoice.total, invoice.currency), subject=invoice,
        party_id=invoice.customer_id,
    )
    return opposite


def _link_back(lines: Sequence[InvoiceLine], rows: Sequence[InvoiceLine], on: date) -> None:
    """The same links with the opposite quantities: what was billed can be billed again."""
    opposite = {line.pk: row.pk for line, row in zip(lines, rows, strict=True)}
    links = Link.objects.filter(to_model=InvoiceLine.label(), to_id__in=list(opposite), kind="invoice").order_by("pk")
    insert_rows(
        [
            Link(
                kind="invoice", from_model=link.from_model, from_id=link.from_id, to_model=InvoiceLine.label(),
                to_id=opposite[link.to_id], quantity=-link.quantity, posted_on=on,
            )
            for link in links
        ]
    )


@dataclass
class InvoiceInput:
    """One line of an invoice entered by hand, for what no order stands behind."""

    description: str
    quantity: Quantity
    unit_price: Price
    product: Product | None = None
    discount: Percent | None = None
    tax: Tax | None = None


@operation(
    label=gettext_lazy("Invoice"), icon="file-invoice",
    labels={
        "entity": gettext_lazy("Legal entity"),
        "lines": gettext_lazy("Lines"), "issued_on": gettext_lazy("Issued on"), "due_on": gettext_lazy("Due on"),
        "note": gettext_lazy("Note"), "description": gettext_lazy("Description"), "quantity": gettext_lazy("Quantity"),
        "unit_price": gettext_lazy("Unit price"), "product": gettext_lazy("Product"), "discount": gettext_lazy("Discount"),
        "tax": gettext_lazy("Tax"), "currency": gettext_lazy("Currency"), "rate": gettext_lazy("Exchange rate"),
    },
)
def issue_invoice(
    customer: Party, *, actor: Actor, lines: list[InvoiceInput], issued_on: date | None = None, due_on: date | None = None,
    currency: str = "", rate: Decimal | None = None, note: str = "", entity: Entity | None = None,
) -> Invoice:
    """Bill a customer for something that was not ordered here: a fee, a rent, a single service."""
    errors: dict[str, list[str]] = {}
    drafts = []
    billed = currency or (entity.currency if entity is not None else actor.currency)
    for number, line in enumerate(lines):
        if line.quantity <= 0:
            errors[f"lines.{number}.quantity"] = [_("The quantity has to be more than zero.")]
        if line.unit_price < 0:
            errors[f"lines.{number}.unit_price"] = [_("The price cannot be less than zero.")]
        discount = line.discount or ZERO
        if not 0 <= discount <= 1:
            errors[f"lines.{number}.discount"] = [_("The discount lies between 0 and 100 %.")]
        tax_rate = line.tax.rate if line.tax else ZERO
        net = round_money(line.quantity * line.unit_price * (1 - discount), billed)
        drafts.append(
            InvoiceDraft(
                product=line.product, description=line.description, quantity=line.quantity, unit=None, unit_price=line.unit_price,
                discount=discount, tax_rate=tax_rate, net=net, tax_amount=round_money(net * tax_rate, billed),
            )
        )
    if errors:
        raise Invalid(errors)
    return post_invoice(
        customer, lines=drafts, issued_on=issued_on, due_on=due_on, currency=currency, rate=rate, note=note, actor=actor, entity=entity,
    )
