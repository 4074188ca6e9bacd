"""Lines that a supplier ships to the customer directly (drop shipment, M14.3): nothing of ours is reserved, moved or valued for them.

Their cost of sales is what the supplier takes, against goods received and not invoiced; stock and its average cost never hear of them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.finance.queries import company_currency, no_rate
from guanxi.erp.inventory.models import Delivery
from guanxi.erp.inventory.operations import DeliveryDraft, draft_delivery, ship_delivery
from guanxi.erp.promising.queries import latest
from guanxi.erp.sales.changes.changing import let_go, lines_with_progress
from guanxi.erp.sales.credit.crediting import require_free
from guanxi.erp.sales.days import require_day
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import PartialLine, parts_of
from guanxi.erp.sales.pricing.costs import Costs, mean_cost
from guanxi.erp.sales.promising.promises import hold_changed
from guanxi.erp.sales.queries import lines_of, rest_to_deliver
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Price
from guanxi.kernel.database.known import known
from guanxi.kernel.records.links import linked_quantities
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import ZERO, round_half_up, round_money
from guanxi.shared.parties.models import Party

Supplier = Annotated[Party, "is_supplier"]

_LABELS = {
    "line": gettext_lazy("Order line"), "supplier": gettext_lazy("Supplier"), "unit_cost": gettext_lazy("Unit cost"),
    "expected_on": gettext_lazy("Expected at the customer on"), "lines": gettext_lazy("Lines"), "quantity": gettext_lazy("Quantity"),
    "shipped_on": gettext_lazy("Shipped on"), "carrier": gettext_lazy("Carrier"), "tracking": gettext_lazy("Tracking number"),
}


def only_line_left(order: Order, actor: Any) -> dict[str, Any]:
    """What handing a line to a supplier starts with: the one that is still ours to ship, where there is no other."""
    lines = rest_to_deliver(order, actor)["lines"]
    return {"line": lines[0]["line"], "expected_on": order.requested_on} if len(lines) == 1 else {}


@operation(
    label=gettext_lazy("Have a supplier ship it"), states=("confirmed",), icon="truck-loading", labels=_LABELS, proposes=only_line_left,
)
def have_supplier_ship(
    order: Order, *, actor: Actor, line: OrderLine, supplier: Supplier, unit_cost: Price, expected_on: date | None = None
) -> Order:
    """What is left of a line goes from the supplier to the customer, at his price for one of the line's units, in the books' currency.

    What left before keeps the cost with which it left: the line's cost is the sum of its parts, each from its own source.
    """
    mine = _mine(order, line)
    if mine.product.kind != "goods":
        raise Invalid({"line": [_("“%(line)s” is a service; only goods are shipped.") % {"line": mine.description}]})
    if not supplier.is_supplier:
        raise Invalid({"supplier": [_("%(name)s is not a supplier; say so on its page first.") % {"name": supplier}]})
    if unit_cost < 0:
        raise Invalid({"unit_cost": [_("A cost cannot be less than zero.")]})
    require_day(order, expected_on, "expected_on")
    if mine.gone.planned > mine.gone.delivered:
        raise Refused(_("Some of “%(line)s” is on its way to be shipped; cancel that delivery first.") % {"line": mine.description})
    if mine.gone.delivered >= mine.quantity:
        raise Refused(_("All of this line is delivered or invoiced already."))
    cost = round_half_up(unit_cost / _rate_of(order), 6)
    let_go([line.pk])
    _rewrite(
        order, line, supplier=supplier, supplier_cost=cost, unit_cost=mean_cost(mine, mine.quantity, cost, _rate_of(order)),
        promised_on=expected_on or order.requested_on, promised_from="supplier",
    )
    return order


@known
def _one_supplied(order_id: int) -> Any:
    return OrderLine.objects.filter(order=order_id, supplier__isnull=False).order_by().values_list("pk")[:1]


def _why_none_supplied(order: Order) -> str:
    return "" if _one_supplied(order.pk) else _("No supplier ships a line of it: all of them are ours to ship.")


@operation(
    label=gettext_lazy("Ship it ourselves"), states=("confirmed",), icon="building-warehouse", labels=_LABELS,
    unless=_why_none_supplied,
)
def ship_ourselves(order: Order, *, actor: Actor, line: OrderLine) -> Order:
    """What the supplier has not shipped of a line comes from our stock again: reserved and promised anew, at what it costs now."""
    mine = _mine(order, line)
    if mine.supplier_id is None:
        raise Invalid({"line": [_("“%(line)s” is ours to ship already.") % {"line": mine.description}]})
    costs = Costs([(mine.product, mine.configuration)], [order.entity_id], has_several_entities=actor.has_several_entities)
    now = costs.of(mine.product, mine.configuration, order.entity_id, actor.today)
    if now is None:
        raise no_rate(company_currency())
    cost = round_half_up(now * mine.factor / _rate_of(order), 6)
    _rewrite(
        order, line, supplier=None, supplier_cost=None, promised_from="", unit_cost=mean_cost(mine, mine.quantity, cost, _rate_of(order)),
    )
    if not order.hold:
        hold_changed(order, {line.pk}, actor)
    return order


@operation(
    label=gettext_lazy("Supplier has shipped"), states=("confirmed",), icon="truck-delivery", labels=_LABELS,
    unless=_why_none_supplied,
)
def supplier_shipped(
    order: Order, *, actor: Actor, lines: list[PartialLine] | None = None, shipped_on: date | None = None, carrier: str = "",
    tracking: str = "",
) -> Delivery:
    """The goods left for the customer: a shipped delivery of the lines of one supplier, all that is left of them or the parts named."""
    require_free(order, "release", actor)
    mine = lines_of(order.pk)
    under_way = linked_quantities("sales.orderline", "delivery", [line.pk for line in mine])
    rest = {line.pk: line.quantity - under_way.get(line.pk, ZERO) for line in mine if line.supplier_id is not None}
    wanted = parts_of(mine, rest, lines, _("is already delivered or in delivery"))
    suppliers = {line.supplier_id for line, _quantity in wanted if line.supplier_id}
    if len(suppliers) > 1:
        raise Invalid({"lines": [_("These lines have several suppliers; enter what each of them has shipped by itself.")]})
    currency, rate = order.entity.currency, _rate_of(order)
    delivery = draft_delivery(
        customer=order.customer, warehouse=order.warehouse, actor=actor, owner=order.owner, entity=order.entity,
        planned_on=shipped_on or actor.today, supplier=Party.objects.get(pk=suppliers.pop()),
        lines=[
            DeliveryDraft(
                source=line, product=line.product, quantity=quantity, unit=line.unit, factor=line.factor, description=line.description,
                section=line.section, cost=round_money((line.supplier_cost or ZERO) * rate * quantity, currency),
            )
            for line, quantity in wanted
        ],
    )
    ship_delivery(delivery, actor=actor, shipped_on=shipped_on, carrier=carrier, tracking=tracking)
    return delivery


def left_with_suppliers(order: Order, actor: Any) -> dict[str, Any]:
    """What telling a shipment starts with: the lines of the supplier who has the first of them, today."""
    lines = [line for line in lines_of(order.pk) if line.supplier_id is not None]
    under_way = linked_quantities("sales.orderline", "delivery", [line.pk for line in lines])
    rest = [(line, quantity) for line in lines if (quantity := line.quantity - under_way.get(line.pk, ZERO)) > 0]
    first = [{"line": line.pk, "quantity": quantity} for line, quantity in rest if line.supplier_id == rest[0][0].supplier_id]
    return {"lines": first, "shipped_on": actor.today}


def _mine(order: Order, line: OrderLine) -> Any:
    found = next((one for one in lines_with_progress(order.pk) if one.pk == line.pk), None)
    if found is None:
        raise Invalid({"line": [_("This line belongs to another document.")]})
    return found


def _rate_of(order: Order) -> Decimal:
    if order.rate is None:
        raise no_rate(order.currency)
    return order.rate


def _rewrite(order: Order, line: OrderLine, **values: Any) -> None:
    OrderLine.objects.filter(pk=line.pk).updated(**values)
    lines = OrderLine.objects.filter(order=order.pk)
    cost: Decimal = lines.aggregate(total=Sum(F("quantity") * F("unit_cost")))["total"] or ZERO
    days = {} if order.is_promised_by_hand else {"promised_on": latest(list(lines.values_list("promised_on", flat=True)))}
    order.assign(cost=round_money(cost, order.currency), **days)
