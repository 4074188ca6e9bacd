"""Deliveries: drafted for another module's lines, shipped whole or in part, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.operations import BooksAt, books_at
from guanxi.erp.finance.queries import company_currency, company_rates, no_rate
from guanxi.erp.inventory.events import DeliveryCancelled, DeliveryShipped
from guanxi.erp.inventory.models import DELIVERY_SERIES, Delivery, DeliveryLine, Reservation, Warehouse
from guanxi.erp.inventory.operations.stock import (
    Movement,
    Picked,
    Posting,
    lock_shelf,
    outside,
    post_movements,
    take_value,
    write_moves,
)
from guanxi.erp.inventory.parts import DeliveryPart, Need, needs_of, parts_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Quantity
from guanxi.kernel.database.known import known
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.numbers.series import next_numbers
from guanxi.kernel.records.links import post_links
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import ZERO, round_money, round_quantity
from guanxi.kernel.values.shown import format_quantity
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.parties.models import Party


@dataclass
class DeliveryDraft:
    """One line to deliver, in the unit and with the factor of the line it comes from."""

    source: Record | None
    product: Product
    quantity: Decimal
    unit: Unit
    factor: Decimal
    description: str = ""
    section: str = ""
    cost: Decimal | None = None
    """What a supplier takes for it, when it does not come from our stock."""
    parts: Sequence[tuple[Product, Decimal]] = ()
    """What goes into one base unit of it from our stock, in base units."""
    work: Decimal = ZERO
    """And the work on one, in the company's currency."""


@dataclass
class ShippedLine:
    """How much of a delivery line really leaves."""

    line: DeliveryLine
    quantity: Quantity


SHIPMENT_GUARDS: list[Callable[[Delivery, Sequence[DeliveryLine], date, Actor], None]] = []
"""What modules above refuse before goods leave: functions (delivery, lines that leave, day, actor)."""


EARLIEST: list[Callable[[int], tuple[date, str] | None]] = []
"""What modules above know of a delivery's first possible day: functions of its id that give the day and the sentence for one before it."""


SHIPPED: list[Callable[[Sequence[DeliveryLine], date, Actor], None]] = []
"""What modules above do at once when goods have left: functions (lines that left, day, actor)."""


def draft_delivery(
    customer: Party, *, warehouse: Warehouse, lines: Sequence[DeliveryDraft], actor: Actor, owner: Member | None = None,
    entity: Entity | None = None, planned_on: date | None = None, note: str = "", supplier: Party | None = None,
) -> Delivery:
    """A delivery to be shipped later; the database links its lines to their sources. Runs under the act that calls it."""
    entity_id = entity.pk if entity is not None else warehouse.entity_id
    day = planned_on or actor.today
    delivery = Delivery(
        customer=customer, warehouse=warehouse, owner_id=owner.pk if owner else customer.owner_id or actor.member_id, entity_id=entity_id,
        planned_on=day, note=note, supplier=supplier,
    )
    [delivery.number] = next_numbers(DELIVERY_SERIES, on=day, entity=entity, entity_id=entity_id)
    insert_rows([delivery])
    rows = [
        DeliveryLine(
            delivery=delivery, position=position, section=line.section, product=line.product, description=line.description[:200],
            quantity=line.quantity, unit=line.unit, factor=line.factor, source_model=line.source.label() if line.source else "",
            source_id=line.source.pk if line.source else None, cost=line.cost,
        )
        for position, line in enumerate(lines, start=1)
    ]
    insert_rows(rows)
    if parts := [part for line, row in zip(lines, rows, strict=True) for part in _parts(line, row)]:
        insert_rows(parts)
    index_records(Delivery, [delivery.pk], are_new=True)
    return delivery


def _parts(line: DeliveryDraft, row: DeliveryLine) -> list[DeliveryPart]:
    goods = [DeliveryPart(line=row, product=product, quantity=quantity) for product, quantity in line.parts]
    return [*goods, DeliveryPart(line=row, work=line.work)] if line.work else goods


