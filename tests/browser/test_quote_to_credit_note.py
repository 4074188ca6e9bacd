"""From a choice of options to the credit note, each step by the person who does it (M5.11, M7.1, M14.3, M14.4, M14.7, M21.2, X5, X8)."""

from __future__ import annotations

import re
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from guanxi.config.people import join
from guanxi.erp.configurator.models import Feature, ProductModel
from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.finance.models import Invoice, PartyBalance
from guanxi.erp.finance.tests.world import proved
from guanxi.erp.inventory.models import Delivery, GoodsReceipt, StockBalance
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.returns.models import CustomerReturn
from guanxi.erp.sales.models import Order, OrderLine, Quotation
from guanxi.erp.sales.offers.models import OfferLink
from guanxi.erp.sales.offers.operations import address_of
from guanxi.erp.sales.pricing.margins import Scope, lines_in, margin_of
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party
from tests.browser.conftest import inside
from tests.browser.moves import ask, confirm, press, settled

D = Decimal


def receive(product: Product, quantity: str, cost: str) -> None:
    lines = [{"product": product.pk, "quantity": quantity, "unit_cost": cost}]
    receipt = create_record(GoodsReceipt, {"kind": "purchase", "lines": lines}, actor=system_actor()).result
    receive_goods(receipt, actor=system_actor())


@pytest.fixture
def press_shop(shop) -> SimpleNamespace:
    """A press for 1,000.00 that costs 600.00, cooled by air or, for 200.00 more, by water: with a pump for 50.00 and 20.00 of work; three presses and
    nine pumps are there. Ma approves discounts above 10 %. Huanghe Pumps may owe 2,000.00."""
    user = get_user_model().objects.create(username="ma", name="Ma", email="ma@alpha.example", language="en")
    join(user, "alpha", ["sales_manager"])
    with inside():
        actor = system_actor()
        given = {"code": "PRESS", "name": {"en": "Press", "zh-hans": "压力机"}, "tax": "VAT13", "list_price": "1000", "standard_cost": "600"}
        product = create_record(Product, {**given, "unit": "pc"}, actor=actor).result
        named = {"en": "Pump", "zh-hans": "水泵"}
        pump = create_record(Product, {**given, "code": "PUMP", "name": named, "standard_cost": "50", "unit": "pc"}, actor=actor).result
        create_record(Feature, {"code": "cooling", "name": {"en": "Cooling", "zh-hans": "冷却"}}, actor=actor)
        lines = [
            {"feature": "cooling", "code": "air", "name": {"en": "Air", "zh-hans": "风冷"}, "is_usual": True},
            {"feature": "cooling", "code": "water", "name": {"en": "Water", "zh-hans": "水冷"}, "surcharge": "200", "component": pump.pk,
             "cost": "20", "days": 2},
        ]
        model = create_record(ProductModel, {"product": product.pk, "lines": lines}, actor=actor).result
        receive(product, "3", "600")
        receive(pump, "9", "50")
        rule = {
            "name": {"en": "Large discounts", "zh-hans": "大折扣"}, "operation": "sales.send_quotation", "condition": "largest_discount > 10%",
            "approvers": Role.objects.get(key="sales_manager").pk,
        }
        create_record(ApprovalRule, rule, actor=actor)
        owner = Member.objects.get(code="li")
        customer = create_record(Party, {"name": "Huanghe Pumps", "owner": owner.pk}, actor=actor).result
        Party.objects.filter(pk=customer.pk).update(credit_limit=D(2000))
        create_record(CreditPolicy, {"name": {"en": "Usual", "zh-hans": "通用"}}, actor=actor)
    return SimpleNamespace(product=product, pump=pump, model=model.pk, customer=customer.pk)


def configured_and_quoted(page: Page, shop: SimpleNamespace, clean) -> int:
    page.goto(f"/alpha/product-models/{shop.model}/configure/?customer={shop.customer}")
    page.get_by_label("Water").check()
    expect(page.locator(".configure-sum")).to_contain_text("1,200.00")
    expect(page.locator(".configure-sum")).to_contain_text("1 × Pump")
    expect(page.locator(".configure-sum")).to_contain_text("It takes 2 working days to put it together.")
    clean()
    page.get_by_role("button", name="Keep the configuration").click()
    settled(page, r"/configurations/(\d+)/$")
    ask(page, "sales.offer_configuration")
    page.locator("dialog[open] [name=quantity]").fill("5")
    confirm(page)
    quotation = settled(page, r"/sales/quotations/(\d+)/$")
    page.goto(f"/alpha/sales/quotations/{quotation}/edit/")
    page.locator('input[name="lines.0.discount"]').fill("20%")
    page.locator('input[name="lines.0.discount"]').press("Tab")
    expect(page.locator('[data-total="net"]')).to_contain_text("4,800")
    page.locator("#form button[type=submit]").click()
    return settled(page, r"/sales/quotations/(\d+)/$")


def accepted_on_line(page: Page, browser, live, quotation: int) -> None:
    ask(page, "sales.share_quotation")
    page.locator("dialog[open] #operation button[type=submit]").click()
    page.locator('[value*="/offers/alpha/"]').first.wait_for()
    with inside():
        address = address_of(OfferLink.objects.get(quotation=quotation))
    context = browser.new_context(locale="en-GB")
    theirs = context.new_page()
    theirs.goto(f"{live.url}{address[address.index('/offers/'):]}")
    for field, text in (("name", "Zhou Lan"), ("position", "Buyer"), ("signature", "Zhou Lan")):
        theirs.locator(f"#accept-{field}").fill(text)
    theirs.get_by_role("button", name=re.compile("^Accept for")).click()
    expect(theirs.locator("#answer")).to_contain_text("We have received your acceptance")
    context.close()


