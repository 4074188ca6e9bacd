"""Today: what waits for the reader, and for nobody else (M7.4, M22.8)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.crm.leads.models import Lead
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.shared.activities.operations import add_task
from guanxi.shared.parties.models import Party
from tests.access.world import person, plain


@pytest.fixture
def people(rolled_back, static_files) -> SimpleNamespace:
    made = SimpleNamespace(li=person("alpha", "salesperson"), wang=person("alpha", "salesperson"), zhao=person("alpha", "storekeeper"))
    with in_set("alpha"):
        li = actor_of(made.li.member.pk)
        customer = create_record(Party, {"name": "Hengchuan Hydraulics"}, actor=li).result
        for subject, days in (("Call back", 0), ("Send the drawing", -3), ("Next week", 7)):
            add_task(actor=li, target_model="parties.party", target_id=customer.pk, body=subject, due_on=li.today + timedelta(days=days))
        create_record(Lead, {"name": "Screws wanted", "company": "Huanghe Pumps", "next_on": li.today}, actor=li)
    return made


def words(person, query=""):
    return plain(person.client.get(f"/alpha/today/{query}"))


def test_one_s_own_due_tasks_and_follow_ups_stand_there(people):
    text = words(people.li)
    assert "Call back" in text and "Send the drawing" in text and "Next week" not in text
    assert "Screws wanted" in text
    assert text.index("Send the drawing") < text.index("Call back"), "the most urgent first"


def test_another_s_do_not(people):
    text = words(people.wang)
    assert "Call back" not in text and "Screws wanted" not in text
    assert "Nothing waits for you" in text


def test_parts_are_only_of_what_one_may_do(people):
    text = words(people.zhao)
    assert "To be shipped" in text or "Nothing waits" in text
    assert "Overdue receivables" not in text


def test_it_is_where_signing_in_leads(people):
    answer = people.li.client.get("/alpha/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/alpha/today/")


def test_the_number_of_questions_does_not_grow_with_the_rows(people):
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert people.li.client.get("/alpha/today/").status_code == 200
        return len(found)

    few = asked()
    with in_set("alpha"):
        li = actor_of(people.li.member.pk)
        for number in range(20):
            create_record(Lead, {"name": f"Lead {number}", "company": "Huanghe Pumps", "next_on": li.today}, actor=li)
    assert asked() <= few + 2, "a count where there are more than are shown"
