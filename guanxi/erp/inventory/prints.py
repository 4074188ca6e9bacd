"""The delivery note. It shows no price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from guanxi.erp.inventory.models import Delivery, DeliveryLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.printing.declared import printed
from guanxi.kernel.printing.sheet import MARKS, Place, Sheet
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.values.shown import format_column
from guanxi.shared.catalog.paper import goods, in_sections
from guanxi.shared.parties.paper import addressed, particulars_of


@printed(
    Delivery, _("Delivery note"), shows="number customer warehouse planned_on shipped_on carrier tracking note", line=DeliveryLine,
    line_shows="section product description quantity unit", loaded=("customer", "entity", "warehouse"),
    speaks=lambda row: row.customer.written_language,
)
def delivery_note(records: Sequence[Delivery], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    parties = particulars_of([row.customer for row in records], actor)
    lines: dict[int, list[DeliveryLine]] = defaultdict(list)
    for line in DeliveryLine.objects.filter(delivery__in=records).select_related("product", "unit").order_by("position", "pk"):
        lines[line.delivery_id].append(line)
    return [_sheet(row, lines[row.pk], speech, parties[row.customer_id]) for row, speech in zip(records, speeches, strict=True)]


def _sheet(row: Delivery, lines: list[DeliveryLine], speech: Speech, party) -> Sheet:
    day = (_("Shipped on"), row.shipped_on) if row.shipped_on else (_("Planned on"), row.planned_on)
    quantities = format_column(line.quantity for line in lines)
    return Sheet(
        speech, row.entity, speech.say(_("Delivery note")), row.number,
        facts=[
            (speech.say(day[0]), speech.day(day[1])),
            (speech.say(_("Warehouse")), speech.one(row.warehouse.name)),
            (speech.say(_("Carrier")), row.carrier),
            (speech.say(_("Tracking number")), row.tracking),
        ],
        parties=[addressed(party, speech, label=speech.say(_("Delivered to")), kinds=("delivery", "office"))],
        places=[
            Place("#"), Place(speech.say(_("Product")), share=1), Place(speech.say(_("Quantity")), "number"), Place(speech.say(_("Unit"))),
            Place(speech.say(_("Quantity received")), "middle", share=0.2),
        ],
        rows=in_sections(lines, [
            [str(number), goods(line.product, line.description, speech), quantity, speech.one(line.unit.name), ""]
            for number, (line, quantity) in enumerate(zip(lines, quantities, strict=True), start=1)
        ], speech, 5),
        notes=[(speech.say(_("Note")), row.note)],
        signatures=[speech.say(_("Handed over by")), speech.say(_("Received by, on"))],
        mark=speech.say(MARKS[row.status]) if row.status in MARKS else "",
    )
