"""The days for which the lines of quotations and orders are promised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import Max, Sum

from guanxi.erp.configurator.queries import Recipe, Recipes, recipes
from guanxi.erp.inventory.models import Reservation
from guanxi.erp.inventory.operations import Need, replan_deliveries
from guanxi.erp.inventory.queries import default_warehouse
from guanxi.erp.promising.operations import ForDocument, correct_waiting, hold_goods, note_missing, promise_waiting
from guanxi.erp.promising.queries import Promise, Wanted, latest, promise_documents, promise_lines
from guanxi.erp.sales.models import GIVEN_BACK, REPLACEMENT, Order, OrderLine, Quotation
from guanxi.erp.sales.offers.floors import is_counted
from guanxi.erp.sales.queries import OPEN, lines_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO, round_quantity

ONE = Decimal(1)


# ---- what is being entered ------------------------------------------------------------------------------------------

def promise_drafts(drafts: Sequence[Draft], actor: Actor) -> None:
    """A day for each line of documents that are being written; one statement for all of one legal entity's."""
    by_entity: dict[int, list[tuple[Draft, list[Draft]]]] = {}
    for draft in drafts:
        # An option that nobody has chosen takes nothing from the lines that count.
        lines = sorted((line for line in draft.lines or () if not line.errors), key=lambda line: not is_counted(line))
        if lines and not draft.errors:
            by_entity.setdefault(draft.key("entity") or actor.entity_id, []).append((draft, lines))
    for entity_id, found in by_entity.items():
        usual: list[int | None] = []
        made_of = recipes(line.key("configuration") for _draft, lines in found for line in lines)
        documents = [[_asked(draft, line, _warehouse_of(draft, entity_id, usual), made_of) for line in lines] for draft, lines in found]
        if None in usual:
            continue
        promised = promise_documents(documents, entity_id=entity_id, today=actor.today)
        for (_draft, lines), promises in zip(found, promised, strict=True):
            for line, promise in zip(lines, promises, strict=True):
                line.values.update(promised_on=promise.on, promised_from=promise.source, said={"promised_on": promise})


def _warehouse_of(draft: Draft, entity_id: int, usual: list[int | None]) -> int:
    """The document's; else the usual one of the entity, which is looked for once."""
    if (chosen := draft.key("warehouse")) is not None:
        return chosen
    if not usual:
        try:
            usual.append(default_warehouse(entity_id).pk)
        except Refused:
            usual.append(None)
    return usual[0] or 0


def _asked(draft: Draft, line: Draft, warehouse_id: int, made_of: Recipes) -> Wanted:
    quantity = round_quantity((line.get("quantity") or ZERO) * line.get("factor", ONE))
    wanted = Wanted(line.get("product"), quantity, warehouse_id, draft.get("requested_on"))
    return put_together(wanted, made_of[line.key("configuration")])


def put_together(wanted: Wanted, recipe: Recipe, held: Mapping[Need, Decimal] | None = None) -> Wanted:
    """With what its configuration takes beside the product: parts from the same shelves, and days of work."""
    if wanted.product.kind != "goods":
        return wanted
    needs = tuple(
        replace(wanted, product=product, quantity=round_quantity(each * wanted.quantity), held=_held_of(wanted.source, product.pk, held))
        for product, each in recipe.parts
    )
    return replace(wanted, needs=needs, days=recipe.days)


def _held_of(source: tuple[str, int] | None, product_id: int, held: Mapping[Need, Decimal] | None) -> Decimal:
    return held.get((source[1], product_id), ZERO) if source and held else ZERO


def presume_in_stock(draft: Draft, actor: Actor) -> None:
    """What is confirmed as it is entered is entered as if all goods were there, as they mostly are; holding them corrects what is not so."""
    on = max(draft.get("requested_on") or actor.today, actor.today)
    draft.values["promised_on"] = on
    for line in draft.lines or ():
        line.values.update(promised_on=on, promised_from="stock" if line.get("product").kind == "goods" else "wanted")


# ---- what is confirmed ----------------------------------------------------------------------------------------------

def reserve_order(order: Order, lines: Sequence[OrderLine], actor: Actor, by_hand: date | None = None) -> None:
    """Hold the goods of an order that is being confirmed, and keep each line's promise."""
    made_of = recipes(line.configuration_id for line in lines)
    wanted = [
        put_together(
            Wanted(line.product, round_quantity(line.quantity * line.factor), order.warehouse_id, order.requested_on, line.ref()),
            made_of[line.configuration_id],
        )
        for line in lines
    ]
    promises = hold_goods(wanted, warehouse=order.warehouse, document=_document(order, by_hand), actor=actor)
    _keep(order, lines, promises, by_hand)


