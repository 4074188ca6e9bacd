"""Fixtures of a real browser that fails a test on anything a page should not do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.support.server import Live

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event => console.error(
  'CSP violation: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile + ':' + event.lineNumber));
"""

SETTLED = """async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const moving = document.getAnimations().filter((one) => one.effect.getTiming().iterations < 99);
  await Promise.allSettled(moving.map((one) => one.finished));
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
}"""


def settle(page: Page) -> None:
    """Wait until what was asked for is drawn, and what moves has come to rest: colours on their way fail every rule."""
    page.evaluate(SETTLED)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of this process."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def wrong() -> list[str]:
    """What the page of this test did that no page should do; it must be empty at the end."""
    return []


@pytest.fixture
def hand(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the page of this test is held in: nothing in particular, or with the fixture `thumb` a telephone."""
    return {"viewport": {"width": 390, "height": 844}, "has_touch": True} if "thumb" in request.fixturenames else {}


@pytest.fixture
def thumb() -> None:
    """The page is a telephone."""


@pytest.fixture
def page(browser: Browser, live: Live, wrong: list[str], hand: dict[str, Any]) -> Iterator[Page]:
    """A page in a new profile; asking another host, breaking the content policy or a script error fails the test."""
    context = browser.new_context(base_url=live.url, locale="en-GB", timezone_id="Asia/Shanghai", **hand)
    context.add_init_script(VIOLATIONS)
    context.set_default_timeout(15_000)
    opened = context.new_page()
    here = urlsplit(live.url).netloc

    def note_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != here:
            wrong.append(f"asked another host: {request.url}")

    def note_message(message: ConsoleMessage) -> None:
        if "CSP violation" in message.text or "Content Security Policy" in message.text:
            wrong.append(message.text)

    context.on("request", note_request)
    context.on("console", note_message)
    context.on("weberror", lambda error: wrong.append(f"script error: {error.error}"))
    yield opened
    context.close()
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def sign_in(page: Page, live: Live) -> Callable[..., Page]:
    """`sign_in("admin")`: the page with this person's session, without going through the sign-in form."""

    def with_session(username: str = "admin") -> Page:
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": live.cookie(username), "url": live.url, "httpOnly": True}]
        )
        return page

    return with_session
