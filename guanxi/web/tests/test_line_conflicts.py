"""Two people change the lines of one quotation: what one of them changed is taken, what both changed is chosen line by line (M5.11)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from guanxi.erp.sales.models import Quotation
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party
from guanxi.web.views.form_lines import SEEN, seen_lines


class Form(HTMLParser):
    """What a browser would send of the page's form as it stands, and what may be chosen of its lines."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.choices: list[tuple[str, str]] = []
        self.feed(re.sub(r"<template.*?</template>", "", text, flags=re.S))

    def handle_starttag(self, tag, given) -> None:
        field = dict(given)
        name, value = field.get("name") or "", field.get("value") or ""
        if tag == "select":
            self.select = name
        if tag == "option" and "selected" in field:
            self.values[self.select] = value
        if tag != "input" or name == "key" or not re.match(r"(lines|seen|pick|keep|customer|currency|entity|owner|version|\w+_on|valid_until)", name):
            return
        if name.startswith("pick"):
            self.choices.append((name, value))
        if field.get("type") == "radio":
            if "checked" not in field:
                return
        self.values[name] = value


@pytest.fixture
def quotation(admin, inside):
    """One screw, two nuts and three bolts at 10 each."""
    with inside():
        actor = actor_of(admin.member_id)
        for code in ("SCREW", "NUT", "BOLT"):
            given = {"code": code, "name": code, "unit": "pc", "tax": "VAT13", "list_price": "10", "standard_cost": "6", "kind": "goods"}
            create_record(Product, given, actor=actor)
        customer = create_record(Party, {"name": "Hengchuan Hydraulics"}, actor=actor).result
        lines = [{"product": code, "quantity": str(n)} for n, code in enumerate(("SCREW", "NUT", "BOLT"), start=1)]
        row = create_record(Quotation, {"customer": customer.pk, "lines": lines}, actor=actor).result
    address = f"sales/quotations/{row.pk}/edit/"

    def drawn() -> str:
        return admin.get(address).content.decode()

    def opened() -> dict[str, str]:
        return Form(drawn()).values

    def saved() -> list[tuple[str, int]]:
        with inside():
            return [(line.product.code, int(line.quantity)) for line in row.lines.select_related("product").order_by("position")]

    return SimpleNamespace(opened=opened, drawn=drawn, saved=saved, send=lambda values: admin.post(address, values), key=row.pk)


def without(values: dict[str, str], at: int) -> dict[str, str]:
    return {name: value for name, value in values.items() if not name.startswith(f"lines.{at}.")}


class TestWhatOneOfThemChanged:
    def test_is_taken_from_each_by_itself(self, quotation):
        theirs, mine = quotation.opened(), quotation.opened()
        added = {"lines.7.product": mine["lines.1.product"], "lines.7.quantity": "9"}
        assert quotation.send(without(theirs, 1) | {"lines.0.quantity": "11"}).status_code == 303
        answer = quotation.send(mine | {"lines.2.quantity": "33"} | added)
        page = Form(answer.content.decode())
        assert answer.status_code == 409 and page.choices == []
        assert quotation.send(page.values).status_code == 303
        assert quotation.saved() == [("SCREW", 11), ("BOLT", 33), ("NUT", 9)]

    def test_lines_of_the_other_stand_after_the_one_they_stood_after(self, quotation):
        theirs, mine = quotation.opened(), quotation.opened()
        quotation.send(without(theirs, 2) | {"lines.5.product": theirs["lines.2.product"], "lines.5.quantity": "5"} | {
            name: value for name, value in theirs.items() if name.startswith("lines.2.")
        })
        moved = {name: value for name, value in mine.items() if not name.startswith("lines.0.")} | mine
        moved = dict(sorted(moved.items(), key=lambda pair: (pair[0].startswith("lines.0."))))
        quotation.send(Form(quotation.send(moved).content.decode()).values)
        assert quotation.saved() == [("NUT", 2), ("BOLT", 5), ("BOLT", 3), ("SCREW", 1)]


