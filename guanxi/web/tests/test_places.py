"""On a telephone: what was done on a board leaves one at the pile one was looking at."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from guanxi.crm.leads.models import Opportunity, Stage
from guanxi.crm.leads.operations import move_opportunity
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.shared.parties.models import Party
from tests.browser.test_keys_and_thumb import carry


def across(page: Page) -> int:
    return page.locator(".board").evaluate("board => board.scrollLeft")


@pytest.mark.browser
def test_who_moves_a_deal_stays_at_its_pile(sign_in, thumb):
    with in_set("alpha"):
        actor = system_actor()
        customer = create_record(Party, {"name": "Nordstern"}, actor=actor).result
        second = Stage.objects.order_by("pipeline", "position")[1]
        for number in range(9):
            row = {"name": f"Rails {number}", "customer": customer.pk, "amount": "100", "expected_on": actor.today.isoformat()}
            move_opportunity(create_record(Opportunity, row, actor=actor).result, actor=actor, stage=second)
    page = sign_in("admin")
    page.goto("/alpha/opportunities/board/")
    # Also after a search, which brings the piles anew.
    page.fill(".quick input[name=q]", "rails")
    page.wait_for_url("**q=rails")
    page.locator(".board").evaluate("board => board.scrollTo(board.querySelectorAll('[data-pile]')[1].offsetLeft, 0)")
    page.wait_for_timeout(300)
    assert across(page) > 100
    name = page.locator("[data-pile]:nth-of-type(2) .deal-title").first.inner_text()
    carry(page, f".deal:has-text('{name}')", "[data-pile]:nth-of-type(3)")
    expect(page.locator("[data-pile]:nth-of-type(3)")).to_contain_text(name)
    assert across(page) > 100
    page.evaluate("scrollTo(0, 200)")
    was = across(page)
    with page.expect_navigation():
        page.locator("#toasts [data-undo]").tap()
    page.wait_for_load_state()
    expect(page.locator("[data-pile]:nth-of-type(2)")).to_contain_text(name)
    assert abs(across(page) - was) < 40 and page.evaluate("scrollY") == 200
    page.goto("/alpha/today/")
    page.goto("/alpha/opportunities/board/?q=rails")
    assert across(page) == 0
