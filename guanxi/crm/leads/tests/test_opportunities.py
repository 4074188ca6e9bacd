"""Opportunities: their stages, what becomes of them, and the quotation's part in it (M5.1, M5.10)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.crm.leads.models import Opportunity, StageEntry
from guanxi.crm.leads.operations import (
    close_opportunity,
    lose_opportunity,
    move_opportunity,
    quotations_of,
    quote_opportunity,
    reopen_opportunity,
    win_opportunity,
)
from guanxi.crm.leads.queries import next_stage
from guanxi.erp.sales.operations import confirm_order, decline_quotation, order_quotation, send_quotation
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.records.refusals import Invalid, Refused


@pytest.fixture
def opportunity(trade):
    values = {"name": "Screws", "customer": "TS", "lines": [{"product": "SCREW", "quantity": "30"}]}
    return create_record(Opportunity, values, actor=trade.actor).result


class TestEntering:
    def test_stage_chance_currency_prices_and_amount_are_filled_in(self, trade, opportunity):
        assert (opportunity.stage.code, opportunity.chance, opportunity.currency, opportunity.amount) == ("contact", Decimal("0.1"), "CNY", 300)
        assert (opportunity.owner_id, opportunity.status, opportunity.weighted) == (trade.actor.member_id, "open", 30)
        assert opportunity.number.startswith("OP-")

    def test_an_amount_that_is_entered_stays(self, trade):
        made = create_record(
            Opportunity, {"name": "A", "customer": "TS", "amount": "999", "lines": [{"product": "SCREW", "quantity": "1"}]}, actor=trade.actor
        ).result
        assert made.amount == 999

    def test_a_chance_is_a_part_of_one(self, trade):
        with pytest.raises(Invalid):
            create_record(Opportunity, {"name": "A", "customer": "TS", "chance": "120%"}, actor=trade.actor)

    def test_what_is_overdue_or_has_no_next_step_is_marked(self, trade, opportunity):
        assert opportunity.has_no_next_step and not opportunity.is_late
        yesterday = trade.actor.today - timedelta(days=2)
        late = create_record(Opportunity, {"name": "B", "customer": "TS", "next_step": "Call", "next_on": str(yesterday)}, actor=trade.actor).result
        assert late.is_late and late.is_step_late and not late.is_past and not late.has_no_next_step
        past = create_record(Opportunity, {"name": "C", "customer": "TS", "expected_on": str(yesterday)}, actor=trade.actor).result
        assert past.is_late and past.is_past and not past.is_step_late


class TestStages:
    def test_moving_takes_the_stage_s_chance_and_keeps_the_history(self, trade, opportunity):
        later = trade.actor.on(trade.actor.today + timedelta(days=6))
        move_opportunity(opportunity, actor=later, stage=trade.stages["need"])
        assert (opportunity.stage.code, opportunity.chance) == ("need", Decimal("0.3"))
        entry = StageEntry.objects.get(opportunity=opportunity)
        assert (entry.stage.code, entry.amount, entry.member_id) == ("need", 300, later.member_id)
        assert entry.days_before in (5, 6)

    def test_the_next_stage_is_proposed_and_at_the_end_the_one_for_what_is_won(self, trade, opportunity):
        codes = []
        while found := next_stage(opportunity, trade.actor):
            codes.append(found["stage"].code)
            opportunity.stage = found["stage"]
        open_ones = [stage.code for stage in sorted(trade.stages.values(), key=lambda stage: stage.position) if stage.kind == "open"]
        assert codes == [*open_ones[1:], "won"]

    def test_into_lost_it_asks_for_the_reason(self, trade, opportunity):
        with pytest.raises(Refused) as refusal:
            move_opportunity(opportunity, actor=trade.actor, stage=trade.stages["lost"])
        assert refusal.value.field == "reason"
        move_opportunity(opportunity, actor=trade.actor, stage=trade.stages["lost"], reason=trade.price)
        assert (opportunity.status, opportunity.reason, opportunity.chance, opportunity.closed_on) == ("lost", trade.price, 0, trade.actor.today)

    def test_won_makes_the_quotation_with_its_products(self, trade, opportunity):
        move_opportunity(opportunity, actor=trade.actor, stage=trade.stages["won"])
        assert (opportunity.status, opportunity.stage.code, opportunity.chance) == ("won", "won", 1)
        [quotation] = quotations_of(opportunity)
        assert (quotation.customer, quotation.net, quotation.owner_id) == (trade.customer, 300, opportunity.owner_id)

    def test_won_makes_no_second_quotation(self, trade, opportunity):
        quote_opportunity(opportunity, actor=trade.actor)
        win_opportunity(opportunity, actor=trade.actor)
        assert quotations_of(opportunity).count() == 1

    def test_what_is_lost_may_go_on_after_all(self, trade, opportunity):
        lose_opportunity(opportunity, actor=trade.actor, reason=trade.price)
        reopen_opportunity(opportunity, actor=trade.actor, stage=trade.stages["talks"])
        assert (opportunity.status, opportunity.reason, opportunity.closed_on, opportunity.chance) == ("open", None, None, Decimal("0.8"))
        assert StageEntry.objects.filter(opportunity=opportunity).count() == 2

    def test_closed_is_neither_won_nor_lost(self, trade, opportunity):
        close_opportunity(opportunity, actor=trade.actor, note="Plant is not built")
        assert (opportunity.status, opportunity.note, opportunity.chance) == ("closed", "Plant is not built", 0)
        with pytest.raises(Refused):
            move_opportunity(opportunity, actor=trade.actor, stage=trade.stages["need"])


class TestTheQuotationsFate:
    """X4: what becomes of the quotation moves the opportunity."""

    @pytest.fixture
    def quotation(self, trade, opportunity):
        return quote_opportunity(opportunity, actor=trade.actor)

    def test_sent_moves_it_to_the_offer(self, trade, opportunity, quotation):
        send_quotation(quotation, actor=trade.actor)
        deliver_all("alpha")
        opportunity.refresh_from_db()
        assert opportunity.stage.code == "offer"

    def test_sent_moves_nothing_back(self, trade, opportunity, quotation):
        move_opportunity(opportunity, actor=trade.actor, stage=trade.stages["talks"])
        send_quotation(quotation, actor=trade.actor)
        deliver_all("alpha")
        opportunity.refresh_from_db()
        assert opportunity.stage.code == "talks"

    def test_an_order_from_it_wins(self, trade, opportunity, quotation):
        order = order_quotation(quotation, actor=trade.actor)
        confirm_order(order, actor=trade.actor)
        deliver_all("alpha")
        opportunity.refresh_from_db()
        assert (opportunity.status, opportunity.stage.code) == ("won", "won")

    def test_declined_asks_for_a_step_today(self, trade, opportunity, quotation):
        decline_quotation(quotation, actor=trade.actor, reason="Too dear")
        deliver_all("alpha")
        opportunity.refresh_from_db()
        assert (opportunity.status, opportunity.next_on) == ("open", trade.actor.today)
