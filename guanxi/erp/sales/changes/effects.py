"""What an act would do to an order: it is done, looked at and taken back, so that what is shown is what would come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.erp.credit.queries import Asked, look_at
from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.sales.credit.crediting import check_of, prepaid_for
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.panels import deliveries_of, invoices_of
from guanxi.erp.sales.promising.promises import held_for
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import Operation, perform
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money, format_quantity

SHOWN = ("sales.change_order", "sales.cancel_order", "sales.confirm_order", "sales.hold_order", "sales.release_order")
"""Acts on an order whose dialog shows what would come of it."""


@dataclass(frozen=True)
class Effect:
    """One figure of the order before and after."""

    name: str
    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


@dataclass
class Tried:
    """What came of the trial: the effects, or why it is refused, or that it would wait for approval."""

    effects: list[Effect] = field(default_factory=list)
    refused: Refused | None = None
    rule: str = ""

    @property
    def changed(self) -> list[Effect]:
        return [effect for effect in self.effects if effect.is_changed]


class _TakenBack(Exception):
    """Leaves the trial, so that nothing of it stays."""


def try_act(found: Operation, order: Order, raw: Mapping[str, Any], actor: Actor) -> Tried:
    """Do it in a savepoint and take it back. Numbers, stock, credit and notices are as before."""
    tried, before = Tried(), figures_of(order, actor)
    try:
        with transaction.atomic():
            outcome = perform(found, order.pk, actor=actor, raw=raw)
            if outcome.awaiting is not None:
                tried.rule = outcome.awaiting.reasons
            else:
                after = figures_of(Order.objects.select_related(*Order.loaded_with).get(pk=order.pk), actor)
                tried.effects = [Effect(name, label, before[name][1], text) for name, (label, text) in after.items() if name in before]
            raise _TakenBack
    except _TakenBack:
        pass
    except Refused as refusal:
        tried.refused = refusal
    return tried


def figures_of(order: Order, actor: Actor) -> dict[str, tuple[str, str]]:
    """By name: (label, text) of all that may follow from a change."""
    products = dict(OrderLine.objects.filter(order=order).values_list("pk", "product_id"))
    ids = list(products)
    held = sum((quantity for (pk, product), quantity in held_for(ids).items() if products[pk] == product), ZERO)
    missing = WaitingLine.objects.filter(order_model=order.label(), order_id=order.pk).select_related("product").order_by("pk")
    planned = DeliveryLine.objects.filter(source_model=OrderLine.label(), source_id__in=ids, delivery__status="draft")
    parts = planned.order_by().values_list("delivery__number").annotate(total=Sum("quantity")).order_by("delivery__number")
    sees = actor.rights.sees_right("see_receivables")
    billed = invoices_of(order).filter(currency=order.currency).aggregate(total=Sum("total"))["total"] or ZERO
    found = {
        "status": (_("Status"), str(order.lifecycle.labels[order.status])), "lines": (_("Lines"), str(len(ids))),
        "total": (_("Total"), format_money(order.total, order.currency)),
        "reserved": (_("Reserved"), format_quantity(held)),
        "missing": (_("Missing"), ", ".join(f"{row.product} ({format_quantity(row.quantity)})" for row in missing) or "—"),
        "planned": (_("Planned deliveries"), ", ".join(f"{number} ({format_quantity(total)})" for number, total in parts) or "—"),
        "shipped": (_("Shipped deliveries"), str(deliveries_of(order).filter(status="shipped").count())),
        "promised_on": (_("Promised on"), full_date(order.promised_on) if order.promised_on else "—"),
        "hold": (_("On hold"), str(order.get_hold_display())),
        "invoiced": (_("Invoiced"), format_money(billed, order.currency)),
    }
    if paid := prepaid_for([order.pk])[order.pk]:
        found["prepaid"] = (_("Prepayment"), format_money(paid, order.currency))
    if sees and (check := check_of(order, actor)) is not None and check.free is not None:
        found["credit"] = (_("Credit available"), check.money(check.free))
    elif sees and order.status == "cancelled":
        found |= _free_after(order, actor)
    return found


def _free_after(order: Order, actor: Actor) -> dict[str, tuple[str, str]]:
    check = look_at(Asked(order.customer), actor, "order")
    return {} if check is None or check.free is None else {"credit": (_("Credit available"), check.money(check.free))}
