"""Orders an hour through the public API, every rule on.

One round is the six dialog steps of SAP's Sales and Distribution benchmark: create an order with five lines; create its
delivery; display the order; change the delivery and post goods issue; list forty orders of the customer; create and
post the invoice. Each client has a customer and five products of its own and waits for each answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import statistics
import threading
import time
import uuid
from dataclasses import dataclass, field
from types import SimpleNamespace
from urllib.parse import urlsplit

from guanxi.config.benchmarks.instance import PRODUCTS, cpu_seconds, prepare_set, server
from guanxi.config.terminal import Quit, say

STEPS = ("create_order", "create_delivery", "display_order", "ship_delivery", "list_orders", "invoice_order")
WARM_UP = 3.0


@dataclass
class Client(threading.Thread):
    """One user at the keyboard, with a connection that stays open."""

    url: str
    token: str
    key: str
    place: SimpleNamespace
    stop: threading.Event
    measuring: threading.Event
    orders: int = 0
    errors: list[str] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        parts = urlsplit(self.url)
        self.connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=60)
        self.headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.stop.is_set():
            counted = self.measuring.is_set()
            try:
                taken = self.round()
            except (OSError, http.client.HTTPException, KeyError, ValueError, AssertionError) as error:
                self.errors.append(f"{type(error).__name__}: {error}"[:300])
                self.connection.close()
                continue
            if counted and self.measuring.is_set():
                self.orders += 1
                for step, seconds in zip(STEPS, taken, strict=True):
                    self.times[step].append(seconds)

    def round(self) -> list[float]:
        taken: list[float] = []
        wanted = [{"product": code, "quantity": 1} for code in self.place.products]
        order = self.call(taken, "POST", f"customers/{self.place.customer}/place_order", {"lines": wanted}, brief=True)["record"]
        delivery = self.call(taken, "POST", f"sales/orders/{order['id']}/create_delivery", {})["record"]
        shown = self.call(taken, "GET", f"sales/orders/{order['id']}")
        assert len(shown["lines"]) == PRODUCTS and shown["status"] == "confirmed", "the order is not what was ordered"
        parts = [{"line": line["id"], "quantity": 1} for line in delivery["lines"]]
        shipped = self.call(taken, "POST", f"inventory/deliveries/{delivery['id']}/ship_delivery", {"lines": parts}, brief=True)["record"]
        assert shipped["status"] == "shipped", "the delivery did not leave"
        listed = self.call(taken, "GET", f"sales/orders?f.customer={self.place.customer}&limit=40")
        assert listed["rows"], "the customer's orders are not listed"
        invoice = self.call(taken, "POST", f"sales/orders/{order['id']}/invoice_order", {}, brief=True)["record"]
        assert invoice["status"] == "posted", "the invoice is not posted"
        return taken

    def call(self, taken: list[float], method: str, path: str, body: dict | None = None, brief: bool = False) -> dict:
        headers = dict(self.headers)
        if brief:
            headers["Prefer"] = "return=minimal"
        if method != "GET":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        started = time.perf_counter()
        self.connection.request(method, f"/api/{self.key}/{path}", json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        taken.append(time.perf_counter() - started)
        if answer.status >= 300:
            raise ValueError(f"{method} {path}: {answer.status} {text[:200].decode(errors='replace')}")
        return json.loads(text)


def run(given: argparse.Namespace) -> int:
    """Measure, print, and give 1 when anything went wrong."""
    if given.url:
        raise_without = "--url needs --token, and customers BENCH-0 … made by a run on the server's own data folder."
        if not given.token:
            raise Quit(raise_without)
        figures = measure(given, given.url, given.token, _known_places(given))
    else:
        with server() as url:
            token, places = prepare_set(given.key, given.clients)
            figures = measure(given, url, token, places)
    if given.floor:
        from guanxi.config.benchmarks.floor import floor

        figures["floor_orders_per_hour"] = floor(given.clients, given.seconds)
        figures["ratio"] = round(figures["orders_per_hour"] / figures["floor_orders_per_hour"], 4)
    print(json.dumps(figures, indent=2) if given.json else _words(figures))
    return 1 if figures["errors"] else 0


def _known_places(given: argparse.Namespace) -> list[SimpleNamespace]:
    parts = urlsplit(given.url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=60)
    places = []
    for number in range(given.clients):
        headers = {"Authorization": f"Bearer {given.token}"}
        connection.request("GET", f"/api/{given.key}/customers?f.code=BENCH-{number}", headers=headers)
        rows = json.loads(connection.getresponse().read()).get("rows", [])
        if not rows:
            raise Quit(f"There is no customer BENCH-{number}: run `guanxi bench sd` on the server's own data folder first.")
        places.append(SimpleNamespace(customer=rows[0]["id"], products=[f"B{number}-{n}" for n in range(PRODUCTS)]))
    return places


def measure(given: argparse.Namespace, url: str, token: str, places: list[SimpleNamespace]) -> dict:
    """Warm up, then count whole rounds for the given seconds."""
    stop, measuring = threading.Event(), threading.Event()
    clients = [Client(url, token, given.key, place, stop, measuring) for place in places]
    for client in clients:
        client.start()
    time.sleep(WARM_UP)
    before, started = cpu_seconds(), time.perf_counter()
    own = time.process_time()
    measuring.set()
    time.sleep(given.seconds)
    measuring.clear()
    seconds, after = time.perf_counter() - started, cpu_seconds()
    own = time.process_time() - own
    stop.set()
    for client in clients:
        client.join(60)
    orders = sum(client.orders for client in clients)
    errors = [error for client in clients for error in client.errors]
    if not given.json:
        for error in errors[:5]:
            say(error)
    # A database on another machine, or not started by us, is not seen.
    per_order = {part: round((after[part] - before[part]) * 1000 / max(orders, 1), 2) for part in after if after[part]}
    return {
        "orders_per_hour": round(orders * 3600 / seconds), "lines_per_hour": round(orders * PRODUCTS * 3600 / seconds),
        "orders": orders, "seconds": round(seconds, 1), "clients": given.clients, "errors": len(errors),
        "first_errors": errors[:3], "steps_ms": {step: _percentiles(clients, step) for step in STEPS},
        "cpu_ms_per_order": {**per_order, "client": round(own * 1000 / max(orders, 1), 2)},
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
    }


def _percentiles(clients: list[Client], step: str) -> dict[str, float]:
    times = sorted(seconds * 1000 for client in clients for seconds in client.times[step])
    if not times:
        return {"p50": 0.0, "p95": 0.0}
    return {"p50": round(statistics.median(times), 2), "p95": round(times[min(len(times) - 1, int(len(times) * 0.95))], 2)}


def _words(figures: dict) -> str:
    rate = f"{figures['orders_per_hour']:,} orders an hour ({figures['lines_per_hour']:,} lines)"
    lines = [f"{rate}, {figures['clients']} clients, {figures['errors']} errors"]
    lines += [f"  {step:<16} p50 {t['p50']:>8.2f} ms   p95 {t['p95']:>8.2f} ms" for step, t in figures["steps_ms"].items()]
    lines.append("  processor per order: " + ", ".join(f"{part} {ms} ms" for part, ms in figures["cpu_ms_per_order"].items()))
    if "ratio" in figures:
        lines.append(f"  bare SQL: {figures['floor_orders_per_hour']:,} orders an hour; ratio {figures['ratio']}")
    return "\n".join(lines)
