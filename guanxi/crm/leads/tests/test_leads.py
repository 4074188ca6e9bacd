"""Leads: followed, qualified without retyping, given up (M2.1, M2.2)."""

import pytest

from guanxi.crm.leads.models import Lead, Opportunity
from guanxi.crm.leads.operations import assign_lead, disqualify_lead, follow_lead, qualify_lead, take_lead
from guanxi.crm.leads.queries import qualification
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.records.refusals import Forbidden, Invalid, Refused
from guanxi.shared.parties.models import Contact, Party

ENTERED = {
    "name": "Screws for the new line", "company": "Huanghe Pumps", "person": "Zhou Lan", "job_title": "Buyer", "phone": "0371-5550 1234",
    "email": "zhou@huanghe.example", "source": "exhibition", "need": "5,000 a month",
}


@pytest.fixture
def lead(trade):
    return create_record(Lead, ENTERED, actor=trade.actor).result


class TestEntering:
    def test_it_is_new_of_today_numbered_and_its_maker_s_own(self, trade, lead):
        assert (lead.status, lead.received_on, lead.owner_id) == ("new", trade.actor.today, trade.actor.member_id)
        assert lead.number.startswith(f"LD-{trade.actor.today.year}-")

    def test_somebody_has_to_be_named(self, trade):
        with pytest.raises(Invalid) as refusal:
            create_record(Lead, {"name": "A call"}, actor=trade.actor)
        assert list(refusal.value.errors) == ["company"]


class TestQualifying:
    def test_customer_contact_and_opportunity_come_from_what_the_lead_holds(self, trade, lead):
        qualify_lead(lead, actor=trade.actor, opportunity="Screws, yearly", amount=60000)
        lead.refresh_from_db()
        party = lead.customer
        assert (lead.status, party.name, party.source) == ("qualified", "Huanghe Pumps", "exhibition")
        assert (party.is_customer, party.owner_id) == (True, lead.owner_id)
        contact = Contact.objects.get(party=party)
        assert (contact.name, contact.job_title, contact.email) == ("Zhou Lan", "Buyer", "zhou@huanghe.example")
        made = Opportunity.objects.get(lead=lead)
        assert (made.name, made.customer, made.contact, made.amount, made.note) == ("Screws, yearly", party, contact, 60000, "5,000 a month")
        assert (made.stage.code, made.chance, made.status) == ("contact", made.stage.chance, "open")

    def test_an_existing_customer_and_its_people_are_used_again(self, trade, lead):
        person = create_record(Contact, {"party": trade.customer, "name": "zhou lan"}, actor=trade.actor).result
        qualify_lead(lead, actor=trade.actor, customer=trade.customer, opportunity="More screws")
        made = Opportunity.objects.get(lead=lead)
        assert (made.customer, made.contact, made.kind) == (trade.customer, person, "more")
        assert not Party.objects.filter(name="Huanghe Pumps").exists()

    def test_without_a_name_no_opportunity_is_made(self, trade, lead):
        qualify_lead(lead, actor=trade.actor)
        assert lead.customer is not None and not Opportunity.objects.filter(lead=lead).exists()

    def test_a_person_without_a_company_becomes_a_customer_of_that_kind(self, trade):
        lead = create_record(Lead, {"name": "A lathe", "person": "Wei Qing", "phone": "13800001111"}, actor=trade.actor).result
        qualify_lead(lead, actor=trade.actor)
        assert (lead.customer.kind, lead.customer.phone) == ("person", "13800001111")
        assert not Contact.objects.filter(party=lead.customer).exists()

    @pytest.mark.parametrize(
        ("company", "person", "email"), [("taishan machinery", "", ""), ("Taishan Co", "", "liu@taishan.example")], ids=["name", "e-mail"],
    )
    def test_the_dialog_proposes_the_customer_it_seems_to_be(self, trade, company, person, email):
        create_record(Contact, {"party": trade.customer, "name": "Liu", "email": "liu@taishan.example"}, actor=trade.actor)
        lead = create_record(Lead, {"name": "More", "company": company, "person": person, "email": email}, actor=trade.actor).result
        assert qualification(lead, trade.actor) == {"customer": trade.customer.pk, "opportunity": "More"}

    def test_a_stranger_is_proposed_to_nobody(self, trade, lead):
        assert qualification(lead, trade.actor)["customer"] is None

    def test_what_is_qualified_is_not_qualified_again(self, trade, lead):
        qualify_lead(lead, actor=trade.actor)
        with pytest.raises(Refused, match="Qualified"):
            qualify_lead(lead, actor=trade.actor)


class TestPool:
    def test_what_nobody_follows_is_seen_and_taken_by_a_salesperson(self, trade, lead, member):
        li, wang = member("salesperson", name="Li"), member("salesperson", name="Wang")
        assign_lead(lead, actor=trade.actor, owner=None)
        assert lead in Lead.objects.visible_to(li)
        take_lead(lead, actor=li)
        assert lead.owner_id == li.member_id
        assert lead not in Lead.objects.visible_to(wang)

    def test_another_s_lead_cannot_be_taken(self, trade, lead, member):
        with pytest.raises((Forbidden, Refused)):
            take_lead(lead, actor=trade.actor)

    def test_following_what_nobody_follows_makes_it_one_s_own(self, trade, lead):
        assign_lead(lead, actor=trade.actor, owner=None)
        follow_lead(lead, actor=trade.actor, next_step="Call back")
        assert (lead.status, lead.owner_id, lead.next_step) == ("working", trade.actor.member_id, "Call back")


def test_giving_up_says_why_and_may_be_taken_back(trade, lead):
    disqualify_lead(lead, actor=trade.actor, reason=trade.price, note="Too dear")
    assert (lead.status, lead.reason, lead.need) == ("disqualified", trade.price, "5,000 a month\nToo dear")
    follow_lead(lead, actor=trade.actor)
    assert (lead.status, lead.reason) == ("working", None)
