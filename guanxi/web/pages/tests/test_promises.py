"""When a line can be delivered, as pages and programs see it; alternatives taken with one click (X1, M14.7)."""

from __future__ import annotations

import re
from decimal import Decimal
from types import SimpleNamespace

import pytest

from guanxi.erp.inventory.models import StockBalance
from guanxi.erp.inventory.operations import adjust_stock
from guanxi.erp.promising.tests.world import expect, receive, yard_of
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import WantedLine, cancel_order, confirm_order, decline_quotation, deliver_order, place_order
from guanxi.erp.sales.queries import standing_of
from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.api.tests.conftest import program_for
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.database import in_set
from guanxi.kernel.events.worker import deliver_all
from guanxi.shared.parties.models import Party
from tests.access.world import person


@pytest.fixture
def shop(rolled_back, static_files) -> SimpleNamespace:
    """Li's quotation of 70 screws, of which 40 are there and 60 expected in six days, and of a nut without a date."""
    made = SimpleNamespace(li=person("alpha", "salesperson"), wang=person("alpha", "salesperson"))
    with in_set("alpha"):
        system, li = system_actor(), actor_of(made.li.member.pk)
        made.yard = yard_of(system)
        made.receipt = expect(system, made.yard.screw, 60, made.yard.after(6))
        made.customer = create_record(Party, {"name": "Buyer"}, actor=li).result
        lines = [{"product": made.yard.screw.pk, "quantity": "70"}, {"product": made.yard.nut.pk, "quantity": "1"}]
        made.quotation = create_record(Quotation, {"customer": made.customer.pk, "lines": lines}, actor=li).result
        made.order = create_record(Order, {"customer": made.customer.pk, "lines": lines[:1]}, actor=li).result
    return made


def page_of(person, address: str, **headers: str) -> str:
    answer = person.client.get(address, headers=headers)
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


