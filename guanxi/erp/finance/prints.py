"""Invoices on paper: in Chinese as a VAT invoice is laid out, in English with the tax of each rate. Refunds, with the money they are out of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.erp.finance.models import Invoice, InvoiceLine, Refund, RefundLine
from guanxi.erp.finance.statements import statement
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.printing.declared import printed
from guanxi.kernel.printing.sheet import Party, Place, Sheet
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.values import round_quantity
from guanxi.kernel.values.chinese_amounts import in_capitals
from guanxi.kernel.values.currencies import digits_of
from guanxi.kernel.values.shown import format_column, format_money, format_percent
from guanxi.shared.catalog.paper import goods, in_sections, named, specification_of, totals
from guanxi.shared.parties.paper import Particulars, buyer, particulars_of, payee, seller

__all__ = ["invoice", "refund", "statement"]
MARKS = {"reversed": _("REVERSED")}


@printed(
    Invoice, _("Invoice"), shows="number customer owner currency note issued_on due_on net tax total", line=InvoiceLine,
    line_shows="section product description quantity unit unit_price discount tax_rate net tax_amount",
    loaded=("customer", "customer__payment_term", "entity", "owner", "reverses", "credits"), speaks=lambda row: row.customer.written_language,
)
def invoice(records: Sequence[Invoice], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    parties = particulars_of([row.customer for row in records], actor)
    lines: dict[int, list[InvoiceLine]] = defaultdict(list)
    for line in InvoiceLine.objects.filter(invoice__in=records).select_related("product", "unit").order_by("position", "pk"):
        lines[line.invoice_id].append(line)
    return [
        (_chinese if speech.is_chinese else _international)(row, lines[row.pk], speech, parties[row.customer_id])
        for row, speech in zip(records, speeches, strict=True)
    ]


def _chinese(row: Invoice, lines: list[InvoiceLine], speech: Speech, party: Particulars) -> Sheet:
    quantities, prices = _quantities(lines), _prices(lines, row.currency, discounted=True)
    return Sheet(
        speech, row.entity, speech.say(_("Credit note") if row.credits else _("Invoice")), row.number,
        facts=[
            (speech.say(_("Issued on")), speech.day(row.issued_on)), (speech.say(_("Payment due on")), speech.day(row.due_on)),
            (speech.say(_("Currency")), row.currency), (speech.say(_("Reverses")), row.reverses.number if row.reverses else ""),
            (speech.say(_("Credit note for")), row.credits.number if row.credits else ""),
        ],
        parties=[buyer(party, speech), seller(row.entity, speech)],
        places=[
            Place(speech.say(_("Goods or services")), share=1), Place(speech.say(_("Specification")), share=0.55),
            Place(speech.say(_("Unit")), "middle"), Place(speech.say(_("Quantity")), "number"), Place(speech.say(_("Unit price")), "number"),
            Place(speech.say(_("Amount")), "number"), Place(speech.say(_("Tax rate")), "number"), Place(speech.say(_("Tax amount")), "number"),
        ],
        rows=in_sections(lines, [
            [
                named(line.product, line.description, speech), specification_of(line),
                speech.one(line.unit.name) if line.unit else "", quantity, price, format_money(line.net, row.currency, symbol=False),
                format_percent(line.tax_rate), format_money(line.tax_amount, row.currency, symbol=False),
            ]
            for line, quantity, price in zip(lines, quantities, prices, strict=True)
        ], speech, 8, 5, row.currency, label=0),
        sums=[speech.say(_("Sum")), "", "", "", "", format_money(row.net, row.currency), "", format_money(row.tax, row.currency)],
        amount=(speech.say(_("Total with tax, in words")), in_capitals(row.total, row.currency)),
        totals=[(speech.say(_("In figures")), format_money(row.total, row.currency))],
        notes=[(speech.say(_("Note")), row.note)],
        signatures=[speech.say(one) for one in (_("Payee"), _("Checked by"), _("Issued by"), _("Seal of the seller"))],
        mark=speech.say(MARKS[row.status]) if row.status in MARKS else "",
    )


def _international(row: Invoice, lines: list[InvoiceLine], speech: Speech, party: Particulars) -> Sheet:
    discounted = any(line.discount for line in lines)
    term = row.customer.payment_term
    columns = 8 if discounted else 7
    return Sheet(
        speech, row.entity, speech.say(_("Credit note") if row.credits else _("Invoice")), row.number,
        facts=[
            (speech.say(_("Issued on")), speech.day(row.issued_on)), (speech.say(_("Payment due on")), speech.day(row.due_on)),
            (speech.say(_("Payment term")), speech.say(term.name) if term else ""), (speech.say(_("Currency")), row.currency),
            (speech.say(_("Reverses")), row.reverses.number if row.reverses else ""),
            (speech.say(_("Credit note for")), row.credits.number if row.credits else ""), (speech.say(_("Our contact")), row.owner.name),
        ],
        parties=[buyer(party, speech), payee(row.entity, speech, row.number)],
        places=[
            Place("#"), Place(speech.say(_("Description")), share=1), Place(speech.say(_("Quantity")), "number"), Place(speech.say(_("Unit"))),
            Place(speech.say(_("Unit price")), "number"), *([Place(speech.say(_("Discount")), "number")] if discounted else []),
            Place(speech.say(_("Tax rate")), "number"), Place(speech.say(_("Net")), "number"),
        ],
        rows=in_sections(lines, [
            [
                str(number), goods(line, speech), quantity, speech.one(line.unit.name) if line.unit else "", price,
                *([format_percent(line.discount) if line.discount else ""] if discounted else []), format_percent(line.tax_rate),
                format_money(line.net, row.currency, symbol=False),
            ]
            for number, (line, quantity, price) in enumerate(
                zip(lines, _quantities(lines), _prices(lines, row.currency), strict=True), start=1
            )
        ], speech, columns, columns - 1, row.currency),
        totals=totals(row, lines, speech),
        notes=[(speech.say(_("Note")), row.note)],
        mark=speech.say(MARKS[row.status]) if row.status in MARKS else "",
    )


def _quantities(lines: list[InvoiceLine]) -> list[str]:
    return format_column(line.quantity for line in lines)


def _prices(lines: list[InvoiceLine], currency: str, *, discounted: bool = False) -> list[str]:
    """Of one unit; after the discount where the document has no column for it."""
    prices = (round_quantity(line.unit_price * (1 - line.discount)) if discounted else line.unit_price for line in lines)
    return format_column(prices, digits_of(currency))


@printed(
    Refund, _("Refund"), shows="number customer currency note paid_on method reference amount credit_note", line=RefundLine,
    line_shows="receipt amount", loaded=("customer", "entity", "reverses", "credit_note__credits"),
    speaks=lambda row: row.customer.written_language,
)
def refund(records: Sequence[Refund], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    parties = particulars_of([row.customer for row in records], actor)
    lines: dict[int, list[RefundLine]] = defaultdict(list)
    for line in RefundLine.objects.filter(refund__in=records).select_related("receipt").order_by("pk"):
        lines[line.refund_id].append(line)
    return [_paid_back(row, lines[row.pk], speech, parties[row.customer_id]) for row, speech in zip(records, speeches, strict=True)]


def _paid_back(row: Refund, lines: list[RefundLine], speech: Speech, party: Particulars) -> Sheet:
    note, said = row.credit_note, speech.say
    billed = note.credits.number if note is not None and note.credits else ""
    return Sheet(
        speech, row.entity, said(_("Refund")), row.number,
        facts=[
            (said(_("Paid on")), speech.day(row.paid_on)),
            (said(pgettext_lazy("of a refund", "Method")), said(dict(Refund._meta.get_field("method").flatchoices)[row.method])),
            (said(_("Bank reference")), row.reference), (said(_("For credit note")), note.number if note is not None else ""),
            (said(_("Credit note for")), billed), (said(_("Reverses")), row.reverses.number if row.reverses else ""),
            (said(_("Currency")), row.currency),
        ],
        parties=[_paid_to(party, speech), _paid_by(row, speech)],
        places=[
            Place(said(_("Receipt")), share=1), Place(said(_("Received on")), "day"), Place(said(_("Bank reference")), share=1),
            Place(said(_("Amount received")), "number"), Place(said(_("Of it paid back")), "number"),
        ],
        rows=[
            [
                line.receipt.number, speech.day(line.receipt.received_on), line.receipt.reference,
                format_money(line.receipt.amount, row.currency, symbol=False), format_money(line.amount, row.currency, symbol=False),
            ]
            for line in lines
        ],
        totals=[(said(_("Paid back")), format_money(row.amount, row.currency))],
        amount=(said(_("Amount in words")), in_capitals(row.amount, row.currency)) if speech.is_chinese else None,
        notes=[(said(_("Note")), row.note)],
        # Money over the counter is receipted for; what a bank pays, its statement proves.
        signatures=[said(_("Paid out by")), said(_("Money received by"))] if row.method == "cash" else [],
        mark=said(MARKS[row.status]) if row.status in MARKS else "",
    )


def _paid_to(party: Particulars, speech: Speech) -> Party:
    address = party.address("billing", "office")
    return Party(speech.say(_("Paid to")), party.name, [
        (speech.say(_("Address")), address.one_line if address else ""), (speech.say(_("Tax number")), party.tax_number),
        (speech.say(_("Bank and account")), party.bank_account),
    ])


def _paid_by(row: Refund, speech: Speech) -> Party:
    entity = row.entity
    name = entity.name if speech.is_chinese else entity.english_name or entity.name
    return Party(speech.say(_("Paid by")), name, [
        (speech.say(_("Tax number")), entity.tax_number), (speech.say(_("Bank and account")), entity.bank_account),
    ])
