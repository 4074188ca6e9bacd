"""Rules look again where the customer chose other options, and are not silent where a margin cannot be known (M22.4, M14.1, decision 0027)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.offers.answering import VISITOR_GRANTS, accept_offer
from guanxi.erp.sales.offers.operations import OptionChoice, choose_options, share_quotation
from guanxi.erp.sales.offers.queries import approvals_ahead
from guanxi.erp.sales.operations import accept_quotation, confirm_order, decline_quotation, order_quotation, send_quotation
from guanxi.erp.sales.tests.test_approval_rules import director as director
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.grants import union
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import approve_request, decline_request
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.columns.conditions import unknown_in
from guanxi.kernel.records.refusals import Refused

D = Decimal


@pytest.fixture
def guarded(trade, director, member):
    """Offers above 60.00 and under a margin rate of 45 % are looked at; a salesperson has sent 5 screws (50.00, 40 %), approved for its margin,
    with 2 more offered as an option at 9.00."""
    for name, condition in (("Large", "net > 60"), ("Thin", "margin_rate < 45%")):
        ApprovalRule.objects.create(name={"en": name}, operation="sales.send_quotation", condition=condition, approvers=director)
    trade.seller, trade.director = member("salesperson"), member("director")
    trade.quotation = create_record(Quotation, {"customer": trade.customer.pk, "owner": trade.seller.member_id, "lines": [
        {"product": trade.screw.pk, "quantity": "5"},
        {"product": trade.screw.pk, "quantity": "2", "unit_price": "9", "inclusion": "optional"},
    ]}, actor=trade.actor, by_id=True).result
    asked = perform(send_quotation, trade.quotation.pk, actor=trade.seller, raw={}).awaiting
    assert str(asked.rule) == "Thin"
    approve_request(asked, actor=trade.director)
    trade.quotation.refresh_from_db()
    return trade


def accepted_online(trade, *chosen):
    link = share_quotation(trade.quotation, actor=trade.seller).link
    customer = replace(trade.actor, kind="visitor", rights=union([(VISITOR_GRANTS, ())]))
    options = ",".join(str(line.pk) for line in chosen)
    accept_offer(link, actor=customer, edition=1, name="Fang Min", position="Buyer", signature="Fang Min", options=options)
    trade.quotation.refresh_from_db()


class TestOptions:
    def test_what_was_approved_becomes_an_order_when_nothing_else_was_chosen(self, guarded):
        accepted_online(guarded)
        outcome = perform(order_quotation, guarded.quotation.pk, actor=guarded.seller, raw={})
        assert outcome.awaiting is None and outcome.result.net == D("50.00")

    def test_with_an_option_it_is_accepted_and_the_order_waits_for_those_who_look_at_it_then(self, guarded):
        option = guarded.quotation.lines.get(inclusion="optional")
        accepted_online(guarded, option)
        assert (guarded.quotation.status, guarded.quotation.net) == ("accepted", D("68.00"))
        assert {str(one.rule) for one in approvals_ahead(guarded.quotation, guarded.seller)} == {"Large", "Thin"}
        first = perform(order_quotation, guarded.quotation.pk, actor=guarded.seller, raw={}).awaiting
        assert (str(first.rule), first.facts, Order.objects.count()) == ("Large", {"net": "68"}, 0)
        with pytest.raises(Refused, match="needs approval first"):
            order_quotation(guarded.quotation, actor=guarded.seller)

    def test_on_approval_the_order_is_made_as_whoever_asked(self, guarded):
        accepted_online(guarded, guarded.quotation.lines.get(inclusion="optional"))
        request = perform(order_quotation, guarded.quotation.pk, actor=guarded.seller, raw={}).awaiting
        assert request.reasons == "Large; Thin"
        approve_request(request, actor=guarded.director)
        assert not Order.objects.exists(), "the thin margin is to be looked at too"
        approve_request(request.beside().get(), actor=guarded.director)
        order = Order.objects.get()
        assert (order.net, order.owner_id) == (D("68.00"), guarded.seller.member_id)

    def test_a_yes_that_was_signed_is_not_turned_into_a_no_by_us(self, guarded):
        assert decline_quotation.is_possible(guarded.quotation)
        accepted_online(guarded)
        assert not decline_quotation.is_possible(guarded.quotation)
        with pytest.raises(Refused, match="has accepted this and signed for it: make the order"):
            decline_quotation(guarded.quotation, actor=guarded.seller, reason="Too dear")

    def test_a_yes_that_we_noted_may_be_put_right(self, guarded):
        accept_quotation(guarded.quotation, actor=guarded.seller)
        decline_quotation(guarded.quotation, actor=guarded.seller, reason="Misheard")
        assert Quotation.objects.get().status == "declined"

    def test_declined_no_order_comes_of_it(self, guarded):
        accepted_online(guarded, guarded.quotation.lines.get(inclusion="optional"))
        request = perform(order_quotation, guarded.quotation.pk, actor=guarded.seller, raw={}).awaiting
        Role.objects.filter(key="director").update(grants={"acts.approvalrequest": "view", "acts.decline_request": "company"})
        decline_request(request, actor=actor_of(guarded.director.member_id), note="Too little is left")
        assert not Order.objects.exists()
        assert perform(order_quotation, guarded.quotation.pk, actor=guarded.seller, raw={}).awaiting is not None

    def test_what_was_approved_just_so_passes_and_whoever_decides_need_not_ask(self, guarded):
        choices = [OptionChoice(guarded.quotation.lines.get(inclusion="optional"), True)]
        choose_options(guarded.quotation, actor=guarded.actor, lines=choices)
        accept_quotation(guarded.quotation, actor=guarded.actor)
        for name, facts in (("Large", {"net": "68"}), ("Thin", {"margin_rate": str(Quotation.objects.get().margin_rate)})):
            rule = next(rule for rule in ApprovalRule.objects.all() if str(rule) == name)
            ApprovalRequest.objects.create(
                rule=rule, operation="sales.order_quotation", target_model="sales.quotation", target_id=guarded.quotation.pk, title="x",
                requester_id=guarded.seller.member_id, requested_at=guarded.actor.now, status="approved", facts=facts,
            )
        assert perform(order_quotation, guarded.quotation.pk, actor=guarded.seller, raw={}).awaiting is None


@pytest.fixture
def thin(trade, director):
    for operation in ("sales.send_quotation", "sales.confirm_order"):
        ApprovalRule.objects.create(name={"en": "Thin"}, operation=operation, condition="margin_rate < 30%", approvers=director)
    return trade


def foreign(trade, model, seller, **values):
    lines = [{"product": trade.screw.pk, "quantity": "5", "unit_price": "100"}]
    given = {"customer": trade.customer.pk, "owner": seller.member_id, "currency": "SEK", "lines": lines, **values}
    return create_record(model, given, actor=trade.actor, by_id=True).result


class TestWhatIsNotKnown:
    WORDS = "There is no exchange rate for SEK on its day, so that its margin is not known."

    @pytest.mark.parametrize(("model", "act"), [(Quotation, send_quotation), (Order, confirm_order)])
    def test_a_margin_without_a_rate_is_looked_at_and_it_is_said_why(self, thin, member, model, act):
        seller = member("salesperson")
        document = foreign(thin, model, seller)
        request = perform(act, document.pk, actor=seller, raw={}).awaiting
        assert (request.facts, unknown_in(request.facts, document)) == ({"margin_rate": None}, [self.WORDS])
        approve_request(request, actor=member("director"))
        document.refresh_from_db()
        assert document.status in ("sent", "confirmed")

    def test_it_is_said_before_sending(self, thin, member):
        [ahead] = approvals_ahead(foreign(thin, Quotation, member("salesperson")), member("salesperson"))
        assert (ahead.because, ahead.unknown) == ([], [self.WORDS])

    def test_once_the_rate_is_known_the_rule_speaks_for_itself(self, thin, member):
        from guanxi.erp.finance.models import ExchangeRate

        rate = {"currency": "SEK", "base": thin.actor.currency, "rate": "0.7", "valid_from": str(thin.actor.today)}
        create_record(ExchangeRate, rate, actor=thin.actor)
        seller = member("salesperson")
        assert perform(send_quotation, foreign(thin, Quotation, seller).pk, actor=seller, raw={}).awaiting is None

    def test_what_is_given_away_has_no_rate_and_is_looked_at(self, thin, member):
        seller = member("salesperson")
        lines = [{"product": thin.screw.pk, "quantity": "5", "discount": "100%"}]
        given = {"customer": thin.customer.pk, "owner": seller.member_id, "lines": lines}
        quotation = create_record(Quotation, given, actor=thin.actor, by_id=True).result
        request = perform(send_quotation, quotation.pk, actor=seller, raw={}).awaiting
        assert unknown_in(request.facts, quotation) == ["Nothing is charged, so that there is no margin rate."]

    def test_a_day_that_is_just_empty_lets_it_pass(self, trade, director, member):
        ApprovalRule.objects.create(name={"en": "Soon"}, operation="sales.send_quotation", condition="requested_on < today()", approvers=director)
        seller = member("salesperson")
        values = {"customer": trade.customer.pk, "owner": seller.member_id, "lines": [{"product": trade.screw.pk, "quantity": "1"}]}
        quotation = create_record(Quotation, values, actor=trade.actor, by_id=True).result
        assert perform(send_quotation, quotation.pk, actor=seller, raw={}).awaiting is None
