"""The opening stock, and goods from the workshop and suppliers week by week."""

from datetime import date
from decimal import Decimal

from guanxi.erp.inventory.models import GoodsReceipt, Warehouse
from guanxi.erp.inventory.operations import receive_goods
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.demo import Demo

RATES = {"CNY": Decimal(1)}
"""What one unit of the currency in which products are priced is worth in those of the books."""
EVERY = 5
ARRIVING = (7, 60, 190)
OPENING = (180, 420)
DEAR, SHARE = None, 1
"""Of what costs more than this, a part of the usual quantity comes in."""


def _warehouses() -> list[Warehouse]:
    return list(Warehouse.objects.select_related("entity").order_by("pk"))


def _some(product, words, quantity: int) -> int:
    return quantity // words.SHARE if words.DEAR is not None and product.standard_cost > words.DEAR else quantity


def _cost(product, words, warehouse: Warehouse, per_cent: int = 100) -> Decimal:
    return (product.standard_cost * words.RATES[warehouse.entity.currency] * per_cent / 100).quantize(product.standard_cost)


def _receive(demo: Demo, day: date, kind: str, lines: list[tuple], warehouse: Warehouse, supplier=None) -> None:
    actor = demo.acting(demo.company.keepers[warehouse.entity.code], day)
    values = {"kind": kind, "received_on": day, "supplier": supplier, "warehouse": warehouse,
              "lines": [{"product": product, "quantity": str(quantity), "unit_cost": str(cost)} for product, quantity, cost in lines]}
    receipt = create_record(GoodsReceipt, {k: v for k, v in values.items() if v is not None}, actor=actor).result
    receive_goods(receipt, actor=actor)


def prepare(demo: Demo) -> None:
    """What lay in the warehouse a year ago."""
    words = demo.words(__name__)
    goods = [p for p in demo.made["products"].values() if p.kind == "goods"]
    for warehouse in _warehouses():
        lines = [(p, _some(p, words, demo.rng.randrange(*words.OPENING)), _cost(p, words, warehouse)) for p in goods]
        _receive(demo, demo.first_on, "opening", lines, warehouse)


def happen(demo: Demo, days: list[date]) -> None:
    """Week by week something comes in, at a cost that drifts a little; to one warehouse after the other."""
    words, warehouses = demo.words(__name__), _warehouses()
    goods = [p for p in demo.made["products"].values() if p.kind == "goods"]
    kinds, least, most = words.ARRIVING
    for place, day in enumerate(days[:: words.EVERY]):
        warehouse = warehouses[place % len(warehouses)]
        chosen = demo.rng.sample(goods, kinds)
        lines = [(p, _some(p, words, demo.rng.randrange(least, most)), _cost(p, words, warehouse, 100 + demo.rng.randrange(-3, 6))) for p in chosen]
        _receive(demo, day, "purchase", lines, warehouse, supplier=demo.rng.choice(demo.made["suppliers"]))
