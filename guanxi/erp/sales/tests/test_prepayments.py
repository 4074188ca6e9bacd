"""Money before the invoice: booked as a prepayment, it releases the order and settles the invoice (M14.7, M14.8)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.finance.models import JournalEntry, PartyBalance
from guanxi.erp.finance.operations import record_receipt, refund_receipt, release_receipt, reverse_receipt, reverse_refund
from guanxi.erp.finance.queries import receivables_ageing, trial_balance
from guanxi.erp.finance.tests.world import proved
from guanxi.erp.sales.credit.crediting import prepaid_for
from guanxi.erp.sales.credit.holds import ask_prepayment
from guanxi.erp.sales.credit.prepayments import money_wanted, receive_prepayment
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import WantedLine, confirm_order, deliver_order, invoice_order, place_order
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.events.worker import deliver_all
from guanxi.kernel.records.refusals import Invalid
from guanxi.kernel.values import Translated

D = Decimal


def place(trade, quantity: int = 10) -> Order:
    """Ten screws come to 113.00."""
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(quantity))])


def again(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def books(trade, *uses: str) -> dict[str, Decimal]:
    return {row.use: row.balance for row in trial_balance(trade.actor.entity_id) if row.use in uses}


@pytest.fixture
def share(trade):
    CreditPolicy.objects.create(name=Translated({"en": "In advance"}), prepaid_share=D("0.3"))


class TestBooks:
    def test_it_is_our_debt_until_the_invoice_and_then_a_payment(self, trade):
        order = place(trade)
        receipt = receive_prepayment(order, actor=trade.actor, amount=D("33.90"))
        assert (receipt.is_prepayment, receipt.unallocated) == (True, D("33.90"))
        assert books(trade, "bank", "prepayment", "receivable") == {"bank": D("33.90"), "prepayment": D("-33.90")}
        assert not PartyBalance.objects.filter(party=trade.customer).exists()
        deliver_order(order, actor=trade.actor)
        invoice = invoice_order(order, actor=trade.actor)
        invoice.refresh_from_db()
        receipt.refresh_from_db()
        assert (invoice.total, invoice.open_amount, receipt.unallocated) == (D("113.00"), D("79.10"), 0)
        assert books(trade, "bank", "prepayment", "receivable") == {"bank": D("33.90"), "prepayment": 0, "receivable": D("79.10")}
        kinds = JournalEntry.objects.filter(source_model="finance.receipt").order_by("pk").values_list("kind", "total")
        assert list(kinds) == [("receipt", D("33.90")), ("settlement", D("33.90"))]
        assert proved() == []

    def test_taken_back_from_the_invoice_it_is_a_prepayment_again(self, trade):
        order = place(trade)
        receipt = receive_prepayment(order, actor=trade.actor, amount=D("50"))
        deliver_order(order, actor=trade.actor)
        invoice_order(order, actor=trade.actor)
        receipt.refresh_from_db()
        release_receipt(receipt, actor=trade.actor)
        assert books(trade, "prepayment", "receivable") == {"prepayment": D("-50.00"), "receivable": D("113.00")}
        reverse_receipt(receipt, actor=trade.actor)
        assert books(trade, "bank", "prepayment") == {"bank": 0, "prepayment": 0}
        assert proved() == []

    def test_it_pays_no_other_invoice_by_itself(self, trade):
        first = place(trade)
        deliver_order(first, actor=trade.actor)
        invoice = invoice_order(first, actor=trade.actor)
        receipt = receive_prepayment(place(trade), actor=trade.actor, amount=D("113"))
        invoice.refresh_from_db()
        assert (invoice.open_amount, receipt.unallocated) == (D("113.00"), D("113.00"))
        [row] = receivables_ageing(trade.actor.today)
        assert (row.balance, row.unallocated) == (D("113.00"), 0)
        assert proved() == []

    def test_of_two_invoices_each_takes_what_it_needs(self, trade):
        order = place(trade)
        receipt = receive_prepayment(order, actor=trade.actor, amount=D("100"))
        line = order.lines.get()
        from guanxi.erp.sales.operations import PartialLine

        found = []
        for _part in range(2):
            deliver_order(order, actor=trade.actor, lines=[PartialLine(line=line, quantity=D(5))])
            invoice = invoice_order(order, actor=trade.actor)
            invoice.refresh_from_db()
            receipt.refresh_from_db()
            found.append((invoice.open_amount, receipt.unallocated))
        assert found == [(0, D("43.50")), (D("13.00"), 0)]
        assert proved() == []

    def test_the_exchange_difference_is_posted_when_it_settles(self, trade):
        line = {"product": "SCREW", "quantity": "1", "unit_price": "100", "tax": "VAT0"}
        order = create_record(Order, {"customer": trade.customer.pk, "currency": "EUR", "lines": [line]}, actor=trade.actor).result
        confirm_order(order, actor=trade.actor)
        receipt = receive_prepayment(order, actor=trade.actor, amount=D("100"), rate=D("7.5"))
        from guanxi.erp.finance.operations import InvoiceDraft, allocate_receipt, post_invoice
        from guanxi.kernel.acts.scope import run_act

        draft = InvoiceDraft(
            product=trade.screw, description="Screw", quantity=D(1), unit=trade.screw.unit, unit_price=D(100), net=D(100), tax_amount=D(0)
        )
        invoice = run_act("finance.issue_invoice", actor=trade.actor, body=lambda _scope: post_invoice(
            trade.customer, lines=[draft], actor=trade.actor, currency="EUR", rate=D("7.4"))).result
        allocate_receipt(receipt, actor=trade.actor, invoices=[invoice])
        found = books(trade, "prepayment", "receivable", "exchange_gain")
        assert found == {"prepayment": 0, "receivable": 0, "exchange_gain": D("-10.00")}
        assert proved() == []


class TestOrders:
    def test_an_order_that_waits_is_released_with_the_money(self, trade, share):
        order = place(trade)
        assert (again(order).hold, money_wanted(again(order), trade.actor)) == ("prepayment", {"amount": D("33.90")})
        receive_prepayment(order, actor=trade.actor, amount=D("20"))
        assert again(order).hold == "prepayment"
        receive_prepayment(again(order), actor=trade.actor, amount=D("13.90"))
        assert (again(order).hold, prepaid_for([order.pk])[order.pk]) == ("", D("33.90"))

    def test_a_draft_that_is_paid_in_advance_is_not_held_when_it_is_confirmed(self, trade, share):
        lines = [{"product": "SCREW", "quantity": "10"}]
        order = create_record(Order, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
        receive_prepayment(order, actor=trade.actor, amount=D("33.90"))
        confirm_order(again(order), actor=trade.actor)
        assert again(order).hold == ""

    def test_money_recorded_at_the_customer_releases_the_order_that_waits_longest(self, trade, share):
        first, second = place(trade), place(trade)
        record_receipt(trade.customer, actor=trade.actor, amount=D("60"))
        deliver_all("alpha")
        assert (again(first).hold, again(second).hold) == ("", "prepayment")
        assert prepaid_for([first.pk, second.pk]) == {first.pk: D("33.90"), second.pk: D("26.10")}

    def test_money_that_bounces_puts_the_order_on_hold_again(self, trade, share):
        order = place(trade)
        receipt = receive_prepayment(order, actor=trade.actor, amount=D("33.90"))
        deliver_all("alpha")
        assert again(order).hold == ""
        reverse_receipt(receipt, actor=trade.actor)
        deliver_all("alpha")
        assert (again(order).hold, prepaid_for([order.pk])[order.pk]) == ("prepayment", 0)
        assert proved() == []

    def test_no_more_than_the_order_comes_to(self, trade):
        with pytest.raises(Invalid, match="comes to ¥113.00, of which ¥113.00 are not paid in advance yet"):
            receive_prepayment(place(trade), actor=trade.actor, amount=D("113.01"))


def test_money_bound_to_two_orders_pays_each_only_with_its_part(trade):
    """200.00 came in, of which 113.00 are wanted for each of two orders: the first invoice leaves what is the second one's."""
    money = record_receipt(trade.customer, actor=trade.actor, amount=D(200), is_prepayment=True)
    orders = [place(trade), place(trade)]
    for order, part in zip(orders, (D(100), D(100)), strict=True):
        ask_prepayment(order, actor=trade.actor, amount=part)
    deliver_all("alpha")
    assert [again(order).hold for order in orders] == ["", ""]
    open_amounts = []
    for order in orders:
        deliver_order(again(order), actor=trade.actor)
        invoice = invoice_order(again(order), actor=trade.actor)
        invoice.refresh_from_db()
        open_amounts.append(invoice.open_amount)
    money.refresh_from_db()
    assert (open_amounts, money.unallocated) == ([D(13), D(13)], 0)


