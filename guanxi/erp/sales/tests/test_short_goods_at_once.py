"""Many buyers of few goods, each in a thread and transaction of their own, on real commits: never oversold (M14.3, M14.7, M15.1)."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from guanxi.erp.inventory.models import Reservation, StockBalance
from guanxi.erp.inventory.operations import stock
from guanxi.erp.inventory.tests.test_at_once import TOGETHER, at_once
from guanxi.erp.promising import holding
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.promising.tests.world import expect, product, receive
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import confirm_order
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record, create_records
from guanxi.kernel.database import in_set
from guanxi.shared.parties.models import Party

pytestmark = pytest.mark.usefixtures("fresh_database")


def drafts(number: int, on_hand: int = 0, coming: int = 0, in_days: int = 6) -> list[int]:
    """So many orders of one piece, entered and not confirmed: a number is given to one at a time, and whoever takes one waits anyhow."""
    with in_set("alpha"):
        actor = system_actor()
        screw = product(actor, "SCREW")
        if on_hand:
            receive(actor, screw, on_hand)
        if coming:
            expect(actor, screw, coming, actor.today + timedelta(days=in_days))
        party = create_record(Party, {"name": "Hengchuan"}, actor=actor).result.pk
        rows = [{"customer": party, "lines": [{"product": screw.pk, "quantity": "1"}]} for _n in range(number)]
        return [order.pk for order in create_records(Order, rows, actor=actor).result]


def confirm(orders: list[int]) -> list[Any]:
    """All of them, so many at once; what became of each."""
    works = [lambda actor, pk=pk: confirm_order(Order.objects.get(pk=pk), actor=actor) for pk in orders]
    return [result for done in range(0, len(works), TOGETHER) for result in at_once(*works[done : done + TOGETHER])]


def sold() -> tuple[int, int, int]:
    """Reserved by lines, reserved by the balance, and orders that hold something."""
    with in_set("alpha"):
        lines = list(Reservation.objects.values_list("quantity", "source_id"))
        return int(sum(q for q, _id in lines)), int(sum(StockBalance.objects.values_list("reserved", flat=True))), len(lines)


def test_two_hundred_buyers_of_fifty_units_get_exactly_fifty():
    orders = confirm(drafts(200, on_hand=50))
    assert all(isinstance(order, Order) for order in orders)
    assert sold() == (50, 50, 50)
    with in_set("alpha"):
        assert WaitingLine.objects.count() == 150
        assert OrderLine.objects.filter(promised_from="stock").count() == 50


def test_of_a_receipt_to_come_no_more_is_promised_than_it_brings():
    confirm(drafts(40, coming=10))
    with in_set("alpha"):
        assert sorted(OrderLine.objects.values_list("promised_from", flat=True)) == ["receipt"] * 10 + ["unknown"] * 30


class TestControls:
    """With a guard taken away the same buyers are sold what is not there: so it is the guard that the tests above prove."""

    def test_without_the_lock_on_the_balance_more_is_sold_than_there_is(self, monkeypatch):
        orders = drafts(4, on_hand=1)
        met = threading.Barrier(4)

        def unlocked(warehouse_id: int, product_ids: list[int]) -> Any:
            found = list(StockBalance.objects.filter(location__warehouse_id=warehouse_id, product_id__in=product_ids).order_by("product_id"))
            met.wait(30)
            return found

        monkeypatch.setattr(stock, "_locked_balances", unlocked)

        confirm(orders)
        assert sold() == (4, 1, 4)

    def test_without_waiting_for_each_other_one_receipt_is_promised_twice(self, monkeypatch):
        orders = drafts(4, coming=1)
        met = threading.Barrier(4)
        monkeypatch.setattr(holding, "_one_after_the_other", lambda products: None)
        monkeypatch.setattr(holding, "note_missing", lambda *given, do=holding.note_missing: (met.wait(30), do(*given)))
        confirm(orders)
        with in_set("alpha"):
            assert list(OrderLine.objects.values_list("promised_from", flat=True)) == ["receipt"] * 4