class TestDocument:
    def test_each_line_has_its_day_and_reason_which_open_what_else_could_be_done(self, shop):
        page = page_of(shop.li, f"/alpha/sales/quotations/{shop.quotation.pk}/")
        first, second = shop_lines(shop.quotation)
        assert f'href="promise/?line={first.pk}" data-sheet' in page and f'href="promise/?line={second.pk}" data-sheet' in page
        assert page.count("Expected receipt</span>") == 1 and page.count("No date known</span>") == 1

    def test_a_chip_says_what_is_true_of_the_goods_now(self, shop):
        def chip() -> tuple[bool, str]:
            page = page_of(shop.li, f"/alpha/sales/orders/{shop.order.pk}/")
            [(leads_on, words)] = re.findall(r'class="promise"( href)?.*?<span class="tag[^"]*">([^<]*)</span>', page)
            return bool(leads_on), words

        assert chip() == (True, "Expected receipt")
        with in_set("alpha"):
            confirm_order(Order.objects.get(pk=shop.order.pk), actor=system_actor())
        assert chip() == (True, "Expected receipt")
        with in_set("alpha"):
            receive(system_actor(), shop.yard.screw, 60)
            deliver_all("alpha")
        assert chip() == (True, "Reserved")
        with in_set("alpha"):
            deliver_order(Order.objects.get(pk=shop.order.pk), actor=system_actor())
        assert chip() == (False, "Delivered")

    def test_goods_that_were_there_and_are_lost_are_waited_for(self, shop):
        with in_set("alpha"):
            order = place_order(shop.customer, actor=actor_of(shop.li.member.pk), lines=[WantedLine(product=shop.yard.screw, quantity=Decimal(30))])
            assert (standing_of([order.lines.get().pk]), order.lines.get().promised_from) == ({order.lines.get().pk: "reserved"}, "stock")
            place = StockBalance.objects.get(product=shop.yard.screw, location__warehouse=shop.yard.here).location
            adjust_stock(shop.yard.screw, actor=system_actor(), location=place, counted=Decimal(10))
            deliver_all("alpha")
        page = page_of(shop.li, f"/alpha/sales/orders/{order.pk}/")
        assert page.count("Waits for goods</span>") == 1 and "From stock" not in page

    def test_where_nothing_is_to_come_the_day_stands_alone(self, shop):
        with in_set("alpha"):
            decline_quotation(Quotation.objects.get(pk=shop.quotation.pk), actor=system_actor(), reason="No need")
            cancel_order(Order.objects.get(pk=shop.order.pk), actor=system_actor())
        for address in (f"quotations/{shop.quotation.pk}", f"orders/{shop.order.pk}"):
            page = page_of(shop.li, f"/alpha/sales/{address}/")
            assert 'class="promise"' not in page and "Expected receipt" not in page

    def test_the_dialog_says_where_from_what_decided_and_what_else(self, shop):
        first, _second = shop_lines(shop.quotation)
        page = page_of(shop.li, f"/alpha/sales/quotations/{shop.quotation.pk}/promise/?line={first.pk}")
        assert f"40 from stock; 30 with {shop.receipt.number} on {full_date(shop.yard.after(6))}" in page
        assert f"Decided by {shop.receipt.number}" in page and "Split the line" in page and "Deliver from another warehouse" in page
        assert "NUT" not in page and "NUT" in page_of(shop.li, f"/alpha/sales/quotations/{shop.quotation.pk}/promise/")

    def test_a_line_that_is_gone_and_a_document_of_others_are_told_apart_from_faults(self, shop):
        assert shop.li.client.get(f"/alpha/sales/quotations/{shop.quotation.pk}/promise/?line=99999999").status_code == 404
        assert shop.li.client.get(f"/alpha/sales/quotations/{shop.quotation.pk}/promise/?line=x").status_code == 404
        assert shop.wang.client.get(f"/alpha/sales/quotations/{shop.quotation.pk}/promise/").status_code == 404

    def test_one_click_splits_the_line(self, shop):
        page = page_of(shop.li, f"/alpha/sales/orders/{shop.order.pk}/promise/")
        form = re.search(r'action="(/alpha/sales/orders/\d+/act/sales\.split_order_line/)".*?</form>', page, re.DOTALL)
        values = dict(re.findall(r'name="(key|line|quantity)" value="([^"]*)"', form.group(0)))
        answer = shop.li.client.post(form.group(1), values)
        assert answer.status_code in (204, 303)
        with in_set("alpha"):
            assert [(line.quantity, line.promised_from) for line in shop_lines(shop.order)] == [(40, "stock"), (30, "receipt")]

    def test_an_order_that_waits_leads_to_what_it_waits_for(self, shop):
        with in_set("alpha"):
            li = actor_of(shop.li.member.pk)
            order = place_order(shop.customer, actor=li, lines=[WantedLine(product=shop.yard.screw, quantity=Decimal(50))])
        page = page_of(shop.li, f"/alpha/sales/orders/{order.pk}/promise/")
        assert "40 reserved" in page and "/alpha/inventory/waiting/" in page and "Split the line" not in page
        listed = page_of(shop.li, "/alpha/inventory/waiting/")
        assert order.number in listed and shop.receipt.number in listed


def shop_lines(document):
    with in_set("alpha"):
        return list(document.lines.order_by("position"))


def test_the_form_says_it_while_one_types(shop):
    sent = {
        "customer": shop.customer.pk, "lines.0.product": shop.yard.screw.pk, "lines.0.quantity": "70", "lines.1.product": shop.yard.nut.pk,
        "lines.1.quantity": "2",
    }
    lines = shop.li.client.post("/alpha/sales/orders/preview/", sent).json()["lines"]
    assert lines["0"]["said"]["promised_on"][0] == "Expected receipt" and lines["0"]["said"]["promised_on"][2] == "blue"
    assert lines["1"]["shown"]["promised_on"] == "" and lines["1"]["said"]["promised_on"][::2] == ["No date known", "red"]
    assert "2 without a known date" in lines["1"]["said"]["promised_on"][1]


def test_a_program_asks_for_dates_and_reads_them_from_lines(shop):
    with in_set("alpha"):
        program = program_for(shop.li.member.pk)
    answer = program.send("POST", "inventory/waiting/ask_promise", {"lines": [{"product": "SCREW", "quantity": "70"}], "wanted_on": None})
    assert answer.status_code == 200, answer.content
    [found] = answer.json()["result"]
    assert (found["promised_on"], found["promised_from"]) == (shop.yard.after(6).isoformat(), "receipt")
    assert [(part["kind"], Decimal(part["quantity"])) for part in found["parts"]] == [("stock", 40), ("receipt", 30)]
    shown = program.get(f"sales/quotations/{shop.quotation.pk}").json()
    assert [line["promised_from"] for line in shown["lines"]] == ["receipt", "unknown"]
