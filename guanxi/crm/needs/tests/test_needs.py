"""Needs passed on and answered (M1.12), interests that become opportunities (M1.13)."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from guanxi.crm.leads.models import Opportunity
from guanxi.crm.leads.reactions import open_opportunity
from guanxi.crm.needs.models import CustomerNeed, ProductInterest
from guanxi.crm.needs.operations import (
    accept_need,
    decline_need,
    drop_interest,
    meet_need,
    pass_on_need,
    pursue_interest,
    reopen_need,
    resume_interest,
)
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.models import Event
from guanxi.kernel.events.publish import rebuild
from guanxi.kernel.records.refusals import Forbidden, Invalid, Refused
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Contact, Party


@pytest.fixture
def trade(alpha):
    customer = create_record(Party, {"name": "Taishan Machinery", "code": "TS"}, actor=alpha).result
    product = create_record(Product, {"name": "Screw", "code": "SCREW", "unit": "pc", "list_price": "10"}, actor=alpha).result
    return SimpleNamespace(actor=alpha, customer=customer, product=product)


@pytest.fixture
def need(trade):
    given = {"name": "Less noise", "customer": "TS", "product": "SCREW", "kind": "quality", "weight": "must", "constraint": "50 dB"}
    return create_record(CustomerNeed, given, actor=trade.actor).result


class TestNeeds:
    def test_it_is_numbered_of_today_and_raised(self, trade, need):
        assert (need.status, need.received_on, need.owner_id) == ("open", trade.actor.today, trade.actor.member_id)
        assert need.number == f"ND-{trade.actor.today.year}-00001"

    def test_passed_on_it_is_seen_and_answered_by_that_team_and_no_other(self, trade, need, member):
        quality, other = Team.objects.create(name="Quality"), Team.objects.create(name="Other")
        tester, stranger = member("storekeeper", team=quality), member("storekeeper", team=other)
        assert not CustomerNeed.objects.visible_to(tester).exists()
        pass_on_need(need, actor=trade.actor, team=quality)
        assert [n.pk for n in CustomerNeed.objects.visible_to(tester)] == [need.pk]
        assert not CustomerNeed.objects.visible_to(stranger).exists()
        meet_need(need, actor=tester, answer="New cage")
        assert (need.status, need.answer, need.answered_on) == ("met", "New cage", tester.today)

    def test_a_team_without_people_is_no_answer(self, trade, need):
        with pytest.raises(Refused, match="Nobody is in the team Empty"):
            pass_on_need(need, actor=trade.actor, team=Team.objects.create(name="Empty"))

    def test_declined_it_says_why_and_can_come_up_again(self, trade, need):
        accept_need(need, actor=trade.actor, answer="Next quarter")
        decline_need(need, actor=trade.actor, reason="Too dear")
        assert (need.status, need.answer) == ("declined", "Too dear")
        reopen_need(need, actor=trade.actor)
        assert (need.status, need.answered_on, need.passed_to) == ("open", None, None)

    def test_a_salesperson_does_not_see_another_s(self, need, member):
        with pytest.raises(Forbidden):
            accept_need(need, actor=member("accountant"))
        assert not CustomerNeed.objects.visible_to(member("salesperson")).exists()

    def test_the_contact_is_one_of_the_customer_s(self, trade):
        other = create_record(Party, {"name": "Huanghe Pumps", "code": "HH"}, actor=trade.actor).result
        person = create_record(Contact, {"party": other.pk, "name": "Zhou"}, actor=trade.actor, by_id=True).result
        with pytest.raises(Invalid) as refusal:
            create_record(CustomerNeed, {"name": "X", "customer": trade.customer.pk, "contact": person.pk}, actor=trade.actor, by_id=True)
        assert list(refusal.value.errors) == ["contact"]


class TestInterests:
    @pytest.fixture
    def interest(self, trade):
        given = {"customer": "TS", "product": "SCREW", "quantity": "500", "price_idea": "8.5", "wanted_on": "2026-12-24", "source": "visit"}
        return create_record(ProductInterest, given, actor=trade.actor).result

    def hear(self, interest):
        for event in Event.objects.filter(name="InterestPursued").order_by("pk"):
            open_opportunity(rebuild(event.name, event.payload), actor=system_actor())

    def test_it_is_called_by_product_and_quantity(self, interest):
        assert interest.name == "Screw × 500"

    def test_pursued_it_becomes_one_opportunity_with_its_product_quantity_and_price(self, trade, interest):
        pursue_interest(interest, actor=trade.actor)
        self.hear(interest)
        self.hear(interest)
        [made] = Opportunity.objects.all()
        assert (made.customer, made.owner_id, made.expected_on, made.source) == (
            trade.customer, trade.actor.member_id, date(2026, 12, 24), "visit",
        )
        assert (made.amount, made.name) == (Decimal("4250.00"), "Screw × 500")
        [line] = made.lines.all()
        assert (line.product, line.quantity, line.unit_price) == (trade.product, 500, Decimal("8.5"))

    def test_dropped_it_can_be_taken_up_again(self, trade, interest):
        drop_interest(interest, actor=trade.actor)
        with pytest.raises(Refused):
            pursue_interest(interest, actor=trade.actor)
        resume_interest(interest, actor=trade.actor)
        assert interest.status == "open"

    def test_nothing_is_not_wanted(self, trade):
        with pytest.raises(Invalid) as refusal:
            create_record(ProductInterest, {"customer": "TS", "product": "SCREW", "quantity": "0"}, actor=trade.actor)
        assert list(refusal.value.errors) == ["quantity"]
