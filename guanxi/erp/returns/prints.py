"""The return note: it goes into the parcel, and comes back with what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from guanxi.erp.returns.models import CustomerReturn, CustomerReturnLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.printing.declared import printed
from guanxi.kernel.printing.sheet import MARKS, Place, Sheet
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.values.shown import format_column
from guanxi.shared.catalog.paper import goods
from guanxi.shared.parties.paper import addressed, particulars_of


@printed(
    CustomerReturn, _("Return note"), shows="number customer reason wish announced_on received_on warehouse note", line=CustomerReturnLine,
    line_shows="product description announced received unit finding", loaded=("customer", "entity", "warehouse"),
    speaks=lambda row: row.customer.written_language,
)
def return_note(records: Sequence[CustomerReturn], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    parties = particulars_of([row.customer for row in records], actor)
    lines: dict[int, list[CustomerReturnLine]] = defaultdict(list)
    for line in CustomerReturnLine.objects.filter(customer_return__in=records).select_related("product", "unit").order_by("position", "pk"):
        lines[line.customer_return_id].append(line)
    return [_sheet(row, lines[row.pk], speech, parties[row.customer_id]) for row, speech in zip(records, speeches, strict=True)]


def _sheet(row: CustomerReturn, lines: list[CustomerReturnLine], speech: Speech, party) -> Sheet:
    came = row.received_on is not None
    announced, received = format_column(line.announced for line in lines), format_column(line.received for line in lines)
    return Sheet(
        speech, row.entity, speech.say(_("Return note")), row.number,
        facts=[
            (speech.say(_("Announced on")), speech.day(row.announced_on)), (speech.say(_("Received on")), speech.day(row.received_on)),
            (speech.say(_("Reason")), speech.one(dict(row._meta.get_field("reason").flatchoices)[row.reason])),  # type: ignore[union-attr]
            (speech.say(_("Warehouse")), speech.one(row.warehouse.name)),
        ],
        parties=[addressed(party, speech, label=speech.say(_("Sent back by")), kinds=("delivery", "office"))],
        places=[
            Place("#"), Place(speech.say(_("Product")), share=1), Place(speech.say(_("Announced")), "number"), Place(speech.say(_("Unit"))),
            Place(speech.say(_("Received")), "number"), Place(speech.say(_("Finding")), share=0.6),
        ],
        rows=[
            [
                str(number), goods(line, speech), announced[number - 1], speech.one(line.unit.name),
                received[number - 1] if came else "", line.finding,
            ]
            for number, line in enumerate(lines, start=1)
        ],
        notes=[(speech.say(_("Note")), row.note)],
        signatures=[speech.say(_("Sent back by")), speech.say(_("Received by, on"))],
        mark=speech.say(MARKS[row.status]) if row.status in MARKS else "",
    )
