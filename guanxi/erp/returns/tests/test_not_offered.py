"""Where nothing can come back, no return is offered, and it is said why (M14.3)."""

from decimal import Decimal

import pytest

from guanxi.erp.returns.operations import (
    ReturnedLine,
    ReturnedOrderLine,
    announce_order_return,
    announce_return,
    cancel_return,
    receive_return,
    return_goods,
    settle_return,
)
from guanxi.erp.returns.queries import nothing_of_order
from guanxi.erp.returns.tests.test_returns import announced, judged, received, sold
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.operations import PartialLine, WantedLine, deliver_order, place_order
from guanxi.kernel.records.refusals import Invalid, Refused

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


def agrees(trade, order, most):
    """The page of the order offers a return just where its dialog has a line, and the line takes so much and no more."""
    order = Order.objects.get(pk=order.pk)
    line = order.lines.get()
    assert (announce_order_return.unless.of([order]) == {}) == bool(most)
    assert nothing_of_order(order, trade.actor)["lines"] == ([{"line": line.pk, "quantity": 0}] if most else [])
    wanted = [ReturnedOrderLine(line, D(most) + D("0.01"))]
    with pytest.raises((Invalid, Refused), match=f"Between 0 and {most}:" if most else "The customer has nothing|All that the customer"):
        announce_order_return(order, actor=trade.actor, lines=wanted)
    if most:
        cancel_return(announce_order_return(order, actor=trade.actor, lines=[ReturnedOrderLine(line, D(most))]), actor=trade.actor)


def test_what_an_order_offers_is_what_it_takes_delivered_in_parts_returned_sent_back_and_announced(trade):
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10))])
    agrees(trade, order, 0)
    first = deliver_order(order, actor=trade.actor, lines=[PartialLine(order.lines.get(), D(6))])
    agrees(trade, order, 6)
    coming = announced(trade, first, "4")
    agrees(trade, order, 2)
    rest = announced(trade, first, "2")
    words = "All that the customer still has of this order is announced already."
    assert announce_order_return.unless.of([order]) == {order.pk: words}
    agrees(trade, order, 0)
    second = deliver_order(order, actor=trade.actor)
    agrees(trade, order, 4)
    cancel_return(rest, actor=trade.actor)
    receive_return(coming, actor=trade.actor)
    agrees(trade, order, 6)
    judged(trade, coming, restocked="3", sent_back="1")
    agrees(trade, order, 7)
    return_goods(second, actor=trade.actor, lines=[ReturnedLine(second.lines.get(), D(4))])
    return_goods(first, actor=trade.actor, lines=[ReturnedLine(first.lines.get(), D(3))])
    agrees(trade, order, 0)


def test_what_an_order_offers_after_an_exchange_is_what_it_takes(trade):
    done, delivery, _invoice = sold(trade)
    settle_return(judged(trade, received(trade, delivery, "4", wish="exchange"), scrapped="4"), actor=trade.actor)
    again = Order.objects.exclude(pk=done.pk).get()
    agrees(trade, done, 6)
    agrees(trade, again, 0)
    deliver_order(again, actor=trade.actor)
    agrees(trade, again, 4)
    agrees(trade, done, 6)
    still_open, delivery, _none = sold(trade, billed=False)
    settle_return(judged(trade, received(trade, delivery, "4", wish="exchange"), scrapped="4"), actor=trade.actor)
    agrees(trade, still_open, 6)
    deliver_order(still_open, actor=trade.actor)
    agrees(trade, still_open, 10)
