"""One person mentions another; the other's bell says so without the page being loaded again (M22.7)."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, expect

from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.search.index import index_records
from guanxi.kernel.sets.models import AccountSet, Membership
from guanxi.shared.parties.models import Party
from tests.access.rows import a_member

HOSTILE = "<img src=x onerror=alert(1)> https://price.example/a?b=<script>"


def clean(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def test_a_mention_reaches_the_other_s_bell_at_once(sign_in, live, worker, browser):
    user = get_user_model().objects.create(username="zhao", email="zhao@example.com", language="en")
    with in_set("alpha"):
        party = create_record(Party, {"name": "Hengchuan"}, actor=system_actor()).result
        store = a_member("zhao", "storekeeper", user_id=user.pk)
        Member.objects.filter(pk=store.pk).update(name="Zhao Lei")
        index_records(Member, [store.pk, a_member("blind").pk])
    Membership.objects.create(user=user, account_set=AccountSet.objects.get(key="alpha"), member_id=store.pk)
    context = browser.new_context(base_url=live.url, locale="en-GB")
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": live.cookie("zhao"), "url": live.url, "httpOnly": True}])
    other = context.new_page()
    with other.expect_response(lambda answer: "/events" in answer.url and answer.status == 200):
        other.goto("/alpha/customers/")
    expect(other.locator(".bell .n")).to_have_count(0)

    page = sign_in("admin")
    page.goto(f"/alpha/customers/{party.pk}/")
    page.locator(".composer textarea").click()
    page.keyboard.type("Look, @")
    options = page.locator(".mentions [role=option]")
    expect(options.filter(has_text="Blind")).to_have_attribute("aria-disabled", "true")
    page.keyboard.type("zha")
    expect(options).to_have_count(1)
    clean(page)
    page.keyboard.press("Enter")
    expect(page.locator(".composer textarea")).to_have_value("Look, @Zhao Lei ")
    expect(page.locator(".composer input[value=comment]")).to_be_checked()
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Control+Enter")
    said = page.locator(".tl .box").first
    expect(said).to_have_text(f"Look, @Zhao Lei {HOSTILE}")
    expect(said.locator(".mention")).to_have_text("@Zhao Lei")
    expect(said.locator("a")).to_have_attribute("href", "https://price.example/a?b=")
    clean(page)

    expect(other.locator(".bell .n")).to_have_text("1")
    expect(other).to_have_title(re.compile(r"^\(1\) "))
    other.locator(".bell summary").click()
    notice = other.locator(".bell .notice")
    expect(notice).to_contain_text("mentioned you on Hengchuan")
    clean(other)
    notice.click()
    other.wait_for_url(re.compile(rf"/alpha/customers/{party.pk}/#comment-\d+$"))
    expect(other.locator(".bell .n")).to_have_count(0)
    for path in ("bell/", "bell/settings/"):
        other.goto(f"/alpha/{path}")
        clean(other)
    context.close()
