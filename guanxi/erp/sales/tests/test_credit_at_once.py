"""Sixty-four orders of one customer at once never pass the limit (M14.7, X8); without the guard they do."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.credit.queries import checking, exposures_of
from guanxi.erp.inventory.tests.test_at_once import at_once
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import WantedLine, confirm_order, place_order
from guanxi.erp.sales.tests.conftest import product, receive
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record, create_records
from guanxi.kernel.database import in_set
from guanxi.kernel.values import Translated
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

pytestmark = pytest.mark.usefixtures("fresh_database")


def prepared(limit: str) -> tuple[int, int]:
    with in_set("alpha"):
        actor = system_actor()
        screw = product(actor, "SCREW", "10", "6")
        receive(actor, [(screw, 100, 6)])
        customer = create_record(Party, {"name": "Hengchuan", "credit_limit": limit}, actor=actor).result
        CreditPolicy.objects.create(name=Translated({"en": "Usual"}))
        return customer.pk, screw.pk


def drafts(customer: int, screw: int, count: int) -> list[int]:
    with in_set("alpha"):
        lines = [{"product": screw, "quantity": "1"}]
        values = [{"customer": customer, "lines": lines}] * count
        return [order.pk for order in create_records(Order, values, actor=system_actor(), by_id=True).result]


def confirming(pk: int):
    return lambda actor: confirm_order(Order.objects.get(pk=pk), actor=actor).hold


def owed_by_free_orders(customer: int) -> Decimal:
    with in_set("alpha"):
        return sum((order.total for order in Order.objects.filter(customer=customer, status="confirmed", hold="")), Decimal(0))


def test_of_sixty_four_orders_at_once_as_many_pass_as_the_limit_allows():
    customer, screw = prepared("226")
    results = at_once(*map(confirming, drafts(customer, screw, 64)))
    assert sorted(map(str, results)) == [""] * 20 + ["credit"] * 44
    assert owed_by_free_orders(customer) == Decimal("226.00")
    with in_set("alpha"):
        assert exposures_of([Party.objects.get(pk=customer)], system_actor())[customer].total == Decimal("226.00")


def test_orders_placed_and_orders_confirmed_at_once_never_pass_it_either():
    customer, screw = prepared("56.50")

    def place(actor):
        wanted = [WantedLine(product=Product.objects.get(pk=screw), quantity=Decimal(1))]
        return place_order(Party.objects.get(pk=customer), actor=actor, lines=wanted).hold

    results = at_once(*map(confirming, drafts(customer, screw, 8)), *[place] * 8)
    assert sorted(map(str, results)) == [""] * 5 + ["credit"] * 11
    assert owed_by_free_orders(customer) == Decimal("56.50")


def test_without_the_guard_the_limit_is_passed(monkeypatch):
    """The control: all look before anyone has written."""
    customer, screw = prepared("11.30")
    together = threading.Barrier(4)

    def look(parties, actor):
        found = exposures_of(parties, actor)
        together.wait(60)
        return found

    monkeypatch.setattr(checking, "hold_account", lambda _party: None)
    monkeypatch.setattr(checking, "exposures_of", look)
    assert at_once(*map(confirming, drafts(customer, screw, 4))) == [""] * 4
    assert owed_by_free_orders(customer) == Decimal("45.20") > Decimal("11.30")
