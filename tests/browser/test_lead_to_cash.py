"""From a visitor of the web site to the money, each step by the person who does it (M2.1–M2.3, M4.9, M5.10, M14.3, M14.4, M18.2, M22.7, X4)."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from guanxi.crm.leads import guard
from guanxi.crm.leads.models import AssignmentRule, Lead, LeadForm, Opportunity
from guanxi.erp.finance.models import Invoice, Receipt
from guanxi.erp.inventory.models import Delivery
from guanxi.erp.sales.models import Quotation
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.outbox.worker import send_due
from guanxi.shared.messaging.models import MailServer
from tests.browser.conftest import inside
from tests.browser.moves import ask, choose, confirm, press, settled, show
from tests.support.paper import pages_of

PHONE = {"width": 390, "height": 844}
COMPANY = {"en": "Huanghe Pumps", "zh-hans": "黄河泵业有限公司"}


@pytest.fixture
def form(shop, mailbox) -> None:
    """A form on the web site, a rule that gives what comes to Li, and a mail server."""
    with inside():
        actor = system_actor()
        given = {"name": "T", "host": "127.0.0.1", "port": mailbox.port, "security": "none", "from_address": "sales@alpha.example"}
        create_record(MailServer, given, actor=actor)
        create_record(LeadForm, {"code": "contact", "name": {"en": "Ask us", "zh-hans": "在线咨询"}}, actor=actor)
        seller = Member.objects.get(code="li")
        create_record(
            AssignmentRule, {"name": "Web", "condition": 'source = "website"', "members": [seller.pk]}, actor=actor, by_id=True
        )


def fill_form(page: Page, language: str, clean) -> None:
    page.goto(f"/forms/alpha/contact/?language={language}")
    clean()
    page.locator("[name=company]").fill(COMPANY[language])
    page.locator("[name=person]").fill("Zhou Lan")
    page.locator("[name=email]").fill("zhou@huanghe.example")
    page.locator("[name=need]").fill("8 ball screws a month")
    page.wait_for_timeout(guard.QUICKEST.total_seconds() * 1000 + 1100)
    page.locator("button[type=submit]").click()
    expect(page.locator(".banner.green")).to_be_visible()
    clean()


def stage_of(pk: int) -> str:
    with inside():
        return Opportunity.objects.select_related("stage").get(pk=pk).stage.code


def move(page: Page, pk: int, code: str, *, by_hand: bool) -> None:
    """The card into another column: dragged, or by its arrow where there is no mouse."""
    with inside():
        stage = Opportunity.objects.get(pk=pk).pipeline.stages.get(code=code).pk
    card = page.locator(f'[data-card$="/opportunities/{pk}/"]')
    if by_hand:
        card.drag_to(page.locator(f'[data-pile="{stage}"]'))
        return
    card.locator("button[data-sheet]").click()
    chosen = page.locator("dialog[open] #operation")
    chosen.wait_for()
    choose(page, chosen.locator('[role="combobox"]').first, {"need": "Need", "lost": "Lost"}.get(code, code))
    chosen.locator("button[type=submit]").click()


def mail_quotation(page: Page, clean) -> None:
    """From the quotation's own page, with the template and the PDF that stand ready."""
    show(page, 'a[href*="/mail/"]')
    sheet = page.locator("dialog[open] #mail")
    sheet.wait_for()
    clean()
    with page.expect_navigation():
        sheet.locator(".sheet-foot button[type=submit]").last.click()
    deliver_all("alpha")
    send_due("alpha")


