"""The demo as somebody finds it, in a browser: a running one, or one made for this on a folder of its own."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from guanxi.config.demo import PASSWORD
from tests.support.browser import ARGUMENTS, CHROMIUM
from tests.support.server import guanxi, stop, wait_for_url

SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LANGUAGES = ("zh-hans", "en")
THEMES = ("light", "dark")
SEEN = """const get = Storage.prototype.getItem;
Storage.prototype.getItem = function (key) { return key.startsWith("tour:") ? "done" : get.call(this, key); };"""
"""Nobody here is new: the first look around is not offered."""


@contextmanager
def demo(url: str = "") -> Iterator[str]:
    """The address of the demo; without `url` one is made, which takes a minute or two."""
    if url:
        yield url.rstrip("/")
        return
    import os

    with tempfile.TemporaryDirectory(prefix="guanxi-demo-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GUANXI_", "DATABASE_URL"))}
        process = guanxi("demo", "--port", str(port), "--data", str(Path(folder) / "data"), environment=kept)
        try:
            wait_for_url(f"http://127.0.0.1:{port}/readyz", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            stop(process)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Visitors:
    """People of the demo who have signed in once; each context is theirs in a language, size and theme."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self._cookies: dict[str, list] = {}

    def context(self, username: str, language: str, size: str, theme: str) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.url, viewport=SIZES[size], color_scheme=theme, locale="zh-CN" if language == "zh-hans" else "en-GB",  # type: ignore[arg-type]
            timezone_id="Asia/Shanghai", has_touch=size == "phone", reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        context.add_init_script(SEEN)
        if username:
            if username not in self._cookies:
                page = context.new_page()
                page.goto("/accounts/login/")
                page.fill("[name=login]", username)
                page.fill("[name=password]", PASSWORD)
                page.click("form .btn.primary")
                page.wait_for_url(lambda address: "/accounts/" not in address)
                self._cookies[username] = [cookie for cookie in context.cookies() if "language" not in cookie["name"]]
                page.close()
            context.add_cookies(self._cookies[username])
        speak(context.new_page(), language)
        return context


def speak(page: Page, language: str) -> None:
    """Choose the language as the menu does."""
    page.goto("/accounts/login/")
    with page.expect_navigation():
        page.locator(f"form[action='/language/'] button[value={language}]").first.evaluate("button => button.click()")
    page.close()
