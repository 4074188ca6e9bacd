"""A promotion that a change takes off a draft is told in its timeline (M5.15)."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from guanxi.erp.pricing.models import Promotion
from guanxi.erp.pricing.operations import end_promotion
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import confirm_order
from guanxi.erp.sales.pricing.repricing import reprice_quotation
from guanxi.erp.sales.tests.test_prices import order, promotion
from guanxi.kernel.about.timeline import timeline_of
from guanxi.kernel.acts.writer import change_record, change_records, create_record
from guanxi.kernel.records.models import History

OVER = "Prices taken again without the promotion %(title)s, which is over or whose conditions are no longer met"
SPENT = "Prices taken again without the promotion %(title)s, whose budget is spent"


def quotation(trade, *lines, **values):
    rows = [{"product": code, "quantity": quantity} for code, quantity in lines]
    return create_record(Quotation, {"customer": trade.customer.pk, "lines": rows, **values}, actor=trade.actor).result


def changed(document, trade, *quantities, **more):
    rows = [{"id": line.pk, "quantity": q, **more} for line, q in zip(document.lines.order_by("position"), quantities, strict=False)]
    change_record(document, {"lines": rows}, actor=trade.actor, by_id=True)
    document.refresh_from_db()


def told(document, trade):
    return [(one.text, one.title) for one in timeline_of(document, trade.actor, "alpha") if "without the promotion" in str(one.text)]


@pytest.mark.parametrize("make", [quotation, order])
def test_what_is_no_longer_met_or_spent_is_told_once_in_both_languages(trade, make):
    promotion(trade, share="10%", min_quantity="10")
    promotion(trade, "B", share="5%", budget="8", kind="percent")
    document = make(trade, ("SCREW", "10"))
    changed(document, trade, "11")
    assert told(document, trade) == []
    changed(document, trade, "9")
    assert told(document, trade) == [(OVER, "Q")]
    changed(document, trade, "8")
    assert told(document, trade) == [(OVER, "Q")]
    confirm_order(order(trade, ("SCREW", 10)), actor=trade.actor)
    changed(document, trade, "7")
    assert sorted(told(document, trade)) == [(OVER, "Q"), (SPENT, "B")]
    with override("zh-hans"):
        [one] = [one for one in timeline_of(document, trade.actor, "alpha") if one.title == "Q"]
        assert str(one.text) == "重新取价，去掉已结束或不再满足条件的促销 %(title)s"


def test_what_is_over_is_told_by_a_change_and_by_prices_taken_again(trade):
    running = promotion(trade, share="10%")
    first, second, third = (quotation(trade, ("SCREW", "10")) for _number in range(3))
    Promotion.objects.filter(pk=running.pk).update(valid_until=trade.actor.today - timedelta(days=1))
    changed(first, trade, "9")
    reprice_quotation(second, actor=trade.actor)
    assert told(first, trade) == told(second, trade) == [(OVER, "Q")]
    change_records(Quotation, [third.pk], {"coupons": "", "note": "a note"}, actor=trade.actor)
    assert told(third, trade) == []


def test_a_gift_that_goes_is_told(trade):
    promotion(trade, "G", (("NUT", 2),), kind="gift", products=["SCREW"], min_quantity="10")
    document = order(trade, ("SCREW", 10))
    assert document.lines.count() == 2
    changed(document, trade, "9")
    assert document.lines.count() == 1 and told(document, trade) == [(OVER, "G")]


def test_what_somebody_takes_away_by_hand_is_not_told(trade):
    promotion(trade, share="10%", budget="100")
    first, second = quotation(trade, ("SCREW", "10"), ("SCREW", "5")), quotation(trade, ("SCREW", "10"))
    line = first.lines.order_by("position").first()
    change_record(first, {"lines": [{"id": line.pk, "quantity": "10"}]}, actor=trade.actor, by_id=True)
    changed(second, trade, "10", unit_price="9", discount="0")
    assert "Q" not in {step.get("code") for step in second.lines.get().price_steps}
    assert told(first, trade) == told(second, trade) == []


def test_a_promotion_ended_by_hand_is_told_when_the_draft_is_changed(trade):
    running = promotion(trade, share="10%")
    document = order(trade, ("SCREW", 10))
    end_promotion(running, actor=trade.actor)
    changed(document, trade, "9")
    assert told(document, trade) == [(OVER, "Q")] and Order.objects.get(pk=document.pk).net == 90
    assert History.objects.filter(model="sales.orderline", row_id=document.lines.get().pk, kind="changed").exists()