def resume_order(order: Order, actor: Actor) -> None:
    """Hold what an order still needs that stood still, and promise it anew, but for a day that was given by hand."""
    found = open_lines(order)
    by_hand = order.promised_on if order.is_promised_by_hand else None
    promises = hold_goods([wanted for _line, wanted in found], warehouse=order.warehouse, document=_document(order, by_hand), actor=actor)
    _keep(order, [line for line, _wanted in found], promises, by_hand, _supplied(order))


def hold_changed(order: Order, line_ids: Collection[int], actor: Actor) -> None:
    """Hold what changed lines need and promise them; the others keep their days."""
    by_hand = order.promised_on if order.is_promised_by_hand else None
    found = [(line, wanted) for line, wanted in open_lines(order) if line.pk in line_ids]
    promises = hold_goods([wanted for _line, wanted in found], warehouse=order.warehouse, document=_document(order, by_hand), actor=actor)
    _keep(order, [line for line, _wanted in found], promises, by_hand)
    if by_hand is None:
        order.assign(promised_on=latest(list(OrderLine.objects.filter(order=order).values_list("promised_on", flat=True))))


def _document(order: Order, by_hand: date | None) -> ForDocument:
    return ForDocument(order.ref(), order.number, order.customer_id, order.owner_id, order.ordered_on, by_hand)


_KEEP = """
UPDATE sales_orderline l SET promised_on = t.promised_on, promised_from = t.promised_from, version = l.version + 1
FROM unnest(%s::bigint[], %s::date[], %s::text[]) AS t (id, promised_on, promised_from)
WHERE l.id = t.id AND (l.promised_on, l.promised_from) IS DISTINCT FROM (t.promised_on, t.promised_from)
"""


def _keep(
    order: Order, lines: Sequence[OrderLine], promises: Sequence[Promise], by_hand: date | None, besides: Sequence[date | None] = ()
) -> bool:
    """Write the lines' days where they are others than before, and the order's, which heeds those `besides` too; whether any was."""
    found = [(line, by_hand or promise.on, "hand" if by_hand else promise.source) for line, promise in zip(lines, promises, strict=True)]
    changed = [(line, on, source) for line, on, source in found if (line.promised_on, line.promised_from) != (on, source)]
    if changed:
        with connections["default"].cursor() as cursor:
            cursor.execute(_KEEP, [[line.pk for line, _on, _s in changed], [on for _l, on, _s in changed], [s for _l, _on, s in changed]])
        for line, on, source in changed:
            line.promised_on, line.promised_from = on, source
    day = by_hand or latest([*(on for _line, on, _source in found), *besides])
    if (order.promised_on, order.is_promised_by_hand) != (day, bool(by_hand)):
        order.assign(promised_on=day, is_promised_by_hand=bool(by_hand))
    return bool(changed)


def open_lines(order: Order) -> list[tuple[OrderLine, Wanted]]:
    """The lines that still need goods of ours, with what goes into each and what is held for it."""
    lines = [line for line in lines_of(order.pk) if line.supplier_id is None]
    ids = [line.pk for line in lines]
    shipped = _shipped(ids)
    held, made_of = held_for(ids), recipes(line.configuration_id for line in lines)
    found = []
    for line in lines:
        rest = round_quantity((line.quantity - shipped.get(line.pk, ZERO)) * line.factor)
        if rest > 0 or line.product.kind != "goods":
            there = held.get((line.pk, line.product_id), ZERO)
            wanted = Wanted(line.product, rest, order.warehouse_id, order.requested_on, line.ref(), there)
            found.append((line, put_together(wanted, made_of[line.configuration_id], held)))
    return found


def _supplied(order: Order) -> list[date | None]:
    """The days of the lines that suppliers ship."""
    return [line.promised_on for line in lines_of(order.pk) if line.supplier_id is not None]


