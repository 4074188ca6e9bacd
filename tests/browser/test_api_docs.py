"""A developer finds a call in the documentation, copies it and tries it with a key."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import Member
from guanxi.kernel.database import in_set


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def test_a_call_is_found_copied_and_tried(sign_in, live):
    with in_set("alpha"):
        _row, token = make_key(Member.objects.get(code="admin"), "docs")
    page = sign_in("admin")
    page.goto("/api/alpha/docs")
    expect(page.get_by_role("row", name="too_many_requests")).to_contain_text("429")
    clean(page)
    page.get_by_role("searchbox", name="Find a call").fill("customers create")
    page.get_by_role("button", name="Search", exact=True).click()
    call = page.locator("details.api-call", has=page.locator("code", has_text="/customers")).filter(has_text="POST").first
    call.locator("summary").click()
    expect(call.locator("pre").nth(0)).to_contain_text("-d '{")
    expect(call.locator("pre").nth(1)).to_contain_text('crm.create("customers", {')
    clean(page)
    send = call.get_by_role("button", name="Send")
    send.click()
    expect(call.locator(".api-try pre")).to_contain_text("Paste a key above")
    page.get_by_label("Key for trying").fill(token)
    call.get_by_label("Body").fill('{"code": "TRIED", "name": "Tried"}')
    send.click()
    expect(call.locator(".api-try pre")).to_contain_text("201")
    expect(call.locator(".api-try pre")).to_contain_text('"code": "TRIED"')
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    clean(page)
