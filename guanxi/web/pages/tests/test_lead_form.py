"""The public form: what people send becomes a lead once, what machines send does not (M2.1)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from guanxi.crm.leads.models import AssignmentRule, FormEntry, Lead, LeadForm
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database import in_set
from guanxi.kernel.records.refusals import Invalid

NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
SENT = {"person": "Zhou Lan", "company": "Huanghe Pumps", "email": "zhou@huanghe.example", "need": "5,000 screws a month"}
ADDRESS = "/forms/alpha/contact/"


@pytest.fixture
def form(rolled_back, static_files):
    with in_set("alpha"):
        given = {"code": "contact", "name": "Ask us", "sites": "https://www.company.example"}
        return create_record(LeadForm, given, actor=system_actor()).result


@pytest.fixture
def visitor(form):
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def set_up(**values):
    with in_set("alpha"):
        LeadForm.objects.update(**values)


def stamp_of(answer):
    return re.search(r'name="stamp" value="([^"]+)"', answer.content.decode())[1]


def send(visitor, *, after=30, stamp=None, **values):
    """Open the form at noon and send it so many seconds later."""
    if stamp is None:
        with time_machine.travel(NOON, tick=False):
            stamp = stamp_of(visitor.get(ADDRESS))
    with time_machine.travel(NOON + timedelta(seconds=after), tick=False):
        return visitor.post(ADDRESS, {**SENT, **values, "stamp": stamp})


def leads():
    with in_set("alpha"):
        return list(Lead.objects.order_by("pk"))


def verdicts():
    with in_set("alpha"):
        return list(FormEntry.objects.order_by("pk").values_list("verdict", flat=True))


def test_what_is_sent_becomes_a_lead_of_the_pool_with_everything_that_was_entered(visitor, form):
    answer = send(visitor)
    assert answer.status_code == 200 and "Thank you" in answer.content.decode()
    [lead] = leads()
    assert (lead.company, lead.person, lead.email, lead.need) == tuple(SENT[n] for n in ("company", "person", "email", "need"))
    assert (lead.source, lead.form_id, lead.owner_id, lead.status) == ("website", form.pk, None, "new")
    assert verdicts() == ["taken"]


def test_a_rule_says_whose_it_is(visitor):
    with in_set("alpha"):
        ada = Member.objects.create(code="ada", name="Ada", kind="staff")
        given = {"name": "Web", "condition": 'source = "website"', "members": [ada.pk]}
        create_record(AssignmentRule, given, actor=system_actor(), by_id=True)
    send(visitor)
    assert [lead.owner_id for lead in leads()] == [ada.pk]


def test_sent_twice_it_is_one_lead(visitor):
    with time_machine.travel(NOON, tick=False):
        stamp = stamp_of(visitor.get(ADDRESS))
    assert [send(visitor, stamp=stamp).status_code for _ in range(2)] == [200, 200]
    assert len(leads()) == 1


def test_a_machine_that_fills_in_everything_is_thanked_and_makes_nothing(visitor):
    assert "Thank you" in send(visitor, homepage="http://spam.example").content.decode()
    assert (leads(), verdicts()) == ([], ["trap"])


def test_advertising_is_kept_out(visitor):
    send(visitor, need="http://a.example http://b.example http://c.example")
    assert (leads(), verdicts()) == ([], ["links"])


@pytest.mark.parametrize(("after", "stamp"), [(1, None), (90_000, None), (30, "forged")])
def test_too_quick_too_old_or_forged_it_is_given_back_with_what_was_entered(visitor, after, stamp):
    answer = send(visitor, after=after, stamp=stamp)
    assert answer.status_code == 422 and "5,000 screws a month" in answer.content.decode()
    assert leads() == []


def test_a_flood_from_one_address_is_stopped(visitor):
    codes = [send(visitor, after=30 + n).status_code for n in range(12)]
    assert codes == [200] * 10 + [429] * 2
    assert len(leads()) == 10


def test_without_a_way_to_answer_it_is_given_back_in_the_visitor_s_language(visitor):
    answer = send(visitor, email="")
    assert answer.status_code == 409 and "Enter a telephone number or an e-mail address" in answer.content.decode()
    chinese = visitor.get(f"{ADDRESS}?language=zh-hans").content.decode()
    assert "您的姓名" in chinese and 'lang="zh-Hans"' in chinese


def test_consent_is_asked_for_when_the_form_names_it(visitor, form):
    set_up(consent={"en": "You may write to me."})
    assert send(visitor).status_code == 409
    assert send(visitor, consent="on").status_code == 200
    assert len(leads()) == 1


def test_only_the_sites_named_may_show_it_inside_their_pages(visitor, form):
    answer = visitor.get(ADDRESS)
    assert "frame-ancestors https://www.company.example" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    set_up(sites="")
    closed = visitor.get(ADDRESS)
    assert ("frame-ancestors 'none'" in closed.headers["Content-Security-Policy"], closed.headers["X-Frame-Options"]) == (True, "DENY")


def test_it_sets_no_cookie_and_tells_nothing_of_a_form_that_is_closed(visitor, form):
    assert not visitor.get(ADDRESS).cookies
    set_up(is_open=False)
    assert [visitor.get(address).status_code for address in (ADDRESS, "/forms/alpha/other/", "/forms/nowhere/contact/")] == [404, 404, 404]


def test_a_code_that_is_no_part_of_an_address_and_a_site_with_a_path_are_refused(alpha):
    with pytest.raises(Invalid) as refusal:
        create_record(LeadForm, {"code": "Ask us", "name": "Ask us", "sites": "https://company.example/shop"}, actor=alpha)
    assert sorted(refusal.value.errors) == ["code", "sites"]