def _shipped(ids: Sequence[int]) -> dict[int, Decimal]:
    """What came back was delivered all the same: nobody waits for it, until the order brings it once more or has become shorter by it."""
    rows = Link.objects.filter(from_model=OrderLine.label(), from_id__in=list(ids), kind="delivery", posted_on__isnull=False)
    shipped: dict[int, Decimal] = defaultdict(Decimal)
    returned: dict[int, Decimal] = defaultdict(Decimal)
    for pk, left, kept in rows.order_by().values("from_id", "to_id").annotate(left=Max("quantity"), kept=Sum("quantity")).values_list(
        "from_id", "left", "kept"
    ):
        shipped[pk] += left
        returned[pk] += left - kept
    if any(returned.values()):
        again = Link.objects.filter(
            to_model=OrderLine.label(), to_id__in=[pk for pk, back in returned.items() if back], kind__in=(REPLACEMENT, GIVEN_BACK),
        )
        for pk, quantity in again.order_by().values_list("to_id").annotate(total=Sum("quantity")):
            shipped[pk] -= min(quantity, returned[pk])
    return dict(shipped)


def held_for(ids: Sequence[int]) -> dict[Need, Decimal]:
    """By line and product."""
    rows = Reservation.objects.filter(source_model=OrderLine.label(), source_id__in=list(ids)).order_by()
    return {(line, product): total for line, product, total in rows.values_list("source_id", "product_id").annotate(total=Sum("quantity"))}


def promise_by_hand(order: Order, day: date) -> None:
    """What is still to come is promised for this day, whatever the goods say."""
    lines = [line for line, _wanted in open_lines(order)]
    OrderLine.objects.filter(pk__in=[line.pk for line in lines]).updated(promised_on=day, promised_from="hand")
    order.assign(promised_on=day, is_promised_by_hand=True)
    _follow(order, {line.pk: day for line in lines}, day)


def promise_again(order: Order, actor: Actor) -> bool:
    """Days from the goods as they are now; whether any changed."""
    found = open_lines(order)
    promises = promise_lines([wanted for _line, wanted in found], entity_id=order.entity_id, today=actor.today)
    former = order.promised_on
    changed = _keep(order, [line for line, _wanted in found], promises, None, _supplied(order))
    _follow(order, {line.pk: promise.on for (line, _wanted), promise in zip(found, promises, strict=True)}, order.promised_on)
    return changed or order.promised_on != former


def _follow(order: Order, days: Mapping[int, date | None], day: date | None) -> None:
    """What waits, and deliveries that are planned but not shipped, go with the promise."""
    promise_waiting(OrderLine.label(), days)
    if day is not None:
        replan_deliveries(OrderLine.label(), list(days), day)


def note_lost(order: Order, line_ids: Sequence[int]) -> None:
    """Lines that lost goods held for them wait again, with the day that they were promised."""
    found = [(line, wanted) for line, wanted in open_lines(order) if line.pk in line_ids and wanted.missing]
    for line, wanted in found:
        note_missing([Promise(wanted, line.promised_on, line.promised_from)], _document(order, None))


def correct_missing(line_ids: Sequence[int]) -> None:
    """Lines that wait, after goods went to them or were taken from them."""
    lines = list(OrderLine.objects.filter(pk__in=list(line_ids)))
    shipped, held = _shipped([line.pk for line in lines]), held_for([line.pk for line in lines])
    made_of = recipes(line.configuration_id for line in lines)
    missing: dict[Need, Decimal] = {}
    for line in lines:
        rest = round_quantity((line.quantity - shipped.get(line.pk, ZERO)) * line.factor)
        parts = made_of[line.configuration_id].parts
        needed = {line.product_id: rest} | {product.pk: round_quantity(each * rest) for product, each in parts}
        missing |= {(line.pk, pk): quantity - held.get((line.pk, pk), ZERO) for pk, quantity in needed.items()}
    correct_waiting(OrderLine.label(), missing)


def _is_optional(line: Any) -> bool:
    return getattr(line, "inclusion", "") == "optional"


def promises_of(document: Quotation | Order, actor: Actor) -> dict[int, Promise]:
    """By line: what can be said today, with what else could be done. What the document holds itself is its own."""
    if isinstance(document, Order) and document.status == "confirmed":
        found = [(line.pk, wanted) for line, wanted in open_lines(document)]
    elif document.status in OPEN:
        place = document.warehouse_id or default_warehouse(document.entity_id).pk
        lines = sorted(document.lines.select_related("product__unit").order_by("position"), key=_is_optional)
        made_of = recipes(line.configuration_id for line in lines)
        found = [
            (line.pk, put_together(
                Wanted(line.product, round_quantity(line.quantity * line.factor), place, document.requested_on), made_of[line.configuration_id],
            ))
            for line in lines
        ]
    else:
        return {}
    wanted = [one for _pk, one in found]
    promises = promise_lines(wanted, entity_id=document.entity_id, today=actor.today, alternatives=True)
    return {pk: promise for (pk, _wanted), promise in zip(found, promises, strict=True)}