def replan_deliveries(source_model: str, source_ids: Sequence[int], planned_on: date) -> int:
    """Drafted deliveries of these lines for another day; how many. Runs under the act that calls it."""
    lines = DeliveryLine.objects.filter(source_model=source_model, source_id__in=list(source_ids)).values("delivery_id")
    return Delivery.objects.filter(pk__in=lines, status="draft").exclude(planned_on=planned_on).updated(planned_on=planned_on)


@operation(
    label=gettext_lazy("Ship"), moves=Delivery.lifecycle.to("shipped"), icon="truck-delivery",
    labels={
        "lines": gettext_lazy("Lines"), "line": gettext_lazy("Delivery line"), "quantity": gettext_lazy("Quantity"),
        "shipped_on": gettext_lazy("Shipped on"), "carrier": gettext_lazy("Carrier"), "tracking": gettext_lazy("Tracking number"),
    },
)
def ship_delivery(
    delivery: Delivery, *, actor: Actor, lines: list[ShippedLine] | None = None, shipped_on: date | None = None, carrier: str = "",
    tracking: str = "",
) -> Delivery:
    """Post the goods issue: all of it, or the quantities given; the rest stays with the order."""
    day = shipped_on or actor.today
    books = books_at(delivery.entity_id, day, actor)
    mine = lines_that_leave(delivery, lines)
    for guard in SHIPMENT_GUARDS:
        guard(delivery, mine, day, actor)
    stocked = [line for line in mine if line.product.kind == "goods"]
    parts = parts_of(stocked) if any(line.has_parts for line in stocked) else {}
    if delivery.supplier_id is None:
        movements = _movements(delivery, _take_goods(delivery, needs_of(stocked, parts)))
        if movements:
            take_value(books, movements, "customer")
    else:
        movements = _past_the_shelf(delivery, stocked, books)
    if movements:
        write_moves(delivery.entity_id, movements, day, actor)
    costs: dict[int, Decimal] = {line.pk: ZERO for line in mine}
    for movement in movements:
        costs[movement.source[1]] += movement.value  # type: ignore[misc]
    _write_lines(mine, costs)
    if parts:
        _write_parts(stocked, parts, movements, books, day)
    post_links(DeliveryLine.label(), [line.pk for line in mine], day)
    delivery.assign(
        shipped_on=day, cost=sum(costs.values(), ZERO), carrier=carrier or delivery.carrier, tracking=tracking or delivery.tracking
    )
    post_movements(
        Posting(
            books=books, on=day, kind="delivery", other="cost_of_sales", source=delivery.ref(),
            description=f"{delivery.number} {mine[0].customer_name}", party_id=delivery.customer_id, salesperson_id=delivery.owner_id,
            own="goods_received_not_invoiced" if delivery.supplier_id else "stock", own_party_id=delivery.supplier_id,
            work=[
                (part.cost or ZERO, line.product_id, line.ref()) for line in stocked for part in parts.get(line.pk, ()) if part.work
            ],
        ),
        movements, actor, incoming=False,
    )
    for follow in SHIPPED:
        follow(mine, day, actor)
    publish(
        DeliveryShipped(delivery.pk, delivery.customer_id, [line.pk for line in mine]), subject=delivery, party_id=delivery.customer_id
    )
    return delivery


@known
def _lines_of(delivery_id: int) -> Any:
    rows = DeliveryLine.objects.filter(delivery=delivery_id).select_related("product", "product__unit")
    has_parts = Exists(DeliveryPart.objects.filter(line=OuterRef("pk")))
    return rows.annotate(customer_name=F("delivery__customer__name"), has_parts=has_parts).order_by("position", "pk")


@known
def _held_for(sources: list[int], locations: list[int]) -> Any:
    return Reservation.objects.filter(source_id__any=sources, location_id__any=locations).order_by("pk")


