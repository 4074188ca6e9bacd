"""Stock to work with: goods received, deliveries drafted, and what the checks say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guanxi.erp.finance.tests.world import balances, customer, product, proved
from guanxi.erp.inventory.models import Delivery, GoodsReceipt, Location, StockBalance, StockCost, Warehouse
from guanxi.erp.inventory.operations import DeliveryDraft, ReserveLine, draft_delivery, receive_goods, reserve_stock
from guanxi.erp.inventory.queries import default_warehouse
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.scope import run_act
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.values import Translated
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

__all__ = ["balances", "customer", "deliver", "on_hand", "product", "proved", "receive", "reserve", "sources", "value_of", "warehouse"]


def receive(actor: Any, *goods: tuple[Product, str, str], **values: Any) -> GoodsReceipt:
    """(product, quantity, unit cost) received into the default warehouse."""
    lines = [{"product": item.pk, "quantity": quantity, "unit_cost": cost} for item, quantity, cost in goods]
    receipt = create_record(GoodsReceipt, {"lines": lines, **values}, actor=actor).result
    return receive_goods(receipt, actor=actor)


def sources(count: int = 1) -> list[Team]:
    """Records that stand for order lines."""
    start = Team.objects.count()
    return [Team.objects.create(name=f"Line {start + n}") for n in range(count)]


def deliver(actor: Any, party: Party, *goods: tuple[Product, str], of: list[Team] | None = None, **values: Any) -> Delivery:
    """A draft delivery of (product, quantity), each from its source when there are any."""
    drafts = [
        DeliveryDraft(
            source=of[number] if of else None, product=item, quantity=Decimal(quantity), unit=item.unit, factor=Decimal(1), description=item.code
        )
        for number, (item, quantity) in enumerate(goods)
    ]
    given = {"warehouse": default_warehouse(actor.entity_id), **values}
    return run_act("test.deliver", actor=actor, body=lambda _scope: draft_delivery(party, lines=drafts, actor=actor, **given)).result


def reserve(actor: Any, *wanted: tuple[Team, Product, str], at: Warehouse | None = None) -> dict[tuple[int, int], Decimal]:
    lines = [ReserveLine(source.ref(), item, Decimal(quantity)) for source, item, quantity in wanted]
    return reserve_stock(lines, warehouse=at or default_warehouse(actor.entity_id), actor=actor)


def warehouse(actor: Any, code: str, *locations: str) -> Warehouse:
    """Another warehouse with these stock locations."""
    made = create_record(Warehouse, {"code": code, "name": code}, actor=actor).result
    Location.objects.bulk_create([Location(warehouse=made, code=name, name=Translated({"en": name}), kind="stock") for name in locations])
    return made


def on_hand(item: Product) -> tuple[Decimal, Decimal]:
    """(on hand, reserved) in all locations."""
    rows = list(StockBalance.objects.filter(product=item))
    return sum((row.on_hand for row in rows), Decimal(0)), sum((row.reserved for row in rows), Decimal(0))


def value_of(item: Product) -> tuple[Decimal, Decimal]:
    """(quantity, value) in the books."""
    row = StockCost.objects.get(product=item)
    return row.quantity, row.value
