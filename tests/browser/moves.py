"""What a person does with a page, as one move each."""

from __future__ import annotations

import re

from playwright.sync_api import Page


def press(page: Page, operation: str) -> None:
    """The button of an operation that asks nothing."""
    with page.expect_navigation():
        show(page, f'form[action$="act/{operation}/"] button')


def ask(page: Page, operation: str) -> None:
    """The button of an operation that opens a dialog."""
    show(page, f'a[href$="act/{operation}/"]')
    page.locator("dialog[open] #operation").wait_for()


def show(page: Page, selector: str) -> None:
    """Click what the head of the record offers, in its menu where it has no room."""
    button = page.locator(f"#record {selector}").first
    if not button.is_visible():
        button.locator("xpath=ancestor::details[1]/summary").click()
    button.click()


def confirm(page: Page) -> None:
    """Send the dialog; the page changes."""
    with page.expect_navigation():
        page.locator("dialog[open] #operation button[type=submit]").click()


def choose(page: Page, box, text: str) -> None:
    """Type into a choice field and take the first answer."""
    box.click()
    box.fill(text)
    page.locator('[role="option"]').first.wait_for()
    box.press("Enter")


def settled(page: Page, pattern: str) -> int:
    """The number of the record on whose page we are now."""
    page.wait_for_url(re.compile(pattern))
    return int(re.search(pattern, page.url)[1])