def shipped(page: Page, order: int, quantity: str) -> int:
    page.goto(f"/alpha/sales/orders/{order}/")
    ask(page, "sales.create_delivery")
    page.locator('dialog[open] [name="lines.0.quantity"]').fill(quantity)
    confirm(page)
    delivery = settled(page, r"/inventory/deliveries/(\d+)/$")
    ask(page, "inventory.ship_delivery")
    confirm(page)
    expect(page.locator("#record .tag, #record .badge").first).to_contain_text("Shipped")
    return delivery


def test_from_a_choice_of_options_to_the_credit_note(press_shop, browser, live, as_person, clean):
    page = as_person("li")
    quotation = configured_and_quoted(page, press_shop, clean)
    press(page, "sales.send_quotation")
    with inside():
        assert Quotation.objects.get(pk=quotation).status == "draft"
    as_person("ma")
    with inside():
        asked = ApprovalRequest.objects.get(target_id=quotation, status="waiting").pk
    page.goto(f"/alpha/approvals/{asked}/")
    clean()
    ask(page, "acts.approve_request")
    confirm(page)
    as_person("li")
    page.goto(f"/alpha/sales/quotations/{quotation}/")
    accepted_on_line(page, browser, live, quotation)

    page.goto(f"/alpha/sales/quotations/{quotation}/")
    ask(page, "sales.order_quotation")
    confirm(page)
    order = settled(page, r"/sales/orders/(\d+)/$")
    ask(page, "sales.confirm_order")
    confirm(page)
    with inside():
        assert (Order.objects.get(pk=order).hold, StockBalance.objects.get(product=press_shop.product).reserved) == ("credit", 0)
    clean()
    as_person("sun")
    page.goto(f"/alpha/sales/orders/{order}/")
    ask(page, "sales.release_order")
    confirm(page)
    with inside():
        assert StockBalance.objects.get(product=press_shop.product).reserved == 3
        receive(press_shop.product, "4", "600")
    deliver_all("alpha")
    with inside():
        assert OrderLine.objects.annotate(held=OrderLine.reserved_quantity.sql()).get(order=order).held == 5
        assert StockBalance.objects.get(product=press_shop.pump).reserved == 5

    as_person("zhao")
    first, _second = shipped(page, order, "3"), shipped(page, order, "2")
    as_person("sun")
    page.goto(f"/alpha/sales/orders/{order}/")
    ask(page, "sales.invoice_order")
    confirm(page)
    invoice = settled(page, r"/finance/invoices/(\d+)/$")
    clean()
    page.goto(f"/alpha/customers/{press_shop.customer}/")
    ask(page, "finance.record_receipt")
    page.locator('dialog[open] [name="amount"]').fill("1000")
    confirm(page)
    with inside():
        assert (Invoice.objects.get(pk=invoice).total, Invoice.objects.get(pk=invoice).open_amount) == (D(5424), D(4424))

    as_person("zhao")
    page.goto(f"/alpha/inventory/deliveries/{first}/")
    ask(page, "returns.return_goods")
    page.locator('dialog[open] [name="lines.0.quantity"]').fill("1")
    clean()
    confirm(page)
    back = settled(page, r"/returns/(\d+)/$")
    as_person("sun")
    page.goto(f"/alpha/returns/{back}/")
    clean()
    ask(page, "returns.settle_return")
    confirm(page)
    with inside():
        assert CustomerReturn.objects.get(pk=back).status == "settled"
        note = Invoice.objects.filter(customer=press_shop.customer).exclude(pk=invoice).get()
        assert note.total == D("-1084.80")
        assert PartyBalance.objects.get(party=press_shop.customer).receivable == D("3339.20")
        assert StockBalance.objects.get(product=press_shop.product, location__code="WH1").on_hand == 3
        assert Delivery.objects.filter(status="shipped").count() == 2
        assert StockBalance.objects.get(product=press_shop.pump).on_hand == 4
        margin = margin_of(lines_in(Scope("CNY", order=order), system_actor()))
        assert (margin.delivered, margin.returned) == (D(-5) * (600 + 50 + 20), D(600))
        assert proved() == []


def test_a_cost_that_rose_is_quoted_anew(press_shop, as_person, clean):
    page = as_person("li")
    page.goto(f"/alpha/sales/quotations/new/?customer={press_shop.customer}")
    box = page.locator('tr[data-line="0"] [data-column="product"] [role="combobox"]')
    box.fill("PRESS")
    page.locator('[role="option"]').first.wait_for()
    box.press("Enter")
    page.locator('input[name="lines.0.quantity"]').fill("2")
    page.locator("#form button[type=submit]").click()
    quotation = settled(page, r"/sales/quotations/(\d+)/$")
    press(page, "sales.send_quotation")
    with inside():
        receive(press_shop.product, "7", "1000")
    deliver_all("alpha")
    page.goto(f"/alpha/sales/quotations/{quotation}/?tab=affected")
    expect(page.locator("main")).to_contain_text("880")
    clean()
    page.locator(".pane tbody a").first.click()
    page.wait_for_url(re.compile(r"/sales/affected-lines/\d+/$"))
    ask(page, "sales.requote_affected_line")
    confirm(page)
    with inside():
        made = Quotation.objects.get(pk=quotation)
        line = made.lines.get()
        assert (made.status, line.unit_price, line.unit_cost) == ("draft", D("1466.67"), D(880))
    page.goto(f"/alpha/sales/quotations/{quotation}/")
    press(page, "sales.send_quotation")
    with inside():
        assert Quotation.objects.get(pk=quotation).edition == 2
