"""The delivery note and the picking list. They show no price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.erp.inventory.models import Delivery, DeliveryLine, Package, Reservation, StockBalance
from guanxi.erp.inventory.parts import needs_of, parts_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.printing.declared import printed
from guanxi.kernel.printing.sheet import MARKS, Place, Sheet
from guanxi.kernel.printing.speech import Speech
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_column, format_quantity
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
    packed: dict[int, list[Package]] = defaultdict(list)
    for package in Package.objects.filter(delivery__in=records).order_by("position"):
        packed[package.delivery_id].append(package)
    return [_sheet(row, lines[row.pk], packed[row.pk], speech, parties[row.customer_id]) for row, speech in zip(records, speeches, strict=True)]


def _sheet(row: Delivery, lines: list[DeliveryLine], packages: list[Package], speech: Speech, party) -> Sheet:
    day = (_("Shipped on"), row.shipped_on) if row.shipped_on else (_("Planned on"), row.planned_on)
    quantities = format_column(line.quantity for line in lines)
    return Sheet(
        speech, row.entity, speech.say(_("Delivery note")), row.number,
        facts=[
            (speech.say(day[0]), speech.day(day[1])),
            (speech.say(_("Warehouse")), speech.one(row.warehouse.name)),
            (speech.say(_("Carrier")), row.carrier),
            (speech.say(_("Tracking number")), row.tracking),
            (speech.say(_("Packages")), _weighed(packages)),
        ],
        parties=[addressed(party, speech, label=speech.say(_("Delivered to")), kinds=("delivery", "office"))],
        places=[
            Place("#"), Place(speech.say(_("Product")), share=1), Place(speech.say(_("Quantity")), "number"), Place(speech.say(_("Unit"))),
            Place(speech.say(_("Quantity received")), "middle", share=0.2),
        ],
        rows=in_sections(lines, [
            [str(number), goods(line, speech), quantity, speech.one(line.unit.name), ""]
            for number, (line, quantity) in enumerate(zip(lines, quantities, strict=True), start=1)
        ], speech, 5),
        notes=[(speech.say(_("Note")), row.note)],
        signatures=[speech.say(_("Handed over by")), speech.say(_("Received by, on"))],
        mark=speech.say(MARKS[row.status]) if row.status in MARKS else "",
    )


def _weighed(packages: list[Package]) -> str:
    if not packages:
        return ""
    weight = sum((one.weight or ZERO for one in packages), ZERO)
    return f"{len(packages)} ({format_quantity(weight)} kg)" if weight else str(len(packages))


@dataclass
class _Pick:
    """So much of a line from one place; without a place it is not there."""

    line: DeliveryLine
    place: str
    quantity: Decimal


@printed(
    Delivery, _("Picking list"), shows="number customer warehouse planned_on carrier note", line=DeliveryLine,
    line_shows="product description quantity unit", loaded=("customer", "entity", "warehouse"),
    may=lambda actor, row: actor.may("view", StockBalance),
)
def picking_list(records: Sequence[Delivery], speeches: Sequence[Speech], actor: Actor) -> list[Sheet]:
    """By place, then by product: one walk through the warehouse."""
    lines: dict[int, list[DeliveryLine]] = defaultdict(list)
    rows = DeliveryLine.objects.filter(delivery__in=records, product__kind="goods").select_related("product", "unit", "delivery")
    for line in rows.order_by("position", "pk"):
        lines[line.delivery_id].append(line)
    picks = _picks([line for row in records for line in _with_parts(lines[row.pk])])
    return [
        _picking_sheet(row, [one for one in picks if one.line.delivery_id == row.pk], speech) for row, speech in zip(records, speeches, strict=True)
    ]


def _with_parts(lines: Sequence[DeliveryLine]) -> list[DeliveryLine]:
    """Parts are picked as lines of their own."""
    return [
        need.line if need.part is None else DeliveryLine(
            delivery=need.line.delivery, position=need.line.position, product=need.product, description=str(need.product.name),
            quantity=need.quantity, unit=need.product.unit, factor=need.factor, source_model=need.line.source_model, source_id=need.line.source_id,
        )
        for need in needs_of(lines, parts_of(lines))
    ]


def _picks(lines: Sequence[DeliveryLine]) -> list[_Pick]:
    """Held for the line's source first, then what is free, location by location; as shipping would take them."""
    held = list(Reservation.objects.filter(source_id__in=[line.source_id for line in lines if line.source_id]).select_related("location"))
    free: dict[tuple[int, int], dict[str, Decimal]] = defaultdict(dict)
    balances = StockBalance.objects.filter(product_id__in={line.product_id for line in lines}, location__kind="stock").select_related("location")
    for row in balances.order_by("product_id", "location_id"):
        free[row.product_id, row.location.warehouse_id or 0][row.location.code] = row.on_hand - row.reserved
    picks: list[_Pick] = []
    for line in lines:
        wanted, warehouse_id = line.base_quantity, line.delivery.warehouse_id
        own = [
            (one.location.code, one.quantity) for one in held
            if (one.source_model, one.source_id, one.product_id, one.location.warehouse_id)
            == (line.source_model, line.source_id, line.product_id, warehouse_id)
        ]
        nobodys = free[line.product_id, warehouse_id]
        for place, there, is_own in [*((*one, True) for one in own), *((*one, False) for one in nobodys.items())]:
            part = min(wanted, there)
            if part > 0:
                wanted -= part
                nobodys[place] -= ZERO if is_own else part
                picks.append(_Pick(line, place, part / line.factor))
        if wanted > 0:
            picks.append(_Pick(line, "", wanted / line.factor))
    return sorted(picks, key=lambda one: (one.place == "", one.place, one.line.product.code, one.line.position))


def _picking_sheet(row: Delivery, picks: list[_Pick], speech: Speech) -> Sheet:
    quantities = format_column(one.quantity for one in picks)
    return Sheet(
        speech, row.entity, speech.say(_("Picking list")), row.number,
        facts=[
            (speech.say(_("Planned on")), speech.day(row.planned_on)), (speech.say(_("Warehouse")), speech.one(row.warehouse.name)),
            (speech.say(_("Customer")), row.customer.name), (speech.say(_("Carrier")), row.carrier),
        ],
        places=[
            Place(speech.say(_("Location"))), Place(speech.say(_("Product")), share=1), Place(speech.say(_("Quantity")), "number"),
            Place(speech.say(_("Unit"))), Place(speech.say(_("Picked")), "middle", share=0.25),
        ],
        rows=[
            [
                one.place or speech.one(_("not there")), goods(one.line, speech), quantity,
                speech.one(one.line.unit.name), "",
            ]
            for one, quantity in zip(picks, quantities, strict=True)
        ],
        notes=[(speech.say(_("Note")), row.note)], signatures=[speech.say(_("Picked by")), speech.say(_("Checked by"))],
    )
