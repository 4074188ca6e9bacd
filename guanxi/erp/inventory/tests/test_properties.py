"""Random business against a small model that knows nothing of the program: books and stock agree with it to the cent.

The model counts in whole cents and whole pieces and rounds by integer division, so it shares no arithmetic with the code.
`GUANXI_SEQUENCES=1000` runs as many sequences.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

import pytest
from django.db import Error, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from guanxi.erp.finance.models import Invoice, PartyBalance, Receipt
from guanxi.erp.finance.operations import (
    allocate_receipt,
    record_receipt,
    release_receipt,
    reverse_invoice,
    reverse_receipt,
)
from guanxi.erp.finance.tests.world import VAT13, bill, line
from guanxi.erp.inventory.models import Delivery, Location, StockBalance, StockCost
from guanxi.erp.inventory.operations import ShippedLine, adjust_stock, release_stock, ship_delivery
from guanxi.erp.inventory.operations.stock import WRITE_BALANCES
from guanxi.erp.inventory.tests.world import balances, customer, deliver, product, proved, receive, reserve, sources
from guanxi.kernel.records.refusals import Refused

PRODUCTS, CUSTOMERS, SOURCES = 2, 2, 2
pieces = st.integers(1, 9)
cents = st.integers(0, 2000)
which = st.integers(0, 50)
"""Chooses among the documents there are."""
ACTIONS = st.one_of(
    st.tuples(st.just("receive"), st.integers(0, PRODUCTS - 1), pieces, cents),
    st.tuples(st.just("reserve"), st.integers(0, SOURCES - 1), st.integers(0, PRODUCTS - 1), pieces),
    st.tuples(st.just("release"), st.integers(0, SOURCES - 1)),
    st.tuples(st.just("ship"), st.integers(0, SOURCES - 1), st.integers(0, PRODUCTS - 1), pieces, st.sampled_from((0, 0, 0, 1, 4, 9))),
    st.tuples(st.just("count"), st.integers(0, PRODUCTS - 1), st.integers(0, 12)),
    st.tuples(st.just("bill"), st.integers(0, CUSTOMERS - 1), st.lists(cents, min_size=1, max_size=3)),
    st.tuples(st.just("pay"), st.integers(0, CUSTOMERS - 1), st.integers(1, 3000)),
    st.tuples(st.just("reverse_invoice"), which),
    st.tuples(st.just("reverse_receipt"), which),
    st.tuples(st.just("release_receipt"), which),
    st.tuples(st.just("allocate"), which),
)


def divided(amount: int, by: int) -> int:
    """Half up, in integers, for amounts that are not negative."""
    return (2 * amount + by) // (2 * by)


@dataclass
class Model:
    """What should be: all amounts in cents."""

    on_hand: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    value: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    order: list[tuple[int, int]] = field(default_factory=list)
    cost: int = 0
    received: int = 0
    difference: int = 0
    revenue: int = 0
    tax: int = 0
    bank: int = 0
    invoices: dict[int, list[int]] = field(default_factory=dict)
    """id → [customer, open, net, tax]; gone when reversed"""
    receipts: dict[int, list[int]] = field(default_factory=dict)
    """id → [customer, free, amount]"""
    paid: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))

    def reserved(self, item: int) -> int:
        return sum(count for (_source, product), count in self.held.items() if product == item)

    def take(self, item: int, count: int) -> int:
        worth = self.value[item] if count == self.on_hand[item] else divided(self.value[item] * count, self.on_hand[item])
        self.on_hand[item] -= count
        self.value[item] -= worth
        return worth

    def owed(self, party: int) -> int:
        return sum(i[1] for i in self.invoices.values() if i[0] == party) - sum(r[1] for r in self.receipts.values() if r[0] == party)

    def settle(self, receipt: int) -> None:
        party = self.receipts[receipt][0]
        for key in sorted(k for k, i in self.invoices.items() if i[0] == party and i[1] > 0):
            part = min(self.receipts[receipt][1], self.invoices[key][1])
            if part:
                self.receipts[receipt][1] -= part
                self.invoices[key][1] -= part
                self.paid[receipt, key] += part

    def unsettle(self, receipt: int | None = None, invoice: int | None = None) -> None:
        for pair in [p for p in self.paid if p[0] == receipt or p[1] == invoice]:
            part = self.paid.pop(pair)
            self.receipts[pair[0]][1] += part
            self.invoices[pair[1]][1] += part


class Business:
    """The program and the model, told the same."""

    def __init__(self, actor) -> None:
        self.actor, self.model = actor, Model()
        self.products = [product(actor, f"P{n}") for n in range(PRODUCTS)]
        self.customers = [customer(actor, f"Customer {n}") for n in range(CUSTOMERS)]
        self.sources = sources(SOURCES)
        self.place = Location.objects.get(code="WH1")
        for item, cost in enumerate((333, 1001)):
            self.on_receive(item, 7, cost)

    def happen(self, action: tuple) -> None:
        getattr(self, "on_" + action[0])(*action[1:])

    def on_receive(self, item, count, cost):
        receive(self.actor, (self.products[item], str(count), str(Decimal(cost) / 100)))
        self.model.on_hand[item] += count
        self.model.value[item] += count * cost
        self.model.received += count * cost

    def on_reserve(self, source, item, count):
        free = min(count, self.model.on_hand[item] - self.model.reserved(item))
        result = reserve(self.actor, (self.sources[source], self.products[item], str(count)))
        assert result == {(self.sources[source].pk, self.products[item].pk): free}
        if free:
            self.model.held[source, item] += free
            if (source, item) not in self.model.order:
                self.model.order.append((source, item))

    def on_release(self, source):
        release_stock("access.team", [self.sources[source].pk])
        for pair in [p for p in self.model.held if p[0] == source]:
            self._drop(pair)

    def _drop(self, pair):
        self.model.held.pop(pair, None)
        if pair in self.model.order:
            self.model.order.remove(pair)

    def on_ship(self, source, item, count, less):
        """A delivery of `count`, of which all but `less` is shipped."""
        leaves = max(count - less, 0)
        model = self.model
        own = model.held.get((source, item), 0)
        enough = leaves <= model.on_hand[item] - model.reserved(item) + own
        delivery = deliver(self.actor, self.customers[0], (self.products[item], str(count)), of=[self.sources[source]])
        try:
            with transaction.atomic():
                ship_delivery(delivery, actor=self.actor, lines=[ShippedLine(delivery.lines.get(), Decimal(leaves))])
        except Refused:
            assert not leaves or not enough
            return
        assert leaves and enough
        used = min(own, leaves)
        if used:
            model.held[source, item] -= used
            if not model.held[source, item]:
                self._drop((source, item))
        cost = model.take(item, leaves)
        model.cost += cost
        assert Delivery.objects.get(pk=delivery.pk).cost == Decimal(cost) / 100

    def on_count(self, item, counted):
        model = self.model
        adjust_stock(self.products[item], actor=self.actor, location=self.place, counted=Decimal(counted))
        change = counted - model.on_hand[item]
        if change > 0:
            worth = divided(model.value[item] * change, model.on_hand[item]) if model.on_hand[item] else 0
            model.on_hand[item] += change
            model.value[item] += worth
            model.difference -= worth
        elif change < 0:
            excess = model.reserved(item) - counted
            for pair in [p for p in reversed(model.order) if p[1] == item]:
                part = min(max(excess, 0), model.held[pair])
                model.held[pair] -= part
                excess -= part
                if not model.held[pair]:
                    self._drop(pair)
            model.difference += model.take(item, -change)

    def on_bill(self, party, nets):
        taxes = [divided(net * 13, 100) for net in nets]
        lines = [line(str(Decimal(net) / 100), str(Decimal(tax) / 100), tax_rate=VAT13) for net, tax in zip(nets, taxes, strict=True)]
        invoice = bill(self.actor, self.customers[party], *lines)
        self.model.invoices[invoice.pk] = [party, sum(nets) + sum(taxes), sum(nets), sum(taxes)]
        self.model.revenue += sum(nets)
        self.model.tax += sum(taxes)

    def on_pay(self, party, amount):
        receipt = record_receipt(self.customers[party], actor=self.actor, amount=Decimal(amount) / 100)
        self.model.receipts[receipt.pk] = [party, amount, amount]
        self.model.bank += amount
        self.model.settle(receipt.pk)

    def on_reverse_invoice(self, number):
        if not self.model.invoices:
            return
        key = sorted(self.model.invoices)[number % len(self.model.invoices)]
        reverse_invoice(Invoice.objects.get(pk=key), actor=self.actor)
        self.model.unsettle(invoice=key)
        _party, _open, net, tax = self.model.invoices.pop(key)
        self.model.revenue -= net
        self.model.tax -= tax

    def _receipt(self, number):
        return sorted(self.model.receipts)[number % len(self.model.receipts)] if self.model.receipts else None

    def on_reverse_receipt(self, number):
        if (key := self._receipt(number)) is None:
            return
        reverse_receipt(Receipt.objects.get(pk=key), actor=self.actor)
        self.model.unsettle(receipt=key)
        self.model.bank -= self.model.receipts.pop(key)[2]

    def on_release_receipt(self, number):
        if (key := self._receipt(number)) is None:
            return
        try:
            with transaction.atomic():
                release_receipt(Receipt.objects.get(pk=key), actor=self.actor)
        except Refused:
            assert not any(receipt == key for receipt, _invoice in self.model.paid)
        self.model.unsettle(receipt=key)

    def on_allocate(self, number):
        if (key := self._receipt(number)) is None:
            return
        free = self.model.receipts[key][1]
        try:
            with transaction.atomic():
                allocate_receipt(Receipt.objects.get(pk=key), actor=self.actor)
        except Refused:
            party = self.model.receipts[key][0]
            assert not free or not any(i[0] == party and i[1] for i in self.model.invoices.values())
        self.model.settle(key)

    def agree(self) -> None:
        """The program's balances are the model's, and its own checks find nothing."""
        model = self.model
        for number, item in enumerate(self.products):
            row = StockBalance.objects.filter(product=item).first()
            assert ((row.on_hand, row.reserved) if row else (0, 0)) == (model.on_hand[number], model.reserved(number))
            cost = StockCost.objects.filter(product=item).first()
            assert ((cost.quantity, cost.value) if cost else (0, 0)) == (model.on_hand[number], Decimal(model.value[number]) / 100)
        for number, party in enumerate(self.customers):
            balance = PartyBalance.objects.filter(party=party).first()
            assert (balance.receivable if balance else 0) == Decimal(model.owed(number)) / 100
        wanted = {
            "stock": sum(model.value.values()), "cost_of_sales": model.cost, "goods_received_not_invoiced": -model.received,
            "stock_difference": model.difference, "revenue": -model.revenue, "output_tax": -model.tax, "bank": model.bank,
            "receivable": sum(model.owed(number) for number in range(CUSTOMERS)),
        }
        assert balances(self.actor) == {use: Decimal(amount) / 100 for use, amount in wanted.items() if amount}
        assert proved() == []


@settings(
    max_examples=int(os.environ.get("GUANXI_SEQUENCES", "25")), deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=st.lists(ACTIONS, min_size=4, max_size=20))
def test_books_and_stock_are_what_a_simple_count_says(alpha, actions):
    run(alpha, actions)


def run(alpha, actions) -> None:
    point = transaction.savepoint()
    try:
        business = Business(alpha)
        for action in actions:
            business.happen(action)
        business.agree()
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        connection.cursor().execute("SET CONSTRAINTS ALL DEFERRED")
    finally:
        transaction.savepoint_rollback(point)


@settings(
    max_examples=80, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=st.lists(ACTIONS, min_size=8, max_size=20))
def run_many(alpha, actions):
    run(alpha, actions)


def rounded_down(value, _currency):
    return value.quantize(Decimal("0.01"), ROUND_DOWN)


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("guanxi.erp.inventory.operations.stock.round_money", rounded_down),
        ("guanxi.erp.inventory.operations.goods.cut_reservations", lambda *_: []),
        ("guanxi.erp.finance.operations.entries._owed", lambda *_: []),
    ],
    ids=["rounding", "counts", "customers"],
)
def test_a_guard_that_is_removed_is_found(alpha, monkeypatch, place, wrong):
    """The control: a test that does not notice these would prove nothing."""
    monkeypatch.setattr(place, wrong)
    with pytest.raises((AssertionError, Error)):
        run_many(alpha)


@pytest.mark.parametrize(
    ("place", "wrong", "actions"),
    [
        (
            "guanxi.erp.inventory.operations.stock._WRITE_BOTH",
            f"WITH balances AS ({WRITE_BALANCES}) SELECT %s::bigint[], %s::bigint[], %s::numeric[]",
            [("reserve", 0, 0, 5), ("ship", 0, 0, 5, 0)],
        ),
        (
            "guanxi.erp.finance.operations.allocations._CHANGE_RECEIPTS",
            "SELECT unnest(%s::bigint[]), unnest(%s::numeric[]), unnest(%s::numeric[])",
            [("bill", 0, [500]), ("pay", 0, 300), ("reverse_invoice", 0)],
        ),
    ],
    ids=["reservations", "money"],
)
def test_what_chance_seldom_meets_is_found_by_its_own_story(alpha, monkeypatch, place, wrong, actions):
    run(alpha, actions)
    monkeypatch.setattr(place, wrong)
    with pytest.raises((AssertionError, Error)):
        run(alpha, actions)
