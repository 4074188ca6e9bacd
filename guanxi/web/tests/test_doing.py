"""Changing what a list shows, in a real browser: in place, beside the list, many rows at once, and taking it back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.writer import change_record, create_records
from guanxi.kernel.database import in_set
from guanxi.web.tests.test_browser import PHONE, clean


@pytest.fixture
def admin(sign_in) -> Page:
    """The administrator's page; set alpha has the teams North and South, and three members of North."""
    with in_set("alpha"):
        actor = system_actor()
        north, _south = create_records(Team, [{"name": "North"}, {"name": "South"}], actor=actor).result
        people = [{"code": code, "name": name, "team": north.pk} for code, name in (("za", "Zara"), ("zb", "Zeno"), ("zc", "Zita"))]
        create_records(Member, people, actor=actor)
    return sign_in("admin")


def member(code: str) -> Member:
    with in_set("alpha"):
        return Member.objects.select_related("team").get(code=code)


def cell(page: Page, row: int, name: str):
    return page.locator(f"[data-rows] tbody tr:nth-child({row}) [data-edit={name}]")


def test_values_are_changed_in_the_list_by_keyboard_alone(admin):
    admin.goto("/alpha/setup/members/?q=z&sort=code&columns=code,name,title,team")
    admin.keyboard.press("j")
    admin.keyboard.press("x")
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        admin.keyboard.press(key)
    # A text, then Tab: it is saved and the next cell, a reference, is open.
    expect(admin.locator("#cell-edit [name=title]")).to_be_focused()
    admin.keyboard.type("Buyer")
    clean(admin)
    admin.keyboard.press("Tab")
    expect(admin.locator("#cell-edit [role=combobox]")).to_be_focused()
    admin.keyboard.type("sou")
    admin.locator("[role=option]").first.wait_for()
    admin.keyboard.press("Enter")
    expect(cell(admin, 1, "team")).to_be_focused()
    expect(cell(admin, 1, "team")).to_have_text("South")
    assert (member("za").title, member("za").team.name) == ("Buyer", "South")
    expect(admin.locator("tbody tr").first.locator("[data-pick]")).to_be_checked()
    # Esc leaves it as it was; a refusal keeps what was typed.
    admin.keyboard.press("ArrowLeft")
    admin.keyboard.press("Enter")
    admin.locator("#cell-edit [name=title]").fill("Nobody")
    admin.keyboard.press("Escape")
    expect(cell(admin, 1, "title")).to_have_text("Buyer")
    admin.keyboard.press("ArrowLeft")
    admin.keyboard.press("F2")
    admin.locator("#cell-edit [name=name]").fill("")
    admin.keyboard.press("Enter")
    expect(admin.locator(".cell-note.bad")).to_contain_text("This is needed.")
    clean(admin)
    admin.keyboard.type("Zarah")
    admin.keyboard.press("Enter")
    expect(cell(admin, 1, "name")).to_have_text("Zarah")
    # The usual key takes back what was saved last.
    admin.keyboard.press("Control+z")
    expect(admin.locator("#toasts")).to_contain_text("Undone.")
    assert member("za").name == "Zara"


def test_a_double_click_however_slow_writes_the_cell_under_its_first_click(admin):
    admin.goto("/alpha/setup/members/?q=z&sort=code&columns=code,name,phone,title,team")
    panel, editor = admin.locator("#peek"), admin.locator("#cell-edit")
    for pause in (0, 180, 450):
        box = cell(admin, 2, "title").bounding_box()
        admin.mouse.move(box["x"] + box["width"] - 4, box["y"] + 8)
        for clicks in (1, 2):
            admin.mouse.down(click_count=clicks)
            admin.mouse.up(click_count=clicks)
            admin.wait_for_timeout(pause if clicks == 1 else 0)
        expect(editor).to_have_attribute("data-field-name", "title")
        expect(panel).to_be_hidden()
        admin.keyboard.press("Escape")
    # One click opens the panel; Back closes it, and coming back from the record finds it open.
    cell(admin, 2, "title").click()
    expect(panel.locator("h2").first).to_have_text("Zeno")
    admin.go_back()
    expect(panel).to_be_hidden()
    admin.go_forward()
    panel.locator("h2 a").first.click()
    admin.wait_for_url("**/setup/members/*/")
    admin.go_back()
    expect(panel.locator("h2").first).to_have_text("Zeno")


def test_headings_and_their_numbers_follow_a_value_that_is_changed_below_them(admin):
    admin.goto("/alpha/setup/members/?q=z&sort=code&columns=code,name,team&group=team")
    headings = admin.locator("tr.group")
    expect(headings).to_have_text([re.compile(r"North\s*3")])
    cell(admin, 2, "team").dblclick()
    admin.locator("#cell-edit [role=combobox]").fill("south")
    admin.locator("[role=option]").first.click()
    expect(headings).to_have_text([re.compile(r"North\s*2"), re.compile(r"South\s*1")])
    expect(cell(admin, 5, "name")).to_have_text("Zara")
    expect(cell(admin, 5, "team")).to_be_focused()


