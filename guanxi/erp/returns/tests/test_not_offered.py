"""Where nothing can come back, no return is offered, and it is said why (M14.3)."""

from decimal import Decimal

import pytest

from guanxi.erp.returns.operations import ReturnedLine, announce_order_return, announce_return, cancel_return, return_goods
from guanxi.erp.returns.tests.test_returns import announced, sold
from guanxi.erp.sales.operations import WantedLine, deliver_order, place_order
from guanxi.kernel.records.refusals import Refused

D = Decimal


def test_no_return_is_offered_where_the_customer_has_nothing_of_the_order(trade):
    order, other = (place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(2))]) for _ in range(2))
    delivery = deliver_order(other, actor=trade.actor)
    words = "The customer has nothing of this order: nothing was shipped, or all of it came back."
    assert announce_order_return.unless.of([order, other]) == {order.pk: words}
    return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), D(2))])
    assert announce_order_return.unless.of([order, other]) == {order.pk: words, other.pk: words}


def test_no_return_is_offered_of_a_delivery_of_which_all_came_back_or_is_announced(trade):
    _order, delivery, _invoice = sold(trade, "4")
    words = "The customer has nothing more of this delivery: all of it came back, or is announced already."
    return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), D(1))])
    assert announce_return.unless.of([delivery]) == {}
    coming = announced(trade, delivery, "3")
    assert [act.unless.of([delivery]) for act in (announce_return, return_goods)] == [{delivery.pk: words}] * 2
    cancel_return(coming, actor=trade.actor)
    assert announce_return.unless.of([delivery]) == {}
    return_goods(delivery, actor=trade.actor, lines=[ReturnedLine(delivery.lines.get(), D(3))])
    with pytest.raises(Refused, match=words):
        announced(trade, delivery, "1")
