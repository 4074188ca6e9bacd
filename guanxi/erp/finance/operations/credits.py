"""Credit notes: a part of an invoice taken off it, by quantity (goods that came back, or were billed too many) or by amount (a lower price)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.events import InvoiceCredited
from guanxi.erp.finance.models import Invoice, InvoiceLine
from guanxi.erp.finance.models.documents import INVOICE_SERIES
from guanxi.erp.finance.operations.allocations import release_part
from guanxi.erp.finance.operations.entries import EntryDraft, EntryLine, next_ids, post_entry
from guanxi.erp.finance.operations.invoices import TAKEN_BACK
from guanxi.erp.finance.operations.periods import BooksAt, books_at
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Money, Quantity
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.links import link_lines
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import ZERO, round_money
from guanxi.kernel.values.shown import format_money, format_quantity

CREDIT = "credit"
"""Kind of the link from an invoice line to the line of the credit note that took part of it off, with the quantity taken off."""


@dataclass
class CreditedLine:
    """How much of an invoice line is taken off: so many of its unit, or so much of its net amount."""

    line: InvoiceLine
    quantity: Quantity | None = None
    amount: Money | None = None


@dataclass
class Left:
    """What of an invoice line is not credited yet."""

    line: InvoiceLine
    quantity: Decimal
    net: Decimal
    tax: Decimal


@dataclass
class _Part:
    left: Left
    quantity: Decimal
    net: Decimal
    tax: Decimal


def _why_not_credited(invoice: Invoice) -> str:
    if invoice.credits_id or invoice.reverses_id or invoice.total <= 0:
        return _("%(invoice)s is itself a credit note; post a new invoice instead.") % {"invoice": invoice}
    return _("All of %(invoice)s is credited already.") % {"invoice": invoice} if invoice.credited_amount >= invoice.total else ""


@operation(
    label=gettext_lazy("Credit in part"), states=("posted",), icon="receipt-refund", unless=_why_not_credited,
    labels={
        "lines": gettext_lazy("Lines"), "line": gettext_lazy("Invoice line"), "quantity": gettext_lazy("Quantity"),
        "amount": gettext_lazy("Net amount"), "reason": gettext_lazy("Reason"), "credited_on": gettext_lazy("Credited on"),
    },
)
def credit_invoice(
    invoice: Invoice, *, actor: Actor, lines: list[CreditedLine], reason: str = "", credited_on: date | None = None
) -> Invoice:
    """Take a part of the invoice off by a credit note with its tax; money that paid this part becomes an advance.

    What is credited by quantity may be billed again; a net amount without a quantity is an allowance on the price, and is not.
    """
    held = Invoice.objects.select_related("customer", "entity").select_for_update(of=("self",), no_key=True).get(pk=invoice.pk)
    day = credited_on or max(actor.today, held.issued_on)
    if day < held.issued_on:
        raise Invalid({"credited_on": [_("This is before the day of the invoice.")]})
    parts = _parts(held, lines)
    books = books_at(held.entity_id, day, actor)
    credit, rows, entry = _credit_note(held, parts, reason, day, books)
    if -credit.total > held.open_amount:
        release_part(held, -credit.total - held.open_amount, on=day, actor=actor)
    _set_off(held, credit, entry)

    def number(draft: EntryDraft) -> None:
        [credit.number] = next_numbers(INVOICE_SERIES, on=day, entity=books.entity)
        draft.description = f"{credit.number} {held.customer} ← {held.number}"
        insert_rows([credit])

    link_lines(CREDIT, [(part.left.line, row, part.quantity) for part, row in zip(parts, rows, strict=True)], posted_on=day)
    _bill_again(parts, rows, day)
    post_entry(entry, actor=actor, before_number=number)
    for follow in TAKEN_BACK:
        follow([part.left.line for part in parts], day, actor)
    index_records(Invoice, [credit.pk])
    invoice.refresh_from_db()
    publish(
        InvoiceCredited(held.pk, held.customer_id, credit.pk, credit.total, credit.currency), subject=held, party_id=held.customer_id
    )
    return credit


def creditable(lines: Sequence[InvoiceLine]) -> dict[int, Left]:
    """What of each line is not credited yet, by its id: two statements, however many lines."""
    left = {line.pk: Left(line, line.quantity, line.net, line.tax_amount) for line in lines}
    links = list(Link.objects.filter(from_model=InvoiceLine.label(), from_id__in=list(left), kind=CREDIT).values_list("from_id", "to_id"))
    taken = {row.pk: row for row in InvoiceLine.objects.filter(pk__in=[to_id for _from_id, to_id in links])} if links else {}
    for from_id, to_id in links:
        found, row = left[from_id], taken[to_id]
        found.quantity, found.net, found.tax = found.quantity + row.quantity, found.net + row.net, found.tax + row.tax_amount
    return left


def _parts(invoice: Invoice, given: Sequence[CreditedLine]) -> list[_Part]:
    left = creditable(list(invoice.lines.order_by("position", "pk")))
    errors: dict[str, list[str]] = {}
    parts: dict[int, _Part] = {}
    for number, wanted in enumerate(given):
        at, found = f"lines.{number}", left.get(wanted.line.pk)
        quantity, amount = wanted.quantity or ZERO, wanted.amount or ZERO
        if found is None:
            errors[f"{at}.line"] = [_("This line belongs to another invoice.")]
        elif wanted.line.pk in parts:
            errors[f"{at}.line"] = [_("This line is here twice.")]
        elif quantity and amount:
            errors[f"{at}.amount"] = [_("Enter either a quantity or a net amount.")]
        elif not 0 <= quantity <= found.quantity:
            errors[f"{at}.quantity"] = [
                _("Between 0 and %(quantity)s: more is not left to credit.") % {"quantity": format_quantity(found.quantity)}
            ]
        elif not 0 <= amount <= found.net:
            errors[f"{at}.amount"] = [
                _("Between 0 and %(amount)s: more is not left to credit.") % {"amount": format_money(found.net, invoice.currency)}
            ]
        elif amount != round_money(amount, invoice.currency):
            errors[f"{at}.amount"] = [
                _("%(amount)s has more decimal places than %(currency)s.") % {"amount": amount, "currency": invoice.currency}
            ]
        elif quantity or amount:
            net = amount or _share(found.net, quantity, found.quantity, invoice.currency)
            # By the net amount where there is one: an allowance of all that is left takes all of the tax with it.
            tax = _share(found.tax, *((amount, found.net) if amount else (quantity, found.quantity)), invoice.currency)
            parts[wanted.line.pk] = _Part(found, quantity, net, tax)
    if errors:
        raise Invalid(errors)
    if not parts:
        raise Refused(_("There is nothing to credit; enter at least one quantity or amount."))
    return list(parts.values())


def _share(amount: Decimal, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    """The last part takes all that is left, so that the parts add up to the line."""
    return amount if part == whole else round_money(amount * part / whole, currency)


def _credit_note(
    invoice: Invoice, parts: Sequence[_Part], reason: str, day: date, books: BooksAt
) -> tuple[Invoice, list[InvoiceLine], EntryDraft]:
    """The note with its lines written, and the entry that is still to be posted."""
    net, tax = sum((part.net for part in parts), ZERO), sum((part.tax for part in parts), ZERO)
    credit_id, entry_id = next_ids("finance_invoice", "finance_journalentry")
    credit = Invoice(
        id=credit_id, customer=invoice.customer, owner_id=invoice.owner_id, entity_id=invoice.entity_id, currency=invoice.currency,
        rate=invoice.rate, note=reason[:200], credits=invoice, issued_on=day, due_on=invoice.due_on, net=-net, tax=-tax,
        total=-net - tax, open_amount=ZERO, open_base=ZERO, credited_amount=-net - tax,
    )
    rows = insert_rows([_line(credit, position, part) for position, part in enumerate(parts, start=1)])
    return credit, rows, _entry(invoice, credit, parts, rows, books, entry_id)


def _line(credit: Invoice, position: int, part: _Part) -> InvoiceLine:
    line = part.left.line
    return InvoiceLine(
        invoice_id=credit.pk, position=position, product_id=line.product_id, description=line.description, quantity=-part.quantity,
        unit_id=line.unit_id, unit_price=line.unit_price if part.quantity else ZERO, discount=line.discount if part.quantity else ZERO,
        tax_rate=line.tax_rate, net=-part.net, tax_amount=-part.tax, total=-part.net - part.tax, section=line.section,
    )


def _entry(
    invoice: Invoice, credit: Invoice, parts: Sequence[_Part], rows: Sequence[InvoiceLine], books: BooksAt, entry_id: int
) -> EntryDraft:
    """The invoice's own sides the other way round; in the books' currency each is what is left of the invoice's, so that all adds up."""
    side = partial(
        EntryLine, party_id=invoice.customer_id, salesperson_id=invoice.owner_id, currency=invoice.currency, rate=invoice.rate
    )

    def base(before: Decimal, now: Decimal) -> Decimal:
        if invoice.currency == books.currency:
            return now
        return round_money((before + now) * invoice.rate, books.currency) - round_money(before * invoice.rate, books.currency)

    revenue = [
        side("revenue", base(p.left.line.net - p.left.net, p.net), product_id=row.product_id, source=row.ref(), foreign=p.net)
        for p, row in zip(parts, rows, strict=True)
    ]
    before, now = _taxes_before(invoice), defaultdict[Decimal, Decimal](Decimal)
    for part in parts:
        now[part.left.line.tax_rate] += part.tax
    output = [side("output_tax", base(before[rate], amount), foreign=amount) for rate, amount in sorted(now.items())]
    owed = sum((line.amount for line in revenue + output), ZERO)
    return EntryDraft(
        id=entry_id, entity_id=invoice.entity_id, posted_on=credit.issued_on, kind="invoice", source=credit.ref(), books=books,
        is_red=books.reversal == "red", lines=[side("receivable", -owed, foreign=credit.total), *revenue, *output],
    )


