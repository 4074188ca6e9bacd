"""Calendars: rows on their days, moved like any other change, with its rights, its refusals and its undo."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from guanxi.crm.leads.models import Opportunity
from guanxi.crm.leads.operations import win_opportunity
from guanxi.erp.sales.models import Order, Quotation
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.models import Act
from guanxi.kernel.acts.writer import create_record, create_records
from guanxi.kernel.database import in_set
from guanxi.kernel.events.models import Event
from guanxi.shared.activities.models import Activity
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

TASKS = [("Send samples", "2026-03-03"), ("Call back", "2026-03-03"), ("Ask for the drawing", "2026-03-31"), ("Later", "2026-05-20")]
COLLEAGUE = {"activities.activity": "view change:own", "acts.undo_act": "company"}


def entered(owner: int) -> None:
    rows = [{"kind": "task", "subject": subject, "body": subject, "due_on": day, "owner": owner} for subject, day in TASKS]
    create_records(Activity, rows, actor=system_actor())


@pytest.fixture
def tasks(admin, inside):
    with inside():
        entered(admin.member_id)
        return {task.subject: task for task in Activity.objects.all()}


def shown(page: str) -> dict[str, list[str]]:
    """Titles by day."""
    found = {}
    for day, part in re.findall(r'data-day="([^"]+)">(.*?)(?=data-day="|</ol>)', page, re.S):
        titles = [html.unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in re.findall(r'draggable="false">(.*?)</a>', part, re.S)]
        if titles:
            found[day] = titles
    return found


def a_line() -> dict[str, list[dict[str, object]]]:
    screw = create_record(Product, {"code": "S", "name": "Screw", "unit": "pc", "list_price": "10"}, actor=system_actor()).result
    return {"lines": [{"product": screw.pk, "quantity": "1"}]}


class TestPage:
    def test_a_month_is_whole_weeks_with_each_row_on_its_day(self, admin, tasks):
        page = admin.get("activities/calendar/?day=2026-03-10").content.decode()
        assert shown(page) == {"2026-03-03": ["Send samples", "Call back"], "2026-03-31": ["Ask for the drawing"]}
        days = re.findall(r'data-day="([^"]+)"', page)
        assert (days[0], days[-1], len(days)) == ("2026-02-23", "2026-04-05", 42)
        assert "activities/new/?due_on=2026-03-10&amp;kind=task" in page

    def test_filters_hold_and_other_spans_have_their_days(self, admin, tasks):
        assert shown(admin.get("activities/calendar/?day=2026-03-03&span=week&f.subject=call").content.decode()) == {"2026-03-03": ["Call back"]}
        assert list(shown(admin.get("activities/calendar/?day=2026-03-04&span=agenda").content.decode())) == ["2026-03-31"]
        assert shown(admin.get("activities/calendar/?day=2026-03-04&span=day").content.decode()) == {}

    def test_what_nobody_can_read_is_today(self, admin, tasks):
        for given in ("day=tomorrow", "day=0001-01-01", "day=9999-12-31", "span=decade", "by=nonsense"):
            assert admin.get(f"activities/calendar/?{given}").status_code == 200

    def test_a_row_with_a_first_and_a_last_day_stands_on_all_of_them(self, admin, inside):
        with inside():
            customer = create_record(Party, {"name": "Acme"}, actor=system_actor()).result
            row = {"customer": customer.pk, "quoted_on": "2026-03-30", "valid_until": "2026-04-02", "owner": admin.member_id, **a_line()}
            create_record(Quotation, row, actor=system_actor())
        page = admin.get("sales/quotations/calendar/?day=2026-03-30&span=week").content.decode()
        assert list(shown(page)) == ["2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02"]
        assert page.count("data-grip") == 1 and 'data-ends="2026-04-02"' in page


class TestMoving:
    def move(self, visitor, task, **values):
        return visitor.post(f"activities/{task.pk}/day/", {"version": task.version, **values}, part=True)

    def test_it_is_the_change_that_one_could_type(self, admin, tasks, inside):
        answer = self.move(admin, tasks["Call back"], due_on="2026-03-05")
        assert answer.status_code == 204
        toast = json.loads(answer.headers["HX-Trigger"])["toast"]
        assert toast["text"] == "Due on: 5 Mar 2026" and "/undo/" in toast["undo"]
        with inside():
            assert str(Activity.objects.get(pk=tasks["Call back"].pk).due_on) == "2026-03-05"
        admin.client.post(toast["undo"], {"key": "undo-it"})
        with inside():
            assert str(Activity.objects.get(pk=tasks["Call back"].pk).due_on) == "2026-03-03"

    def test_hours_are_those_of_the_reader(self, admin, tasks, inside):
        assert self.move(admin, tasks["Later"], at="2026-05-20T09:30", minutes="45").status_code == 204
        with inside():
            row = Activity.objects.get(pk=tasks["Later"].pk)
            assert (row.at, row.minutes) == (datetime(2026, 5, 20, 1, 30, tzinfo=UTC), 45)
        page = admin.get("activities/calendar/?by=at&span=day&day=2026-05-20").content.decode()
        assert 'data-top="570" data-length="45"' in page

    def test_what_is_refused_says_why_and_changes_nothing(self, admin, visitor, tasks, inside):
        task = tasks["Call back"]
        assert self.move(admin, task, due_on="2026-03-05").status_code == 204
        answers = [
            self.move(admin, task, due_on="2026-03-06"),
            self.move(admin, task, due_on="soon", version=""),
            self.move(admin, task, subject="Other"),
            self.move(visitor(grants=COLLEAGUE), task, due_on="2026-03-07"),
            self.move(visitor(grants={"activities.activity": "view"}), task, due_on="2026-03-07"),
        ]
        assert [answer.status_code for answer in answers] == [409, 422, 409, 403, 403]
        assert all(len(json.loads(answer.headers["HX-Trigger"])["toast"]["text"]) > 15 for answer in answers)
        with inside():
            assert str(Activity.objects.get(pk=task.pk).due_on) == "2026-03-05"

    @pytest.fixture
    def order(self, admin, inside):
        with inside():
            customer = create_record(Party, {"name": "Acme"}, actor=system_actor()).result
            row = {"customer": customer.pk, "ordered_on": "2026-03-01", "owner": admin.member_id, **a_line()}
            order = create_record(Order, row, actor=system_actor()).result
            Order.objects.filter(pk=order.pk).update(status="confirmed", promised_on="2026-03-09")
            return Order.objects.get(pk=order.pk)

    def promise(self, visitor, order, **values):
        return visitor.post(f"sales/orders/{order.pk}/day/", values, part=True)

    def test_a_confirmed_order_is_promised_for_another_day_by_its_operation(self, admin, order, inside):
        assert "data-movable" in admin.get("sales/orders/calendar/?day=2026-03-09").content.decode()
        toast = json.loads(self.promise(admin, order, promised_on="2026-03-10").headers["HX-Trigger"])["toast"]
        assert toast["text"] == "Promised on: 10 Mar 2026"
        with inside():
            act = Act.objects.get(operation="sales.promise_order")
            assert str(Order.objects.get(pk=order.pk).promised_on) == "2026-03-10" and act.arguments == {"promised_on": "2026-03-10"}
            event = Event.objects.get(act_id=act.pk)
            assert (event.name, event.payload["former_on"]) == ("OrderPromised", "2026-03-09")
        admin.client.post(toast["undo"], {"key": "undo-it"})
        with inside():
            assert str(Order.objects.get(pk=order.pk).promised_on) == "2026-03-09"

    def test_days_of_an_order_that_are_not_its_promise_stay(self, admin, visitor, order, inside):
        assert "data-movable" not in admin.get("sales/orders/calendar/?by=ordered_on&day=2026-03-01").content.decode()
        reader = visitor(grants={"sales.order": "view"})
        assert "data-movable" not in reader.get("sales/orders/calendar/?day=2026-03-09").content.decode()
        answers = [
            self.promise(admin, order, ordered_on="2026-03-10"), self.promise(reader, order, promised_on="2026-03-10"),
            self.promise(admin, order, promised_on="2026-02-01"), self.promise(admin, order, promised_on="2026-03-09"),
            self.promise(admin, order, promised_on="some day"),
        ]
        assert [answer.status_code for answer in answers] == [409, 403, 422, 409, 422]
        with inside():
            assert Order.objects.get(pk=order.pk).promised_on == order.promised_on
            Order.objects.filter(pk=order.pk).update(status="done")
        assert self.promise(admin, order, promised_on="2026-03-11").status_code == 409
        assert "data-movable" not in admin.get("sales/orders/calendar/?day=2026-03-09").content.decode()


def test_what_may_not_be_moved_says_why_and_begins_nothing_new(sign_in):
    with in_set("alpha"):
        owner = Member.objects.get(code="admin").pk
        customer = create_record(Party, {"name": "Acme"}, actor=system_actor()).result
        given = {"name": "Won already", "customer": customer.pk, "expected_on": "2026-03-03", "owner": owner}
        won = create_record(Opportunity, given, actor=system_actor()).result
        win_opportunity(won, actor=system_actor())
        Opportunity.objects.filter(pk=won.pk).update(expected_on="2026-03-03")
    page = sign_in("admin")
    page.goto("/alpha/opportunities/calendar/?day=2026-03-10&by=expected_on&view=all&closed=1")
    entry, day = page.locator(".cal-entry", has_text="Won already"), page.locator('[data-day="2026-03-03"]')
    box, room = entry.bounding_box(), day.bounding_box()
    for x, y in ((box["x"] + 20, room["y"] + room["height"] - 6), (box["x"] + 20, box["y"] + box["height"] + 3)):
        page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 2)
        page.mouse.down()
        page.mouse.move(x, y, steps=3)
        page.mouse.up()
        page.wait_for_timeout(500)
        assert "/opportunities/calendar/" in page.url
    page.drag_and_drop("text=Won already", '[data-day="2026-03-12"]')
    expect(page.locator("#toasts .toast")).to_contain_text("can no longer be changed")
    expect(day).to_contain_text("Won already")


def test_an_entry_is_dragged_to_another_day_and_back_by_undo(sign_in):
    with in_set("alpha"):
        entered(Member.objects.get(code="admin").pk)
    page = sign_in("admin")
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    page.goto("/alpha/activities/calendar/?day=2026-03-10")
    page.drag_and_drop("text=Call back", '[data-day="2026-03-12"]')
    expect(page.locator("#toasts")).to_contain_text("Due on: 12 Mar 2026")
    expect(page.locator('[data-day="2026-03-12"]')).to_contain_text("Call back")
    assert Axe().run(page).violations_count == 0
    page.click("#toasts >> text=Undo")
    expect(page.locator('[data-day="2026-03-03"]')).to_contain_text("Call back")
    page.goto("/alpha/activities/chart/?rows=due_on.month&measures=count")
    expect(page.locator("[data-drawn] svg")).to_be_visible()
    page.select_option("select[name=across]", "kind")
    expect(page.locator(".pivot thead th").nth(1)).to_have_text("Task")
    assert "across=kind" in page.url
    assert Axe().run(page).violations_count == 0
    page.click(".pivot tbody a >> nth=0")
    expect(page.locator("tbody tr")).to_have_count(3)
    assert not refused, refused
