"""What can be done when a line is late: split it, deliver from elsewhere, offer something else, take goods from another order."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.inventory.models import Reservation, Warehouse
from guanxi.erp.inventory.operations import move_reservation
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.sales import events
from guanxi.erp.sales.models import Order, OrderLine, Quotation, QuotationLine
from guanxi.erp.sales.promising.promises import correct_missing, note_lost
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import update
from guanxi.kernel.columns.column import LongText, Quantity
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.screens.forms import OFFERED
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_quantity
from guanxi.shared.catalog.models import Product, Substitute

_LABELS = {
    "line": gettext_lazy("Line"), "quantity": gettext_lazy("Quantity"), "product": gettext_lazy("Product"), "warehouse": gettext_lazy("Warehouse"),
    "order": gettext_lazy("Sales order"), "reason": gettext_lazy("Reason"),
}


@operation(label=gettext_lazy("Split the line"), states=("draft",), icon="arrows-split", labels=_LABELS)
def split_quotation_line(quotation: Quotation, *, actor: Actor, line: QuotationLine, quantity: Quantity) -> Quotation:
    """Two lines of one: so much, and the rest, each with its own day."""
    return _split(quotation, line, quantity, actor)


@operation(label=gettext_lazy("Split the line"), states=("draft",), icon="arrows-split", labels=_LABELS)
def split_order_line(order: Order, *, actor: Actor, line: OrderLine, quantity: Quantity) -> Order:
    """Two lines of one: so much, and the rest, each with its own day."""
    return _split(order, line, quantity, actor)


@operation(label=gettext_lazy("Take the substitute"), states=("draft",), icon="replace", labels=_LABELS)
def substitute_quotation_line(quotation: Quotation, *, actor: Actor, line: QuotationLine, product: Product) -> Quotation:
    """A substitute in place of what is short, at its own price."""
    return _substitute(quotation, line, product, actor)


@operation(label=gettext_lazy("Take the substitute"), states=("draft",), icon="replace", labels=_LABELS)
def substitute_order_line(order: Order, *, actor: Actor, line: OrderLine, product: Product) -> Order:
    """A substitute in place of what is short, at its own price."""
    return _substitute(order, line, product, actor)


@operation(label=gettext_lazy("Deliver from another warehouse"), states=("draft",), icon="building-warehouse", labels=_LABELS)
def change_quotation_warehouse(quotation: Quotation, *, actor: Actor, warehouse: Warehouse) -> Quotation:
    """All lines are promised from there."""
    return _rewrite(quotation, actor, _as_it_is, warehouse=warehouse)


@operation(label=gettext_lazy("Deliver from another warehouse"), states=("draft",), icon="building-warehouse", labels=_LABELS)
def change_order_warehouse(order: Order, *, actor: Actor, warehouse: Warehouse) -> Order:
    """All lines are promised and reserved there."""
    return _rewrite(order, actor, _as_it_is, warehouse=warehouse)


def _as_it_is(line: Any) -> list[dict[str, Any]]:
    return [{"id": line.pk}]


def _rewrite(document: Any, actor: Actor, change: Callable[[Any], list[dict[str, Any]]], **values: Any) -> Any:
    """The document with other lines, as if they were typed: prices, amounts and days follow."""
    lines = [raw for line in document.lines.select_related("product", "unit", "tax").order_by("position") for raw in change(line)]
    update(form_of(type(document)), [document], [{**values, "lines": lines}], actor)
    return document


def _require_own(document: Any, line: Any) -> None:
    if document.pk not in (getattr(line, "order_id", None), getattr(line, "quotation_id", None)):
        raise Invalid({"line": [_("This line belongs to another document.")]})


def _split(document: Any, line: Any, quantity: Decimal, actor: Actor) -> Any:
    _require_own(document, line)
    if line.configuration_id is not None:
        raise Refused(_("“%(line)s” is configured and stays one line; deliver it in parts.") % {"line": line.description})
    if not 0 < quantity < line.quantity:
        raise Invalid({"quantity": [_("Between 0 and %(quantity)s: both parts need some of it.") % {"quantity": format_quantity(line.quantity)}]})

    def parted(one: Any) -> list[dict[str, Any]]:
        if one.pk != line.pk:
            return _as_it_is(one)
        kept = {name: getattr(one, name) for name in ("section", "product", "description", "unit", "unit_price", "discount", "tax")}
        rest = {**kept, **{name: kept[name].pk for name in ("product", "unit", "tax")}}
        if hasattr(one, "inclusion"):
            rest["inclusion"] = one.inclusion
        return [{"id": one.pk, "quantity": str(quantity)}, {**rest, "quantity": str(one.quantity - quantity)}]

    return _rewrite(document, actor, parted)


def _substitute(document: Any, line: Any, product: Product, actor: Actor) -> Any:
    _require_own(document, line)
    found = Substitute.objects.filter(product=line.product_id, substitute=product).first()
    if found is None:
        raise Invalid({"product": [_("%(product)s is no substitute for %(line)s; add it on the product's page first.")
                                   % {"product": product, "line": line.product}]})

    def replaced(one: Any) -> list[dict[str, Any]]:
        if one.pk != line.pk:
            return _as_it_is(one)
        quantity = one.quantity * one.factor * found.factor
        given = {"section": one.section, "product": product.pk, "quantity": f"{quantity.normalize():f}", "discount": one.discount}
        return [{**given, "inclusion": one.inclusion} if hasattr(one, "inclusion") else given]

    return _rewrite(document, actor, replaced)


@operation(label=gettext_lazy("Take from another order"), icon="arrows-exchange", labels=_LABELS)
def reallocate_stock(waiting: WaitingLine, *, actor: Actor, order: Order, reason: LongText, quantity: Quantity | None = None) -> Order:
    """Goods held for another order are held for this line instead; both owners are told why."""
    if waiting.source_model != OrderLine.label():
        raise Refused(_("This line belongs to no sales order; what it needs cannot be taken from one."))
    if order.pk == waiting.order_id:
        raise Invalid({"order": [_("This is the order that waits; choose another one.")]})
    if order.status != "confirmed" or order.warehouse_id != waiting.warehouse_id:
        raise Invalid({"order": [_("Only a confirmed order of the same warehouse can give goods.")]})
    wanted = waiting.quantity if quantity is None else quantity
    if not 0 < wanted <= waiting.quantity:
        raise Invalid({"quantity": [_("Between 0 and %(quantity)s: more is not missing.") % {"quantity": format_quantity(waiting.quantity)}]})
    lines = list(order.lines.order_by("position").values_list("pk", flat=True))
    moved = move_reservation(
        waiting.product, waiting.warehouse, from_model=OrderLine.label(), from_ids=lines, to=(OrderLine.label(), waiting.source_id), quantity=wanted
    )
    if moved <= ZERO:
        raise Refused(_("Nothing of %(product)s is reserved for %(order)s.") % {"product": waiting.product, "order": order})
    receiver = Order.objects.get(pk=waiting.order_id)
    product_id, text = waiting.product_id, f"{moved.normalize():f}"
    note_lost(order, lines)
    correct_missing([waiting.source_id])
    publish(
        events.ReservationTaken(order.pk, receiver.pk, receiver.number, product_id, text, reason), subject=order, party_id=order.customer_id
    )
    publish(
        events.ReservationGiven(receiver.pk, order.pk, order.number, product_id, text, reason), subject=receiver, party_id=receiver.customer_id
    )
    return receiver


def orders_that_could_give(waiting: WaitingLine, orders: Any) -> Any:
    """Confirmed orders of the same warehouse for which such goods are held."""
    held = Reservation.objects.filter(source_model=OrderLine.label(), product=waiting.product_id, location__warehouse=waiting.warehouse_id)
    lines = OrderLine.objects.filter(pk__in=held.values("source_id")).values("order_id")
    return orders.filter(status="confirmed", warehouse=waiting.warehouse_id, pk__in=lines).exclude(pk=waiting.order_id)


OFFERED[f"{reallocate_stock.name}:order"] = orders_that_could_give
