"""No day of what follows an order lies before the order's own, nor before the books begin."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from guanxi.erp.finance.models import Invoice, JournalEntry, Period
from guanxi.erp.inventory.models import Delivery, GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods, ship_delivery
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import (
    WantedLine,
    confirm_order,
    create_delivery,
    deliver_order,
    invoice_order,
    order_quotation,
    place_order,
    send_quotation,
)
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.records.refusals import Invalid, Refused

D = Decimal
BEFORE = "This is before the day of the order."


def placed(trade) -> Order:
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=trade.screw, quantity=D(10))])


def drafted(trade, model=Order, **values):
    lines = [{"product": trade.screw.pk, "quantity": "10"}]
    return create_record(model, {"customer": trade.customer.pk, "lines": lines, **values}, actor=trade.actor).result


def refused(act) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as why:
        act()
    return why.value.errors


def test_neither_delivery_nor_shipment_nor_invoice_comes_before_the_order(trade):
    order, eve = placed(trade), trade.actor.today - timedelta(days=1)
    entries = JournalEntry.objects.count()
    assert refused(lambda: create_delivery(order, actor=trade.actor, planned_on=eve)) == {"planned_on": [BEFORE]}
    assert refused(lambda: deliver_order(order, actor=trade.actor, shipped_on=eve)) == {"shipped_on": [BEFORE]}
    delivery = create_delivery(order, actor=trade.actor, planned_on=trade.actor.today)
    assert refused(lambda: ship_delivery(delivery, actor=trade.actor, shipped_on=eve)) == {"shipped_on": [BEFORE]}
    assert refused(lambda: change_record(delivery, {"planned_on": eve}, actor=trade.actor)) == {"planned_on": [BEFORE]}
    ship_delivery(delivery, actor=trade.actor)
    assert refused(lambda: invoice_order(order, actor=trade.actor, issued_on=eve)) == {"issued_on": [BEFORE]}
    assert (Invoice.objects.count(), JournalEntry.objects.count()) == (0, entries + 1)
    assert invoice_order(order, actor=trade.actor, issued_on=trade.actor.today).total == D("113.00")


def test_nothing_is_promised_or_wanted_before_it_is_ordered(trade):
    eve = trade.actor.today - timedelta(days=1)
    order = drafted(trade)
    assert refused(lambda: confirm_order(order, actor=trade.actor, promised_on=eve)) == {"promised_on": [BEFORE]}
    assert refused(lambda: drafted(trade, requested_on=str(eve))) == {"requested_on": [BEFORE]}
    assert refused(lambda: change_record(order, {"requested_on": str(eve)}, actor=trade.actor)) == {"requested_on": [BEFORE]}
    assert refused(lambda: drafted(trade, Quotation, requested_on=str(eve))) == {"requested_on": ["This is before the day of the quotation."]}
    assert drafted(trade, ordered_on=str(eve), requested_on=str(eve)).requested_on == eve


def test_a_wish_that_went_by_while_the_offer_was_open_is_one_for_today(trade):
    offered = trade.actor.today - timedelta(days=9)
    quotation = drafted(trade, Quotation, quoted_on=str(offered), requested_on=str(offered + timedelta(days=2)))
    send_quotation(quotation, actor=trade.actor)
    assert order_quotation(quotation, actor=trade.actor).requested_on == trade.actor.today


def test_only_an_opening_balance_lies_before_the_books_begin(trade):
    begin = Period.objects.filter(entity_id=trade.actor.entity_id).order_by("starts_on").first()
    day = begin.starts_on - timedelta(days=40)
    words = f"{full_date(day)} lies before {begin.code}, with which the books begin; only an opening balance can be earlier."
    body = {"customer": trade.customer.pk, "lines": [{"product": trade.screw.pk, "quantity": "1"}]}
    assert refused(lambda: create_record(Delivery, {**body, "planned_on": str(day)}, actor=trade.actor)) == {"planned_on": [words]}
    delivery = create_record(Delivery, body, actor=trade.actor).result
    with pytest.raises(Refused) as why:
        ship_delivery(delivery, actor=trade.actor, shipped_on=day)
    assert str(why.value) == words
    lines = [{"product": trade.screw.pk, "quantity": "1", "unit_cost": "6"}]
    opening = create_record(GoodsReceipt, {"kind": "opening", "lines": lines}, actor=trade.actor).result
    receive_goods(opening, actor=trade.actor, received_on=day)
    assert Period.objects.order_by("starts_on").first().starts_on == date(day.year, day.month, 1)
    assert ship_delivery(Delivery.objects.get(pk=delivery.pk), actor=trade.actor, shipped_on=day).shipped_on == day