def lines_that_leave(delivery: Delivery, given: list[ShippedLine] | None) -> list[Any]:
    """The lines that leave, with the quantities that leave; lines of which nothing leaves are taken off the delivery."""
    mine = _lines_of(delivery.pk)
    if given is not None:
        by_id = {line.pk: line for line in mine}
        errors: dict[str, list[str]] = {}
        quantities: dict[int, Decimal] = dict.fromkeys(by_id, ZERO)
        for number, part in enumerate(given):
            line = by_id.get(part.line.pk)
            if line is None:
                errors[f"lines.{number}.line"] = [_("This line belongs to another delivery.")]
            elif part.quantity < 0 or quantities[line.pk] + part.quantity > line.quantity:
                errors[f"lines.{number}.quantity"] = [
                    _("Between 0 and %(quantity)s; change the delivery to ship more.") % {"quantity": format_quantity(line.quantity)}
                ]
            else:
                quantities[line.pk] += part.quantity
        if errors:
            raise Invalid(errors)
        left = [line for line in mine if not quantities[line.pk]]
        mine = [line for line in mine if quantities[line.pk]]
        for line in mine:
            line.quantity = quantities[line.pk]
        if left:
            gone = [line.pk for line in left]
            DeliveryPart.objects.filter(line__in=[line.pk for line in left if line.has_parts])._raw_delete("default")
            DeliveryLine.objects.filter(pk__in=gone)._raw_delete("default")
    if not mine:
        raise Refused(_("There is nothing to ship; enter at least one quantity."))
    return mine


def _take_goods(delivery: Delivery, needs: Sequence[Need]) -> list[tuple[Need, list[Picked]]]:
    """Where the goods of each come from; Refused, naming every product of which there is not enough."""
    if not needs:
        return []
    shelf = lock_shelf(delivery.warehouse_id, (need.product.pk for need in needs))
    locations = {row.location_id for row in shelf.rows}
    sources = [need.line.source_id for need in needs if need.line.source_id]
    held = _held_for(sources, sorted(locations)) if sources else []
    before = {row.pk: row.quantity for row in held}
    there = {product: (shelf.on_hand(product), shelf.reserved(product)) for product in {need.product.pk for need in needs}}
    picked, short = [], []
    for need in needs:
        key = need.line.source_model, need.line.source_id, need.product.pk
        found = shelf.pick(need.product.pk, need.quantity, [r for r in held if (r.source_model, r.source_id, r.product_id) == key])
        picked.append((need, found))
        if sum((part.quantity for part in found), ZERO) < need.quantity:
            short.append(need)
    if short:
        raise Refused(" ".join(_shortage(need, *there[need.product.pk], needs, held, before) for need in _first_of_each(short)))
    shelf.write(held, before)
    return picked


def _first_of_each(needs: Sequence[Need]) -> list[Need]:
    return list({need.product.pk: need for need in reversed(needs)}.values())[::-1]


def _shortage(
    short: Need, on_hand: Decimal, reserved: Decimal, needs: Sequence[Need], held: Sequence[Reservation], before: dict[int, Decimal],
) -> str:
    wanted = sum((need.quantity for need in needs if need.product.pk == short.product.pk), ZERO)
    own = sum((before[row.pk] for row in held if row.product_id == short.product.pk), ZERO)
    figures = {
        "product": short.product, "unit": short.product.unit, "wanted": format_quantity(wanted), "on_hand": format_quantity(on_hand),
        "others": format_quantity(reserved - own),
    }
    if reserved > own:
        return _("%(product)s: %(wanted)s %(unit)s wanted, %(on_hand)s on hand, of which %(others)s are reserved for others.") % figures
    return _("%(product)s: %(wanted)s %(unit)s wanted, %(on_hand)s on hand.") % figures


def _movements(delivery: Delivery, picked: Sequence[tuple[Need, list[Picked]]]) -> list[Movement]:
    return [
        Movement(
            product=need.product, quantity=part.quantity, from_location_id=part.location_id,
            entered_quantity=round_quantity(part.quantity / need.factor), unit_id=need.unit_id, party_id=delivery.customer_id,
            document=delivery.number, source=need.line.ref(), sold_as=need.line.product_id,
        )
        for need, parts in picked for part in parts
    ]


def _past_the_shelf(delivery: Delivery, lines: Sequence[DeliveryLine], books: BooksAt) -> list[Movement]:
    """From the supplier to the customer at the supplier's price (`cost` of the drafted line, for all of it): no stock of ours is touched."""
    supplier, customer = outside("supplier"), outside("customer")
    drafted = dict(DeliveryLine.objects.filter(pk__in=[line.pk for line in lines]).values_list("pk", "quantity"))
    return [
        Movement(
            product=line.product, quantity=line.base_quantity, from_location_id=supplier, to_location_id=customer,
            value=round_money((line.cost or ZERO) * line.quantity / drafted[line.pk], books.currency), entered_quantity=line.quantity,
            unit_id=line.unit_id, party_id=delivery.customer_id, document=delivery.number, source=line.ref(),
        )
        for line in lines
    ]