def _taxes_before(invoice: Invoice) -> dict[Decimal, Decimal]:
    """What was credited earlier of the tax of each rate."""
    found: dict[Decimal, Decimal] = defaultdict(Decimal)
    for rate, tax in InvoiceLine.objects.filter(invoice__credits=invoice).values_list("tax_rate", "tax_amount"):
        found[rate] -= tax
    return found


def _set_off(invoice: Invoice, credit: Invoice, entry: EntryDraft) -> None:
    """The note closes a part of the invoice. Where nothing stays open, a cent of the books' currency that is left over by rounding goes too."""
    owed = -entry.lines[0].amount
    if invoice.open_amount == -credit.total and invoice.open_base != owed:
        rest = partial(EntryLine, party_id=invoice.customer_id, currency=invoice.currency, rate=invoice.rate, foreign=ZERO)
        entry.lines += [rest("receivable", owed - invoice.open_base), rest("rounding", invoice.open_base - owed)]
        owed = invoice.open_base
    invoice.assign(
        open_amount=invoice.open_amount + credit.total, open_base=invoice.open_base - owed,
        credited_amount=invoice.credited_amount - credit.total,
    )
    invoice.flush()


def _bill_again(parts: Sequence[_Part], rows: Sequence[InvoiceLine], on: date) -> None:
    """What was credited by quantity is taken back from the documents that were billed, newest link first."""
    wanted = {part.left.line.pk: (part, row) for part, row in zip(parts, rows, strict=True) if part.quantity}
    # The line itself and those of earlier notes that took from it.
    notes = Link.objects.filter(from_model=InvoiceLine.label(), from_id__in=list(wanted), kind=CREDIT).values_list("to_id", "from_id")
    line_of = {pk: pk for pk in wanted} | dict(notes)
    standing: dict[int, dict[tuple[str, int], Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for link in Link.objects.filter(to_model=InvoiceLine.label(), to_id__in=list(line_of), kind="invoice").order_by("-pk"):
        standing[line_of[link.to_id]][link.from_model, link.from_id] += link.quantity
    made: list[Link] = []
    for pk, (part, row) in wanted.items():
        left = {model: part.quantity for model, _id in standing[pk]}
        for (model, source_id), quantity in standing[pk].items():
            taken = min(left[model], quantity)
            if taken > 0:
                left[model] -= taken
                made.append(Link(
                    kind="invoice", from_model=model, from_id=source_id, to_model=InvoiceLine.label(), to_id=row.pk, quantity=-taken, posted_on=on,
                ))
    insert_rows(made)


def what_may_be_credited(invoice: Invoice, actor: Any) -> dict[str, Any]:
    """The dialog begins with nothing of each line of which something is left."""
    left = creditable(list(invoice.lines.order_by("position", "pk")))
    return {"lines": [{"line": pk, "quantity": 0} for pk, one in left.items() if one.net > 0 or one.quantity > 0]}
