"""A rule on an act is met too where another act does it within itself (M22.4)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.finance.models import Receipt
from guanxi.erp.finance.operations import pay_invoice, record_receipt
from guanxi.erp.inventory.models import Delivery
from guanxi.erp.sales.credit.prepayments import receive_prepayment
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import WantedLine, cancel_order, create_delivery, deliver_order, invoice_order, place_order
from guanxi.erp.sales.tests.test_approval_rules import director as director
from guanxi.erp.sales.tests.test_approval_rules import rule as rule
from guanxi.kernel.acts.models import Act, ApprovalRequest
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import approve_request, decline_request
from guanxi.kernel.records.refusals import Refused

D = Decimal


def ordered(trade, quantity: int = 100) -> Order:
    """A hundred screws come to 1,130.00."""
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(quantity))])


@pytest.fixture
def invoice(trade):
    order = ordered(trade)
    deliver_order(order, actor=trade.actor)
    return invoice_order(order, actor=trade.actor)


class TestReceipts:
    def test_a_rule_on_receipts_lets_the_receipt_from_an_invoice_wait_and_it_is_booked_once(self, trade, invoice, rule, member):
        rule("finance.record_receipt", "amount > 1000")
        assert perform(pay_invoice, invoice.pk, actor=trade.actor, raw={"amount": "130"}).result.amount == D("130.00")
        asked = perform(pay_invoice, invoice.pk, actor=trade.actor, raw={"amount": "1000.01"}).awaiting
        assert (asked.operation, asked.target_id, asked.facts) == ("finance.pay_invoice", invoice.pk, {"amount": "1000.01"})
        assert Act.objects.get(pk=asked.asking).result == "waiting"
        assert Receipt.objects.count() == 1
        perform(pay_invoice, invoice.pk, actor=trade.actor, raw={"amount": "1000"})
        invoice.refresh_from_db()
        assert invoice.open_amount == 0

    def test_after_approval_it_is_booked_once(self, trade, invoice, rule, member):
        rule("finance.record_receipt", "amount > 1000")
        asked = perform(pay_invoice, invoice.pk, actor=trade.actor, raw={"amount": "1130"}).awaiting
        approve_request(asked, actor=member("director"))
        invoice.refresh_from_db()
        [receipt] = Receipt.objects.all()
        assert (receipt.amount, receipt.unallocated, invoice.open_amount, asked.requester_id) == (D("1130.00"), 0, 0, trade.actor.member_id)

    def test_so_does_a_prepayment(self, trade, rule, member):
        rule("finance.record_receipt", "amount > 1000")
        order = ordered(trade)
        asked = perform(receive_prepayment, order.pk, actor=trade.actor, raw={"amount": "1100"}).awaiting
        assert (asked.title, Receipt.objects.count()) == (order.number, 0)
        approve_request(asked, actor=member("director"))
        assert [(one.amount, one.is_prepayment) for one in Receipt.objects.all()] == [(D("1100.00"), True)]

    def test_a_program_is_told_and_whoever_decides_need_not_ask(self, trade, invoice, rule, member, director):
        rule("finance.record_receipt", "amount > 1000")
        with pytest.raises(Refused, match="needs approval first: Looked at"):
            pay_invoice(invoice, actor=trade.actor, amount=D("1130"))
        decider = member("director", "accountant", "sales_manager")
        assert perform(pay_invoice, invoice.pk, actor=decider, raw={"amount": "1130"}).result.amount == D("1130.00")
        assert record_receipt(trade.customer, actor=trade.actor, amount=D("5")).amount == 5

    def test_declined_nothing_of_it_was_booked(self, trade, invoice, rule, member, director):
        director.grants = {**director.grants, "acts.decline_request": "company"}
        director.save()
        rule("finance.record_receipt", "amount > 1000")
        asked = perform(pay_invoice, invoice.pk, actor=trade.actor, raw={"amount": "1130"}).awaiting
        decline_request(asked, actor=member("director"), note="No")
        assert Receipt.objects.count() == 0


class TestSeveral:
    def test_rules_on_two_acts_within_it_and_on_itself_ask_at_once(self, trade, rule, member):
        rule("sales.deliver_order", "total > 1000")
        rule("inventory.ship_delivery", "true")
        rule("sales.create_delivery", "total > 1000")
        order = ordered(trade)
        first = perform(deliver_order, order.pk, actor=trade.actor, raw={}).awaiting
        requests = list(ApprovalRequest.objects.order_by("pk"))
        assert sorted(one.rule.operation for one in requests) == ["inventory.ship_delivery", "sales.create_delivery", "sales.deliver_order"]
        assert first == requests[0] and {one.asking for one in requests} == {first.asking}
        again = perform(deliver_order, order.pk, actor=trade.actor, raw={}).awaiting
        assert (again, ApprovalRequest.objects.count()) == (first, 3)
        for request in requests:
            assert not Delivery.objects.exists()
            approve_request(request, actor=member("director"))
        assert [one.status for one in Delivery.objects.all()] == ["shipped"]

    def test_what_changed_meanwhile_is_not_let_through(self, trade, rule, member):
        rule("inventory.cancel_delivery", "true")
        order = ordered(trade)
        create_delivery(order, actor=trade.actor)
        asked = perform(cancel_order, order.pk, actor=trade.actor, raw={}).awaiting
        order.refresh_from_db()
        assert (order.status, asked.facts) == ("confirmed", {})
        rule("inventory.cancel_delivery", "status = 'draft'")
        with pytest.raises(Refused, match="Changed since it was asked: Looked at"):
            approve_request(asked, actor=member("director"))
        perform(cancel_order, order.pk, actor=trade.actor, raw={})
        for request in ApprovalRequest.objects.filter(status="waiting"):
            approve_request(request, actor=member("director"))
        order.refresh_from_db()
        assert order.status == "cancelled"
