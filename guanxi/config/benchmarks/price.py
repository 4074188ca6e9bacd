"""What prices cost: a document of many lines under lists, policies and promotions, asked again and again, and one under none."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from guanxi.config.terminal import say

PRODUCTS = 200


def measure(given: argparse.Namespace) -> int:
    """The set is made when it is missing. Milliseconds by the clock and of this process's work, without the database's."""
    from guanxi.erp.pricing.queries import price_lines
    from guanxi.kernel.database import in_set
    from guanxi.kernel.sets.lifecycle import create_set, list_sets

    if not any(account_set.key == given.key for account_set in list_sets()):
        create_set(given.key, "Benchmark", language="en", currency="USD", country="US", timezone="UTC")
    found = {}
    with in_set(given.key):
        world = _world()
        for name, customer in (("under rules", world["ruled"]), ("under none", world["plain"])):
            request = _request(world, customer, given.lines)
            price_lines(request)
            clock, work = [], []
            for _time in range(given.times):
                started, begun = time.perf_counter(), time.process_time()
                priced = price_lines(request)
                clock.append((time.perf_counter() - started) * 1000)
                work.append((time.process_time() - begun) * 1000)
            steps = sum(len(line.steps) for line in priced)
            found[name] = {
                "lines": given.lines, "steps": steps, "p50_ms": round(statistics.median(clock), 2),
                "p95_ms": round(sorted(clock)[int((len(clock) - 1) * 0.95)], 2), "work_ms": round(statistics.median(work), 2),
            }
    if given.json:
        print(json.dumps(found, indent=2))
    else:
        for name, figures in found.items():
            say(f"{figures['lines']} lines {name}, {figures['steps']} steps: p50 {figures['p50_ms']} ms, p95 {figures['p95_ms']} ms, "
                f"work {figures['work_ms']} ms")
    return 0


def _request(world: dict[str, Any], customer: Any, lines: int) -> Any:
    from guanxi.erp.pricing.queries import AskedLine, PriceRequest

    asked = [AskedLine(world["products"][n % PRODUCTS], Decimal(n % 60 + 1), tax_rate=Decimal("0.1"), cost=Decimal(4)) for n in range(lines)]
    return PriceRequest(
        customer, asked, world["on"], "USD", world["entity"].pk, customer.channel_id, "USD", "USD",
    )


def _world() -> dict[str, Any]:
    """Two hundred products of ten categories; a list with breaks, six policies and six promotions for the distributors alone."""
    from guanxi.erp.pricing.models import Promotion, SalesPolicy
    from guanxi.erp.pricing.operations import publish_policy, start_promotion
    from guanxi.kernel.access.actor import system_actor
    from guanxi.kernel.access.models import Entity
    from guanxi.kernel.acts.writer import create_record, create_records
    from guanxi.shared.catalog.models import Category, PriceList, PriceListItem, Product
    from guanxi.shared.parties.models import Party

    actor = system_actor()
    if not PriceList.objects.filter(code="BENCH").exists():
        create_records(Category, [{"code": f"PB{n}", "name": f"Category {n}"} for n in range(10)], actor=actor)
        rows = [
            {"code": f"PB-{n}", "name": f"Product {n}", "unit": "pc", "category": f"PB{n % 10}", "list_price": str(10 + n), "standard_cost": "4"}
            for n in range(PRODUCTS)
        ]
        create_records(Product, rows, actor=actor)
        dealers = {"channel": "distributor"}
        create_record(PriceList, {"code": "BENCH", "name": "Benchmark", "has_tax": True, **dealers}, actor=actor)
        for least, share in ((0, "0.95"), (20, "0.9")):
            items = [
                {"price_list": "BENCH", "product": f"PB-{n}", "min_quantity": least, "price": str((10 + n) * Decimal(share))}
                for n in range(PRODUCTS) if n % 4
            ]
            create_records(PriceListItem, items, actor=actor)
        for n in range(6):
            values = {"code": f"PB{n}", "name": f"Rule {n}", "category": f"PB{n}", "share": "4%", "min_quantity": "10", **dealers}
            effect = {"effect": ("discount", "rebate", "formula")[n % 3], "formula": "max(price * 0.97, cost * 1.2)"}
            publish_policy(create_record(SalesPolicy, {**values, **effect}, actor=actor).result, actor=actor)
            kind = ("percent", "amount", "gift")[n % 3]
            lines = [{"product": "PB-1", "quantity": "1"}] if kind == "gift" else []
            start_promotion(create_record(Promotion, {**values, "kind": kind, "amount": "0.5", "lines": lines}, actor=actor).result, actor=actor)
        create_record(Party, {"code": "BENCH-DEALER", "name": "Dealer", **dealers}, actor=actor)
        create_record(Party, {"code": "BENCH-PLAIN", "name": "Plain", "channel": "direct"}, actor=actor)
    return {
        "products": list(Product.objects.filter(code__startswith="PB-").order_by("pk")), "entity": Entity.objects.get(is_default=True),
        "ruled": Party.objects.get(code="BENCH-DEALER"), "plain": Party.objects.get(code="BENCH-PLAIN"),
        "on": datetime.now(UTC).date(),
    }