def test_two_people_in_one_cell_see_both_values(admin):
    admin.goto("/alpha/setup/members/?q=z&sort=code&columns=code,name,title")
    for wanted, other, kept in (("theirs", "Clerk", "Clerk"), ("mine", "Agent", "Buyer")):
        cell(admin, 2, "title").dblclick()
        admin.locator("#cell-edit [name=title]").fill("Buyer")
        with in_set("alpha"):
            change_record(Member.objects.get(code="zb"), {"title": other}, actor=system_actor())
        admin.keyboard.press("Enter")
        expect(admin.locator(".cell-note")).to_contain_text(other)
        expect(admin.locator("#cell-edit [name=title]")).to_have_value("Buyer")
        clean(admin)
        admin.click(".cell-note button:has-text('Keep theirs')" if wanted == "theirs" else ".cell-note button:has-text('Save mine')")
        expect(cell(admin, 2, "title")).to_have_text(kept)
        assert member("zb").title == kept


def test_the_panel_beside_the_list_moves_with_the_rows_and_is_written_in(admin):
    admin.goto("/alpha/setup/members/?q=z&sort=code&columns=code,name,phone")
    admin.keyboard.press("j")
    admin.keyboard.press("p")
    title = admin.locator("#peek h2").first
    expect(title).to_have_text("Zara")
    admin.keyboard.press("j")
    expect(title).to_have_text("Zeno")
    admin.click("[data-peek-step='1']")
    expect(title).to_have_text("Zita")
    expect(admin.locator("[data-peek-step='1']")).to_be_disabled()
    clean(admin)
    field = admin.locator("#peek dd[data-edit=phone]")
    field.hover()
    field.locator("[data-edit-here]").click()
    admin.locator("#cell-edit [name=phone]").fill("555 0102")
    admin.keyboard.press("Enter")
    expect(admin.locator("#peek dd[data-edit=phone]")).to_contain_text("555 0102")
    expect(cell(admin, 3, "phone")).to_have_text("555 0102")
    assert member("zc").phone == "555 0102"
    # On a phone it comes up from below.
    admin.set_viewport_size(PHONE)
    box = admin.locator("#peek").bounding_box()
    assert box["width"] == PHONE["width"] and round(box["y"] + box["height"]) == PHONE["height"] and box["y"] > 100
    clean(admin)
    admin.click("[data-close-peek]")
    expect(admin.locator("#peek")).to_be_hidden()


def test_many_rows_are_tried_then_changed_and_taken_back_as_one(admin):
    admin.goto("/alpha/setup/members/?q=z&sort=code&columns=code,name,team")
    admin.check("[data-pick-all]")
    admin.click(".picked >> text=Change")
    admin.select_option("#bulk-column", "team")
    admin.fill("dialog[open] #in-team", "south")
    admin.locator("[role=option]").first.click()
    admin.click("dialog[open] button:has-text('See what would happen')")
    expect(admin.locator("dialog[open] .ready")).to_contain_text("3 rows can be done")
    clean(admin)
    assert member("za").team.name == "North"
    admin.click("dialog[open] button.primary")
    expect(admin.locator("#toasts")).to_contain_text("3 rows done.")
    assert {member(code).team.name for code in ("za", "zb", "zc")} == {"South"}
    with in_set("alpha"):
        change_record(Member.objects.get(code="zb"), {"title": "Clerk"}, actor=system_actor())
    admin.click("#toasts [data-undo]")
    expect(admin.locator("#toasts .bad")).to_contain_text("“Zeno” was changed again since")
    with in_set("alpha"):
        from guanxi.kernel.acts.models import Act
        from guanxi.kernel.acts.operations import undo_act

        undo_act(Act.objects.filter(operation="access.member.change").order_by("-pk")[0], actor=system_actor())
    act = _newest_bulk()
    admin.goto(f"/alpha/setup/acts/{act}/")
    admin.click("button:has-text('Undo')")
    expect(admin.locator("#toasts")).to_contain_text("Undone.")
    assert {member(code).team.name for code in ("za", "zb", "zc")} == {"North"}
    admin.goto("/alpha/bulk/")
    admin.click("a.open >> nth=0")
    expect(admin.locator(".pane .banner")).to_have_text("All of it was undone: the rows are as they were before.")


def _newest_bulk() -> int:
    from guanxi.kernel.deeds.models import BulkRun

    with in_set("alpha"):
        return BulkRun.objects.latest("pk").act_id