class TestWhatBothChanged:
    @pytest.fixture
    def page(self, quotation):
        theirs, mine = quotation.opened(), quotation.opened()
        quotation.send(without(theirs, 2) | {"lines.0.quantity": "11", "lines.1.quantity": "22"})
        return Form(quotation.send(mine | {"lines.0.quantity": "111", "lines.1.quantity": "222", "lines.2.quantity": "333"}).content.decode())

    def test_is_chosen_line_by_line(self, quotation, page):
        first, second, third = (page.choices[at:at + 2] for at in (0, 2, 4))
        assert len(page.choices) == 6 and quotation.saved() == [("SCREW", 11), ("NUT", 22)]
        chosen = page.values | dict([first[0], second[1], third[1]])
        assert quotation.send(chosen).status_code == 303
        assert quotation.saved() == [("SCREW", 11), ("NUT", 222), ("BOLT", 333)]

    def test_a_line_that_the_other_took_away_may_stay_away(self, quotation, page):
        quotation.send(page.values | dict(page.choices[::2]))
        assert quotation.saved() == [("SCREW", 11), ("NUT", 22)]

    def test_what_was_chosen_survives_a_refusal(self, quotation, page):
        answer = quotation.send(page.values | dict(page.choices[::2]) | {"customer": ""})
        again = Form(answer.content.decode())
        assert answer.status_code == 422
        assert [value for name, value in again.values.items() if name.endswith(".quantity")] == ["11", "22"]

    def test_a_third_person_is_seen_as_well(self, quotation, page):
        third = quotation.opened()
        quotation.send(third | {"lines.1.quantity": "23"})
        answer = quotation.send(page.values | dict(page.choices[1::2]))
        again = Form(answer.content.decode())
        assert answer.status_code == 409 and len(again.choices) == 2
        quotation.send(again.values)
        assert quotation.saved() == [("SCREW", 111), ("NUT", 222), ("BOLT", 333)]

    def test_without_what_was_seen_nothing_is_taken_unasked(self, quotation):
        mine = quotation.opened()
        quotation.send(quotation.opened() | {"lines.0.quantity": "11"})
        for seen in ("", "[]", '{"1": 2}', "{"):
            page = Form(quotation.send(mine | {"lines.1.quantity": "22", SEEN: seen}).content.decode())
            assert len(page.choices) == 4


class TestWhatNobodyDecided:
    """A browser sends it empty, so that it follows what is changed beside it."""

    @staticmethod
    def as_a_browser(values):
        return values | {name: "" for name in values if name.endswith((".unit_price", ".discount"))}

    @pytest.fixture
    def page(self, quotation):
        theirs, mine = (self.as_a_browser(quotation.opened()) for _both in range(2))
        quotation.send(theirs | {"lines.0.quantity": "3435.5"})
        return quotation.send(mine | {"lines.0.quantity": "5"}).content.decode()

    def test_is_no_change_of_anybody(self, page):
        rows = re.findall(r"<tr data-conflict.*?</tr>", page, re.S)
        assert len(rows) == 1 and "SCREW" in rows[0]
        assert re.findall(r"<span>(Quantity[^<]*)</span>", rows[0]) == ["Quantity 3,435.5", "Quantity 5"]

    def test_is_sent_empty_again_with_what_was_chosen(self, quotation, page, inside):
        assert re.search(r'name="lines\.0\.unit_price" value="10" data-auto>', page)
        form = Form(page)
        quotation.send(self.as_a_browser(form.values) | dict(form.choices[1:]))
        assert quotation.saved() == [("SCREW", 5), ("NUT", 2), ("BOLT", 3)]
        assert all("data-auto" in field for field in re.findall(r'<input[^>]*name="lines\.[012]\.unit_price"[^>]*>', quotation.drawn()))

    def test_stands_against_a_price_that_the_other_gave_as_what_is_proposed(self, quotation):
        theirs, mine = (self.as_a_browser(quotation.opened()) for _both in range(2))
        quotation.send(theirs | {"lines.0.unit_price": "9.5"})
        page = quotation.send(mine | {"lines.0.quantity": "5"}).content.decode()
        [row] = re.findall(r"<tr data-conflict.*?</tr>", page, re.S)
        assert "Unit price 9.50" in row and "Unit price as proposed" in row


def test_lines_as_they_were_seen_that_nobody_could_have_sent_are_nothing():
    for text in ("", "[", "[1]", "7", "[" * 100_000, '{"1": []}'):
        assert seen_lines({SEEN: text}) == {}
    assert seen_lines({SEEN: '{"1": {"quantity": "2"}}'}) == {"1": {"quantity": "2"}}
