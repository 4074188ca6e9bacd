"""Saving, sharing and opening a view in a real browser (M1.7)."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from guanxi.config.people import join
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.writer import create_records
from guanxi.kernel.database import in_set


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def test_a_view_is_saved_shared_and_opens_another_s_list(sign_in):
    join(get_user_model().objects.create(username="mona", name="Mona", email="mona@alpha.example", language="en"), "alpha", ["administrator"])
    with in_set("alpha"):
        create_records(Team, [{"name": name} for name in ("North", "Northwest", "South")], actor=system_actor())
    page = sign_in("admin")
    page.goto("/alpha/setup/teams/?f.name=North")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.click(".views > summary")
    clean(page)
    page.click("text=Save as a new view…")
    page.fill("dialog[open] #in-view-name", "The north")
    page.check("dialog[open] [name=is_pinned]")
    clean(page)
    page.click("dialog[open] button[type=submit]")
    page.wait_for_url(re.compile(r"view=\d+"))
    expect(page.locator(".side-item[aria-current=page]").first).to_contain_text("The north")
    page.click(".pill.on .x")
    expect(page.locator(".view-changed")).to_contain_text("changed")
    clean(page)
    page.click(".view-changed >> text=Reset")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.click(".views > summary")
    page.click("text=Share…")
    page.check("dialog[open] [value=everybody]")
    clean(page)
    page.click("dialog[open] button[type=submit]")
    expect(page.locator("#toasts")).to_contain_text("everybody")

    other = sign_in("mona")
    other.goto("/alpha/setup/teams/")
    expect(other.locator("tbody tr")).to_have_count(3)
    other.click(".views > summary")
    other.click(".views >> text=The north")
    expect(other.locator("tbody tr")).to_have_count(2)
    other.click(".views > summary")
    other.click("text=Open the list with it")
    other.goto("/alpha/setup/teams/")
    expect(other.locator("tbody tr")).to_have_count(2)