@pytest.mark.parametrize(("language", "is_phone"), [("en", False), ("zh-hans", True)])
def test_from_a_web_form_to_the_money(form, mailbox, page, as_person, clean, language, is_phone):
    if is_phone:
        page.set_viewport_size(PHONE)
    fill_form(page, language, clean)
    deliver_all("alpha")
    send_due("alpha")
    [notice] = mailbox.mails
    assert notice["To"] == "li@alpha.example" and COMPANY[language] in notice["Subject"]

    as_person("li", language)
    page.goto("/alpha/today/")
    expect(page.locator("[data-count]").first).to_have_attribute("data-count", "1")
    clean()
    page.get_by_role("link", name=re.compile(COMPANY[language])).first.click()
    lead = settled(page, r"/leads/(\d+)/$")
    clean()
    ask(page, "leads.qualify_lead")
    clean()
    confirm(page)
    with inside():
        found = Lead.objects.get(pk=lead)
        opportunity = Opportunity.objects.get(lead=found)
        assert (found.status, found.customer.name, opportunity.owner.code) == ("qualified", COMPANY[language], "li")

    page.goto(f"/alpha/opportunities/{opportunity.pk}/edit/")
    choose(page, page.locator('tr[data-line="0"] [data-column="product"] [role="combobox"]'), "SFU2510")
    page.locator('input[name="lines.0.quantity"]').fill("8")
    page.locator("#form button[type=submit]").click()
    settled(page, r"/opportunities/(\d+)/$")

    page.goto("/alpha/opportunities/board/?f.status=open")
    clean()
    if not is_phone:
        with page.expect_navigation():
            move(page, opportunity.pk, "need", by_hand=True)
        assert stage_of(opportunity.pk) == "need"
        with page.expect_navigation():
            page.locator(".toast [data-undo]").click()
        assert stage_of(opportunity.pk) == "contact"
        with page.expect_navigation():
            move(page, opportunity.pk, "need", by_hand=True)
        for verdict, asked in (("won", "Amount"), ("lost", "Reason")):
            move(page, opportunity.pk, verdict, by_hand=True)
            expect(page.locator("dialog[open] #operation")).to_contain_text(asked)
            clean()
            page.keyboard.press("Escape")
            expect(page.locator("dialog[open]")).to_have_count(0)
        assert stage_of(opportunity.pk) == "need"

    page.goto(f"/alpha/opportunities/{opportunity.pk}/")
    clean()
    press(page, "leads.quote_opportunity")
    quotation = settled(page, r"/sales/quotations/(\d+)/$")
    mail_quotation(page, clean)
    assert stage_of(opportunity.pk) == "offer"
    mail = mailbox.mails[-1]
    [paper] = mail.iter_attachments()
    with inside():
        offered = Quotation.objects.get(pk=quotation)
    assert mail["To"] == "Zhou Lan <zhou@huanghe.example>" and offered.status == "sent"
    assert paper.get_content_type() == "application/pdf" and offered.number in "".join(pages_of(paper.get_content()))

    ask(page, "sales.order_quotation")
    clean()
    confirm(page)
    order = settled(page, r"/sales/orders/(\d+)/$")
    ask(page, "sales.confirm_order")
    confirm(page)
    page.locator('#record a[href$="act/sales.create_delivery/"]').first.wait_for(state="attached")
    clean()
    assert page.locator('#record [href$="act/sales.invoice_order/"]').count() == 0, "a salesperson does not invoice"
    deliver_all("alpha")
    with inside():
        assert Opportunity.objects.get(pk=opportunity.pk).status == "won"

    as_person("zhao", language)
    page.goto(f"/alpha/sales/orders/{order}/")
    ask(page, "sales.deliver_order")
    page.locator('dialog[open] input[name="lines.0.quantity"]').fill("5")
    clean()
    confirm(page)
    settled(page, r"/inventory/deliveries/(\d+)/$")
    clean()
    page.goto(f"/alpha/sales/orders/{order}/")
    ask(page, "sales.deliver_order")
    assert page.locator('dialog[open] input[name="lines.0.quantity"]').input_value() == "3", "what is left is proposed"
    confirm(page)
    settled(page, r"/inventory/deliveries/(\d+)/$")

    as_person("sun", language)
    page.goto(f"/alpha/sales/orders/{order}/")
    clean()
    ask(page, "sales.invoice_order")
    confirm(page)
    invoice = settled(page, r"/finance/invoices/(\d+)/$")
    clean()
    page.goto(f"/alpha/customers/{found.customer_id}/")
    ask(page, "finance.record_receipt")
    page.locator('dialog[open] input[name="amount"]').fill("5966.40")
    clean()
    confirm(page)
    settled(page, r"/finance/receipts/(\d+)/$")
    clean()
    with inside():
        billed = Invoice.objects.get(pk=invoice)
        assert [d.status for d in Delivery.objects.filter(customer=found.customer_id)] == ["shipped", "shipped"]
        assert (billed.net, billed.tax, billed.total, billed.open_amount) == (Decimal(5280), Decimal("686.4"), Decimal("5966.4"), 0)
        assert Receipt.objects.get(customer=found.customer_id).unallocated == 0
