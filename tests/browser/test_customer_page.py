"""The customer's page in a browser: noting down, ticking off, reading on, in both languages and on a phone (M1.2, M1.6, M4.7)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.activities.models import Activity
from guanxi.shared.activities.operations import add_note
from guanxi.shared.parties.models import Contact, Party
from tests.browser.conftest import inside

WORDS = {"en": ("Call", "Task", "Timeline"), "zh-hans": ("电话", "任务", "时间线")}


@pytest.fixture
def customer(shop) -> int:
    """Li's customer with one person and forty notes."""
    with inside():
        li = actor_of(Member.objects.get(user_id__isnull=False, code="li").pk)
        made = create_record(Party, {"name": "恒川液压股份有限公司", "tier": "A", "phone": "0519-5550 7188"}, actor=li).result
        create_record(Contact, {"party": made.pk, "name": "周建国", "mobile": "139 0000 1111"}, actor=li)
        for number in range(40):
            add_note(actor=li, target_model="parties.party", target_id=made.pk, body=f"note {number:02}")
    return made.pk


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_call_and_a_task_are_noted_down_and_the_task_is_ticked_off(customer, as_person, clean, language):
    page = as_person("li", language)
    call, task, timeline = WORDS[language]
    page.goto(f"/alpha/customers/{customer}/")
    expect(page.locator("h2", has_text=timeline)).to_be_visible()
    clean()

    page.locator(".composer label", has_text=call).click()
    page.locator(".composer textarea").fill("Wants screws")
    page.locator(".composer select[name=contact]").select_option(label="周建国")
    expect(page.locator(".composer input[name=due_on]")).to_be_hidden()
    clean()
    with page.expect_navigation():
        page.locator(".composer button[type=submit]:visible").click()
    expect(page.locator(".tl > li").first).to_contain_text("Wants screws")
    expect(page.locator(".tl > li").first).to_contain_text("周建国")

    page.locator(".composer label", has_text=task).click()
    page.locator(".composer textarea").fill("Send the offer")
    page.locator(".composer input[name=due_on]").fill("2026-12-24")
    with page.expect_navigation():
        page.locator(".composer button[type=submit]:visible").click()
    card = page.locator(".aside .card", has_text="Send the offer")
    expect(card).to_be_visible()
    clean()
    with page.expect_navigation():
        card.locator("button").click()
    expect(page.locator(".aside .card")).to_have_count(0)
    with inside():
        kinds = list(Activity.objects.exclude(kind="note").order_by("pk").values_list("kind", "subject", "contact__name"))
        assert kinds == [("call", "Wants screws", "周建国"), ("task", "Send the offer", None)]
        assert Activity.objects.get(kind="task").done_at is not None


def test_reading_on_fetches_the_earlier_part_in_place(customer, as_person, clean):
    page = as_person("li")
    page.goto(f"/alpha/customers/{customer}/")
    assert page.get_by_text("note 02").count() == 0
    page.locator(".middle a[hx-get]").click()
    expect(page.get_by_text("note 02")).to_be_visible()
    assert page.get_by_text("note 39").count() == 1, "what was there stays"
    clean()


def test_on_a_phone_the_next_steps_come_first_and_nothing_sticks_out(customer, as_person, clean):
    page = as_person("li")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/alpha/customers/{customer}/")
    page.locator(".composer label", has_text="Task").click()
    page.locator(".composer textarea").fill("Send the offer")
    with page.expect_navigation():
        page.locator(".composer button[type=submit]:visible").click()
    next_step, box = page.locator(".aside .card").bounding_box(), page.locator(".composer").bounding_box()
    assert next_step["y"] < box["y"] < page.locator(".pane .f").bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator('a[href="tel:13900001111"]').count() == 1
    clean()
