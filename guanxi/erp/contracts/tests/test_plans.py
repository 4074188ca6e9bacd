"""Collection plans against contracts, orders, invoices and receipts (X24)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.erp.contracts.billing import collect_instalment, invoice_instalment
from guanxi.erp.contracts.calling import CalledLine, call_off
from guanxi.erp.contracts.collecting import PlannedInstalment, plan_contract, plan_order, request_invoice, schedule_instalment
from guanxi.erp.contracts.models import Instalment
from guanxi.erp.contracts.operations import amend_contract, approve_contract, contract_order
from guanxi.erp.contracts.tests.test_contracts import again, contract, signed
from guanxi.erp.finance.models import Invoice
from guanxi.erp.finance.operations import allocate_receipt, record_receipt, refund_receipt, release_receipt, reverse_invoice, reverse_receipt
from guanxi.erp.finance.tests.world import balances, proved
from guanxi.erp.sales.changes.changing import ChangedLine, change_order
from guanxi.erp.sales.credit.crediting import prepaid_for
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import WantedLine, cancel_order, confirm_order, deliver_order, invoice_order, place_order
from guanxi.kernel.acts.writer import change_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.records.refusals import Invalid, Refused

D = Decimal
USUAL = (("Advance", "0.3", "signing", 7), ("Delivery", "0.6", "delivery", 0), ("Acceptance", "0.1", "acceptance", 30))


def planned(*rows, **values):
    return [PlannedInstalment(title=title, share=D(share), event=event, days=days, **values) for title, share, event, days in rows]


def rows(**of):
    found = Instalment.objects.filter(**of).order_by("position")
    return [(one.title, one.amount, one.invoiced, one.collected, one.status) for one in found]


def instalment(title: str) -> Instalment:
    return Instalment.objects.get(title=title)


@pytest.fixture
def order(trade):
    """Seven screws at 10.00 and three nuts at 2.00: 76.00 and 9.88 of tax come to 85.88."""
    lines = [WantedLine(product=trade.screw, quantity=D(7)), WantedLine(product=trade.nut, quantity=D(3))]
    return place_order(trade.customer, actor=trade.actor, lines=lines)


class TestPlanning:
    def test_shares_come_to_the_whole_exactly(self, trade, order):
        thirds = [PlannedInstalment(title=str(n), share=D("0.333333"), due_on=trade.actor.today) for n in range(3)]
        plan_order(order, actor=trade.actor, instalments=thirds)
        assert [amount for _title, amount, *_rest in rows(order=order)] == [D("28.63"), D("28.63"), D("28.62")]

    @pytest.mark.parametrize(("amounts", "message"), [
        (["50", "35"], "come to ¥85.00, the whole to ¥85.88: ¥0.88 are missing"), (["50", "40"], "¥4.12 too much"), (["85.885"], "decimal places"),
        (["85.88", "0"], "more than zero"),
    ])
    def test_what_does_not_come_to_the_whole_is_refused_with_the_difference(self, trade, order, amounts, message):
        wanted = [PlannedInstalment(title="Part", amount=D(amount), due_on=trade.actor.today) for amount in amounts]
        with pytest.raises(Invalid, match=message):
            plan_order(order, actor=trade.actor, instalments=wanted)
        assert rows() == []

    def test_signing_and_delivery_say_when_the_contract_s_instalments_are_due(self, trade):
        row = contract(trade)
        plan_contract(row, actor=trade.actor, instalments=planned(*USUAL))
        day = trade.actor.today - timedelta(days=2)
        signed(trade, row, day)
        assert [one.due_on for one in Instalment.objects.order_by("position")] == [day + timedelta(days=7), None, None]
        made = call_off(row, actor=trade.actor)
        confirm_order(made, actor=trade.actor)
        deliver_order(made, actor=trade.actor)
        deliver_all("alpha")
        assert instalment("Delivery").due_on == trade.actor.today
        schedule_instalment(instalment("Acceptance"), actor=trade.actor, due_on=day)
        assert instalment("Acceptance").due_on == day

    def test_a_plan_stands_in_one_place(self, trade, order):
        plan_order(order, actor=trade.actor, instalments=planned(("All", "1", "invoice", 30)))
        row = contract_order(order, actor=trade.actor)
        with pytest.raises(Refused, match="a collection plan of its own"):
            plan_contract(row, actor=trade.actor, instalments=planned(*USUAL))

    def test_it_follows_a_changed_order_and_goes_with_a_cancelled_one(self, trade, order):
        plan_order(order, actor=trade.actor, instalments=planned(*USUAL))
        screws, nuts = order.lines.order_by("position")
        change_order(order, actor=trade.actor, lines=[ChangedLine(line=screws, quantity=D(8)), ChangedLine(line=nuts)])
        deliver_all("alpha")
        assert [amount for _title, amount, *_rest in rows()] == [D("25.76"), D("51.53"), D("19.89")]
        cancel_order(Order.objects.get(), actor=trade.actor)
        deliver_all("alpha")
        assert rows() == []

    def test_a_contract_is_not_finalised_with_a_plan_that_differs(self, trade):
        row = contract(trade)
        plan_contract(row, actor=trade.actor, instalments=planned(*USUAL))
        change_record(row, {"lines": [{"id": row.lines.get().pk, "quantity": "11"}]}, actor=trade.actor)
        with pytest.raises(Refused, match="plan the difference of ¥11.30 first"):
            approve_contract(row, actor=trade.actor)

    def test_it_goes_over_to_an_amendment(self, trade):
        row = contract(trade)
        plan_contract(row, actor=trade.actor, instalments=planned(*USUAL))
        signed(trade, row)
        new = amend_contract(row, actor=trade.actor)
        change_record(new, {"lines": [{"id": new.lines.get().pk, "quantity": "11"}]}, actor=trade.actor)
        signed(trade, again(new))
        assert rows(contract=row) == []
        assert [amount for _title, amount, *_rest in rows(contract=new)] == [D("33.90"), D("67.80"), D("22.60")]


class TestInvoicing:
    def test_who_keeps_the_accounts_is_told_and_invoices_a_share_of_each_line(self, trade, order, member):
        accountant = member("accountant")
        plan_order(order, actor=trade.actor, instalments=planned(*USUAL))
        request_invoice(instalment("Advance"), actor=trade.actor, note="Before Friday")
        deliver_all("alpha")
        assert [note.member_id for note in Notification.objects.filter(target_model="contracts.instalment")] == [accountant.member_id]
        invoice = invoice_instalment(instalment("Advance"), actor=accountant)
        assert invoice.total == D("25.76")
        assert [(line.quantity, line.total) for line in invoice.lines.order_by("position")] == [(D("2.1"), D("23.73")), (D("0.898230"), D("2.03"))]
        assert rows() == [
            ("Advance", D("25.76"), D("25.76"), 0, "invoiced"), ("Delivery", D("51.53"), 0, 0, "planned"), ("Acceptance", D("8.59"), 0, 0, "planned"),
        ]

    def test_what_was_delivered_is_then_billed_to_the_cent(self, trade, order):
        plan_order(order, actor=trade.actor, instalments=planned(*USUAL))
        invoice_instalment(instalment("Advance"), actor=trade.actor)
        deliver_order(order, actor=trade.actor)
        rest = invoice_order(order, actor=trade.actor)
        deliver_all("alpha")
        assert rest.total == D("60.12")
        assert [(amount, invoiced) for _title, amount, invoiced, *_rest in rows()] == [(D(x), D(x)) for x in ("25.76", "51.53", "8.59")]
        assert Order.objects.get().status == "done"
        with pytest.raises(Refused, match="invoiced already"):
            invoice_instalment(instalment("Acceptance"), actor=trade.actor)
        assert proved() == []

    def test_all_instalments_invoiced_come_to_the_order(self, trade, order):
        plan_order(order, actor=trade.actor, instalments=planned(*USUAL))
        made = [invoice_instalment(instalment(title), actor=trade.actor) for title, *_rest in USUAL]
        assert [one.total for one in made] == [D("25.76"), D("51.53"), D("8.59")]
        assert [sum(line.quantity for one in made for line in one.lines.filter(product=p)) for p in (trade.screw, trade.nut)] == [7, 3]

    def test_a_reversed_invoice_is_none(self, trade, order):
        plan_order(order, actor=trade.actor, instalments=planned(*USUAL))
        reverse_invoice(invoice_instalment(instalment("Advance"), actor=trade.actor), actor=trade.actor)
        deliver_all("alpha")
        assert rows()[0] == ("Advance", D("25.76"), 0, 0, "planned")
        assert invoice_instalment(instalment("Advance"), actor=trade.actor).total == D("25.76")


class TestCollecting:
    def test_money_pays_the_instalments_of_its_invoice_in_their_order(self, trade, order):
        plan_order(order, actor=trade.actor, instalments=planned(*USUAL))
        deliver_order(order, actor=trade.actor)
        invoice_order(order, actor=trade.actor)
        receipt = record_receipt(trade.customer, actor=trade.actor, amount=D("30"))
        deliver_all("alpha")
        assert [(collected, status) for *_rest, collected, status in rows()] == [(D("25.76"), "collected"), (D("4.24"), "partly"), (0, "invoiced")]
        release_receipt(receipt, actor=trade.actor)
        deliver_all("alpha")
        assert [collected for *_rest, collected, _stage in rows()] == [0, 0, 0]
        allocate_receipt(receipt, actor=trade.actor)
        deliver_all("alpha")
        assert [collected for *_rest, collected, _stage in rows()] == [D("25.76"), D("4.24"), 0]
        reverse_receipt(receipt, actor=trade.actor)
        deliver_all("alpha")
        assert [status for *_rest, status in rows()] == ["invoiced"] * 3

    def test_a_prepayment_counts_once_before_and_after_its_invoice(self, trade, order):
        plan_order(order, actor=trade.actor, instalments=planned(*USUAL))
        receipt = collect_instalment(instalment("Advance"), actor=trade.actor)
        assert (receipt.amount, receipt.is_prepayment) == (D("25.76"), True)
        assert rows()[0] == ("Advance", D("25.76"), 0, D("25.76"), "collected")
        invoice = invoice_instalment(instalment("Advance"), actor=trade.actor)
        deliver_all("alpha")
        assert rows()[:2] == [("Advance", D("25.76"), D("25.76"), D("25.76"), "collected"), ("Delivery", D("51.53"), 0, 0, "planned")]
        assert Invoice.objects.get(pk=invoice.pk).open_amount == 0
        assert proved() == []

    def test_what_was_collected_stays_when_the_rest_is_planned_anew(self, trade, order):
        plan_order(order, actor=trade.actor, instalments=planned(*USUAL))
        collect_instalment(instalment("Advance"), actor=trade.actor)
        plan_order(order, actor=trade.actor, instalments=[PlannedInstalment(title="Rest", amount=D("60.12"), event="acceptance")])
        assert [(title, amount) for title, amount, *_rest in rows()] == [("Advance", D("25.76")), ("Rest", D("60.12"))]



class TestMoneyBeforeAnyOrder:
    """Ten screws at 10.00 were agreed: 113.00, of which 33.90 are paid in advance before anything is called off."""

    @pytest.fixture
    def agreed(self, trade):
        row = contract(trade)
        plan_contract(row, actor=trade.actor, instalments=planned(*USUAL))
        return signed(trade, row)

    def call(self, trade, row, pieces) -> Order:
        order = call_off(again(row), actor=trade.actor, lines=[CalledLine(line=row.lines.get(), quantity=D(pieces))])
        confirm_order(order, actor=trade.actor)
        return Order.objects.get(pk=order.pk)

    def test_it_is_a_debt_of_ours_and_goes_to_the_orders_in_their_turn(self, trade, agreed):
        receipt = collect_instalment(instalment("Advance"), actor=trade.actor, reference="B-1")
        assert (receipt.amount, receipt.is_prepayment, receipt.note) == (D("33.90"), True, f"{agreed.number} · Advance")
        assert {use: amount for use, amount in balances(trade.actor).items() if use in ("bank", "prepayment", "receivable", "revenue")} == {
            "bank": D("33.90"), "prepayment": D("-33.90"),
        }
        assert rows()[0] == ("Advance", D("33.90"), 0, D("33.90"), "collected")
        first, second = self.call(trade, agreed, 2), self.call(trade, agreed, 8)
        assert list(prepaid_for([first.pk, second.pk]).values()) == [D("22.60"), D("11.30")]
        deliver_order(first, actor=trade.actor)
        invoice = invoice_order(first, actor=trade.actor)
        deliver_all("alpha")
        assert Invoice.objects.get(pk=invoice.pk).open_amount == 0 and balances(trade.actor)["prepayment"] == D("-11.30")
        assert [one[2:4] for one in rows()] == [(D("22.60"), D("33.90")), (0, 0), (0, 0)]
        deliver_order(second, actor=trade.actor)
        invoice_order(second, actor=trade.actor)
        deliver_all("alpha")
        assert [one[2:4] for one in rows()] == [(D("33.90"), D("33.90")), (D("67.80"), 0), (D("11.30"), 0)]
        assert balances(trade.actor).get("prepayment", 0) == 0 and proved() == []

    def test_money_that_comes_when_there_are_orders_goes_to_those_that_lack_it(self, trade, agreed):
        first, second = self.call(trade, agreed, 2), self.call(trade, agreed, 3)
        collect_instalment(instalment("Delivery"), actor=trade.actor)
        assert list(prepaid_for([first.pk, second.pk]).values()) == [D("22.60"), D("33.90")]
        third = self.call(trade, agreed, 5)
        assert prepaid_for([third.pk])[third.pk] == D("11.30") and proved() == []

    def test_what_a_cancelled_order_had_goes_to_the_next(self, trade, agreed):
        collect_instalment(instalment("Advance"), actor=trade.actor)
        first = self.call(trade, agreed, 10)
        cancel_order(first, actor=trade.actor)
        deliver_all("alpha")
        second = self.call(trade, agreed, 10)
        assert prepaid_for([second.pk])[second.pk] == D("33.90")

    def test_an_instalment_that_is_invoiced_is_paid_with_it(self, trade, agreed):
        collect_instalment(instalment("Advance"), actor=trade.actor)
        self.call(trade, agreed, 10)
        invoice = invoice_instalment(instalment("Advance"), actor=trade.actor)
        deliver_all("alpha")
        assert Invoice.objects.get(pk=invoice.pk).open_amount == 0
        found = balances(trade.actor)
        assert [found.get(use, 0) for use in ("prepayment", "receivable", "revenue", "contract_liability")] == [0, 0, 0, D(-30)]
        assert rows()[0] == ("Advance", D("33.90"), D("33.90"), D("33.90"), "collected") and proved() == []

    def test_no_more_than_the_instalment_and_only_of_what_was_agreed_on(self, trade, agreed):
        with pytest.raises(Invalid, match="only ¥33.90 are to be collected"):
            collect_instalment(instalment("Advance"), actor=trade.actor, amount=D("33.91"))
        with pytest.raises(Invalid, match="more than zero"):
            collect_instalment(instalment("Advance"), actor=trade.actor, amount=D("0"))
        draft = contract(trade)
        plan_contract(draft, actor=trade.actor, instalments=planned(("Early", "1", "signing", 0)))
        with pytest.raises(Refused, match="not agreed on yet"):
            collect_instalment(instalment("Early"), actor=trade.actor)

    def test_bounced_or_paid_back_it_is_to_be_collected_again(self, trade, agreed):
        receipt = collect_instalment(instalment("Advance"), actor=trade.actor)
        order = self.call(trade, agreed, 10)
        refund_receipt(receipt, actor=trade.actor, amount=D("13.90"))
        deliver_all("alpha")
        assert rows()[0][3:] == (D("20.00"), "partly") and prepaid_for([order.pk])[order.pk] == D("20.00")
        other = collect_instalment(instalment("Advance"), actor=trade.actor)
        assert other.amount == D("13.90") and rows()[0][3:] == (D("33.90"), "collected")
        reverse_receipt(other, actor=trade.actor)
        deliver_all("alpha")
        assert rows()[0][3:] == (D("20.00"), "partly") and proved() == []
