"""One page of every kind, in both sizes and themes: accessible, nothing to scroll sideways, small at first."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.support.browser import settle

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 900}
FIRST_SCREEN = 150 * 1024
KINDS = (
    "today/", "customers/", "customers/1/", "customers/1/?tab=history", "customers/new/", "customers/1/edit/", "opportunities/board/",
    "sales/orders/new/", "setup/roles/1/", "setup/teams/", "setup/entities/1/", "me/", "bell/", "guide/", "help/?of=customers", "files/",
)
OUTSIDE = ("/account/", "/accounts/2fa/", "/?all=1", "/alpha/nothing/")


@pytest.mark.browser
def test_every_kind_of_page_is_accessible_in_both_sizes_and_themes(shop, as_person, page):
    from guanxi.kernel.access.actor import system_actor
    from guanxi.kernel.acts.writer import create_record
    from guanxi.shared.parties.models import Party
    from tests.browser.conftest import inside

    with inside():
        create_record(Party, {"name": "兴华轧辊厂", "is_customer": True}, actor=system_actor())
    as_person("admin", "en")
    axe, wrong = Axe(), []
    for number, address in enumerate([*(f"/alpha/{kind}" for kind in KINDS), *OUTSIDE]):
        for turn, (size, theme) in enumerate(((WIDE, "light"), (PHONE, "dark"), (WIDE, "dark"), (PHONE, "light"))):
            # Colours are the same on every page of a kind's parts: the second pair of faces is looked at on every third page.
            if turn > 1 and number % 3:
                continue
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            if turn in (0, 2):
                page.goto(address)
            settle(page)
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found = axe.run(page).response["violations"]
            if found or over > 0:
                wrong.append((address, size["width"], theme, over, [(one["id"], one["nodes"][0]["target"]) for one in found]))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.browser
def test_the_first_screen_after_the_sign_in_is_small(shop, as_person):
    page = as_person("li", "zh-hans")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sent: list[int] = []
    session.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    page.goto("/alpha/today/", wait_until="networkidle")
    assert len(sent) >= 6 and sum(sent) <= FIRST_SCREEN, sent


@pytest.mark.browser
def test_what_stands_under_the_lines_of_a_form_takes_the_whole_width_of_a_phone(shop, as_person):
    page = as_person("li", "en")
    page.set_viewport_size(PHONE)
    page.goto("/alpha/sales/orders/new/")
    above, below = (page.locator(f"[name={name}]").bounding_box()["width"] for name in ("customer_reference", "freight"))
    assert (above, below) == (362, 362)
