"""Lines added to a confirmed order are priced by the rules of the day, and what was agreed stays (M14.1, M14.3, M5.15)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from guanxi.erp.pricing.models import Coupon, Promotion, PromotionUse, SalesPolicy
from guanxi.erp.pricing.operations import publish_policy
from guanxi.erp.sales.changes.changing import ChangedLine, change_order
from guanxi.erp.sales.models import Order, OrderChange
from guanxi.erp.sales.operations import WantedLine, cancel_order, confirm_order, place_order
from guanxi.erp.sales.tests.test_prices import kinds, promotion
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.records.refusals import Refused

D = Decimal


def placed(trade, *wanted) -> Order:
    return place_order(trade.customer, actor=trade.actor, lines=[WantedLine(product=p, quantity=D(q)) for p, q in wanted])


def add(trade, order, *wanted):
    """Change the order by these (product, quantity) at its end; its lines from then on."""
    order = Order.objects.get(pk=order.pk)
    lines = [ChangedLine(line=line) for line in order.lines.order_by("position")]
    change_order(order, actor=trade.actor, lines=[*lines, *(ChangedLine(product=p, quantity=D(q)) for p, q in wanted)])
    return list(Order.objects.get(pk=order.pk).lines.order_by("position"))


def used() -> Decimal:
    return Promotion.objects.get().used


class TestPrices:
    def test_a_promotion_reaches_the_new_line_and_leaves_what_was_agreed(self, trade):
        order = placed(trade, (trade.screw, 10))
        promotion(trade, share="10%", budget="50")
        old, new = add(trade, order, (trade.screw, 5))
        assert (old.unit_price, old.discount, kinds(old)) == (10, 0, ["list_price"])
        assert (new.unit_price, new.discount, kinds(new), new.net) == (10, D("0.1"), ["list_price", "promotion_percent"], D("45.00"))
        assert (used(), PromotionUse.objects.get().amount) == (D("5.00"), D("5.00"))

    def test_the_same_line_entered_at_first_has_the_same_explanation(self, trade):
        promotion(trade, share="10%")
        policy = {"code": "P", "name": "P", "effect": "discount", "share": "5%"}
        publish_policy(create_record(SalesPolicy, policy, actor=trade.actor).result, actor=trade.actor)
        [entered] = placed(trade, (trade.nut, 3)).lines.all()
        _old, added = add(trade, placed(trade, (trade.screw, 1)), (trade.nut, 3))
        assert (added.unit_price, added.discount, added.price_steps) == (entered.unit_price, entered.discount, entered.price_steps)

    def test_what_all_lines_reach_together_counts_for_the_new_ones(self, trade):
        promotion(trade, share="10%", min_quantity="12")
        order = placed(trade, (trade.screw, 10))
        old, new = add(trade, order, (trade.screw, 2))
        assert (old.discount, new.discount) == (0, D("0.1"))

    def test_more_of_a_line_stays_at_its_price(self, trade):
        order = placed(trade, (trade.screw, 10))
        promotion(trade, share="10%")
        change_order(order, actor=trade.actor, lines=[ChangedLine(line=order.lines.get(), quantity=D(20))])
        assert (order.lines.get().discount, used()) == (0, 0)

    def test_a_bundle_is_made_of_new_lines_only(self, trade):
        order = placed(trade, (trade.screw, 1))
        promotion(trade, kind="bundle", bundle_price="10", items=[("SCREW", 1), ("NUT", 2)])
        old, nut = add(trade, order, (trade.nut, 2))
        assert (kinds(nut), nut.net, old.net) == (["list_price"], D("4.00"), D("10.00"))
        *_rest, screw, nuts = add(trade, order, (trade.screw, 1), (trade.nut, 2))
        assert screw.net + nuts.net == D("10.00")


class TestGifts:
    def test_what_the_new_line_brings_is_added_reserved_and_told(self, trade):
        promotion(trade, kind="gift", products=["SCREW"], min_quantity="10", items=[("NUT", 2)], budget="100")
        order = placed(trade, (trade.screw, 6))
        *_lines, gift = add(trade, order, (trade.screw, 4))
        assert (gift.product_id, gift.quantity, gift.unit_price, kinds(gift), used()) == (trade.nut.pk, 2, 0, ["promotion_gift"], D("4.00"))
        assert Order.objects.get(pk=order.pk).lines.get(pk=gift.pk).reserved_quantity == 2
        assert [one["line"] for one in OrderChange.objects.get().changes] == ["SCREW", "NUT"]

    def test_it_is_not_given_twice_and_a_repeated_one_by_the_difference(self, trade):
        promotion(trade, kind="gift", products=["SCREW"], min_quantity="10", items=[("NUT", 1)], is_repeated=True)
        order = placed(trade, (trade.screw, 10))
        assert [line.quantity for line in order.lines.order_by("position")] == [10, 1]
        lines = add(trade, order, (trade.screw, 5))
        assert [line.quantity for line in lines] == [10, 1, 5]
        lines = add(trade, order, (trade.screw, 15))
        assert [(line.quantity, line.unit_price) for line in lines] == [(10, 10), (1, 0), (5, 10), (15, 10), (2, 0)]
        assert (used(), PromotionUse.objects.count()) == (D("6.00"), 1)

    def test_a_gift_that_began_after_the_order_is_for_what_is_added(self, trade):
        order = placed(trade, (trade.screw, 10))
        promotion(trade, kind="gift", products=["SCREW"], min_quantity="10", items=[("NUT", 2)])
        assert [line.product_id for line in add(trade, order, (trade.nut, 1))] == [trade.screw.pk, trade.nut.pk]


class TestBudgets:
    def test_more_than_the_budget_bears_comes_at_the_usual_price(self, trade):
        promotion(trade, share="10%", budget="12")
        order = placed(trade, (trade.screw, 10))
        *_old, new = add(trade, order, (trade.screw, 5))
        assert (new.discount, used()) == (0, D("10.00"))

    def test_cancelled_all_of_it_is_given_back(self, trade):
        promotion(trade, share="10%", budget="50")
        order = placed(trade, (trade.screw, 10))
        add(trade, order, (trade.screw, 5))
        assert (used(), PromotionUse.objects.get().amount) == (D("15.00"), D("15.00"))
        cancel_order(Order.objects.get(pk=order.pk), actor=trade.actor)
        assert used() == 0

    def test_the_coupon_of_the_order_is_good_for_its_new_lines_and_used_once(self, trade):
        promotion(trade, share="10%", is_by_coupon=True)
        create_record(Coupon, {"code": "ONCE", "promotion": "Q", "max_uses": 1}, actor=trade.actor)
        values = {"customer": trade.customer.pk, "coupons": "once", "lines": [{"product": "SCREW", "quantity": "10"}]}
        order = create_record(Order, values, actor=trade.actor).result
        confirm_order(order, actor=trade.actor)
        *_old, new = add(trade, order, (trade.nut, 5))
        assert (new.discount, Coupon.objects.get().used_count) == (D("0.1"), 1)
        with pytest.raises(Refused, match="Nothing is different"):
            add(trade, order)
