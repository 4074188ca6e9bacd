"""A version on paper, as often as it is asked for: from what was kept of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.offers.models import QuotationVersion, QuotationVersionLine
from guanxi.erp.sales.prints import LINE, LOADED, SHOWN, lines_by_document, offer_sheet
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.printing.declared import printed
from guanxi.kernel.printing.sheet import Sheet
from guanxi.kernel.printing.speech import Speech
from guanxi.shared.parties.paper import particulars_of


@printed(
    QuotationVersion, _("Quotation"), shows=f"{SHOWN} quoted_on valid_until terms_text edition", line=QuotationVersionLine,
    line_shows=f"{LINE} inclusion", loaded=(*LOADED, "quotation"), speaks=lambda row: row.customer.written_language,
)
def quotation_version(records: Sequence[QuotationVersion], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    lines = lines_by_document(QuotationVersionLine, "version_of_id", records)
    parties = particulars_of([row.customer for row in records], actor)
    return [
        offer_sheet(row, row.quotation.number, lines[row.pk], speech, parties[row.customer_id])
        for row, speech in zip(records, speeches, strict=True)
    ]
