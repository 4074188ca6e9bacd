"""Rounds of the sales-and-distribution load by clients with keys, and what must be there afterwards."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.db.models import Sum

from guanxi.config.benchmarks.instance import PLENTY, PRODUCTS
from guanxi.erp.finance.models import Invoice, InvoiceLine, JournalEntry
from guanxi.erp.inventory.models import Delivery, DeliveryLine, StockBalance
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.database import in_set
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.models import Link
from tests.crash.client import Answer, Client
from tests.crash.company import SET
from tests.crash.found import Row, undone
from tests.crash.proof import compare, wrong_numbers

PERSON = "bench"
LAST = {"order": "done", "delivery": "shipped", "invoice": "posted"}
ANNOUNCED = {"order": ("OrderConfirmed", "OrderCompleted"), "delivery": ("DeliveryShipped",), "invoice": ("InvoicePosted",)}
MODELS = {"order": "sales.order", "delivery": "inventory.delivery", "invoice": "finance.invoice"}


@dataclass
class Round:
    """One order of five lines, delivered and invoiced; `ids` are those that the API has acknowledged."""

    name: str
    ids: dict[str, int] = field(default_factory=dict)
    is_over: bool = False


@dataclass
class Buyer(Client):
    """Notes for each write when the request that was answered had been sent, and when the answer came."""

    acknowledged: list[tuple[float, float]] = field(default_factory=list)
    _sent_at: float = 0.0

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str], *, is_left: bool) -> Answer | None:
        self._sent_at = time.monotonic()
        return super()._ask(method, path, body, headers, is_left=is_left)

    def act(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        record = self.write(PERSON, path, body)["record"]
        self.acknowledged.append((self._sent_at, time.monotonic()))
        return record

    def go_round(self, one: Round, place: SimpleNamespace) -> None:
        """The six dialog steps."""
        lines = [{"product": code, "quantity": 1} for code in place.products]
        order = self.act(f"customers/{place.customer}/place_order", {"lines": lines, "customer_reference": one.name})
        one.ids["order"] = order["id"]
        delivery = self.act(f"sales/orders/{order['id']}/create_delivery", {})
        one.ids["delivery"] = delivery["id"]
        shown = self.read(PERSON, f"sales/orders/{order['id']}")
        assert len(shown["lines"]) == PRODUCTS, "the order is not what was ordered"
        self.act(f"inventory/deliveries/{delivery['id']}/ship_delivery", {"lines": [{"line": x["id"], "quantity": 1} for x in delivery["lines"]]})
        assert self.read(PERSON, f"sales/orders?f.customer={place.customer}&limit=40")["rows"]
        one.ids["invoice"] = self.act(f"sales/orders/{order['id']}/invoice_order", {})["id"]
        one.is_over = True


@dataclass(frozen=True)
class Seen:
    """What is in the database: each document with the name of the round it belongs to, by its lines and links."""

    rows: tuple[Row, ...]
    numbers: dict[str, tuple[str, ...]]
    events: tuple[tuple[str, str, int], ...]
    gone: Decimal
    """Pieces that left stock."""
    reserved: Decimal
    undone: tuple[str, ...]
    check: str


def look(pieces_at_first: Decimal, check: str) -> Seen:
    with in_set(SET):
        orders = {pk: (name, status) for pk, name, status in Order.objects.values_list("pk", "customer_reference", "status")}
        order_of = dict(OrderLine.objects.values_list("pk", "order_id"))
        delivered = {(pk, order_of.get(source)) for pk, source in DeliveryLine.objects.values_list("delivery_id", "source_id")}
        billed_by = dict(InvoiceLine.objects.values_list("pk", "invoice_id"))
        links = Link.objects.filter(from_model="sales.orderline", kind="invoice").values_list("to_id", "from_id")
        billed = {(billed_by[line], order_of.get(source)) for line, source in links}
        states = {"delivery": dict(Delivery.objects.values_list("pk", "status")), "invoice": dict(Invoice.objects.values_list("pk", "status"))}
        rows = [Row("order", pk, name, status) for pk, (name, status) in orders.items()]
        for kind, pairs in (("delivery", delivered), ("invoice", billed)):
            rows += [Row(kind, pk, orders[order][0] if order in orders else "nobody", states[kind][pk]) for pk, order in sorted(pairs, key=str)]
        stock = StockBalance.objects.aggregate(there=Sum("on_hand"), held=Sum("reserved"))
        return Seen(
            rows=tuple(rows), check=check, undone=tuple(undone()), gone=pieces_at_first - stock["there"], reserved=stock["held"],
            numbers={model.__name__: tuple(model.objects.values_list("number", flat=True)) for model in (Order, Delivery, Invoice, JournalEntry)},  # type: ignore[attr-defined]
            events=tuple(Event.objects.filter(subject_model__in=MODELS.values()).values_list("name", "subject_model", "subject_id")),
        )


def wait_for_quiet(patience: float, require_life: Callable[[], None]) -> None:
    """Until every event has been brought to whoever listens."""
    until = time.monotonic() + patience
    while True:
        require_life()
        with in_set(SET):
            if not (left := undone()):
                return
        assert time.monotonic() < until, f"still ahead after {patience:g} seconds: {left[:10]}"
        time.sleep(0.2)


def pieces_at_first(places: Sequence[SimpleNamespace]) -> Decimal:
    return Decimal(PLENTY * PRODUCTS * len(places))


def problems(rounds: Sequence[Round], seen: Seen) -> list[str]:
    """Everything that was lost, doubled, or that nobody asked for."""
    over = [one for one in rounds if one.is_over]
    wrong = [f"{one.name} did not come to its end" for one in rounds if not one.is_over]
    wrong += compare("document", [(one.name, kind) for one in rounds for kind in one.ids], [(row.whose, row.kind) for row in seen.rows])
    by_id = {(row.kind, row.row_id): row for row in seen.rows}
    for one in rounds:
        for kind, row_id in one.ids.items():
            row = by_id.get((kind, row_id))
            if row is None or row.whose != one.name:
                wrong.append(f"acknowledged and lost: {kind} {row_id} of {one.name}")
            elif one.is_over and row.status != LAST[kind]:
                wrong.append(f"{kind} {row_id} of {one.name} is “{row.status}”")
    wanted = [(name, MODELS[kind], one.ids[kind]) for one in over for kind, names in ANNOUNCED.items() for name in names]
    wrong += compare("event", wanted, [event for event in seen.events if event[0] in {name for names in ANNOUNCED.values() for name in names}])
    wrong += wrong_numbers(seen.numbers)
    if seen.gone != PRODUCTS * len(over):
        wrong.append(f"{seen.gone} pieces left, not {PRODUCTS * len(over)}")
    wrong += [f"{seen.reserved} are still reserved"] if seen.reserved else []
    wrong += [f"left undone: {what}" for what in seen.undone]
    return wrong + ([f"guanxi check: {seen.check}"] if seen.check else [])


def recoveries(kills: Sequence[tuple[float, str]], buyers: Sequence[Buyer]) -> list[tuple[float, str]]:
    """For each kill the seconds until the next write was acknowledged that had been sent (for the last time) after it."""
    answers = sorted(pair for buyer in buyers for pair in buyer.acknowledged)
    found = []
    for at, what in kills:
        later = [answered for sent, answered in answers if sent > at]
        if later:
            found.append((min(later) - at, what))
    return found


def percentile(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def counted(buyers: Sequence[Buyer]) -> Counter[str]:
    return sum((buyer.counts for buyer in buyers), Counter())
