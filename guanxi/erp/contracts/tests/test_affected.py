"""Lines of contracts among those that a change of price, cost or model touches: accepted, held, amended (X5, M21.2)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.erp.contracts.calling import call_off
from guanxi.erp.contracts.models import Contract
from guanxi.erp.contracts.operations import approve_contract, end_contract, send_contract, sign_contract
from guanxi.erp.contracts.tests.test_calling import call, framework
from guanxi.erp.contracts.tests.test_contracts import again, contract, signed
from guanxi.erp.sales.impact.finding import look_again
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.impact.operations import accept_affected_line, hold_affected_line, release_affected_line, requote_affected_line
from guanxi.erp.sales.operations import confirm_order
from guanxi.erp.sales.tests.conftest import receive
from guanxi.kernel.about.timeline import timeline_of
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.catalog.models import PriceList, PriceListItem

D = Decimal


def seen(trade):
    look_again(trade.actor)
    return list(AffectedLine.objects.visible_to(trade.actor).filter(kind="contract", status__in=("open", "held")).order_by("source_id"))


@pytest.fixture
def agreed(trade):
    """100 screws agreed at 8.50, 40 of them called off; then screws cost 7.50 instead of 6.00. Nuts cost what they did."""
    trade.contract = framework(trade)
    call(trade, trade.contract, 40)
    receive(trade.actor, [(trade.screw, 100, D("9.00"))], kind="purchase")
    return trade


class TestWhatIsListed:
    def test_what_can_still_be_called_off_with_the_margin_before_and_after(self, agreed):
        [row] = seen(agreed)
        assert (row.number, row.reason, row.quantity, row.price, row.unit_cost, row.cost_now) == (
            agreed.contract.number, "cost", 60, D("8.5"), 6, D("7.5"),
        )
        assert (row.margin, row.margin_now, row.margin_requoted, str(row.get_kind_display())) == (D("150.00"), D("60.00"), D("150.00"), "Contract")

    def test_the_order_called_off_stands_there_by_itself(self, agreed):
        look_again(agreed.actor)
        row = AffectedLine.objects.visible_to(agreed.actor).get(kind="order")
        assert (row.quantity, row.price, row.margin_now) == (40, D("8.5"), D("40.00"))

    def test_nothing_of_a_contract_that_is_over_or_all_called_off(self, agreed):
        end_contract(again(agreed.contract), actor=agreed.actor)
        assert seen(agreed) == []
        other = framework(agreed, valid_until=str(agreed.actor.today))
        Contract.objects.filter(pk=other.pk).update(valid_from=None, valid_until=agreed.actor.today - timedelta(days=1))
        other.lines.update(unit_cost=D("6"))
        assert seen(agreed) == []

    def test_a_new_list_price_counts_from_the_day_on(self, trade):
        framework(trade)
        change_record(trade.nut, {"list_price": "3"}, actor=trade.actor)
        [row] = seen(trade)
        assert (row.reason, row.price, row.price_now, row.margin, row.margin_requoted) == ("price", D("1.8"), 3, D("16.00"), D("40.00"))


    def test_a_part_called_off_at_the_agreed_price_is_measured_as_the_whole_contract(self, trade):
        prices = create_record(PriceList, {"code": "L", "name": {"en": "Usual", "zh-hans": "通用"}}, actor=trade.actor).result
        for least, price in ((1, 10), (50, 9)):
            create_record(PriceListItem, {"price_list": prices.pk, "product": "SCREW", "min_quantity": least, "price": price}, actor=trade.actor)
        row = framework(trade)
        order = call(trade, row, 10)
        assert look_again(trade.actor) == []
        confirm_order(order, actor=trade.actor)
        assert look_again(trade.actor) == []
        PriceListItem.objects.filter(price=9).update(price=11)
        assert [(one.kind, one.reason, one.quantity, one.price_now) for one in look_again(trade.actor)] == [
            ("order", "price", 10, 11), ("contract", "price", 90, 11),
        ]


class TestDeciding:
    def test_accepted_the_contract_s_margin_follows_and_what_was_signed_stays(self, agreed):
        [row] = seen(agreed)
        accept_affected_line(row, actor=agreed.actor)
        after = again(agreed.contract)
        assert (after.status, after.net, after.cost, seen(agreed)) == ("signed", D("886.00"), D("770.00"), [])

    def test_held_it_is_not_called_off_until_it_is_decided(self, agreed):
        [row] = seen(agreed)
        hold_affected_line(row, actor=agreed.actor)
        with pytest.raises(Invalid, match="“SCREW” is held"):
            call(agreed, again(agreed.contract), 1)
        order = call_off(again(agreed.contract), actor=agreed.actor)
        assert [line.product_id for line in order.lines.all()] == [agreed.nut.pk], "the other line goes on"
        with pytest.raises(Refused, match="“SCREW” is held"):
            call_off(again(agreed.contract), actor=agreed.actor)
        release_affected_line(seen(agreed)[0], actor=agreed.actor)
        assert call(agreed, again(agreed.contract), 1).lines.get().unit_price == D("8.5")

    def test_a_contract_with_a_held_line_goes_no_further_until_it_is_decided(self, trade):
        row = contract(trade)
        receive(trade.actor, [(trade.screw, 100, D("9.00"))], kind="purchase")

        def is_held(act, **given):
            hold_affected_line(seen(trade)[0], actor=trade.actor)
            with pytest.raises(Refused, match="“SCREW” is held, since its Cost changed: accept it or quote it anew first"):
                act(again(row), actor=trade.actor, **given)
            release_affected_line(seen(trade)[0], actor=trade.actor)

        is_held(approve_contract)
        approve_contract(again(row), actor=trade.actor)
        is_held(send_contract)
        send_contract(again(row), actor=trade.actor)
        is_held(sign_contract, signed_on=trade.actor.today, their_name="Fang Min", our_name="Wei")
        assert (again(row).status, again(row).signed_on) == ("sent", None)

    def test_quoted_anew_it_is_an_amendment_that_holds_once_it_is_signed(self, agreed):
        change_record(agreed.nut, {"list_price": "3"}, actor=agreed.actor)
        screw, nut = seen(agreed)
        requote_affected_line(screw, actor=agreed.actor)
        requote_affected_line(nut, actor=agreed.actor, keep="price_list")
        amendment = Contract.objects.get(amends=agreed.contract)
        assert [(one.unit_price, one.unit_cost) for one in amendment.lines.order_by("position")] == [(D("10.63"), D("7.5")), (3, 1)]
        assert (amendment.status, amendment.net, seen(agreed)) == ("draft", D("1123.00"), [])
        assert [one.unit_price for one in agreed.contract.lines.order_by("position")] == [D("8.5"), D("1.8")]
        signed(agreed, amendment)
        assert (again(agreed.contract).status, seen(agreed)) == ("replaced", [])
        assert call(agreed, again(amendment), 1).lines.get().unit_price == D("10.63")

    def test_what_is_only_given_out_becomes_a_draft_with_the_price_in_it(self, trade):
        row = contract(trade)
        approve_contract(row, actor=trade.actor)
        send_contract(row, actor=trade.actor)
        receive(trade.actor, [(trade.screw, 100, D("9.00"))], kind="purchase")
        requote_affected_line(seen(trade)[0], actor=trade.actor)
        after = again(row)
        assert (after.status, after.text, after.lines.get().unit_price, after.net, after.total) == ("draft", "", D("12.50"), D("125.00"), D("141.25"))
        told = [entry.text for entry in timeline_of(after, trade.actor, "alpha")]
        assert told[0] == "Contract %(title)s taken back as a draft, to be revised"

    def test_an_amendment_that_is_under_way_takes_it_no_more(self, agreed):
        [row] = seen(agreed)
        requote_affected_line(row, actor=agreed.actor)
        amendment = Contract.objects.get(amends=agreed.contract)
        approve_contract(amendment, actor=agreed.actor)
        receive(agreed.actor, [(agreed.screw, 200, D("12.00"))], kind="purchase")
        row = next(one for one in seen(agreed) if one.document_id == agreed.contract.pk)
        with pytest.raises(Refused, match="an amendment already"):
            requote_affected_line(row, actor=agreed.actor)
        sign_contract(amendment, actor=agreed.actor, signed_on=agreed.actor.today, their_name="Fang Min", our_name="Wei")
        assert [one.document_id for one in seen(agreed)] == [amendment.pk]
