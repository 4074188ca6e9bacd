"""Several people at once, with real commits: one is refused, none is lost, nobody waits for ever (M15.1).

`GUANXI_AT_ONCE=64` lets so many write invoices, and buy (guanxi/erp/sales/tests/test_short_goods_at_once.py), at the same moment instead of eight.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connections

from guanxi.erp.finance.models import Invoice, JournalEntry, Period
from guanxi.erp.finance.operations import close_period, invoices, record_receipt
from guanxi.erp.finance.tests.world import bill, line, period
from guanxi.erp.inventory.models import Delivery, Location
from guanxi.erp.inventory.operations import adjust_stock, ship_delivery
from guanxi.erp.inventory.tests.world import customer, deliver, on_hand, product, proved, receive, reserve, sources
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.database import in_set
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

pytestmark = pytest.mark.usefixtures("fresh_database")
TOGETHER = int(os.environ.get("GUANXI_AT_ONCE", "8"))


def at_once(*works: Callable[[Any], Any]) -> list[Any]:
    """Each in its own thread, connection and transaction, begun together; results, or the refusal or database error."""
    start, results = threading.Barrier(len(works)), [None] * len(works)

    def run(number: int) -> None:
        try:
            start.wait(30)
            with in_set("alpha"):
                results[number] = works[number](system_actor())
        except (Refused, OperationalError) as problem:
            results[number] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return results


def test_of_two_people_who_ship_the_last_unit_one_is_refused():
    with in_set("alpha"):
        actor = system_actor()
        screw, party = product(actor), customer(actor)
        receive(actor, (screw, "1", "5"))
        deliveries = [deliver(actor, party, (screw, "1")).pk for _ in range(2)]
    results = at_once(*[lambda actor, pk=pk: ship_delivery(Delivery.objects.get(pk=pk), actor=actor) for pk in deliveries])
    refused = [result for result in results if isinstance(result, Refused)]
    assert [str(result) for result in refused] == ["SFU: 1 piece wanted, 0 on hand."]
    with in_set("alpha"):
        assert on_hand(screw) == (0, 0) and proved() == []


def test_two_people_who_ship_one_delivery_ship_it_once():
    with in_set("alpha"):
        actor = system_actor()
        screw = product(actor)
        receive(actor, (screw, "9", "5"))
        pk = deliver(actor, customer(actor), (screw, "1")).pk
    results = at_once(*[lambda actor: ship_delivery(Delivery.objects.get(pk=pk), actor=actor)] * 2)
    assert sum(isinstance(result, Refused) for result in results) == 1
    with in_set("alpha"):
        assert on_hand(screw) == (8, 0) and proved() == []


def test_forty_buyers_of_twenty_five_units_get_twenty_five():
    with in_set("alpha"):
        actor = system_actor()
        screw, wanting = product(actor), sources(40)
        receive(actor, (screw, "25", "1"))
    works = [lambda actor, source=source: sum(reserve(actor, (source, Product.objects.get(pk=screw.pk), "1")).values()) for source in wanting]
    results = [result for batch in range(0, 40, 8) for result in at_once(*works[batch : batch + 8])]
    assert sorted(results) == [0] * 15 + [1] * 25
    with in_set("alpha"):
        assert on_hand(screw) == (25, 25) and proved() == []


def test_deliveries_of_the_same_products_in_opposite_orders_do_not_lock_each_other_out():
    with in_set("alpha"):
        actor = system_actor()
        goods, party = [product(actor, f"P{n}") for n in range(6)], customer(actor)
        receive(actor, *[(item, "50", "1.11") for item in goods])
        orders = [goods, goods[::-1]] * 4
        deliveries = [deliver(actor, party, *[(item, "1") for item in order]).pk for order in orders]
    results = at_once(*[lambda actor, pk=pk: ship_delivery(Delivery.objects.get(pk=pk), actor=actor) for pk in deliveries])
    assert all(isinstance(result, Delivery) for result in results), results
    with in_set("alpha"):
        assert [on_hand(item) for item in goods] == [(42, 0)] * 6 and proved() == []


def test_counting_a_product_while_it_is_shipped_deadlocks_nobody():
    with in_set("alpha"):
        actor = system_actor()
        screw, party = product(actor), customer(actor)
        receive(actor, (screw, "50", "1"))
        deliveries = [deliver(actor, party, (screw, "1")).pk for _ in range(4)]
        place = Location.objects.get(code="WH1").pk

    def count(actor):
        return adjust_stock(Product.objects.get(pk=screw.pk), actor=actor, location=Location.objects.get(pk=place), counted=Decimal(40))

    works = [work for pk in deliveries for work in (lambda actor, pk=pk: ship_delivery(Delivery.objects.get(pk=pk), actor=actor), count)]
    results = at_once(*works)
    assert not [result for result in results if isinstance(result, Exception)]
    with in_set("alpha"):
        assert proved() == []


def invoiced_at_once(rounds: int = 3) -> tuple[list[int], int]:
    """Each writer posts an invoice, and one in four thinks better of it when it has its number: the numbers kept, and how many should be."""
    with in_set("alpha"):
        actor = system_actor()
        parties = [customer(actor, f"C{n}").pk for n in range(4)]

    def write(actor, pk):
        number = bill(actor, Party.objects.get(pk=pk), line("10")).number
        if pk == parties[0]:
            raise Refused(f"Not {number} after all.")
        return number

    works = [lambda actor, pk=pk: write(actor, pk) for pk in parties * (TOGETHER // 4)]
    results = [result for _round in range(rounds) for result in at_once(*works)]
    assert sum(isinstance(result, Refused) for result in results) == rounds * (TOGETHER // 4)
    with in_set("alpha"):
        return sorted(int(number[-5:]) for number in Invoice.objects.values_list("number", flat=True)), rounds * (TOGETHER // 4) * 3


def test_invoices_of_many_writers_are_numbered_without_a_gap():
    numbers, wanted = invoiced_at_once()
    assert numbers == list(range(1, wanted + 1))
    with in_set("alpha"):
        assert proved() == []


def test_numbers_that_do_not_come_back_with_their_invoice_leave_gaps(monkeypatch):
    """The control: a counter beside the transaction."""
    counter = itertools.count(1)
    monkeypatch.setattr(invoices, "next_numbers", lambda *_asked, **_more: [f"INV-2026-{next(counter):05}"])
    numbers, wanted = invoiced_at_once(rounds=1)
    assert len(numbers) == wanted and numbers != list(range(1, wanted + 1))


def test_one_invoice_is_not_paid_twice():
    with in_set("alpha"):
        actor = system_actor()
        party = customer(actor)
        bill(actor, party, line("100"))
    at_once(*[lambda actor: record_receipt(Party.objects.get(pk=party.pk), actor=actor, amount=Decimal(70))] * 4)
    with in_set("alpha"):
        assert Invoice.objects.get().open_amount == 0 and proved() == []


def test_nothing_slips_into_a_month_that_is_being_closed():
    with in_set("alpha"):
        actor = system_actor()
        party, month = customer(actor), period(actor, actor.today).pk

    works = [lambda actor: bill(actor, Party.objects.get(pk=party.pk), line("10")) for _ in range(6)]
    works.insert(3, lambda actor: close_period(Period.objects.get(pk=month), actor=actor))
    results = at_once(*works)
    posted = [result for result in results if isinstance(result, Invoice)]
    with in_set("alpha"):
        assert Period.objects.get(pk=month).status == "closed"
        assert JournalEntry.objects.count() == Invoice.objects.count() == len(posted)
        assert proved() == []
    assert all(isinstance(result, Invoice | Period | Refused) for result in results)
