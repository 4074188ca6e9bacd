"""Two people change one record: what only one of them changed is taken from that one, what both changed is chosen."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from guanxi.crm.leads.models import Opportunity
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.parties.models import Party


class Form(HTMLParser):
    """What a browser would send of the page's form as it stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.select = ""
        text = re.sub(r"<template.*?</template>", "", text, flags=re.S)
        self.feed(text)
        areas = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', text, re.S)
        self.values |= {name: html.unescape(value) for name, value in areas}

    def handle_starttag(self, tag, given) -> None:
        field = dict(given)
        name, value = field.get("name") or "", field.get("value") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in field:
            self.values[self.select] = value
        elif tag == "input" and name not in ("", "key") and (field.get("type") not in ("radio", "checkbox") or "checked" in field):
            self.values[name] = value


class Shared:
    """An opportunity of 1,000 whose form two administrators have open."""

    def __init__(self, mine, other, inside, pk: int) -> None:
        self.mine, self.other, self.inside, self.pk = mine, other, inside, pk
        self.address = f"opportunities/{pk}/edit/"
        self.opened = Form(mine.get(self.address).content.decode()).values

    def theirs(self, **values: str) -> None:
        assert self.other.post(self.address, self.opened | values).status_code == 303

    def saved(self, *names: str) -> list[str]:
        with self.inside():
            row = Opportunity.objects.get(pk=self.pk)
            return [f"{value:.2f}" if isinstance(value := getattr(row, name), Decimal) else str(value) for name in names]


@pytest.fixture
def shared(admin, visitor, inside) -> Shared:
    other = visitor("administrator")
    with inside():
        Member.objects.filter(pk=other.member_id).update(name="Wang Lei")
        actor = actor_of(admin.member_id)
        customer = create_record(Party, {"name": "Hengchuan", "is_customer": True}, actor=actor).result
        note = "First line\nSecond line"
        row = create_record(Opportunity, {"name": "Guides", "customer": customer.pk, "amount": "1000", "note": note}, actor=actor).result
    return Shared(admin, other, inside, row.pk)


def test_only_what_both_changed_is_chosen_each_value_drawn_alike_under_the_other_s_name(shared):
    shared.theirs(amount="55555", next_step="Call")
    answer = shared.mine.post(shared.address, shared.opened | {"amount": "66666", "expected_on": "2027-03-01"})
    text = html.unescape(answer.content.decode())
    assert answer.status_code == 409 and "Wang Lei saved this while you were typing." in text
    shown = re.findall(r'name="keep\.(\w+)" value="(\w+)" required> <span>(.*?)</span></label>', text)
    assert [(name, whose, re.sub("<[^>]*>", "", value)) for name, whose, value in shown] == [
        ("amount", "theirs", "¥55,555.00"), ("amount", "mine", "¥66,666.00"),
    ]
    assert shared.mine.post(shared.address, Form(text).values | {"keep.amount": "mine"}).status_code == 303
    assert shared.saved("amount", "next_step", "expected_on") == ["66666.00", "Call", "2027-03-01"]


def test_changes_of_different_things_are_both_saved_without_a_question(shared):
    shared.theirs(next_step="Call")
    answer = shared.mine.post(shared.address, shared.opened | {"amount": "66666", "note": "First line\r\nSecond line"})
    assert answer.status_code == 303
    assert shared.saved("amount", "next_step") == ["66666.00", "Call"]


def test_what_was_given_up_stays_given_up_when_a_third_person_saves_meanwhile(shared):
    shared.theirs(amount="55555", name="Rails")
    page = Form(shared.mine.post(shared.address, shared.opened | {"amount": "66666", "name": "Slides"}).content.decode()).values
    third = Form(shared.other.get(shared.address).content.decode()).values
    assert shared.other.post(shared.address, third | {"name": "Bearings"}).status_code == 303
    again = Form(shared.mine.post(shared.address, page | {"keep.amount": "theirs", "keep.name": "mine"}).content.decode()).values
    assert shared.mine.post(shared.address, again | {"keep.name": "mine"}).status_code == 303
    assert shared.saved("amount", "name") == ["55555.00", "Slides"]


def test_a_value_in_a_list_is_saved_though_somebody_changed_another_of_the_row(shared):
    cell = f"opportunities/{shared.pk}/cell/amount/"
    opened = Form(shared.mine.get(cell).content.decode()).values
    shared.theirs(next_step="Call")
    assert shared.mine.post(cell, opened | {"amount": "66666"}).status_code == 200
    assert shared.saved("amount", "next_step") == ["66666.00", "Call"]
    answer = shared.mine.post(cell, opened | {"amount": "77777"})
    assert answer.status_code == 409 and shared.saved("amount") == ["66666.00"]
