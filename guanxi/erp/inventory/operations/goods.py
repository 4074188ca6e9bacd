"""Goods that arrive, are counted, or change their place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.operations import BooksAt, books_at
from guanxi.erp.inventory.events import GoodsReceived, StockAdjusted, StockTransferred
from guanxi.erp.inventory.models import GoodsReceipt, GoodsReceiptLine, Location, StockCost, Warehouse
from guanxi.erp.inventory.operations.reservations import cut_reservations
from guanxi.erp.inventory.operations.stock import (
    Movement,
    Posting,
    add_balances,
    add_stock,
    lock_shelf,
    outside,
    post_movements,
    quarantine_location,
    stock_location,
    take_value,
    write_moves,
)
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Price, Quantity
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import ZERO, round_money
from guanxi.kernel.values.shown import format_quantity
from guanxi.shared.catalog.models import Product

_FROM = {"purchase": "supplier", "opening": "opening", "other": "loss", "return": "customer"}
_OTHER = {"purchase": "goods_received_not_invoiced", "opening": "opening_balance", "other": "stock_difference", "return": "cost_of_sales"}
_ENTRY = {"purchase": "goods_receipt", "opening": "opening", "other": "goods_receipt", "return": "goods_receipt"}
_WRITE_LINES = """
UPDATE inventory_goodsreceiptline l SET value = t.value, version = l.version + 1
FROM unnest(%s::bigint[], %s::numeric[]) AS t (id, value) WHERE l.id = t.id
"""


@operation(
    label=gettext_lazy("Receive"), moves=GoodsReceipt.lifecycle.to("received"), icon="package-import",
    labels={"received_on": gettext_lazy("Received on")},
)
def receive_goods(receipt: GoodsReceipt, *, actor: Actor, received_on: date | None = None) -> GoodsReceipt:
    """Post the goods into stock: Dr stock / Cr goods received, not invoiced (or opening balances, stock differences, cost of sales)."""
    day = received_on or receipt.received_on
    lines = [line for line in receipt.lines.select_related("product").order_by("position", "pk") if line.product.kind == "goods"]
    if not lines:
        raise Refused(_("There are no goods on this receipt; enter at least one product."))
    books = books_at(receipt.entity_id, day, actor, is_opening=receipt.kind == "opening")
    party = receipt.delivery.customer if receipt.delivery is not None else receipt.supplier
    movements = _arriving(receipt, lines, books.currency, party.pk if party else None)
    add_stock(receipt.entity_id, movements)
    write_moves(receipt.entity_id, movements, day, actor)
    with connections["default"].cursor() as cursor:
        cursor.execute(_WRITE_LINES, [[line.pk for line in lines], [m.value for m in movements]])
    receipt.assign(received_on=day, value=sum((m.value for m in movements), ZERO))
    description = f"{receipt.number} {party or ''}".strip()
    post_movements(
        Posting(
            books=books, on=day, kind=_ENTRY[receipt.kind], other=_OTHER[receipt.kind], source=receipt.ref(),
            description=description, party_id=party.pk if party else None,
            # What came back counts against whoever sold it.
            salesperson_id=receipt.delivery.owner_id if receipt.delivery is not None else None,
        ),
        movements, actor, incoming=True,
    )
    publish(
        GoodsReceived(receipt.pk, receipt.supplier_id, receipt.warehouse_id, sorted({line.product_id for line in lines})),
        subject=receipt, party_id=party.pk if party else None,
    )
    return receipt


def _arriving(receipt: GoodsReceipt, lines: Sequence[GoodsReceiptLine], currency: str, party_id: int | None) -> list[Movement]:
    # What a customer sends back is looked at before it is anybody's again.
    place = quarantine_location if receipt.kind == "return" else stock_location
    here, there = place(receipt.warehouse), outside(_FROM[receipt.kind])
    return [
        Movement(
            product=line.product, quantity=line.base_quantity, from_location_id=there, to_location_id=here,
            # What is taken back is worth what it left with, to the cent, and that was written when the line was made.
            value=line.value if receipt.kind == "return" else round_money(line.quantity * line.unit_cost, currency),
            entered_quantity=line.quantity, unit_id=line.unit_id,
            party_id=party_id, document=receipt.number, source=line.ref(),
        )
        for line in lines
    ]


@operation(label=gettext_lazy("Cancel"), moves=GoodsReceipt.lifecycle.to("cancelled"), icon="x", tone="danger")
def cancel_receipt(receipt: GoodsReceipt, *, actor: Actor) -> GoodsReceipt:
    """The goods do not come."""
    return receipt


_COUNT_LABELS = {
    "location": gettext_lazy("Location"), "counted": gettext_lazy("Counted"), "counted_on": gettext_lazy("Counted on"),
    "reason": gettext_lazy("Reason"), "unit_cost": gettext_lazy("Unit cost"), "to_location": gettext_lazy("To"),
    "from_location": gettext_lazy("From"), "quantity": gettext_lazy("Quantity"), "moved_on": gettext_lazy("Date"),
}


def _why_not_counted(product: Product) -> str:
    return "" if product.kind == "goods" else _("%(product)s is a service; there is nothing to count.") % {"product": product}


@operation(label=gettext_lazy("Count"), icon="clipboard-check", labels=_COUNT_LABELS, unless=_why_not_counted)
def adjust_stock(
    product: Product, *, actor: Actor, location: Location, counted: Quantity, counted_on: date | None = None, reason: str = "",
    unit_cost: Price | None = None,
) -> Product:
    """Bring the books to what was counted; the difference goes to stock differences at the average cost."""
    warehouse = _stock_of(location, "location")
    if counted < 0:
        raise Invalid({"counted": [_("A count cannot be less than zero.")]})
    day = counted_on or actor.today
    books = books_at(warehouse.entity_id, day, actor)
    shelf = lock_shelf(warehouse.pk, [product.pk])
    present = sum((row.on_hand for row in shelf.rows if row.location_id == location.pk), ZERO)
    difference = counted - present
    if not difference:
        return product
    lost: list[tuple[str, int]] = []
    movement = Movement(
        product=product, quantity=abs(difference), from_location_id=location.pk, to_location_id=location.pk, document=reason,
        source=product.ref(),
    )
    if difference > 0:
        movement.from_location_id = outside("loss")
        movement.value = _found_value(product, books, difference, unit_cost)
        add_stock(warehouse.entity_id, [movement])
    else:
        lost = cut_reservations(shelf, product.pk, location.pk, counted)
        next(row for row in shelf.rows if row.location_id == location.pk).on_hand = counted
        shelf.write()
        take_value(books, [movement], "loss")
    write_moves(warehouse.entity_id, [movement], day, actor)
    post_movements(
        Posting(
            books=books, on=day, kind="stock_count", other="stock_difference", source=product.ref(),
            description=f"{product.code} {product.name} {reason}".strip(),
        ),
        [movement], actor, incoming=difference > 0,
    )
    publish(
        StockAdjusted(product.pk, warehouse.pk, format(difference.normalize(), "f"), [m for m, _id in lost], [i for _m, i in lost]),
        subject=product,
    )
    return product


def _stock_of(location: Location, name: str) -> Warehouse:
    if location.kind != "stock" or location.warehouse is None:
        raise Invalid({name: [_("“%(location)s” is outside every warehouse; choose a stock location.") % {"location": location}]})
    return location.warehouse


def _found_value(product: Product, books: BooksAt, quantity: Decimal, unit_cost: Decimal | None) -> Decimal:
    """Goods found are worth the cost given, else what the others cost; without others the standard cost."""
    cost = StockCost.objects.filter(entity_id=books.entity.pk, product=product).select_for_update(no_key=True).first()
    if unit_cost is not None:
        return round_money(unit_cost * quantity, books.currency)
    if cost is not None and cost.quantity > 0:
        return round_money(cost.value * quantity / cost.quantity, books.currency)
    return round_money(product.standard_cost * quantity, books.currency)


@operation(label=gettext_lazy("Move"), icon="arrows-exchange", labels=_COUNT_LABELS, unless=_why_not_counted)
def transfer_stock(
    product: Product, *, actor: Actor, from_location: Location, to_location: Location, quantity: Quantity, moved_on: date | None = None,
    reason: str = "",
) -> Product:
    """Carry free goods from one location to another of the same legal entity; their value does not change."""
    warehouse, target = _stock_of(from_location, "from_location"), _stock_of(to_location, "to_location")
    if from_location == to_location or warehouse.entity_id != target.entity_id:
        raise Invalid({"to_location": [_("Choose another location of the same legal entity.")]})
    if quantity <= 0:
        raise Invalid({"quantity": [_("The quantity has to be more than zero.")]})
    rows = lock_shelf(warehouse.pk, [product.pk])
    balance = next((row for row in rows.rows if row.location_id == from_location.pk), None)
    free = balance.on_hand - balance.reserved if balance else ZERO
    if balance is None or free < quantity:
        raise Refused(
            _("%(product)s: %(wanted)s %(unit)s wanted, %(free)s free in %(location)s.")
            % {
                "product": product, "unit": product.unit, "wanted": format_quantity(quantity), "free": format_quantity(free),
                "location": from_location,
            }
        )
    balance.on_hand -= quantity
    rows.write()
    movement = Movement(
        product=product, quantity=quantity, from_location_id=from_location.pk, to_location_id=to_location.pk, document=reason,
        source=product.ref(),
    )
    add_balances([movement])
    write_moves(warehouse.entity_id, [movement], moved_on or actor.today, actor)
    if warehouse.pk != target.pk:
        publish(StockTransferred(product.pk, warehouse.pk, target.pk), subject=product)
    return product


@operation(label=gettext_lazy("Make default"), icon="home")
def make_default_warehouse(warehouse: Warehouse, *, actor: Actor) -> Warehouse:
    """New orders and receipts of its legal entity use this warehouse unless told otherwise."""
    Warehouse.objects.filter(entity_id=warehouse.entity_id, is_default=True).exclude(pk=warehouse.pk).updated(is_default=False)
    warehouse.assign(is_default=True)
    return warehouse

