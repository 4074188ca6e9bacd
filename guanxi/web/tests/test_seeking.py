"""Every shape of a list is searched while one types; what an input method composes is left alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from guanxi.crm.leads.models import Opportunity
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.shared.parties.models import Party
from guanxi.web.tests.test_browser import clean

SHAPES = {
    "calendar/?span=month": ".cal-entry", "calendar/?span=week&by=expected_on": ".cal-entry", "pivot/?rows=customer": "tbody tr a",
    "chart/?rows=customer": "tbody tr a", "funnel/": ".funnel > li:first-child .num", "regions/": "tbody tr",
}
"""What shows how many rows of the shape are left."""


@pytest.fixture
def deals(sign_in) -> Page:
    """The administrator's page; two customers of different regions with an opportunity each, to be won today."""
    with in_set("alpha"):
        actor = system_actor()
        for name, country in (("Nordstern", "DE"), ("兴华轧辊厂", "CN")):
            customer = create_record(Party, {"name": name, "country": country}, actor=actor).result
            row = {"name": f"Rails for {name}", "customer": customer.pk, "amount": "100", "expected_on": actor.today.isoformat()}
            create_record(Opportunity, row, actor=actor)
    return sign_in("admin")


def shown(page: Page, what: str) -> str:
    """The text of all that it is, which the search must change."""
    return " | ".join(page.locator(what).all_inner_texts())


def compose(page: Page, sounds: str, text: str) -> None:
    """Slowly, so that what was looked for before comes while the sounds still stand there marked; then the text that they stand for."""
    session = page.context.new_cdp_session(page)
    for end in range(1, len(sounds) + 1):
        session.send("Input.imeSetComposition", {"text": sounds[:end], "selectionStart": end, "selectionEnd": end})
        page.wait_for_timeout(200)
    session.send("Input.insertText", {"text": text})


@pytest.mark.browser
def test_every_shape_is_searched_while_one_types_and_nobody_loses_the_place(deals):
    for shape, what in SHAPES.items():
        deals.goto(f"/alpha/opportunities/{shape}")
        everything, steps = shown(deals, what), deals.evaluate("history.length")
        assert everything, shape
        deals.evaluate("document.body.dataset.same = 'yes'")
        field = deals.locator(".quick input[name=q]")
        field.focus()
        deals.keyboard.type("nordst")
        deals.wait_for_url("**q=nordst*")
        expect(field).to_be_focused()
        found = shown(deals, what)
        assert found not in ("", everything), shape
        asked: list[str] = []
        deals.on("request", lambda one, asked=asked: asked.append(one.url))
        deals.keyboard.press("Control+a")
        compose(deals, "xing hua", "兴华")
        deals.wait_for_url("**q=%E5%85%B4%E5%8D%8E*")
        assert [url for url in asked if "q=x" in url] == []
        expect(field).to_have_value("兴华")
        expect(field).to_be_focused()
        assert shown(deals, what) not in ("", everything), shape
        deals.keyboard.press("Control+a")
        deals.keyboard.press("Delete")
        deals.wait_for_url(lambda url: "%E5" not in url)
        assert shown(deals, what) == everything
        assert deals.evaluate("[document.body.dataset.same, history.length]") == ["yes", steps]
        clean(deals)


@pytest.mark.browser
def test_what_a_pivot_is_asked_and_what_is_typed_meanwhile_both_hold(deals):
    deals.goto("/alpha/opportunities/pivot/?rows=customer")
    deals.locator(".quick input[name=q]").fill("rails")
    deals.locator("form[data-question] select").first.select_option("stage")
    deals.wait_for_url(lambda url: "rows=stage" in url and "q=rails" in url)
    expect(deals.locator("form[data-question] select").first).to_have_value("stage")
    deals.locator("form[data-question] summary").click()
    deals.locator("form[data-question] input[name=measures]:not(:checked)").first.check()
    deals.wait_for_url("**measures=*")
    expect(deals.locator("form[data-question] details")).to_have_attribute("open", "")
    deals.wait_for_timeout(400)
    assert "q=rails" in deals.url and "rows=stage" in deals.url
