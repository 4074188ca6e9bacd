"""Framework contracts called off by orders, at their prices and within what was agreed (M5.12)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.erp.contracts.calling import CalledLine, call_off, lines_with_calls
from guanxi.erp.contracts.models import Contract
from guanxi.erp.contracts.operations import end_contract
from guanxi.erp.contracts.tests.test_contracts import contract, signed
from guanxi.erp.finance.operations import pay_invoice
from guanxi.erp.sales.changes.changing import ChangedLine, change_order
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import cancel_order, confirm_order, deliver_order, invoice_order
from guanxi.erp.sales.pricing.repricing import reprice_order
from guanxi.kernel.acts.writer import change_record
from guanxi.kernel.records.refusals import Invalid, Refused

D = Decimal


def framework(trade, **values):
    """100 screws at 8.50 each, 20 nuts at 1.80."""
    lines = [{"product": "SCREW", "quantity": "100", "unit_price": "8.5"}, {"product": "NUT", "quantity": "20", "unit_price": "1.8"}]
    return signed(trade, contract(trade, kind="framework", lines=lines, **values))


def call(trade, row, quantity, at: int = 0) -> Order:
    line = row.lines.order_by("position")[at]
    return call_off(row, actor=trade.actor, lines=[CalledLine(line=line, quantity=D(quantity))])


def called(row):
    return [line.called for line in lines_with_calls(row.pk)]


class TestCallingOff:
    def test_it_is_a_draft_order_at_the_contract_s_prices(self, trade):
        row = framework(trade)
        order = call(trade, row, 40)
        [line] = order.lines.all()
        assert (order.status, line.quantity, line.unit_price, order.net) == ("draft", 40, D("8.5"), D("340.00"))
        assert line.price_steps[-1]["text"] == f"As agreed in {row.number}"
        assert called(row) == [40, 0] and row.lines.first().open_quantity == 60

    def test_it_says_what_of_its_orders_is_invoiced_and_paid(self, trade):
        row = framework(trade)
        order = confirm_order(call(trade, row, 40), actor=trade.actor)
        confirm_order(call(trade, row, 10), actor=trade.actor)
        deliver_order(order, actor=trade.actor)
        invoice = invoice_order(order, actor=trade.actor)
        pay_invoice(invoice, actor=trade.actor, amount=D(200))
        found = Contract.objects.annotate(billed=Contract.billed_amount.sql(), paid=Contract.paid_amount.sql()).get(pk=row.pk)
        assert (found.billed, found.paid) == (D("384.20"), D("200.00"))

    def test_never_more_than_agreed(self, trade):
        row = framework(trade)
        call(trade, row, 70)
        with pytest.raises(Invalid, match="Only 30 of “SCREW” may still be called off"):
            call(trade, row, 31)
        call(trade, row, 30)
        assert called(row) == [100, 0]
        order = call_off(row, actor=trade.actor)
        assert [(line.product_id, line.quantity) for line in order.lines.all()] == [(trade.nut.pk, 20)]
        with pytest.raises(Refused, match="All that was agreed"):
            call_off(row, actor=trade.actor)

    def test_a_tolerance_may_be_used_and_no_more(self, trade):
        row = framework(trade, tolerance="5%")
        call(trade, row, 105)
        with pytest.raises(Invalid, match="Only 0 of"):
            call(trade, row, 1)

    def test_a_cancelled_order_gives_back_and_a_changed_one_counts_as_it_is(self, trade):
        row = framework(trade)
        first, second = call(trade, row, 60), call(trade, row, 30)
        with pytest.raises(Invalid, match="Only 70 of"):
            change_record(first, {"lines": [{"id": first.lines.get().pk, "quantity": "71"}]}, actor=trade.actor)
        change_record(first, {"lines": [{"id": first.lines.get().pk, "quantity": "65"}]}, actor=trade.actor)
        assert called(row) == [95, 0]
        confirm_order(second, actor=trade.actor)
        with pytest.raises(Invalid, match="Only 35 of"):
            change_order(second, actor=trade.actor, lines=[ChangedLine(line=second.lines.get(), quantity=D(36))])
        cancel_order(second, actor=trade.actor)
        assert called(row) == [65, 0]

    def test_only_while_the_contract_is_in_force(self, trade):
        row = framework(trade, valid_from=str(trade.actor.today + timedelta(days=3)))
        with pytest.raises(Refused, match=r"not in force: it holds from \d+ \w{3} 20\d\d until"):
            call(trade, row, 1)
        other = framework(trade)
        end_contract(other, actor=trade.actor)
        with pytest.raises(Refused, match="Ended"):
            call(trade, other, 1)


class TestPrices:
    def test_a_product_added_to_its_order_comes_at_the_contract_s_price(self, trade):
        row = framework(trade)
        order = call(trade, row, 10)
        lines = [{"id": order.lines.get().pk}, {"product": "NUT", "quantity": "5"}]
        change_record(order, {"lines": lines}, actor=trade.actor)
        nut = order.lines.get(product=trade.nut)
        assert (nut.unit_price, nut.price_steps[-1]["text"]) == (D("1.8"), f"As agreed in {row.number}")
        assert called(row) == [10, 5]

    def test_prices_taken_again_stay_those_of_the_contract_and_one_typed_is_kept(self, trade):
        row = framework(trade)
        order = call(trade, row, 10)
        reprice_order(order, actor=trade.actor)
        assert order.lines.get().unit_price == D("8.5")
        change_record(order, {"lines": [{"id": order.lines.get().pk, "unit_price": "7"}]}, actor=trade.actor)
        assert (order.lines.get().unit_price, order.lines.get().price_steps[-1]["kind"]) == (7, "hand")

    def test_other_orders_of_the_customer_come_at_the_usual_prices(self, trade):
        from guanxi.erp.sales.operations import WantedLine, place_order

        framework(trade)
        order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(1))])
        assert order.lines.get().unit_price == 10
