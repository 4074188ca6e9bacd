"""The customer's page: the facets that exist, for whom they are (M1.6)."""

from __future__ import annotations

import re
from decimal import Decimal
from types import SimpleNamespace

import pytest

from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import confirm_order, deliver_order, invoice_order
from guanxi.kernel.access.actor import actor_of, system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.operations import add_task, log_call
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Address, Contact, Party
from guanxi.web.pages.customer import telephone
from tests.access.world import Person, person, plain, words


@pytest.fixture
def shop(rolled_back, static_files) -> SimpleNamespace:
    """Li's customer with people, an invoiced order, a call and two tasks."""
    made = SimpleNamespace(
        li=person("alpha", "salesperson"), wang=person("alpha", "salesperson"), sun=person("alpha", "accountant"),
        zhao=person("alpha", "storekeeper"),
    )
    with in_set("alpha"):
        system, li = system_actor(), actor_of(made.li.member.pk)
        product = create_record(
            Product, {"name": "Screw", "unit": "pc", "list_price": "100", "standard_cost": "60"}, actor=system
        ).result
        lines = [{"product": product.pk, "quantity": "50", "unit_cost": "60"}]
        receipt = create_record(GoodsReceipt, {"kind": "opening", "lines": lines}, actor=system).result
        receive_goods(receipt, actor=system)
        made.party = create_record(
            Party, {"name": "Hengchuan", "tier": "A", "phone": "0519-5550 7188", "email": "info@hengchuan.example", "payment_term": "COD"}, actor=li
        ).result
        Party.objects.filter(pk=made.party.pk).update(credit_limit=Decimal(5000))
        made.zhou = create_record(Contact, {"party": made.party.pk, "name": "Zhou", "mobile": "139 0000 1111", "job_title": "Buyer"}, actor=li).result
        create_record(Address, {"party": made.party.pk, "kind": "delivery", "city": "Nanjing", "street": "Dock 3"}, actor=li)
        create_record(Address, {"party": made.party.pk, "kind": "office", "city": "Changzhou", "street": "Main Road 1"}, actor=li)
        order = create_record(
            Order, {"customer": made.party.pk, "lines": [{"product": product.pk, "quantity": "10"}]}, actor=li
        ).result
        confirm_order(order, actor=system)
        deliver_order(order, actor=system)
        invoice_order(order, actor=system, issued_on=system.today)
        made.order = order
        target = {"target_model": "parties.party", "target_id": made.party.pk}
        log_call(actor=li, **target, body="Spoke about screws", contact=made.zhou)
        made.task = add_task(actor=li, **target, body="Call back", due_on=system.today)
        add_task(actor=system, **target, body="Somebody else's")
    made.url = f"/alpha/customers/{made.party.pk}/"
    return made


def page(who: Person, shop, rest: str = ""):
    answer = who.client.get(shop.url + rest)
    assert answer.status_code == 200, words(answer)
    return answer


class TestWhatItShows:
    def test_figures_come_from_the_ledgers(self, shop):
        text = plain(page(shop.sun, shop))
        for figure in (
            "Sales this year ¥1,000.00", "Margin rate 40% ¥400.00", "Receivable ¥1,130.00", "Credit available ¥3,870.00 limit ¥5,000.00",
            "Last contact",
        ):
            assert figure in text, figure

    def test_facts_people_and_the_nearest_address_stand_on_the_left(self, shop):
        text = plain(page(shop.li, shop))
        for words_ in ("Telephone 0519-5550 7188", "Payment term Cash on delivery", "Zhou Buyer", "Address Main Road 1, Changzhou"):
            assert words_ in text, words_
        assert 'href="tel:13900001111"' in page(shop.li, shop).content.decode()

    def test_the_timeline_tells_of_activities_documents_and_changes(self, shop):
        text = plain(page(shop.li, shop))
        for words_ in ("spoke with Zhou by telephone", "Spoke about screws", f"Order {shop.order.number} confirmed", "entered this"):
            assert words_ in text, words_

    def test_open_tasks_stand_on_the_right_and_one_s_own_can_be_ticked_off(self, shop):
        html = page(shop.li, shop).content.decode()
        ticks = re.findall(r"activities/(\d+)/act/activities.finish_task/", html)
        assert ticks == [str(shop.task.pk)] and "Somebody else" in html
        answer = shop.li.post(f"/alpha/activities/{shop.task.pk}/act/activities.finish_task/", {"back": shop.url})
        assert (answer.status_code, answer["Location"]) == (303, shop.url)
        with in_set("alpha"):
            assert Activity.objects.get(pk=shop.task.pk).done_at is not None
        assert "finished a task" in plain(page(shop.li, shop))

    def test_tabs_hold_what_belongs_to_the_customer_with_counts(self, shop):
        text = plain(page(shop.sun, shop))
        for tab in ("Contacts 1", "Sales orders 1", "Deliveries 1", "Invoices 1", "Receipts 0", "Activities 3", "Addresses 2"):
            assert tab in text, tab
        assert shop.order.number in plain(page(shop.sun, shop, "?tab=orders"))

    def test_in_chinese_everything_is_chinese(self, shop):
        shop.li.client.cookies["guanxi-language"] = "zh-hans"
        with in_set("alpha"):
            Party.objects.filter(pk=shop.party.pk).update(name="恒川液压")
        text = plain(page(person("alpha", "administrator", language="zh-hans"), shop))
        for words_ in ("本年销售额", "基本信息", "联系人", "时间线", "下一步", "近 12 个月", "应收账龄", "与 Zhou 通话", "新建报价"):
            assert words_ in text, words_


class TestForWhom:
    def test_margin_and_receivables_are_for_those_who_may_see_them(self, shop):
        seller, store = plain(page(shop.li, shop)), plain(page(shop.zhao, shop))
        assert "Margin rate 40%" in seller and "Receivable ¥1,130.00" in seller and "Age of receivables" in seller
        assert "Margin" not in store and "margin ¥" not in page(shop.zhao, shop).content.decode()
        assert "Receivable" not in store and "Credit available" not in store and "Age of receivables" not in store

    def test_only_who_may_offer_is_offered_a_quotation(self, shop):
        assert "New quotation" in plain(page(shop.li, shop))
        assert "New quotation" not in plain(page(shop.zhao, shop))

    def test_another_salesperson_does_not_find_it(self, shop):
        assert shop.wang.client.get(shop.url).status_code == 404
        assert shop.wang.client.get(shop.url + "?earlier=x", headers={"HX-Request": "true"}).status_code == 404


class TestTheTimelineGoesOn:
    def test_the_earlier_part_comes_alone_when_asked_for_as_a_part(self, shop):
        with in_set("alpha"):
            li = actor_of(shop.li.member.pk)
            for number in range(40):
                log_call(actor=li, target_model="parties.party", target_id=shop.party.pk, body=f"call {number:02}")
        html = page(shop.li, shop).content.decode()
        [address] = re.findall(r'hx-get="([^"]+)"', html.split("Timeline")[-1])
        assert "call 39" in html and "call 01" not in html
        part = shop.li.client.get(address.replace("&amp;", "&"), headers={"HX-Request": "true"})
        text = plain(part)
        assert "call 01" in text and "call 39" not in text and "<html" not in part.content.decode()
        whole = shop.li.client.get(address)
        assert "call 01" in plain(whole) and "Basic data" in plain(whole)


def test_any_way_of_writing_a_number_can_be_dialled():
    assert [telephone(n) for n in ("0519-5550 7188", "+49 (40) 55 50", "javascript:alert(1)")] == ["tel:051955507188", "tel:+49405550", "tel:1"]
