"""An administrator gives customers a field; a salesperson fills it in and filters by it, in a browser (M22.4)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.parties.models import Party
from tests.browser.conftest import inside


@pytest.fixture
def customer(shop) -> int:
    with inside():
        li = actor_of(Member.objects.get(code="li").pk)
        create_record(Party, {"name": "Another"}, actor=li)
        return create_record(Party, {"name": "Hengchuan"}, actor=li).result.pk


def test_a_choice_is_defined_filled_in_and_filtered_by(customer, as_person, clean):
    page = as_person("admin")
    page.goto("/alpha/setup/custom-fields/new/")
    expect(page.locator("[name=formula]")).to_be_hidden()
    expect(page.locator("[data-lines]")).to_be_hidden()
    page.locator("[name=record_kind]").select_option(label="Customers")
    page.locator("[name='name.en']").fill("Segment")
    page.locator("[name=kind]").select_option(label="One choice")
    expect(page.locator("[data-lines]")).to_be_visible()
    for at, name in enumerate(("Key account", "Standard")):
        if at:
            page.locator("[data-add-line]").click()
        page.locator(f"[name='lines.{at}.name.en']").fill(name)
    page.locator("[name=is_listed]").check()
    clean()
    with page.expect_navigation():
        page.locator(".form-foot button[type=submit]").click()
    expect(page.locator(".preview select option", has_text="Key account")).to_have_count(1)
    clean()

    page = as_person("li")
    page.goto(f"/alpha/customers/{customer}/edit/")
    page.locator("[name=x_segment]").select_option(label="Key account")
    with page.expect_navigation():
        page.locator(".form-foot button[type=submit]").click()
    expect(page.locator("dl.f", has_text="Segment")).to_contain_text("Key account")

    page.goto("/alpha/customers/")
    rows = page.locator("table[data-rows] tbody tr[data-id]")
    expect(rows).to_have_count(2)
    page.goto("/alpha/customers/?f.x_segment=key_account")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Key account")
    clean()
    with inside():
        assert Party.objects.get(pk=customer).custom == {"segment": "key_account"}
