"""What an open order still brings, after goods of it came back, is held for it (M14.4, M14.7)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.inventory.queries import stock_of
from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.returns.operations import settle_return
from guanxi.erp.returns.tests.test_returns import judged, progress, received
from guanxi.erp.sales.credit.holds import hold_order, release_order
from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.operations import PartialLine, WantedLine, deliver_order, place_order

D = Decimal


def held(order) -> Decimal:
    return OrderLine.objects.filter(order=order).annotate(r=OrderLine.reserved_quantity.sql()).get().r


@pytest.fixture
def part(trade):
    """Ten of a hundred screws were ordered, and six of them delivered."""
    order = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10))])
    return order, deliver_order(order, actor=trade.actor, lines=[PartialLine(order.lines.get(), D(6))])


def exchanged(trade, delivery, quantity, **verdict):
    return settle_return(judged(trade, received(trade, delivery, quantity, wish="exchange"), **verdict), actor=trade.actor)


def test_the_pieces_to_be_sent_again_are_held_when_the_exchange_is_settled(trade, part):
    order, delivery = part
    back = judged(trade, received(trade, delivery, "2", wish="exchange"), scrapped="2")
    assert held(order) == 4, "what came back waits for the decision"
    settle_return(back, actor=trade.actor)
    assert (held(order), stock_of([trade.screw.pk])[trade.screw.pk].available) == (6, 88)
    again = deliver_order(Order.objects.get(pk=order.pk), actor=trade.actor)
    assert (held(order), progress(order)) == (0, [(10, 10, 0)])
    exchanged(trade, again, "3", restocked="1", scrapped="2")
    assert (held(order), progress(order)) == (3, [(10, 7, 0)])


def test_with_credit_for_what_came_back_all_that_is_still_to_come_stays_held(trade, part):
    order, delivery = part
    settle_return(judged(trade, received(trade, delivery, "3", wish="credit"), restocked="3"), actor=trade.actor)
    assert (held(order), progress(order)) == (4, [(7, 3, 0)])
    exchanged(trade, delivery, "2", scrapped="2")
    assert (held(order), progress(order)) == (6, [(7, 1, 0)])


def test_what_is_not_there_is_waited_for(trade, part):
    order, delivery = part
    place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(89))])
    exchanged(trade, delivery, "2", scrapped="2")
    assert (held(order), WaitingLine.objects.get(source_id=order.lines.get().pk).quantity) == (5, 1)


def test_an_order_that_stands_still_holds_them_once_it_is_released(trade, part):
    order, delivery = part
    hold_order(Order.objects.get(pk=order.pk), actor=trade.actor)
    exchanged(trade, delivery, "2", scrapped="2")
    assert held(order) == 0
    release_order(Order.objects.get(pk=order.pk), actor=trade.actor)
    assert held(order) == 6
