"""The opening stock, and goods from the workshop and suppliers week by week."""

from datetime import date

from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods
from guanxi.kernel.acts.demo import Demo
from guanxi.kernel.acts.writer import create_record


def _receive(demo: Demo, day: date, kind: str, lines: list[tuple], supplier=None) -> None:
    actor = demo.acting("zhao", day)
    values = {"kind": kind, "received_on": day, "supplier": supplier,
              "lines": [{"product": product, "quantity": str(quantity), "unit_cost": str(cost)} for product, quantity, cost in lines]}
    receipt = create_record(GoodsReceipt, {k: v for k, v in values.items() if v is not None}, actor=actor).result
    receive_goods(receipt, actor=actor)


def prepare(demo: Demo) -> None:
    """What lay in the warehouse a year ago."""
    goods = [p for p in demo.made["products"].values() if p.kind == "goods"]
    _receive(demo, demo.first_on, "opening", [(p, demo.rng.randrange(180, 420), p.standard_cost) for p in goods])


def happen(demo: Demo, days: list[date]) -> None:
    """Every second week something comes in, at a cost that drifts a little."""
    goods = [p for p in demo.made["products"].values() if p.kind == "goods"]
    for day in days[::5]:
        chosen = demo.rng.sample(goods, 7)
        lines = [
            (p, demo.rng.randrange(60, 190), (p.standard_cost * (100 + demo.rng.randrange(-3, 6)) / 100).quantize(p.standard_cost))
            for p in chosen
        ]
        _receive(demo, day, "purchase", lines, supplier=demo.rng.choice(demo.made["suppliers"]))
