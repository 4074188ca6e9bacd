"""A salesperson's day without a mouse, and with one thumb: from the lead to the order."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from guanxi.crm.leads.models import Lead, Opportunity
from guanxi.erp.sales.models import Order
from guanxi.kernel.files.models import Attachment
from guanxi.shared.activities.models import Activity
from tests.browser.conftest import inside

PHONE = {"width": 390, "height": 844}
NAME = "滚珠丝杠询价"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f00050001ffa7d2b1a30000000049454e44ae426082"
)


def compose(page: Page, sounds: str, text: str) -> None:
    """Type as with an input method: the sounds stand there marked, the key that chooses is the input method's own, then the text."""
    session = page.context.new_cdp_session(page)
    for end in range(1, len(sounds) + 1):
        session.send("Input.imeSetComposition", {"text": sounds[:end], "selectionStart": end, "selectionEnd": end})
    for key, code in (("j", 229), ("Enter", 229), ("?", 229)):
        session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": key, "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code})
    session.send("Input.insertText", {"text": text})


def act(page: Page, words: str) -> None:
    """An action of this page, by its words."""
    page.keyboard.press(".")
    page.keyboard.type(words)
    expect(page.locator("#palette [role=option]").first).to_contain_text(re.compile(words, re.I))
    page.keyboard.press("Enter")


def go(page: Page, letter: str, address: str) -> None:
    page.keyboard.press("g")
    page.keyboard.press(letter)
    page.wait_for_url(re.compile(rf"/{address}/(\?|$)"))
    page.wait_for_load_state()


def save(page: Page, address: str = "") -> None:
    """Ctrl Enter, and the page that follows."""
    with page.expect_navigation(url=re.compile(address) if address else None):
        page.keyboard.press("Control+Enter")
    page.wait_for_load_state()


def by_keyboard(page: Page, product: str) -> None:
    """Nothing here is clicked."""
    go(page, "l", "leads")
    page.keyboard.press("n")
    page.wait_for_url("**/leads/new/")
    expect(page.locator("#in-name")).to_be_focused()
    compose(page, "hua qi", NAME)
    expect(page.locator("#in-name")).to_have_value(NAME)
    assert page.url.endswith("/leads/new/") and not page.locator("dialog[open]").count()
    page.keyboard.press("Tab")
    compose(page, "xinghua", "兴华轧辊厂")
    save(page, r"/leads/\d+/$")

    act(page, "qualify")
    page.locator("dialog[open] #operation").wait_for()
    save(page)

    go(page, "o", "opportunities")
    page.keyboard.press("/")
    page.keyboard.type(NAME)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(re.compile(r"/opportunities/\d+/$"))
    act(page, "move")
    page.locator("dialog[open] #in-stage").wait_for()
    page.locator("dialog[open] #in-stage").focus()
    page.keyboard.type("offer")
    page.locator("dialog[open] [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    save(page)

    page.keyboard.press("Control+k")
    page.keyboard.type("@customers xhzg")
    expect(page.locator("#palette [role=option]").first).to_contain_text("兴华轧辊厂")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/customers/\d+/$"))

    act(page, "visit")
    page.keyboard.type("Saw the new line")
    save(page)
    expect(page.locator(".tl")).to_contain_text("Saw the new line")

    act(page, "place order")
    page.locator("dialog[open] #operation").wait_for()
    page.keyboard.type(product)
    page.locator("dialog[open] [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open] [data-field=quantity]")).to_be_focused()
    page.keyboard.type("3")
    save(page, r"/sales/orders/\d+/$")


READY = """(selector) => {
  const sheet = document.querySelector("dialog[open]");
  let at = sheet?.querySelector(selector.replace("dialog[open] ", ""));
  while (at && !at.combobox) at = at.parentElement;
  return Boolean(at) && sheet.contains(document.activeElement) && !sheet.getAnimations().length;
}"""


def swipe(page: Page, selector: str, across: int) -> None:
    """A finger on it, moving sideways."""
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    session, y = page.context.new_cdp_session(page), box["y"] + box["height"] / 2
    start = box["x"] + box["width"] * (0.85 if across < 0 else 0.15)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": start, "y": y}]})
    for step in range(1, 5):
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": start + across * step / 4, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def carry(page: Page, selector: str, onto: str) -> None:
    """A finger that holds it, brings it onto something else and lets go."""
    start, end = page.locator(selector).first.bounding_box(), page.locator(onto).first.bounding_box()
    assert start is not None and end is not None
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": start["x"] + 40, "y": start["y"] + 20}]})
    page.locator(".drag-shadow").wait_for()
    for x in (start["x"] + 80, end["x"] + 12):
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": start["y"] + 40}]})
    expect(page.locator(f"{onto}.is-over")).to_be_visible()
    with page.expect_navigation():
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_load_state()


