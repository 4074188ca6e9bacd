"""Contracts and proposals on paper. Their words are texts: nothing in them is code to the renderer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.erp.contracts.models import Contract, ContractLine, Proposal
from guanxi.erp.contracts.wording import filled_in, parts_of
from guanxi.erp.sales.models import QuotationLine
from guanxi.erp.sales.paper import LINE, LOADED, SHOWN, document_sheet, lines_by_document, offer_sheet
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.printing.declared import printed
from guanxi.kernel.printing.sheet import Pairs, Sheet
from guanxi.kernel.printing.speech import Speech
from guanxi.shared.parties.paper import particulars_of

MARKED = {"terminated": _("TERMINATED"), "replaced": _("REPLACED")}


@printed(
    Contract, _("Contract"), shows=f"{SHOWN} title kind drawn_on valid_from valid_until wording", line=ContractLine, line_shows=LINE,
    loaded=LOADED, speaks=lambda row: row.language or row.customer.written_language,
)
def contract(records: Sequence[Contract], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    lines = lines_by_document(ContractLine, "contract_id", records)
    parties = particulars_of([row.customer for row in records], actor)
    sheets = []
    for row, speech in zip(records, speeches, strict=True):
        facts: Pairs = [
            (speech.say(_("Drawn up on")), speech.day(row.drawn_on)),
            (speech.say(_("Valid from")), speech.day(row.valid_from)),
            (speech.say(_("Valid until")), speech.day(row.valid_until)),
        ]
        sheet = document_sheet(
            row, lines[row.pk], speech, row.title or _("Contract"), facts, parties[row.customer_id],
            [_("For the customer: signature, seal, day"), _("For us: signature, seal, day")],
        )
        words = row.text or filled_in(row, row.wording, row.language or speech.language, actor)
        mark = speech.say(MARKED[row.status]) if row.status in MARKED else sheet.mark
        sheets.append(replace(sheet, notes=[*_numbered(words), *sheet.notes], mark=mark))
    return sheets


def _numbered(words: str) -> Pairs:
    """Clauses with their numbers; the opening words without a title."""
    found: Pairs = []
    number = 0
    for title, text in parts_of(words):
        number += bool(title)
        found.append((f"{number}  {title}" if title else "", text or " "))
    return found


@printed(
    Proposal, _("Proposal"), shows="number quotation customer contact owner title drawn_on needs wording", line=QuotationLine,
    line_shows=f"{LINE} inclusion", loaded=(
        "customer", "contact", "owner", "entity", "quotation", *(f"quotation__{name}" for name in LOADED),
    ), speaks=lambda row: row.language or row.customer.written_language,
)
def proposal(records: Sequence[Proposal], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    lines = lines_by_document(QuotationLine, "quotation_id", [row.quotation for row in records])
    parties = particulars_of([row.customer for row in records], actor)
    return [
        _around(row, lines[row.quotation_id], speech, parties[row.customer_id], actor)
        for row, speech in zip(records, speeches, strict=True)
    ]


def _around(row: Proposal, lines: list[Any], speech: Speech, party: Any, actor: Actor) -> Sheet:
    """The quotation's sheet under the proposal's title; opening words and the customer's needs come first, clauses after the prices."""
    quotation = row.quotation
    sheet = offer_sheet(quotation, row.number, lines, speech, party)
    words = _numbered(filled_in(row, row.wording, row.language or speech.language, actor))
    opening, clauses = [word for word in words if not word[0]], [word for word in words if word[0]]
    facts: Pairs = [
        (speech.say(_("Drawn up on")), speech.day(row.drawn_on)), (speech.say(_("Quotation")), quotation.number), *sheet.facts[1:],
    ]
    needs: Pairs = [(speech.say(_("What you need")), row.needs)]
    return replace(
        sheet, title=row.title, facts=facts, notes=[*opening, *needs, *clauses, *sheet.notes], signatures=[],
        mark="" if row.status == "issued" else sheet.mark,
    )