class TestPaidBack:
    def test_an_order_that_it_had_released_waits_again_until_the_refund_is_taken_back(self, trade):
        order = place(trade)
        ask_prepayment(order, actor=trade.actor, amount=D("50"))
        receipt = receive_prepayment(again(order), actor=trade.actor, amount=D("60"))
        assert again(order).hold == ""
        refund = refund_receipt(receipt, actor=trade.actor, amount=D("20"))
        deliver_all("alpha")
        assert (prepaid_for([order.pk])[order.pk], again(order).hold) == (D(40), "prepayment")
        assert books(trade, "bank", "prepayment") == {"bank": D(40), "prepayment": D(-40)}
        reverse_refund(refund, actor=trade.actor)
        deliver_all("alpha")
        assert (prepaid_for([order.pk])[order.pk], again(order).hold) == (D(50), ""), "as much as it waits for"
        assert proved() == []

    def test_what_is_free_beside_an_order_s_money_leaves_the_order_as_it_is(self, trade):
        order, other = place(trade), place(trade)
        receive_prepayment(order, actor=trade.actor, amount=D("30"))
        receipt = record_receipt(trade.customer, actor=trade.actor, amount=D("100"))
        ask_prepayment(again(other), actor=trade.actor, amount=D("60"))
        record_receipt(trade.customer, actor=trade.actor, amount=D("1"))
        deliver_all("alpha")
        refund_receipt(receipt, actor=trade.actor, amount=D("40"))
        deliver_all("alpha")
        assert list(prepaid_for([order.pk, other.pk]).values()) == [D(30), D(60)] and again(other).hold == ""
        refund_receipt(receipt, actor=trade.actor)
        deliver_all("alpha")
        assert list(prepaid_for([order.pk, other.pk]).values()) == [D(30), 0] and again(other).hold == "prepayment"
        assert proved() == []
