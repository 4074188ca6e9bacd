"""The control of the browser tests: what a page must not do is really noticed."""

from __future__ import annotations

from playwright.sync_api import Page


def test_a_page_that_asks_another_host_or_breaks_the_policy_is_noticed(page: Page, wrong: list[str]) -> None:
    page.goto("/accounts/login/")
    assert wrong == []
    page.evaluate("fetch('http://other.invalid/').catch(() => 0)")
    page.wait_for_timeout(300)
    assert any("connect-src" in text for text in wrong), wrong
    wrong.clear()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
    page.wait_for_timeout(300)
    assert any("style-src" in text for text in wrong), wrong
    wrong.clear()
    page.evaluate("setTimeout(() => { throw new Error('broken') }, 0)")
    page.wait_for_timeout(300)
    assert any("broken" in text for text in wrong), wrong
    wrong.clear()
