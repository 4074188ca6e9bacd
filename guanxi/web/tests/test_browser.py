"""The pages in a real browser: keyboard, double clicks, lost connections, phones, both themes."""

from __future__ import annotations

import gzip
import itertools
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from guanxi.crm.leads.models import Lead
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.writer import create_record, create_records
from guanxi.kernel.database import in_set
from tests.support.browser import settle

FIRST_SCREEN = 150 * 1024
SAVED = re.compile(r"/setup/teams/\d+/$")
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def admin(sign_in) -> Page:
    """The administrator's page; set alpha has twenty teams."""
    with in_set("alpha"):
        actor = system_actor()
        north = create_record(Team, {"name": "Nordstern"}, actor=actor).result
        create_records(Team, [{"name": f"Team {number:02}", "parent": north.pk} for number in range(20)], actor=actor)
    return sign_in("admin")


def clean(page: Page) -> None:
    settle(page)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def teams(**filters) -> int:
    with in_set("alpha"):
        return Team.objects.filter(**filters).count()


class TestForms:
    def test_a_double_click_makes_one_record(self, admin):
        admin.goto("/alpha/setup/teams/new/")
        admin.fill("#in-name", "Once")
        admin.locator("#form button[type=submit]").dblclick()
        admin.wait_for_url(SAVED)
        assert teams(name="Once") == 1

    def test_a_lost_connection_loses_nothing_that_was_typed(self, admin):
        admin.goto("/alpha/setup/teams/new/")
        admin.fill("#in-name", "Patience")
        admin.route("**/setup/teams/new/", lambda route: route.abort())
        admin.click("#form button[type=submit]")
        expect(admin.locator("#toasts .toast.bad")).to_contain_text("what you typed is still here")
        expect(admin.locator("#in-name")).to_have_value("Patience")
        admin.unroute("**/setup/teams/new/")
        admin.click("#form button[type=submit]")
        admin.wait_for_url(SAVED)
        assert teams(name="Patience") == 1

    def test_unsaved_input_is_not_left_without_a_word(self, admin):
        admin.goto("/alpha/setup/teams/new/")
        admin.fill("#in-name", "Half")
        asked = []
        admin.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        admin.click(".form-foot a.btn")
        admin.wait_for_timeout(300)
        assert asked == ["beforeunload"] and admin.url.endswith("/new/")

    def test_a_mistake_is_shown_at_its_field_and_has_the_focus(self, admin):
        admin.goto("/alpha/setup/teams/new/")
        admin.click("#form button[type=submit]")
        expect(admin.locator("#in-name")).to_be_focused()
        expect(admin.locator("#in-name")).to_have_attribute("aria-invalid", "true")
        clean(admin)


class TestChoiceField:
    def test_it_is_filled_with_the_keyboard_alone(self, admin):
        admin.goto("/alpha/setup/members/new/")
        admin.focus("#in-team")
        admin.keyboard.type("team 1")
        admin.locator("[role=option]").first.wait_for()
        clean(admin)
        admin.keyboard.press("ArrowDown")
        chosen = admin.locator("[role=option][aria-selected=true] span").first.inner_text()
        admin.keyboard.press("Enter")
        expect(admin.locator("#in-team")).to_have_value(chosen)
        assert admin.locator("input[name=team]").input_value().isdigit()

    def test_enter_before_the_answer_takes_what_fits_best(self, admin):
        admin.goto("/alpha/setup/members/new/")
        admin.focus("#in-team")
        admin.keyboard.type("nordst")
        admin.keyboard.press("Enter")
        expect(admin.locator("#in-team")).to_have_value("Nordstern")
        assert admin.url.endswith("/new/")

    def test_keys_of_an_input_method_are_not_taken(self, admin):
        admin.goto("/alpha/setup/members/new/")
        admin.focus("#in-team")
        admin.keyboard.type("nordst")
        admin.locator("[role=option]").first.wait_for()
        admin.locator("#in-team").dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
        expect(admin.locator("#in-team")).to_have_value("nordst")

    def test_what_is_missing_is_made_on_the_spot(self, admin):
        admin.goto("/alpha/customers/new/")
        admin.fill("#in-name", "Daughter")
        admin.focus("#in-parent")
        admin.keyboard.type("Mother Works")
        admin.locator("[role=option].more").click()
        expect(admin.locator("dialog[open] #in-name")).to_have_value("Mother Works")
        admin.click("dialog[open] button[type=submit]")
        expect(admin.locator("#form #in-parent")).to_have_value("Mother Works")
        expect(admin.locator("#form #in-name")).to_have_value("Daughter")


