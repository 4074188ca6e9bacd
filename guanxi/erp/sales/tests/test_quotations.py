"""Quotations (M5.11): their states, and becoming an order at their own prices."""

from decimal import Decimal

import pytest

from guanxi.erp.finance.models import ExchangeRate
from guanxi.erp.sales.impact.finding import look_again
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.models import Quotation, QuotationLine
from guanxi.erp.sales.operations import accept_quotation, decline_quotation, order_quotation, revise_quotation, send_quotation
from guanxi.erp.sales.tests.conftest import receive
from guanxi.kernel.acts.models import ApprovalRequest, ApprovalRule
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.operations import approve_request
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Forbidden, Invalid, Refused


@pytest.fixture
def quotation(trade):
    lines = [{"product": "SCREW", "quantity": "10", "unit_price": "9.50"}, {"product": "NUT", "quantity": "4"}]
    return create_record(Quotation, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result


def test_the_order_has_the_quotation_s_prices_and_a_link_per_line(trade, quotation):
    send_quotation(quotation, actor=trade.actor)
    accept_quotation(quotation, actor=trade.actor)
    order = order_quotation(quotation, actor=trade.actor, customer_reference="PO-7")
    assert [line.unit_price for line in order.lines.order_by("position")] == [Decimal("9.5"), Decimal(2)]
    assert (order.net, quotation.status, order.customer_reference) == (quotation.net, "ordered", "PO-7")
    assert Link.objects.filter(kind="order", from_model="sales.quotationline").count() == 2


def test_a_sent_quotation_is_changed_only_after_it_is_revised(trade, quotation):
    send_quotation(quotation, actor=trade.actor)
    with pytest.raises(Refused):
        change_record(quotation, {"note": "cheaper"}, actor=trade.actor)
    revise_quotation(quotation, actor=trade.actor)
    change_record(quotation, {"note": "cheaper"}, actor=trade.actor)


def test_a_declined_quotation_keeps_its_reason_and_cannot_be_ordered(trade, quotation):
    decline_quotation(quotation, actor=trade.actor, reason="Too dear")
    with pytest.raises(Refused):
        order_quotation(quotation, actor=trade.actor)


def test_lines_are_changed_added_and_removed_in_one_save(trade, quotation):
    first, _second = quotation.lines.order_by("position")
    change_record(
        quotation, {"lines": [{"id": first.pk, "quantity": "20"}, {"product": "FIT", "quantity": "1"}]}, actor=trade.actor
    )
    quotation.refresh_from_db()
    lines = list(quotation.lines.order_by("position"))
    assert [(line.product.code, line.quantity) for line in lines] == [("SCREW", 20), ("FIT", 1)]
    assert lines[0].pk == first.pk and quotation.net == Decimal("310")


def test_a_line_of_another_product_takes_its_unit_tax_and_words_when_those_are_emptied(trade, quotation):
    first, second = quotation.lines.order_by("position")
    emptied = dict.fromkeys(("description", "unit", "unit_price", "tax"), "")
    change_record(quotation, {"lines": [{"id": first.pk, "product": "NUT", **emptied}, {"id": second.pk}]}, actor=trade.actor)
    line = quotation.lines.get(pk=first.pk)
    assert (line.product.code, line.description, line.quantity, line.unit_price) == ("NUT", second.description, 10, 2)
    assert (line.unit_id, line.tax_id, line.tax_rate) == (second.unit_id, second.tax_id, second.tax_rate)


def test_the_end_cannot_lie_before_the_beginning(trade):
    with pytest.raises(Invalid):
        create_record(
            Quotation,
            {"customer": trade.customer.pk, "quoted_on": "2026-05-02", "valid_until": "2026-05-01", "lines": [{"product": "NUT", "quantity": "1"}]},
            actor=trade.actor,
        )


class TestApproval:
    """A rule over any column makes the act wait (M22.4, M22.7)."""

    @pytest.fixture
    def rule(self, trade, member):
        from guanxi.kernel.access.models import Role

        grants = {"acts.approvalrequest": "view", "acts.approve_request": "company"}
        role = Role.objects.create(key="director", name={"en": "Director"}, grants=grants)
        return ApprovalRule.objects.create(name={"en": "Large"}, operation="sales.send_quotation", condition="total > 100", approvers=role)

    def test_it_waits_and_happens_in_the_name_of_the_requester(self, trade, quotation, rule, member):
        seller, director = member("salesperson"), member("director")
        quotation.owner_id = seller.member_id
        quotation.save()
        outcome = perform(send_quotation, quotation.pk, actor=seller, raw={}, key="k1")
        assert outcome.awaiting.status == "waiting"
        quotation.refresh_from_db()
        assert quotation.status == "draft"
        approve_request(outcome.awaiting, actor=director, note="fine")
        quotation.refresh_from_db()
        assert quotation.status == "sent"
        assert ApprovalRequest.objects.get().decided_by_id == director.member_id

    def test_nobody_approves_for_themselves(self, trade, quotation, rule, member):
        seller = member("sales_manager", "director")
        request = ApprovalRequest.objects.create(
            rule=rule, operation="sales.send_quotation", target_model="sales.quotation", target_id=quotation.pk, title="x",
            requester_id=seller.member_id, requested_at=trade.actor.now,
        )
        with pytest.raises(Forbidden):
            approve_request(request, actor=seller)

    def test_below_the_threshold_nothing_waits(self, trade, rule, member):
        small = create_record(
            Quotation, {"customer": trade.customer.pk, "lines": [{"product": "NUT", "quantity": "1"}]}, actor=trade.actor
        ).result
        send_quotation(small, actor=trade.actor)
        assert small.status == "sent"



def derived_of(model, *names):
    return model.objects.annotate(**{f"its_{name}": getattr(model, name).sql() for name in names})


class TestInAnotherCurrency:
    """10 screws at 2.00 EUR, each of which costs 6.00 in the books' currency."""

    def quoted(self, trade, **values):
        lines = [{"product": "SCREW", "quantity": "10", "unit_price": "2"}]
        return create_record(Quotation, {"customer": trade.customer.pk, "currency": "EUR", "lines": lines, **values}, actor=trade.actor).result

    def test_the_margin_is_reckoned_by_the_rate_of_the_day(self, trade):
        for day, rate in (("2026-01-01", "4"), ("2026-06-01", "5")):
            create_record(ExchangeRate, {"currency": "EUR", "base": trade.actor.currency, "valid_from": day, "rate": rate}, actor=trade.actor)
        early = self.quoted(trade, quoted_on="2026-05-31", valid_until="2026-12-31")
        assert (early.rate, early.cost, early.lines.get().unit_cost) == (Decimal(4), Decimal(15), Decimal("1.5"))
        late = derived_of(Quotation, "margin", "margin_rate").get(pk=self.quoted(trade, quoted_on="2026-06-01", valid_until="2026-12-31").pk)
        assert (late.cost, late.its_margin, late.its_margin_rate) == (Decimal(12), Decimal(8), Decimal("0.4"))
        order = order_quotation(late, actor=trade.actor)
        assert (order.rate, order.cost, order.lines.get().unit_cost) == (Decimal(5), Decimal(12), Decimal("1.2"))

    def test_what_the_product_costs_now_is_in_the_currency_of_the_document(self, trade):
        create_record(ExchangeRate, {"currency": "EUR", "base": trade.actor.currency, "valid_from": "2026-01-01", "rate": "4"}, actor=trade.actor)
        quotation = self.quoted(trade)
        receive(trade.actor, [(trade.screw, 100, 8)], kind="purchase")
        look_again(trade.actor)
        row = AffectedLine.objects.get(document_id=quotation.pk, kind="quotation")
        assert (row.cost_now, row.margin_change) == (Decimal("1.75"), Decimal("-2.5"))

    def test_without_a_rate_no_margin_is_made_up(self, trade):
        quotation = derived_of(Quotation, "margin", "margin_rate").get(pk=self.quoted(trade).pk)
        assert (quotation.rate, quotation.net, quotation.its_margin, quotation.its_margin_rate) == (None, Decimal(20), None, None)
        assert derived_of(QuotationLine, "margin_rate").get(quotation=quotation).its_margin_rate is None
        look_again(trade.actor)
        assert not AffectedLine.objects.exists()
