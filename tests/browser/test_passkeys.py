"""A passkey, made and used in a real browser with a virtual authenticator; then asked for by the account set (M22.1)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth import get_user_model
from playwright.sync_api import Browser, Page, expect

from guanxi.kernel.sets.models import AccountSet
from tests.support.server import Live

PASSWORD = "a-long-enough-1"


@pytest.fixture
def keyed(browser: Browser, live: Live):
    """A page at localhost (an address of numbers has no passkeys), with an authenticator that says yes."""
    context = browser.new_context(base_url=f"http://localhost:{urlsplit(live.url).port}", locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None)
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }})
    yield page
    context.close()
    assert not refused, refused


def by_password(page: Page) -> None:
    page.goto("/accounts/login/")
    page.locator('input[name="login"]').fill("admin")
    page.locator('input[name="password"]').fill(PASSWORD)
    page.locator('button[type="submit"]:not(#passkey_login):not([name])').first.click()
    page.wait_for_url("**/alpha/**")


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/accounts/login/**")


def test_a_passkey_signs_in_without_a_password_and_counts_as_two_steps(keyed, live):
    user = get_user_model().objects.get(username="admin")
    user.set_password(PASSWORD)
    user.save()
    AccountSet.objects.filter(key="beta").update(is_two_step_needed=True)
    page: Page = keyed
    page.goto("/accounts/login/")
    assert Axe().run(page).violations_count == 0
    page.locator('input[name="login"]').fill("admin")
    page.locator('input[name="password"]').fill(PASSWORD)
    page.locator('main form[action$="/login/"] button[type=submit]').first.click()
    page.wait_for_load_state()
    page.goto("/beta/")
    expect(page.locator("h1")).to_have_text("Two-step sign-in is needed")
    assert Axe().run(page).violations_count == 0
    page.locator('main a[href*="webauthn/add"]').click()
    if page.locator('input[name="password"]').count():
        page.locator('input[name="password"]').fill(PASSWORD)
        page.locator("main button[type=submit]").first.click()
    page.locator('input[name="name"]').fill("Laptop")
    page.locator('input[name="passwordless"]').check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/2fa/**")
    expect(page.locator("main")).not_to_contain_text("Add Security Key")
    sign_out(page)
    page.locator("#passkey_login").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto("/beta/")
    expect(page.locator(".side")).to_be_visible()
    page.goto("/alpha/me/")
    assert Axe().run(page).violations_count == 0
