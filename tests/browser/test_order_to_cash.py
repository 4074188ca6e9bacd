"""Customer → quotation → order → delivery in two parts → invoice → receipt, each by the person who does it (M1.4, M5.11, M14.3, M14.4, M18.2)."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from guanxi.erp.finance.models import Invoice, Receipt
from guanxi.erp.inventory.models import Delivery
from guanxi.erp.sales.models import Order, Quotation
from guanxi.shared.parties.models import Party
from tests.browser.conftest import inside

NAME = {"en": "Hengchuan Hydraulics", "zh-hans": "恒川液压股份有限公司"}


def press(page: Page, operation: str) -> None:
    """The button of an operation that asks nothing."""
    with page.expect_navigation():
        _show(page, f'form[action$="act/{operation}/"] button')


def ask(page: Page, operation: str) -> None:
    """The button of an operation that opens a dialog."""
    _show(page, f'a[href$="act/{operation}/"]')
    page.locator("dialog[open] #operation").wait_for()


def _show(page: Page, selector: str) -> None:
    button = page.locator(f"#record {selector}").first
    if not button.is_visible():
        page.locator("#record details.menu > summary").first.click()
    button.click()


def confirm(page: Page) -> None:
    """Send the dialog; the page changes."""
    with page.expect_navigation():
        page.locator("dialog[open] #operation button[type=submit]").click()


def choose(page: Page, box, text: str) -> None:
    """Type into a choice field and take the first answer."""
    box.click()
    box.fill(text)
    page.locator('[role="option"]').first.wait_for()
    box.press("Enter")


def settled(page: Page, pattern: str) -> int:
    """The number of the record on whose page we are now."""
    page.wait_for_url(re.compile(pattern))
    return int(re.search(pattern, page.url)[1])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_a_new_customer_to_the_money(shop, as_person, clean, language):
    page = as_person("li", language)

    page.goto("/alpha/customers/new/")
    page.locator('input[name="name"]').fill(NAME[language])
    clean()
    page.locator('#form button[type=submit]').click()
    customer = settled(page, r"/customers/(\d+)/$")
    clean()

    page.goto(f"/alpha/sales/quotations/new/?customer={customer}")
    product = page.locator('tr[data-line="0"] [data-column="product"] [role="combobox"]')
    choose(page, product, "gunzhu" if language == "zh-hans" else "ball")
    page.locator('input[name="lines.0.quantity"]').fill("8")
    page.locator('input[name="lines.0.quantity"]').press("Tab")
    expect(page.locator('[data-total="net"]')).to_contain_text("5,280")
    clean()
    page.locator('#form button[type=submit]').click()
    quotation = settled(page, r"/sales/quotations/(\d+)/$")
    press(page, "sales.send_quotation")
    clean()

    ask(page, "sales.order_quotation")
    clean()
    confirm(page)
    order = settled(page, r"/sales/orders/(\d+)/$")
    ask(page, "sales.confirm_order")
    confirm(page)
    page.locator('#record a[href$="act/sales.create_delivery/"]').first.wait_for(state="attached")
    clean()
    assert page.locator('#record [href$="act/sales.invoice_order/"]').count() == 0, "a salesperson does not invoice"

    page = as_person("zhao", language)
    page.goto(f"/alpha/sales/orders/{order}/")
    ask(page, "sales.deliver_order")
    page.locator('dialog[open] input[name="lines.0.quantity"]').fill("5")
    clean()
    confirm(page)
    page.wait_for_url(re.compile(r"/inventory/deliveries/\d+/$"))
    clean()
    page.goto(f"/alpha/sales/orders/{order}/")
    ask(page, "sales.deliver_order")
    assert page.locator('dialog[open] input[name="lines.0.quantity"]').input_value() == "3", "what is left is proposed"
    confirm(page)
    page.wait_for_url(re.compile(r"/inventory/deliveries/\d+/$"))

    page = as_person("sun", language)
    page.goto(f"/alpha/sales/orders/{order}/")
    clean()
    ask(page, "sales.invoice_order")
    confirm(page)
    invoice = settled(page, r"/finance/invoices/(\d+)/$")
    clean()
    page.goto(f"/alpha/customers/{customer}/")
    ask(page, "finance.record_receipt")
    page.locator('dialog[open] input[name="amount"]').fill("5966.40")
    clean()
    confirm(page)
    page.wait_for_url(re.compile(r"/finance/receipts/\d+/$"))
    clean()

    with inside():
        assert Party.objects.get(pk=customer).name == NAME[language]
        assert Quotation.objects.get(pk=quotation).status == "ordered"
        assert [d.status for d in Delivery.objects.filter(customer=customer)] == ["shipped", "shipped"]
        billed = Invoice.objects.get(pk=invoice)
        assert (billed.net, billed.tax, billed.total, billed.open_amount) == (Decimal(5280), Decimal("686.4"), Decimal("5966.4"), 0)
        assert Receipt.objects.get(customer=customer).unallocated == 0


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
