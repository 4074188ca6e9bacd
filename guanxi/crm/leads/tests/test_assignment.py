"""Rules say who follows a new lead, and how long one may keep it (M2.2, M2.4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from guanxi.crm.leads.jobs import reclaim_leads
from guanxi.crm.leads.models import AssignmentRule, Lead, LeadForm
from guanxi.crm.leads.operations import assign_lead, receive_lead, reclaim_lead, share_lead
from guanxi.kernel.access.actor import visitor_actor
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.acts.writer import create_record, create_records
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.notices.queries import notices_of
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.activities.operations import log_call


@pytest.fixture
def sellers(trade):
    return [Member.objects.create(code=code, name=code.title(), kind="staff") for code in ("ada", "ben")]


def rule(trade, members, **values):
    given = {"name": "Web", "condition": 'source = "website"', "members": [m.pk for m in members], **values}
    return create_record(AssignmentRule, given, actor=trade.actor, by_id=True).result


def lead(trade, **values):
    return create_record(Lead, {"name": "A call", "company": "Huanghe Pumps", **values}, actor=trade.actor).result


class TestSharingOut:
    def test_a_lead_that_fits_goes_to_whoever_has_the_fewest(self, trade, sellers):
        rule(trade, sellers)
        ada, ben = sellers
        assert [lead(trade, source="website").owner_id for _ in range(3)] == [ada.pk, ben.pk, ada.pk]

    def test_one_that_fits_no_rule_stays_its_maker_s(self, trade, sellers):
        rule(trade, sellers)
        assert lead(trade, source="exhibition").owner_id == trade.actor.member_id

    def test_an_owner_who_is_named_keeps_it(self, trade, sellers):
        rule(trade, sellers)
        assert lead(trade, source="website", owner="ben").owner_id == sellers[1].pk

    def test_what_a_salesperson_enters_stays_with_them_and_what_their_team_lead_enters_in_the_team(self, trade, sellers, member):
        team = Team.objects.create(name="East")
        Member.objects.filter(pk=sellers[1].pk).update(team=team)
        rule(trade, sellers)
        given = {"name": "A call", "company": "Huanghe Pumps", "source": "website"}
        seller, manager = member("salesperson"), member("sales_manager", team=team)
        assert create_record(Lead, given, actor=seller).result.owner_id == seller.member_id
        assert [create_record(Lead, given, actor=manager).result.owner_id for _ in range(2)] == [sellers[1].pk] * 2

    def test_the_first_rule_that_fits_decides_and_those_switched_off_are_not_asked(self, trade, sellers):
        rule(trade, sellers[:1], position=1, is_active=False)
        rule(trade, sellers[1:], position=2)
        assert lead(trade, source="website").owner_id == sellers[1].pk

    def test_many_are_shared_out_evenly_in_a_fixed_number_of_queries(self, trade, sellers, django_assert_max_num_queries):
        rule(trade, sellers, condition="")
        rows = [{"name": f"Call {n}", "company": "Huanghe Pumps"} for n in range(10)]
        made = create_records(Lead, rows, actor=trade.actor).result
        assert sorted(row.owner_id for row in made) == sorted([sellers[0].pk, sellers[1].pk] * 5)

    def test_a_condition_that_cannot_be_read_is_refused(self, trade, sellers):
        with pytest.raises(Invalid) as refusal:
            rule(trade, sellers, condition="source = ")
        assert list(refusal.value.errors) == ["condition"]

    def test_one_out_of_the_pool_is_shared_out_when_asked(self, trade, sellers):
        found = lead(trade, source="website")
        reclaim_lead(found, actor=trade.actor)
        with pytest.raises(Refused, match="No rule for assigning fits"):
            share_lead(found, actor=trade.actor)
        rule(trade, sellers)
        share_lead(found, actor=trade.actor)
        assert found.owner_id == sellers[0].pk


class TestReclaiming:
    @pytest.fixture
    def kept(self, trade, sellers):
        rule(trade, sellers, days_to_keep=10)
        found = lead(trade, source="website")
        assign_lead(found, actor=trade.actor, owner=sellers[0])
        return found

    def later(self, trade, days):
        return trade.actor.on(trade.actor.today + timedelta(days=days))

    def owner_after(self, trade, found, days):
        reclaim_leads(actor=self.later(trade, days))
        found.refresh_from_db()
        return found.owner_id

    def test_after_its_days_without_a_touch_it_lies_in_the_pool(self, trade, kept, sellers):
        assert self.owner_after(trade, kept, 10) == sellers[0].pk
        assert self.owner_after(trade, kept, 11) is None

    def test_a_call_keeps_it(self, trade, kept, sellers):
        log_call(actor=self.later(trade, 5), target_model="leads.lead", target_id=kept.pk, body="Called")
        assert self.owner_after(trade, kept, 11) == sellers[0].pk
        assert self.owner_after(trade, kept, 16) is None

    def test_without_a_number_of_days_nobody_loses_it(self, trade, kept, sellers):
        AssignmentRule.objects.update(days_to_keep=None)
        assert self.owner_after(trade, kept, 400) == sellers[0].pk

    def test_a_rule_that_can_no_longer_be_read_gives_nobody_and_keeps_nobody_from_entering(self, trade, sellers):
        made = rule(trade, sellers)
        AssignmentRule.objects.filter(pk=made.pk).update(condition="gone = 3")
        assert lead(trade, source="website").owner_id == trade.actor.member_id


class TestNotices:
    def test_who_is_given_a_lead_from_the_web_site_is_told_and_so_is_who_loses_it(self, trade, sellers, member):
        seller = member("salesperson", name="Ada Lin")
        rule(trade, [Member.objects.get(pk=seller.member_id)])
        form = create_record(LeadForm, {"name": "Ask us", "code": "ask", "source": "website"}, actor=trade.actor).result
        visitor = visitor_actor({"leads.receive_lead": "company", "leads.leadform": "view"}, "en")
        received = receive_lead(form, actor=visitor, person="Mei", email="mei@pumps.example", need="Two pumps", company="Huanghe Pumps")
        deliver_all("alpha")
        assert [one.text for one in notices_of(seller, "alpha", limit=9)] == [f"Visitor sent you {received.name} through the web site"]
        reclaim_lead(received, actor=replace(trade.actor, now=visitor.now + timedelta(minutes=1)))
        deliver_all("alpha")
        assert notices_of(seller, "alpha", limit=9)[0].text == f"{trade.actor.name} put {received.name} back into the pool"
