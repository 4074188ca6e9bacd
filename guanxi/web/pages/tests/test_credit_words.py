"""What an order on hold says of the money for which it waits (M14.7)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guanxi.erp.credit.models import CreditPolicy
from guanxi.erp.sales.credit.holds import ask_prepayment
from guanxi.erp.sales.credit.prepayments import receive_prepayment
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import WantedLine, deliver_order, invoice_order, place_order
from guanxi.erp.sales.tests.conftest import trade
from guanxi.kernel.values import Translated
from guanxi.web.pages.credit import _waits_for_money

__all__ = ["trade"]
D = Decimal


def said(trade, order, actor) -> list[str]:
    return _waits_for_money(Order.objects.get(pk=order.pk), actor)


def place(trade, actor) -> Order:
    return place_order(trade.customer, actor=actor, lines=[WantedLine(product=trade.screw, quantity=D(10))])


def test_without_a_limit_it_goes_on_with_the_prepayment(trade):
    order = place(trade, trade.actor)
    ask_prepayment(order, actor=trade.actor, amount=D("33.90"))
    assert said(trade, order, trade.actor) == ["¥33.90 of the prepayment of ¥33.90 are still to come; with them it is released by itself."]


@pytest.fixture
def late(trade):
    """An actor on the day on which an invoice of 113.00 is a day later than the policy tolerates."""
    CreditPolicy.objects.create(name=Translated({"en": "Usual"}), days_overdue=10)
    first = place(trade, trade.actor)
    deliver_order(first, actor=trade.actor)
    return trade.actor.on(invoice_order(first, actor=trade.actor).due_on + timedelta(days=11), 9)


def test_while_invoices_are_overdue_the_prepayment_alone_is_not_said_to_release_it(trade, late):
    order = place(trade, late)
    ask_prepayment(order, actor=late, amount=D("33.90"))
    invoices = "A prepayment settles no overdue invoices: those have to be paid as well."
    asked = "¥33.90 of the prepayment of ¥33.90 are still to come; it is released with them once its credit allows it."
    assert said(trade, order, late) == [asked, invoices]
    receive_prepayment(Order.objects.get(pk=order.pk), actor=late, amount=D("33.90"))
    assert said(trade, order, late) == ["The prepayment of ¥33.90 is there; the order is released once its credit allows it.", invoices]


def test_a_prepayment_that_is_less_than_the_excess_is_not_said_to_release_it(trade):
    CreditPolicy.objects.create(name=Translated({"en": "Usual"}))
    trade.customer.assign(credit_limit=D(100))
    trade.customer.flush()
    order = place(trade, trade.actor)
    for amount, words in (("12.99", "it is released with them once its credit allows it."), ("13", "with them it is released by itself.")):
        ask_prepayment(Order.objects.get(pk=order.pk), actor=trade.actor, amount=D(amount))
        money = f"¥{D(amount):.2f}"
        assert said(trade, order, trade.actor) == [f"{money} of the prepayment of {money} are still to come; {words}"]
