"""One types a customer who is there already, merges the two that were entered, and takes it back (M1.11, X10), in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.likeness.declared import alike_of
from guanxi.kernel.likeness.scanning import scan
from guanxi.shared.parties.models import Contact, Party
from tests.browser.conftest import inside


@pytest.fixture
def entered_twice(shop) -> tuple[int, int]:
    with inside():
        admin, li = (actor_of(Member.objects.get(code=code).pk) for code in ("admin", "li"))
        first = create_record(Party, {"name": "Hengchuan Hydraulics Ltd", "phone": "0519-55507188"}, actor=admin).result
        second = create_record(Party, {"name": "Hengchuan Hydraulics Inc", "email": "info@hengchuan.example"}, actor=admin).result
        create_record(Contact, {"party": second.pk, "name": "Zhou Jianguo"}, actor=admin)
        create_record(Party, {"name": "Quite Another"}, actor=li)
        scan(alike_of(Party))
        return first.pk, second.pk


def test_what_is_there_is_said_while_typing_then_merged_and_taken_back(entered_twice, as_person, clean):
    first, second = entered_twice
    page = as_person("admin")
    page.goto("/alpha/customers/new/")
    page.locator("[name=name]").fill("Hengchuan Hydraulics Company")
    box = page.locator(".alike details")
    expect(box).to_contain_text("This may be here already")
    expect(box.locator("li")).to_have_count(2)
    expect(box.locator("li").first).to_contain_text("same name")
    clean()

    page.goto("/alpha/customers/duplicates/")
    pair = page.locator(".pair")
    expect(pair).to_have_count(1)
    expect(pair).to_contain_text("same name")
    pair.get_by_role("link", name="Merge…").click()
    page.wait_for_url("**/merge/**")
    expect(page.locator("input[name='take.email'][value=gone]")).to_be_checked()
    expect(page.locator("input[name='take.name'][value=own]")).to_be_checked()
    row = page.locator(".moving tr", has_text="Contacts")
    expect(row).to_contain_text("1")
    row.get_by_role("button", name="Show").click()
    expect(page.locator("dialog[open]")).to_contain_text("Zhou Jianguo")
    page.locator("dialog[open] [data-close-dialog]").click()
    clean()
    with page.expect_navigation():
        page.locator("#merge button[type=submit]").click()
    page.wait_for_url(f"**/customers/{first}/")
    expect(page.locator("#record")).to_contain_text("info@hengchuan.example")

    moved = page.request.get(f"/alpha/customers/{second}/", max_redirects=0)
    assert (moved.status, moved.headers["location"]) == (303, f"/alpha/customers/{first}/")
    with inside():
        assert list(Contact.objects.values_list("party_id", flat=True)) == [first]
    with page.expect_navigation():
        page.locator("#toasts [data-undo]").click()
    expect(page.locator("#toasts")).to_contain_text("Undone.")
    page.goto(f"/alpha/customers/{second}/")
    expect(page.locator("h1").first).to_contain_text("Hengchuan Hydraulics Inc")
    with inside():
        assert list(Contact.objects.values_list("party_id", flat=True)) == [second]
    clean()


def test_on_a_telephone_two_numbers_can_be_compared(thumb, shop, as_person, clean):
    numbers = ("+44 1225 555 010 / +44 7700 900 123", "+44 1225 555 011 / +44 7700 900 124")
    with inside():
        admin = actor_of(Member.objects.get(code="admin").pk)
        for name, phone in zip(("Bath Roastery Ltd", "Bath Roastery Limited"), numbers, strict=True):
            create_record(Party, {"name": name, "phone": phone}, actor=admin)
        scan(alike_of(Party))
    page = as_person("admin")
    page.goto("/alpha/customers/duplicates/")
    links = page.locator(".pair a[href^='tel:']")
    expect(links).to_have_count(2)
    cut = "link => link.closest('td').scrollWidth > link.closest('td').clientWidth + 1 || link.getBoundingClientRect().right > innerWidth"
    assert [link.evaluate(cut) for link in links.all()] == [False, False]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    clean()
