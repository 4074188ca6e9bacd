"""The first look around leads on by its own buttons alone: nobody is pulled back from where they went."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

CARD = ".tour:not(.is-waiting)"


def on_the_second_step(page: Page) -> None:
    page.goto("/alpha/today/")
    page.locator("[data-user-menu]").click()
    page.locator("[data-tour=begin]").click()
    expect(page.locator(CARD)).to_contain_text("1 / ")
    with page.expect_navigation(url=re.compile("/alpha/customers/")):
        page.locator(f"{CARD} [data-tour=next]").click()
    expect(page.locator(CARD)).to_contain_text("2 / ")


def test_who_goes_elsewhere_stays_there_and_goes_on_when_they_like(shop, as_person, clean):
    page = as_person("li")
    on_the_second_step(page)

    page.goto("/alpha/leads/")
    waiting = page.locator(".tour.is-waiting")
    expect(waiting).to_contain_text("Go on with the tour")
    expect(page).to_have_url(re.compile("/alpha/leads/$"))
    clean()

    with page.expect_response(re.compile("/alpha/tour/$")):
        page.goto("/alpha/leads/new/")
    page.locator("#in-name").fill("Asked at the fair")
    expect(page.locator(".tour")).to_have_count(0)
    expect(page).to_have_url(re.compile("/leads/new/$"))

    page.once("dialog", lambda asked: asked.accept())
    page.goto("/alpha/leads/")
    with page.expect_navigation(url=re.compile("/alpha/customers/")):
        waiting.locator("[data-tour=begin]").click()
    expect(page.locator(CARD)).to_contain_text("2 / ")


def test_what_is_typed_is_not_left_by_the_tour_without_asking(shop, as_person):
    page = as_person("li")
    on_the_second_step(page)
    page.evaluate("localStorage.setItem(Object.keys(localStorage).find((key) => key.startsWith('tour:')), '0')")
    page.goto("/alpha/today/")
    expect(page.locator(CARD)).to_contain_text("1 / ")
    # A form beside the card, as a page of the tour may have one.
    page.evaluate("""() => {
      document.querySelector("main").insertAdjacentHTML("beforeend", "<form data-guard id=noted><input name=note></form>");
      document.body.dispatchEvent(new Event("guanxi:added", { bubbles: true }));
    }""")
    page.locator("#noted input").fill("typed")
    asked: list[str] = []

    def stay(question) -> None:
        asked.append(question.type)
        question.dismiss()

    page.on("dialog", stay)
    page.locator(f"{CARD} [data-tour=next]").click()
    page.wait_for_timeout(800)
    assert asked == ["beforeunload"]
    expect(page).to_have_url(re.compile("/alpha/today/$"))
    expect(page.locator("#noted input")).to_have_value("typed")


def test_on_a_telephone_another_page_stays_too(thumb, shop, as_person, clean):
    page = as_person("li", "zh-hans")
    page.goto("/alpha/today/")
    page.evaluate("localStorage.setItem(`tour:alpha:${document.querySelector('#palette').dataset.member}`, '1')")
    page.goto("/alpha/today/")
    expect(page.locator(".tour.is-waiting")).to_be_visible()
    expect(page).to_have_url(re.compile("/alpha/today/$"))
    clean()