class TestLists:
    def test_rows_are_walked_and_picked_with_single_keys(self, admin):
        admin.goto("/alpha/setup/teams/")
        for key in "jjkx":
            admin.keyboard.press(key)
        expect(admin.locator("tbody tr").first).to_have_class("at")
        expect(admin.locator("[data-picked-count]")).to_have_text("1")
        admin.keyboard.press("p")
        expect(admin.locator("#peek h2 a")).to_have_text("Nordstern")
        clean(admin)
        admin.keyboard.press("Escape")
        expect(admin.locator("#peek")).to_be_hidden()

    def test_a_filter_is_chosen_and_taken_away(self, admin):
        admin.goto("/alpha/setup/teams/")
        admin.click("summary:has-text('Filter')")
        admin.click("[data-filter-name=name]")
        admin.fill("form[data-filter-form=name] input[name=value]", "team 1")
        clean(admin)
        admin.click("form[data-filter-form=name] .btn.primary")
        expect(admin.locator("tbody tr")).to_have_count(10)
        admin.click(".pill.on .x")
        expect(admin.locator("tbody tr")).to_have_count(21)

    def test_what_is_typed_is_looked_for_at_once_and_nobody_loses_the_place(self, admin):
        admin.set_viewport_size({"width": 1280, "height": 420})
        admin.goto("/alpha/setup/teams/")
        steps = admin.evaluate("history.length")
        field = admin.locator(".quick input[name=q]")
        field.focus()
        field.dispatch_event("input", {"isComposing": True})
        admin.keyboard.type("nordst")
        expect(admin.locator("tbody tr")).to_have_count(1)
        expect(field).to_be_focused()
        assert admin.url.endswith("/alpha/setup/teams/?q=nordst") and admin.evaluate("history.length") == steps
        clean(admin)
        admin.keyboard.press("Control+a")
        admin.keyboard.type("Team")
        expect(admin.locator("tbody tr")).to_have_count(20)
        # Back from a record the list stands where one left it.
        admin.locator(".list .scroll").evaluate("part => part.scrollTo(0, 260)")
        admin.locator("tbody tr:nth-child(15) a.open").click()
        admin.wait_for_url(SAVED)
        admin.go_back()
        expect(field).to_have_value("Team")
        assert admin.locator(".list .scroll").evaluate("part => part.scrollTop") == 260

    def test_the_palette_finds_records_and_runs_what_the_page_offers(self, admin):
        admin.goto("/alpha/setup/teams/")
        admin.keyboard.press("Control+k")
        admin.keyboard.type("Nordstern")
        admin.locator("#palette [role=option]:has-text('Nordstern')").first.wait_for()
        clean(admin)
        meant = {"sign out": "Sign out", "log out": "Sign out", "dark mode": "Colours: Dark", "look around": "Look around"}
        meant |= {"teams": "Teams", "new quotation": "New quotation", "import": "Import…", "": "Today", "Nordstern": "Nordstern"}
        for typed, first in meant.items():
            admin.fill("#palette input", typed)
            names = admin.locator("#palette [role=option] .name")
            expect(names.filter(has_text="Dark") if "Dark" in first else names.first).to_have_text(re.compile(f"^{first}"))
        admin.keyboard.press("Enter")
        admin.wait_for_url(SAVED)
        admin.keyboard.press("e")
        admin.wait_for_url("**/edit/")


class TestFaces:
    def test_pages_are_accessible_in_both_themes(self, admin):
        for theme in ("light", "dark"):
            admin.emulate_media(color_scheme=theme)
            for path in ("setup/teams/", "setup/members/1/", "setup/members/1/?tab=history", "setup/members/new/", "approvals/"):
                admin.goto(f"/alpha/{path}")
                assert admin.evaluate("document.documentElement.dataset.theme") == theme
                clean(admin)

    def test_a_phone_scrolls_in_one_direction_only(self, admin):
        admin.set_viewport_size(PHONE)
        for path in ("setup/teams/", "setup/members/1/", "setup/members/new/", "customers/new/", "sales/quotations/new/"):
            admin.goto(f"/alpha/{path}")
            assert admin.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
            expect(admin.locator(".dock")).to_be_visible()
            clean(admin)

    def test_on_a_phone_what_is_done_to_many_takes_two_rows_at_most(self, admin):
        with in_set("alpha"):
            create_record(Lead, {"name": "Screws", "company": "Northern"}, actor=system_actor())
        admin.set_viewport_size(PHONE)
        admin.goto("/alpha/leads/")
        admin.locator("tbody tr[data-id] input[type=checkbox]").first.evaluate("box => box.click()")
        expect(admin.locator("[data-unpick]")).to_be_visible()
        boxes = [part.bounding_box() for part in admin.locator(".picked > :visible").all()]
        middles = sorted(box["y"] + box["height"] / 2 for box in boxes)
        assert sum(after - before > 12 for before, after in itertools.pairwise(middles)) <= 1, middles
        clean(admin)

    def test_the_theme_that_is_chosen_stays(self, admin):
        admin.goto("/alpha/setup/teams/")
        admin.click("[data-user-menu] > summary")
        clean(admin)
        admin.click("[data-theme-set=dark]")
        admin.reload()
        assert admin.evaluate("document.documentElement.dataset.theme") == "dark"

    def test_the_first_screen_is_small(self, admin):
        loaded: dict[str, int] = {}
        admin.on("response", lambda r: loaded.update({r.url: len(gzip.compress(r.body()))}) if r.status == 200 else None)
        admin.goto("/alpha/setup/teams/", wait_until="networkidle")
        assert sum(loaded.values()) < FIRST_SCREEN, loaded

    def test_pages_that_are_not_there_say_so(self, admin):
        admin.goto("/alpha/setup/teams/999999/")
        expect(admin.locator("h1")).to_have_text("There is nothing here")
        clean(admin)


class TestAccounts:
    def test_signing_in_and_out_are_accessible(self, page):
        page.goto("/accounts/login/")
        clean(page)
        page.fill("[name=login]", "nobody")
        page.fill("[name=password]", "wrong")
        page.click("button.primary")
        expect(page.locator("[role=alert], .error").first).to_be_visible()
        clean(page)
        page.goto("/accounts/password/reset/")
        clean(page)

    def test_pages_of_one_s_own_account_are_accessible(self, admin):
        for path in ("2fa/", "sessions/", "password/change/", "logout/"):
            admin.goto(f"/accounts/{path}")
            clean(admin)
