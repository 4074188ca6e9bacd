"""What the system adds to entered deliveries, goods receipts and warehouses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.finance.operations.periods import before_the_books, books_begin
from guanxi.erp.inventory.operations.deliveries import EARLIEST
from guanxi.erp.inventory.queries import average_costs, default_warehouse
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Entity
from guanxi.kernel.columns.sections import refuse_strays
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.values import ZERO, round_money
from guanxi.shared.catalog.queries import factors_of

ONE = Decimal(1)


def complete_deliveries(drafts: Sequence[Draft], actor: Actor) -> None:
    """Day and warehouse of the document; unit, factor and text of its lines."""
    for draft in drafts:
        refuse_strays(draft.lines or (), "section")
    _complete(drafts, actor, "planned_on")
    for draft in drafts:
        _refuse_early(draft, actor)


def _refuse_early(draft: Draft, actor: Actor) -> None:
    """A day that has passed is looked at: neither before what is delivered was ordered, nor before there were books."""
    day = draft.get("planned_on")
    if day >= actor.today or (draft.instance is not None and day == draft.instance.planned_on):
        return
    for earliest in EARLIEST if draft.instance is not None else ():
        found = earliest(draft.instance.pk)
        if found is not None and day < found[0]:
            draft.add_error("planned_on", found[1])
            return
    if (begin := books_begin(_entity_of(draft, actor))) is not None and day < begin:
        draft.add_error("planned_on", before_the_books(day, begin))


def complete_receipts(drafts: Sequence[Draft], actor: Actor) -> None:
    """The same, and a cost for lines without one: the average of what is there, else the standard cost."""
    for draft in drafts:
        if draft.get("kind") == "return" and (draft.instance is None or draft.instance.kind != "return"):
            draft.add_error("kind", _("What a customer sends back is entered on its delivery, with “Take back”."))
    _complete(drafts, actor, "received_on")
    for entity_id in {_entity_of(draft, actor) for draft in drafts}:
        lines = [line for draft in drafts if _entity_of(draft, actor) == entity_id for line in draft.lines or () if not line.errors]
        unpriced = [line for line in lines if line.get("unit_cost") is None]
        costs = average_costs({line.get("product").pk for line in unpriced}, entity_id) if unpriced else {}
        for line in unpriced:
            product = line.get("product")
            line.values["unit_cost"] = costs.get(product.pk, product.standard_cost) * line.get("factor", ONE)
    for draft in drafts:
        currency = _currency_of(draft, actor)
        if draft.lines is not None:
            values = []
            for line in draft.lines:
                if line.errors:
                    continue
                if line.get("unit_cost") < 0:
                    line.add_error("unit_cost", _("A cost cannot be less than zero."))
                    continue
                values.append(round_money(line.get("quantity") * line.get("unit_cost"), currency))
                line.values["value"] = values[-1]
            draft.values["value"] = sum(values, ZERO)


def _entity_of(draft: Draft, actor: Actor) -> int:
    return draft.key("entity") or actor.entity_id


def _currency_of(draft: Draft, actor: Actor) -> str:
    entity_id = _entity_of(draft, actor)
    return actor.currency if entity_id == actor.entity_id else Entity.objects.values_list("currency", flat=True).get(pk=entity_id)


def _complete(drafts: Sequence[Draft], actor: Actor, day: str) -> None:
    warehouse = None
    for draft in drafts:
        if draft.get(day) is None:
            draft.values[day] = actor.today
        if draft.values.get("warehouse") is None and getattr(draft.instance, "warehouse_id", None) is None:
            warehouse = warehouse or default_warehouse(actor.entity_id)
            draft.values["warehouse"] = warehouse
        if draft.values.get("warehouse") is not None:
            draft.values.pop("entity", None)
            draft.values["entity_id"] = draft.values["warehouse"].entity_id
    lines = [line for draft in drafts for line in draft.lines or ()]
    foreign = [line for line in lines if _unit(line) not in (None, line.get("product").unit_id)]
    factors = factors_of({line.get("product").pk for line in foreign}) if foreign else {}
    for line in lines:
        _complete_line(line, factors)


def _unit(line: Draft) -> int | None:
    if line.values.get("unit") is not None:
        return line.values["unit"].pk
    same = line.instance is not None and ("product" not in line.values or line.values["product"].pk == line.instance.product_id)
    return line.instance.unit_id if same else None


def _complete_line(line: Draft, factors: dict[tuple[int, int], Decimal]) -> None:
    product, unit = line.get("product"), _unit(line)
    if line.get("quantity") is None or line.get("quantity") <= 0:
        line.add_error("quantity", _("The quantity has to be more than zero."))
    if unit is None or unit == product.unit_id:
        line.values["unit_id"], line.values["factor"] = product.unit_id, ONE
        line.values.pop("unit", None)
    elif (product.pk, unit) in factors:
        line.values["factor"] = factors[product.pk, unit]
    else:
        line.add_error("unit", _("%(product)s is not traded in this unit; add the unit to the product first.") % {"product": product})
    if not line.get("description"):
        line.values["description"] = str(product.name)[:200]


def complete_warehouses(drafts: Sequence[Draft], actor: Actor) -> None:
    """A stock location belongs to a warehouse; a warehouse keeps its entity."""
    for draft in drafts:
        moved: Any = draft.values.get("entity")
        if draft.instance is not None and moved is not None and moved.pk != draft.instance.entity_id:
            draft.add_error("entity", _("A warehouse stays with its legal entity; create another one."))
        elif moved is None:
            draft.values.pop("entity", None)


def complete_locations(drafts: Sequence[Draft], actor: Actor) -> None:
    """New locations are stock locations; those outside stay as they are."""
    for draft in drafts:
        outside = draft.instance is not None and draft.instance.kind != "stock"
        if draft.get("warehouse") is None and not outside:
            draft.add_error("warehouse", _("A stock location belongs to a warehouse."))
        elif draft.instance is not None and draft.values.get("warehouse") is not None and draft.values["warehouse"].pk != draft.instance.warehouse_id:
            draft.add_error("warehouse", _("A location stays in its warehouse; create another one."))
