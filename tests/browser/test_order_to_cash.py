"""A new customer, a quotation whose totals follow the typing, an order; made once and by those who may (M1.4, M5.11)."""

from __future__ import annotations

import re
from decimal import Decimal

from playwright.sync_api import expect

from guanxi.erp.finance.models import Invoice
from guanxi.erp.sales.models import Order, Quotation
from guanxi.shared.parties.models import Party
from tests.browser.conftest import inside
from tests.browser.moves import ask, choose, confirm, press, settled

NAME = "恒川液压股份有限公司"


def test_from_a_new_customer_to_an_order(shop, as_person, clean):
    page = as_person("li", "zh-hans")
    page.goto("/alpha/customers/new/")
    page.locator('input[name="name"]').fill(NAME)
    clean()
    page.locator('#form button[type=submit]').click()
    customer = settled(page, r"/customers/(\d+)/$")
    clean()

    page.goto(f"/alpha/sales/quotations/new/?customer={customer}")
    choose(page, page.locator('tr[data-line="0"] [data-column="product"] [role="combobox"]'), "gunzhu")
    page.locator('input[name="lines.0.quantity"]').fill("8")
    page.locator('input[name="lines.0.quantity"]').press("Tab")
    expect(page.locator('[data-total="net"]')).to_contain_text("5,280")
    clean()
    page.locator('#form button[type=submit]').click()
    quotation = settled(page, r"/sales/quotations/(\d+)/$")
    press(page, "sales.send_quotation")
    ask(page, "sales.order_quotation")
    confirm(page)
    order = settled(page, r"/sales/orders/(\d+)/$")
    with inside():
        assert Party.objects.get(pk=customer).name == NAME
        assert Quotation.objects.get(pk=quotation).status == "ordered"
        assert Order.objects.get(pk=order).net == Decimal(5280)


def test_a_double_click_makes_one_document(shop, as_person):
    page = as_person("li")
    with inside():
        from guanxi.kernel.access.actor import system_actor
        from guanxi.kernel.access.models import Member
        from guanxi.kernel.acts.writer import create_record

        owner = Member.objects.get(code="li")
        customer = create_record(Party, {"name": "Double", "owner": owner.pk}, actor=system_actor()).result
    page.goto(f"/alpha/sales/orders/new/?customer={customer.pk}")
    choose(page, page.locator('tr[data-line="0"] [data-column="product"] [role="combobox"]'), "SFU2510")
    page.locator("#form button[type=submit]").dblclick()
    page.wait_for_url(re.compile(r"/sales/orders/\d+/$"))
    with inside():
        assert Order.objects.filter(customer=customer).count() == 1


def test_a_forbidden_act_is_refused_in_words_and_changes_nothing(shop, as_person):
    with inside():
        from guanxi.erp.sales.operations import WantedLine, place_order
        from guanxi.kernel.access.actor import system_actor
        from guanxi.kernel.access.models import Member
        from guanxi.kernel.acts.writer import create_record
        from guanxi.shared.catalog.models import Product

        actor = system_actor()
        customer = create_record(Party, {"name": "Guarded", "owner": Member.objects.get(code="li").pk}, actor=actor).result
        order = place_order(customer, actor=actor, lines=[WantedLine(product=Product.objects.get(pk=shop.screw), quantity=Decimal(1))])
        Order.objects.filter(pk=order.pk).update(owner=Member.objects.get(code="li"))
    page = as_person("li")
    page.goto(f"/alpha/sales/orders/{order.pk}/")
    token = page.locator('input[name="csrfmiddlewaretoken"]').first.input_value()
    answer = page.request.post(
        f"/alpha/sales/orders/{order.pk}/act/sales.invoice_order/", form={"csrfmiddlewaretoken": token, "key": "hostile"},
        headers={"Referer": page.url},
    )
    assert answer.status == 403 and "Traceback" not in answer.text()
    with inside():
        assert not Invoice.objects.exists() and Order.objects.get(pk=order.pk).version == order.version + 0
