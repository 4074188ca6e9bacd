"""The verbs of promising. Sales calls those of `holding` under its own acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.inventory.models import Warehouse
from guanxi.erp.inventory.queries import default_warehouse
from guanxi.erp.promising.allocation import Given, give_out, give_out_arrived, rule_of
from guanxi.erp.promising.holding import (
    ForDocument,
    correct_waiting,
    hold_goods,
    note_missing,
    promise_waiting,
    stop_waiting,
    waiting_behind,
)
from guanxi.erp.promising.models import CRITERIA, AllocationRule, WaitingLine
from guanxi.erp.promising.promise import Alternative, Promise, Wanted
from guanxi.erp.promising.queries import promise_lines
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import Quantity
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values import round_quantity
from guanxi.shared.catalog.models import Product, Unit
from guanxi.shared.catalog.queries import factors_of

__all__ = [
    "Answer", "AskedLine", "ForDocument", "Given", "allocate_stock", "ask_promise", "correct_waiting", "give_out_arrived", "hold_goods",
    "note_missing", "promise_waiting", "reserve_waiting", "stop_waiting", "waiting_behind",
]


@dataclass
class AskedLine:
    """So much of a product."""

    product: Product
    quantity: Quantity
    unit: Unit | None = None


@dataclass(frozen=True)
class AnswerPart:
    kind: str
    quantity: Decimal
    on: date | None
    name: str


@dataclass(frozen=True)
class AnswerAlternative:
    kind: str
    on: date | None
    quantity: Decimal
    rest_on: date | None
    warehouse: str
    product: str
    text: str


@dataclass(frozen=True)
class Answer:
    """When it can be delivered and why; quantities in base units, words in the reader's language."""

    product: str
    promised_on: date | None
    promised_from: str
    parts: list[AnswerPart]
    binding: str
    alternatives: list[AnswerAlternative]


@operation(
    label=gettext_lazy("Ask for a date"), icon="calendar-event",
    labels={
        "lines": gettext_lazy("Lines"), "product": gettext_lazy("Product"), "quantity": gettext_lazy("Quantity"), "unit": gettext_lazy("Unit"),
        "warehouse": gettext_lazy("Warehouse"), "wanted_on": gettext_lazy("Requested on"),
    },
)
def ask_promise(*, actor: Actor, lines: list[AskedLine], warehouse: Warehouse | None = None, wanted_on: date | None = None) -> list[Answer]:
    """When could this be delivered, line by line, and what else could be done? Nothing is held or promised by asking."""
    if not lines:
        raise Invalid({"lines": [_("Enter at least one line.")]})
    place = warehouse or default_warehouse(actor.entity_id)
    factors = factors_of({line.product.pk for line in lines}) if any(line.unit for line in lines) else {}
    errors: dict[str, list[str]] = {}
    wanted = []
    for number, line in enumerate(lines):
        other = line.unit is not None and line.unit.pk != line.product.unit_id
        factor = factors.get((line.product.pk, line.unit.pk)) if other and line.unit else Decimal(1)
        if line.quantity <= 0:
            errors[f"lines.{number}.quantity"] = [_("The quantity has to be more than zero.")]
        elif factor is None:
            errors[f"lines.{number}.unit"] = [
                _("%(product)s is not sold by the %(unit)s; add the unit to the product first.") % {"product": line.product, "unit": line.unit}
            ]
        else:
            wanted.append(Wanted(line.product, round_quantity(line.quantity * factor), place.pk, wanted_on))
    if errors:
        raise Invalid(errors)
    return [_answer(p) for p in promise_lines(wanted, entity_id=place.entity_id, today=actor.today, alternatives=True)]


def _answer(promise: Promise) -> Answer:
    parts = [AnswerPart(part.kind, part.quantity, part.on, part.name) for part in promise.parts]
    others = [_alternative(one) for one in promise.alternatives]
    return Answer(promise.wanted.product.code, promise.on, promise.source, parts, promise.binding(), others)


def _alternative(one: Alternative) -> AnswerAlternative:
    return AnswerAlternative(
        one.kind, one.on, one.quantity, one.rest_on, one.warehouse.code if one.warehouse else "", one.product.code if one.product else "", one.text()
    )


_CRITERION = Literal["promised", "requested", "tier", "ordered"]


@operation(
    label=gettext_lazy("Allocate goods"), icon="arrows-split",
    labels={
        "warehouse": gettext_lazy("Warehouse"), "products": gettext_lazy("Products"), "first_by": gettext_lazy("First by"),
        "then_by": gettext_lazy("Then by"), "is_whole": gettext_lazy("Whole orders only"), **dict(CRITERIA),
    },
)
def allocate_stock(
    *, actor: Actor, warehouse: Warehouse, products: list[Product] | None = None, first_by: _CRITERION | None = None,
    then_by: _CRITERION | None = None, is_whole: bool = False,
) -> list[Given]:
    """Reserve what is free for the lines that wait, in the order given here, else in that of the warehouse's rule."""
    rule = rule_of(warehouse)
    used = AllocationRule(
        warehouse=warehouse, first_by=first_by or rule.first_by, then_by=then_by or rule.then_by, is_whole=is_whole or rule.is_whole
    )
    given = give_out(warehouse, used, actor=actor, product_ids=[p.pk for p in products] if products else None)
    if not given:
        raise Refused(_("There is nothing to allocate: no goods are free for what waits in %(warehouse)s.") % {"warehouse": warehouse})
    return given


@operation(label=gettext_lazy("Reserve what is there"), icon="lock")
def reserve_waiting(waiting: WaitingLine, *, actor: Actor) -> list[Given]:
    """Free goods for this line, whatever the rule says."""
    rule = AllocationRule(warehouse=waiting.warehouse)
    given = give_out(waiting.warehouse, rule, actor=actor, only=[waiting.pk])
    if not given:
        raise Refused(_("Nothing of %(product)s is free in %(warehouse)s; take it from another order, or wait for what comes.")
                      % {"product": waiting.product, "warehouse": waiting.warehouse})
    return given
