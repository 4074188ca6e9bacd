"""Giving out goods that are short: by rule, to parts of orders or to whole ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from guanxi.erp.inventory.models import Warehouse
from guanxi.erp.inventory.operations import Need, ReserveLine, reserve_stock
from guanxi.erp.promising.events import StockAllocated
from guanxi.erp.promising.holding import correct_waiting
from guanxi.erp.promising.models import AllocationRule, WaitingLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.record import model_named
from guanxi.kernel.values import ZERO

_LAST = "~"
_BY: Mapping[str, Callable[[WaitingLine], Any]] = {
    "promised": lambda row: row.promised_on or date.max,
    "requested": lambda row: row.wanted_on or date.max,
    "tier": lambda row: row.customer.tier or _LAST,
    "ordered": lambda row: row.ordered_on,
}


@dataclass(frozen=True)
class Given:
    """What a waiting line got, in base units, and what it still misses."""

    document: str
    product: str
    quantity: Decimal
    missing: Decimal


def rule_of(warehouse: Warehouse) -> AllocationRule:
    """The warehouse's own rule, else the usual one."""
    return AllocationRule.objects.filter(warehouse=warehouse).first() or AllocationRule(warehouse=warehouse)


def give_out(
    warehouse: Warehouse, rule: AllocationRule, *, actor: Actor, product_ids: Iterable[int] | None = None, only: Sequence[int] | None = None
) -> list[Given]:
    """Reserve free goods for lines that wait (`only` these, or all of the products), in the rule's order.

    The balances are locked first; lines that somebody changes at this moment are left for the next time.
    """
    rows = WaitingLine.objects.filter(warehouse=warehouse)
    rows = rows.filter(pk__in=list(only)) if only is not None else rows
    chosen = rows.filter(product_id__in=list(product_ids)) if product_ids is not None else rows
    if rule.is_whole:
        chosen = rows.filter(order_id__in=chosen.values("order_id"))
    found = list(chosen.select_related("product", "customer").order_by("pk"))
    if not found:
        return []
    seen: dict[Need, WaitingLine] = {}

    def within(shelf: Any) -> Mapping[Need, Decimal]:
        again = WaitingLine.objects.filter(pk__in=[row.pk for row in found]).select_related("product", "customer")
        seen.update({_need(row): row for row in again.order_by("pk").select_for_update(of=("self",), no_key=True, skip_locked=True)})
        free = {row.product_id: shelf.on_hand(row.product_id) - shelf.reserved(row.product_id) for row in found}
        return {_need(row): ZERO for row in found} | shares(list(seen.values()), free, rule)

    lines = [ReserveLine((row.source_model, row.source_id), row.product, row.quantity) for row in found]
    held = {pk: quantity for pk, quantity in reserve_stock(lines, warehouse=warehouse, actor=actor, within=within).items() if quantity}
    got = [row for need, row in seen.items() if need in held]
    for model in {row.source_model for row in got}:
        correct_waiting(model, {_need(row): row.quantity - held[_need(row)] for row in got if row.source_model == model})
    _tell(got, held)
    return [
        Given(row.document, str(row.product), held[_need(row)], row.quantity - held[_need(row)])
        for row in sorted(got, key=_order_of(rule))
    ]


def _need(row: WaitingLine) -> Need:
    return row.source_id, row.product_id


def _order_of(rule: AllocationRule) -> Callable[[WaitingLine], tuple]:
    return lambda row: (_BY[rule.first_by](row), _BY[rule.then_by](row), row.pk)


def shares(rows: Sequence[WaitingLine], free: Mapping[int, Decimal], rule: AllocationRule) -> dict[Need, Decimal]:
    """How much each need gets of what is free, by product."""
    left, found = dict(free), {}
    ordered = sorted(rows, key=_order_of(rule))
    if not rule.is_whole:
        for row in ordered:
            found[_need(row)] = min(row.quantity, max(left.get(row.product_id, ZERO), ZERO))
            left[row.product_id] = left.get(row.product_id, ZERO) - found[_need(row)]
        return found
    documents: dict[tuple[str, int], list[WaitingLine]] = {}
    for row in ordered:
        documents.setdefault((row.order_model, row.order_id), []).append(row)
    for mine in documents.values():
        needs: dict[int, Decimal] = {}
        for row in mine:
            needs[row.product_id] = needs.get(row.product_id, ZERO) + row.quantity
        if all(left.get(product, ZERO) >= quantity for product, quantity in needs.items()):
            found |= {_need(row): row.quantity for row in mine}
            left |= {product: left[product] - quantity for product, quantity in needs.items()}
    return found


def _tell(got: Sequence[WaitingLine], held: Mapping[Need, Decimal]) -> None:
    documents: dict[tuple[str, int], list[WaitingLine]] = {}
    for row in got:
        documents.setdefault((row.order_model, row.order_id), []).append(row)
    subjects: dict[tuple[str, int], Any] = {}
    for model in {model for model, _pk in documents}:
        subjects |= {(model, row.pk): row for row in model_named(model)._base_manager.filter(pk__in=[pk for m, pk in documents if m == model])}
    waiting = set(WaitingLine.objects.filter(order_id__in=[pk for _m, pk in documents]).values_list("order_model", "order_id"))
    for ref, mine in documents.items():
        if ref in subjects:
            event = StockAllocated(
                ref[1], [row.source_id for row in mine], [row.product_id for row in mine], [f"{held[_need(row)].normalize():f}" for row in mine],
                ref not in waiting,
            )
            publish(event, subject=subjects[ref], party_id=mine[0].customer_id)


def give_out_arrived(product_ids: Sequence[int], warehouse_id: int, actor: Actor) -> list[Given]:
    """When goods have come: by the rule of the warehouse, if it wants that."""
    if not WaitingLine.objects.filter(product_id__in=product_ids, warehouse_id=warehouse_id).exists():
        return []
    warehouse = Warehouse.objects.get(pk=warehouse_id)
    rule = rule_of(warehouse)
    return give_out(warehouse, rule, actor=actor, product_ids=product_ids) if rule.is_automatic else []