_WRITE_LINES = """
UPDATE inventory_deliveryline l SET quantity = t.quantity, cost = t.cost, version = l.version + 1
FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS t (id, quantity, cost) WHERE l.id = t.id
"""


def _write_lines(lines: Sequence[DeliveryLine], costs: dict[int, Decimal]) -> None:
    for line in lines:
        line.cost = costs[line.pk]
    with connections["default"].cursor() as cursor:
        cursor.execute(_WRITE_LINES, [[r.pk for r in lines], [r.quantity for r in lines], [r.cost for r in lines]])


def _write_parts(
    lines: Sequence[DeliveryLine], parts: dict[int, list[DeliveryPart]], movements: Sequence[Movement], books: BooksAt, on: date
) -> None:
    """What left as a part of each line cost so much in the books: goods as they were valued, work by the rate of the day."""
    rate = _rate_of_work(books, on) if any(part.work for mine in parts.values() for part in mine) else Decimal(1)
    both = [(line, part) for line in lines for part in parts.get(line.pk, ())]
    for line, part in both:
        moved = [m for m in movements if m.source[1] == line.pk and m.product.pk == part.product_id]  # type: ignore[misc]
        work = round_money(part.work * rate * line.base_quantity, books.currency)
        part.cost = sum((m.value for m in moved), work)
    DeliveryPart.objects.bulk_update([part for _line, part in both], ["cost"])


def _rate_of_work(books: BooksAt, on: date) -> Decimal:
    if books.entity.is_default:
        return Decimal(1)
    rate = company_rates([books.entity.pk], on).get(books.entity.pk)
    if rate is None:
        raise no_rate(company_currency())
    return rate


def cut_planned(left: Mapping[int, Decimal], *, actor: Actor, source_model: str = "sales.orderline") -> None:
    """Of each source line no more than `left` (in its unit) stays planned: the latest deliveries give way first, and one of which nothing
    is left is cancelled. Runs under the act that calls it."""
    planned = DeliveryLine.objects.filter(source_model=source_model, source_id__in=list(left), delivery__status="draft")
    lines = list(planned.select_related("delivery").order_by("-delivery__planned_on", "-pk").select_for_update(of=("self",), no_key=True))
    excess = {source: -max(ZERO, quantity) for source, quantity in left.items()}
    for line in lines:
        excess[line.source_id] += line.quantity  # type: ignore[index]
    gone = []
    for line in lines:
        cut = min(line.quantity, excess[line.source_id])  # type: ignore[index]
        if cut > 0:
            excess[line.source_id] -= cut  # type: ignore[index]
            line.quantity -= cut
            gone.append(line)
    if not gone:
        return
    kept = [line for line in gone if line.quantity > 0]
    DeliveryLine.objects.bulk_update(kept, ["quantity"])
    DeliveryLine.objects.filter(pk__in=[line.pk for line in gone if line.quantity <= 0]).delete()
    empty = Delivery.objects.filter(pk__in={line.delivery_id for line in gone}, status="draft", lines__isnull=True)
    for delivery in empty.order_by("pk"):
        cancel_delivery(delivery, actor=actor)


@operation(
    label=gettext_lazy("Cancel"), moves=Delivery.lifecycle.to("cancelled"), icon="x", tone="danger",
    labels={"reason": gettext_lazy("Reason")},
)
def cancel_delivery(delivery: Delivery, *, actor: Actor, reason: str = "") -> Delivery:
    """Nothing leaves by this delivery: its lines are free to be put on another one."""
    Link.objects.filter(to_model=DeliveryLine.label(), to_id__in=delivery.lines.values("pk"), kind="delivery").delete()
    if reason:
        delivery.assign(note=f"{delivery.note}\n{reason}".strip())
    publish(DeliveryCancelled(delivery.pk, delivery.customer_id), subject=delivery, party_id=delivery.customer_id)
    return delivery
