"""Rules by threshold, as an administrator writes them, through pages and API (M22.4, M22.7)."""

from __future__ import annotations

import pytest

from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import confirm_order, send_quotation
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import approve_request
from guanxi.kernel.acts.rules import advise_condition
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.records.refusals import Invalid, Refused


@pytest.fixture
def director(alpha):
    return Role.objects.create(
        key="director", name={"en": "Director"}, grants={"acts.approvalrequest": "view", "acts.approve_request": "company"}
    )


@pytest.fixture
def rule(trade, director):
    def write(operation: str, condition: str) -> ApprovalRule:
        values = {"name": {"en": "Looked at"}, "operation": operation, "condition": condition, "approvers": director.pk}
        return create_record(ApprovalRule, values, actor=trade.actor).result

    return write


def document(trade, model: type, discount: str = "0", quantity: str = "1"):
    lines = [{"product": "NUT", "quantity": "1"}, {"product": "NUT", "quantity": quantity, "discount": discount}]
    return create_record(model, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result


class TestThresholds:
    @pytest.mark.parametrize(("discount", "waits"), [("15%", False), ("16%", True)])
    def test_a_quotation_waits_when_one_line_s_discount_is_too_high(self, trade, rule, member, discount, waits):
        rule("sales.send_quotation", "largest_discount > 15%")
        quotation = document(trade, Quotation, discount)
        seller = member("salesperson")
        Quotation.objects.filter(pk=quotation.pk).update(owner=seller.member_id)
        outcome = perform(send_quotation, quotation.pk, actor=seller, raw={}, key="k1")
        assert (outcome.awaiting is not None) is waits
        if waits:
            assert outcome.awaiting.facts == {"largest_discount": "0.16"}
            approve_request(outcome.awaiting, actor=member("director"))
            quotation.refresh_from_db()
            assert quotation.status == "sent"

    def test_an_order_waits_by_its_total_and_by_the_day(self, trade, rule, member):
        order = document(trade, Order, quantity="10")
        rule("sales.confirm_order", f"total > {order.total - 1} and ordered_on <= today()")
        Order.objects.filter(pk=order.pk).update(owner=(seller := member("salesperson")).member_id)
        assert perform(confirm_order, order.pk, actor=seller, raw={}).awaiting.title == order.number

    def test_a_rule_that_can_no_longer_be_read_lets_nothing_pass_unseen(self, trade, director):
        ApprovalRule.objects.create(name={"en": "Old"}, operation="sales.send_quotation", condition="gone > 1", approvers=director)
        with pytest.raises(Refused, match="“Old” cannot be read"):
            send_quotation(document(trade, Quotation), actor=trade.actor)


class TestWriting:
    @pytest.mark.parametrize(("operation", "condition", "word"), [
        ("sales.send_quotation", "totl > 1", "totl"), ("sales.send_quotation", "total + 1", "needs a condition"),
        ("sales.send_quotation", "", "needed"), ("sales.nothing", "total > 1", "not one of"), ("activities.add_note", "1 = 1", "not one of"),
    ])
    def test_what_cannot_be_read_is_refused_with_the_reason(self, rule, operation, condition, word):
        with pytest.raises(Invalid, match=word):
            rule(operation, condition)

    def test_a_column_out_of_sight_can_be_neither_named_nor_tried(self, trade, director, member):
        grants = {"acts.approvalrule": "view add", "access.role": "view", "sales.quotation": "view"}
        Role.objects.create(key="writer", name={"en": "Writer"}, grants=grants)
        writer = member("writer")
        advice = advise_condition({"operation": "sales.send_quotation", "condition": "margin_rate < 10%"}, writer)
        assert advice.is_wrong and "margin_rate" not in dict(advice.terms) and "total" in dict(advice.terms)
        values = {"name": {"en": "x"}, "operation": "sales.send_quotation", "condition": "margin_rate < 10%", "approvers": director.pk}
        with pytest.raises(Invalid, match="may not see the column"):
            create_record(ApprovalRule, values, actor=writer)

    def test_it_is_said_how_many_it_would_have_caught(self, trade):
        for discount in ("0", "20%", "30%"):
            send_quotation(document(trade, Quotation, discount), actor=trade.actor)
        advice = advise_condition({"operation": "sales.send_quotation", "condition": "largest_discount > 20%"}, trade.actor)
        assert advice.lines[0].startswith("In the last 30 days") and "3 records; 1 of them" in advice.lines[0]


def test_what_the_rule_looked_at_is_no_column(trade, rule):
    from guanxi.kernel.columns.registry import columns_of

    assert not {"facts", "arguments"} & set(columns_of(ApprovalRequest))
