"""Quotations and orders on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.models import Order, OrderLine, Quotation, QuotationLine, SalesLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.printing.declared import printed
from guanxi.kernel.printing.sheet import MARKS, Band, Pairs, Place, Sheet
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.values.chinese_amounts import in_capitals
from guanxi.kernel.values.currencies import digits_of
from guanxi.kernel.values.shown import format_column, format_money, format_percent
from guanxi.shared.catalog.paper import goods, in_sections, totals
from guanxi.shared.parties.paper import addressed, bank_of, particulars_of

LOADED = ("customer", "contact", "entity", "owner", "payment_term")
SHOWN = "number customer contact owner payment_term currency note net tax total"
LINE = "section description quantity unit unit_price discount tax_rate net"


@printed(
    Quotation, _("Quotation"), shows=f"{SHOWN} quoted_on valid_until terms_text edition", line=QuotationLine, line_shows=f"{LINE} inclusion",
    loaded=LOADED, speaks=lambda row: row.customer.written_language,
)
def quotation(records: Sequence[Quotation], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    lines = lines_by_document(QuotationLine, "quotation_id", records)
    parties = particulars_of([row.customer for row in records], actor)
    return [
        offer_sheet(row, row.number, lines[row.pk], speech, parties[row.customer_id]) for row, speech in zip(records, speeches, strict=True)
    ]


def offer_sheet(row: Any, number: str, lines: list[Any], speech: Speech, party: Any) -> Sheet:
    """A quotation, or a version of one under the quotation's number: what is optional stands apart and counts in no sum."""
    facts: Pairs = [
        (speech.say(_("Quoted on")), speech.day(row.quoted_on)),
        (speech.say(_("Valid until")), speech.day(row.valid_until)),
        (speech.say(_("Version")), str(row.edition) if row.edition > 1 else ""),
    ]
    sheet = document_sheet(
        row, [line for line in lines if line.inclusion != "optional"], speech, _("Quotation"), facts, party,
        [_("Accepted by the customer"), _("Offered by")], is_discounted=any(line.discount for line in lines),
    )
    options = [line for line in lines if line.inclusion == "optional"]
    if options:
        head = Band([speech.one(_("Options, not in the total"))])
        made = _rows(options, speech, row.currency, discounted=len(sheet.places) == 8, first=len(lines) - len(options) + 1)
        sheet.rows.extend([head, *made])
    words = row.terms_text.in_language(speech.main) if row.terms_text else ""
    return replace(sheet, number=number, notes=[(speech.say(_("Terms")), words), *sheet.notes])


@printed(
    Order, _("Order confirmation"), shows=f"{SHOWN} ordered_on promised_on customer_reference", line=OrderLine, line_shows=LINE,
    loaded=LOADED, speaks=lambda row: row.customer.written_language,
)
def order(records: Sequence[Order], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    lines = lines_by_document(OrderLine, "order_id", records)
    parties = particulars_of([row.customer for row in records], actor)
    sheets = []
    for row, speech in zip(records, speeches, strict=True):
        facts: Pairs = [
            (speech.say(_("Ordered on")), speech.day(row.ordered_on)),
            (speech.say(_("Customer's reference")), row.customer_reference),
            (speech.say(_("Promised on")), speech.day(row.promised_on)),
        ]
        signatures = [_("Confirmed by the customer"), _("Confirmed by us")]
        sheets.append(document_sheet(row, lines[row.pk], speech, _("Order confirmation"), facts, parties[row.customer_id], signatures))
    return sheets


def lines_by_document(model: Any, parent: str, records: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for line in model.objects.filter(**{f"{parent}__in": [row.pk for row in records]}).select_related("product", "unit").order_by("position", "pk"):
        found[getattr(line, parent)].append(line)
    return found


def document_sheet(
    row: Any, lines: list[SalesLine], speech: Speech, title: Any, facts: Pairs, party: Any, signatures: list[Any], *,
    is_discounted: bool | None = None,
) -> Sheet:
    facts += [
        (speech.say(_("Payment term")), speech.say(row.payment_term.name) if row.payment_term else ""),
        (speech.say(_("Currency")), row.currency),
        (speech.say(_("Our contact")), row.owner.name),
    ]
    discounted = any(line.discount for line in lines) if is_discounted is None else is_discounted
    places = [
        Place("#"),
        Place(speech.say(_("Product")), share=1),
        Place(speech.say(_("Quantity")), "number"),
        Place(speech.say(_("Unit"))),
        Place(speech.say(_("Unit price")), "number"),
        *([Place(speech.say(_("Discount")), "number")] if discounted else []),
        Place(speech.say(_("Tax rate")), "number"),
        Place(speech.say(_("Net")), "number"),
    ]
    rows = _rows(lines, speech, row.currency, discounted=discounted)
    return Sheet(
        speech, row.entity, speech.say(title), row.number, facts,
        parties=[addressed(party, speech, label=speech.say(_("Customer")), contact=row.contact)], places=places,
        rows=in_sections(lines, rows, speech, len(places), len(places) - 1, row.currency),
        totals=totals(row, lines, speech),
        amount=(speech.say(_("Amount in words")), in_capitals(row.total, row.currency)) if speech.is_chinese else None,
        notes=[(speech.say(_("Note")), row.note)], bank=bank_of(row.entity, speech),
        signatures=[speech.say(one) for one in signatures], mark=speech.say(MARKS[row.status]) if row.status in MARKS else "",
    )


def _rows(lines: list[Any], speech: Speech, currency: str, *, discounted: bool, first: int = 1) -> list[list[Any]]:
    """The lines in the places of the table's columns."""
    quantities = format_column(line.quantity for line in lines)
    prices = format_column((line.unit_price for line in lines), digits_of(currency))
    return [
        [
            str(number), goods(line, speech), quantity, speech.one(line.unit.name), price,
            *([format_percent(line.discount) if line.discount else ""] if discounted else []),
            format_percent(line.tax_rate), format_money(line.net, currency, symbol=False),
        ]
        for number, (line, quantity, price) in enumerate(zip(lines, quantities, prices, strict=True), start=first)
    ]