def tap(page: Page, selector: str, *, leads: bool = False) -> None:
    place = page.locator(selector).first
    if not leads:
        return place.tap()
    with page.expect_navigation():
        place.tap()
    page.wait_for_load_state()


def choose(page: Page, selector: str, typed: str, option: str) -> None:
    """A row from a choice field, once the sheet with it stands."""
    page.wait_for_function(READY, arg=selector)
    tap(page, selector)
    page.locator(selector).first.fill(typed)
    tap(page, f"dialog[open] [role=option]:has-text('{option}')")


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url


def by_thumb(page: Page, product: str) -> None:
    """One finger, and the keys of the telephone where text is needed."""
    tap(page, ".dock .make")
    tap(page, "#new-menu a[href$='/leads/new/']", leads=True)
    page.fill("#in-name", NAME)
    page.fill("#in-company", "兴华轧辊厂")
    tap(page, "#form button[type=submit]", leads=True)
    fits(page)
    tap(page, "#record [href$='act/leads.qualify_lead/']:visible")
    page.locator("dialog[open] #operation").wait_for()
    tap(page, "dialog[open] button[type=submit]", leads=True)

    tap(page, ".dock [data-drawer]")
    tap(page, ".side a[href*='/opportunities/']", leads=True)
    tap(page, ".list-bar details:has(a[href*='/board/']) > summary")
    tap(page, ".list-bar .menu-item[href*='/board/']", leads=True)
    fits(page)
    swipe(page, ".deal", 200)
    carry(page, f".deal:has-text('{NAME}')", "[data-pile]:nth-of-type(2)")
    expect(page.locator("[data-pile]:nth-of-type(2)")).to_contain_text(NAME)
    tap(page, f".deal:has-text('{NAME}') .deal-foot [data-sheet]")
    choose(page, "dialog[open] #in-stage", "offer", "Offer made")
    tap(page, "dialog[open] button[type=submit]", leads=True)

    tap(page, ".dock [data-open-palette]")
    page.fill("#palette input", "xhzg")
    tap(page, "#palette [role=option]:has-text('兴华轧辊厂')", leads=True)
    fits(page)
    tap(page, ".composer .kinds label:has-text('Visit')")
    page.fill(".composer textarea", "Saw the new line")
    page.set_input_files(".composer input[name=photo]", {"name": "line.png", "mimeType": "image/png", "buffer": PICTURE})
    tap(page, ".composer .send:visible", leads=True)
    expect(page.locator(".tl")).to_contain_text("line.png")

    tap(page, "#record [href$='act/sales.place_order/']:visible")
    choose(page, "dialog[open] tr[data-line] [role=combobox]", product, product)
    fits(page)
    tap(page, "dialog[open] button[type=submit]", leads=True)
    page.wait_for_url(re.compile(r"/sales/orders/\d+/$"))
    fits(page)

    page.goto(f"/{page.url.split('/')[3]}/leads/?view=all")
    swipe(page, "tbody tr[data-id]", -180)
    expect(page.locator("tr.swiped .swipe .btn.primary")).to_be_visible()


def done(company: str) -> tuple[int, ...]:
    """Leads that became opportunities beyond the first stage, visits, and ordered lines of this customer, with the visits' pictures."""
    with inside():
        lead = Lead.objects.get(company=company, status="qualified")
        moved = Opportunity.objects.filter(customer__name=company, stage__position__gt=1).count()
        visits = Activity.objects.filter(kind="visit", party__name=company)
        pictures = Attachment.objects.filter(target_model="activities.activity", target_id__in=visits.values("pk")).count()
        return (int(lead.name == NAME), moved, visits.count(), pictures, Order.objects.filter(customer__name=company).count())


@pytest.mark.browser
def test_from_the_lead_to_the_order_with_the_keyboard_alone(shop, as_person, clean):
    page = as_person("li", "en")
    page.goto("/alpha/today/")
    by_keyboard(page, "SFU2510")
    assert done("兴华轧辊厂") == (1, 1, 1, 0, 1)
    page.keyboard.press("?")
    clean()


@pytest.mark.browser
def test_from_the_lead_to_the_order_with_one_thumb(shop, as_person, thumb, clean):
    page = as_person("li", "en")
    page.goto("/alpha/today/")
    by_thumb(page, "SFU2510")
    assert done("兴华轧辊厂") == (1, 1, 1, 1, 1)
    clean()
