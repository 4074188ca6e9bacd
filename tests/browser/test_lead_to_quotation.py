"""Web form → lead of whoever the rule names → opportunity → board → quotation, whose sending moves the stage (M2.1–M2.3, M5.10, X4)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from guanxi.crm.leads import guard
from guanxi.crm.leads.models import AssignmentRule, Lead, LeadForm, Opportunity
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from tests.browser.conftest import inside
from tests.browser.test_order_to_cash import ask, choose, confirm, press, settled

PHONE = {"width": 390, "height": 844}
COMPANY = {"en": "Huanghe Pumps", "zh-hans": "黄河泵业有限公司"}


@pytest.fixture
def form(shop) -> None:
    with inside():
        actor = system_actor()
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


@pytest.mark.parametrize(("language", "is_phone"), [("en", False), ("zh-hans", True)])
def test_from_a_web_form_to_a_quotation_that_moves_the_stage(form, page, as_person, clean, language, is_phone):
    if is_phone:
        page.set_viewport_size(PHONE)
    fill_form(page, language, clean)

    as_person("li", language)
    page.goto("/alpha/today/")
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
        move(page, opportunity.pk, "lost", by_hand=True)
        expect(page.locator("dialog[open] #operation")).to_contain_text("Say why it was lost")
        clean()
        page.keyboard.press("Escape")
        assert stage_of(opportunity.pk) == "need"

    page.goto(f"/alpha/opportunities/{opportunity.pk}/")
    clean()
    press(page, "leads.quote_opportunity")
    settled(page, r"/sales/quotations/(\d+)/$")
    press(page, "sales.send_quotation")
    deliver_all("alpha")
    assert stage_of(opportunity.pk) == "offer"
