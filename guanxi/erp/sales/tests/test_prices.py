"""Prices, discounts, gifts and explanations on quotations and orders (X17, M5.14, M5.15), and what happens to them when a document changes."""

from decimal import Decimal

import pytest

from guanxi.erp.pricing.models import Coupon, Promotion, PromotionUse, SalesPolicy
from guanxi.erp.pricing.operations import end_promotion, publish_policy, start_promotion
from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.operations import (
    WantedLine,
    accept_quotation,
    cancel_order,
    confirm_order,
    order_quotation,
    place_order,
    send_quotation,
)
from guanxi.erp.sales.pricing.repricing import reprice_order, reprice_quotation
from guanxi.kernel.about.timeline import timeline_of
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.catalog.models import PriceList, PriceListItem
from guanxi.shared.parties.models import Channel


@pytest.fixture
def steps(trade):
    """Screws at 10, at 9 from 20 on."""
    prices = create_record(PriceList, {"code": "L", "name": {"en": "Usual", "zh-hans": "通用"}}, actor=trade.actor).result
    for least, price in ((1, 10), (20, 9)):
        create_record(PriceListItem, {"price_list": prices.pk, "product": "SCREW", "min_quantity": least, "price": price}, actor=trade.actor)
    return prices


def policy(trade, **values):
    made = create_record(SalesPolicy, {"code": "P", "name": "Policy", "effect": "discount", "share": "5%", **values}, actor=trade.actor).result
    return publish_policy(made, actor=trade.actor)


def promotion(trade, code="Q", items=(), **values):
    lines = [{"product": product, "quantity": quantity} for product, quantity in items]
    given = {"code": code, "name": code, "kind": "percent", "lines": lines, **values}
    return start_promotion(create_record(Promotion, given, actor=trade.actor).result, actor=trade.actor)


def order(trade, *lines, **values):
    rows = [{"product": code, "quantity": str(quantity), **(more[0] if more else {})} for code, quantity, *more in lines]
    return create_record(Order, {"customer": trade.customer.pk, "lines": rows, **values}, actor=trade.actor).result


def rows(document):
    lines = document.lines.select_related("product").order_by("position")
    return [(line.product.code, line.quantity, line.unit_price, line.discount) for line in lines]


def kinds(line):
    return [one["kind"] for one in line.price_steps]


def test_the_steps_are_kept_on_the_line_and_read_in_ones_own_language(trade, steps):
    from django.utils.translation import override

    policy(trade)
    line = order(trade, ("SCREW", 20)).lines.get()
    assert (line.unit_price, line.discount, line.net, kinds(line)) == (9, Decimal("0.05"), 171, ["list_price", "list_from", "policy_discount"])
    for language, text in (("en", "Price list “Usual”, from 20 on"), ("zh-hans", "价格表“通用”，20 起")):
        with override(language):
            assert type(line).objects.get(pk=line.pk).price_steps[1]["text"] == text


def test_a_price_nobody_typed_follows_the_quantity_and_one_that_was_typed_stays(trade, steps):
    made = order(trade, ("SCREW", 5), ("SCREW", 5, {"unit_price": "9.50"}))
    first, second = made.lines.order_by("position")
    change_record(made, {"lines": [{"id": first.pk, "quantity": "20"}, {"id": second.pk, "quantity": "20"}]}, actor=trade.actor)
    assert rows(made) == [("SCREW", 20, 9, 0), ("SCREW", 20, Decimal("9.5"), 0)]
    # Emptied, the typed one is proposed again.
    change_record(made, {"lines": [{"id": first.pk}, {"id": second.pk, "unit_price": ""}]}, actor=trade.actor)
    assert rows(made)[1] == ("SCREW", 20, 9, 0)


def test_what_is_the_same_keeps_its_price_though_the_list_changed(trade, steps):
    made = order(trade, ("SCREW", 5), ("NUT", 1))
    PriceListItem.objects.filter(min_quantity=1).update(price=11)
    lines = [{"id": line.pk} for line in made.lines.order_by("position")]
    change_record(made, {"note": "Call first", "lines": lines}, actor=trade.actor)
    assert rows(made)[0] == ("SCREW", 5, 10, 0)
    reprice_order(made, actor=trade.actor)
    made.refresh_from_db()
    assert (rows(made)[0], made.net) == (("SCREW", 5, 11, 0), 57)


def test_an_order_has_the_prices_agreed_in_the_quotation_whatever_became_of_the_rules(trade, steps):
    running = promotion(trade, share="10%")
    quotation = create_record(Quotation, {"customer": trade.customer.pk, "lines": [{"product": "SCREW", "quantity": "5"}]}, actor=trade.actor).result
    end_promotion(running, actor=trade.actor)
    made = order_quotation(quotation, actor=trade.actor)
    line = made.lines.get()
    assert (kinds(line), line.price_steps[-1]["document"]) == (["list_price", "list", "promotion_percent", "agreed"], quotation.number)
    change_record(made, {"lines": [{"id": line.pk, "quantity": "6"}]}, actor=trade.actor)
    assert rows(made) == [("SCREW", 6, 10, Decimal("0.1"))]
    reprice_order(made, actor=trade.actor)
    assert rows(made) == [("SCREW", 6, 10, 0)]


def test_a_quotation_is_priced_again_with_what_was_typed_as_it_is(trade, steps):
    lines = [{"product": "SCREW", "quantity": "5"}, {"product": "NUT", "quantity": "1", "discount": "2%"}]
    quotation = create_record(Quotation, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
    policy(trade)
    reprice_quotation(quotation, actor=trade.actor)
    assert rows(quotation) == [("SCREW", 5, 10, Decimal("0.05")), ("NUT", 1, 2, Decimal("0.02"))]


def test_a_confirmed_order_keeps_its_prices_and_what_is_added_has_those_of_lists_policies_and_promotions(trade, steps):
    from guanxi.erp.sales.changes.changing import ChangedLine, change_order

    promotion(trade, share="10%")
    made = order(trade, ("SCREW", 5), ("NUT", 1))
    confirm_order(made, actor=trade.actor)
    policy(trade)
    screw, nut = made.lines.order_by("position")
    wanted = [
        ChangedLine(line=screw, quantity=Decimal(20)), ChangedLine(line=nut, unit_price=Decimal("1.50")),
        ChangedLine(product=trade.service, quantity=Decimal(1)),
    ]
    change_order(made, actor=trade.actor, lines=wanted)
    assert rows(made) == [("SCREW", 20, 10, Decimal("0.1")), ("NUT", 1, Decimal("1.5"), Decimal("0.1")), ("FIT", 1, 120, Decimal("0.145"))]
    assert [kinds(line)[-1] for line in made.lines.order_by("position")] == ["promotion_percent", "hand", "promotion_percent"]


class TestChannel:
    def test_it_comes_from_the_customer_and_may_be_another(self, trade, steps):
        agent, online = Channel.objects.get(code="agent"), Channel.objects.get(code="online")
        change_record(trade.customer, {"channel": "agent"}, actor=trade.actor)
        create_record(PriceListItem, {
            "price_list": create_record(PriceList, {"code": "WEB", "name": "Web", "channel": "online"}, actor=trade.actor).result.pk,
            "product": "SCREW", "price": "8",
        }, actor=trade.actor)
        usual, other = order(trade, ("SCREW", 1)), order(trade, ("SCREW", 1), channel="online")
        assert [(one.channel, one.lines.get().unit_price) for one in (usual, other)] == [(agent, 10), (online, 8)]
        # Changed on the draft, prices follow.
        change_record(usual, {"channel": "online", "lines": [{"id": usual.lines.get().pk}]}, actor=trade.actor)
        assert usual.lines.get().unit_price == 8

    def test_the_order_has_the_channel_of_the_quotation(self, trade):
        lines = [{"product": "NUT", "quantity": "1"}]
        values = {"customer": trade.customer.pk, "channel": "online", "lines": lines}
        quotation = create_record(Quotation, values, actor=trade.actor).result
        assert order_quotation(quotation, actor=trade.actor).channel.code == "online"


class TestGifts:
    def test_they_are_lines_that_come_and_go_with_what_gives_them(self, trade):
        promotion(trade, kind="gift", products=["SCREW"], min_quantity="10", items=[("NUT", 2)])
        made = order(trade, ("SCREW", 20))
        assert rows(made) == [("SCREW", 20, 10, 0), ("NUT", 4, 0, 0)]
        assert (made.net, made.cost) == (200, 124)
        screw, nut = made.lines.order_by("position")
        # The form sends both lines back as they were drawn.
        sent = [{"id": screw.pk, "quantity": "10", "unit_price": "", "discount": ""}, {"id": nut.pk, "unit_price": "", "discount": ""}]
        change_record(made, {"lines": sent}, actor=trade.actor)
        assert rows(made) == [("SCREW", 10, 10, 0), ("NUT", 2, 0, 0)]
        assert made.lines.get(product=trade.nut).pk == nut.pk
        change_record(made, {"lines": [{"id": screw.pk, "quantity": "9"}, {"id": nut.pk}]}, actor=trade.actor)
        assert rows(made) == [("SCREW", 9, 10, 0)]

    def test_a_note_changes_no_gift_and_one_taken_out_comes_again(self, trade):
        promotion(trade, kind="gift", products=["SCREW"], min_quantity="10", items=[("NUT", 2)])
        made = order(trade, ("SCREW", 10))
        screw, nut = made.lines.order_by("position")
        change_record(made, {"note": "x", "lines": [{"id": screw.pk}, {"id": nut.pk, "unit_price": "", "quantity": "7"}]}, actor=trade.actor)
        assert rows(made)[1] == ("NUT", 2, 0, 0)
        change_record(made, {"lines": [{"id": screw.pk}]}, actor=trade.actor)
        assert rows(made)[1] == ("NUT", 2, 0, 0)

    def test_those_agreed_in_a_quotation_are_in_the_order_once(self, trade):
        running = promotion(trade, kind="gift", products=["SCREW"], min_quantity="10", items=[("NUT", 2)])
        lines = [{"product": "SCREW", "quantity": "10"}]
        quotation = create_record(Quotation, {"customer": trade.customer.pk, "lines": lines}, actor=trade.actor).result
        made = order_quotation(quotation, actor=trade.actor)
        assert rows(made) == [("SCREW", 10, 10, 0), ("NUT", 2, 0, 0)]
        confirm_order(made, actor=trade.actor)
        running.refresh_from_db()
        assert running.used == 4


class TestBudgets:
    def test_a_confirmed_order_takes_and_a_cancelled_one_gives_back(self, trade):
        running = promotion(trade, share="10%", budget="15")
        first = order(trade, ("SCREW", 10))
        confirm_order(first, actor=trade.actor)
        running.refresh_from_db()
        assert (running.used, running.left, first.lines.get().discount) == (10, 5, Decimal("0.1"))
        assert order(trade, ("SCREW", 6)).lines.get().discount == 0
        cancel_order(first, actor=trade.actor)
        running.refresh_from_db()
        use = PromotionUse.objects.get()
        assert (running.used, use.amount, use.given_back_at is not None, use.source_id) == (0, 10, True, first.pk)
        cancelled = order(trade, ("SCREW", 6))
        assert cancelled.lines.get().discount == Decimal("0.1")

    def test_who_confirms_when_it_is_spent_is_told_and_goes_on_with_new_prices(self, trade):
        promotion(trade, share="10%", budget="15")
        first, second = order(trade, ("SCREW", 10)), order(trade, ("SCREW", 10))
        confirm_order(first, actor=trade.actor)
        with pytest.raises(Refused, match="has ¥5.00 left and this order takes ¥10.00; take the prices again"):
            confirm_order(second, actor=trade.actor)
        second.refresh_from_db()
        reprice_order(second, actor=trade.actor)
        confirm_order(second, actor=trade.actor)
        assert (second.lines.get().discount, Promotion.objects.get().used) == (0, 10)

    def test_prices_taken_again_say_which_promotion_no_longer_counts(self, trade):
        promotion(trade, share="10%", budget="15")
        given = {"customer": trade.customer.pk, "lines": [{"product": "SCREW", "quantity": "10"}]}
        quotation, other = (create_record(Quotation, given, actor=trade.actor).result for _time in range(2))
        confirm_order(order(trade, ("SCREW", 10)), actor=trade.actor)
        reprice_quotation(quotation, actor=trade.actor)
        told = timeline_of(quotation, trade.actor, "alpha")[0]
        assert (told.text, told.title) == ("Prices taken again without the promotion %(title)s, whose budget is spent", "Q")
        assert [one["text"] for one in quotation.lines.get().price_steps] == [
            "List price of the product", "Promotion “Q”: its budget no longer bears this",
        ]
        # A draft that is changed says it too, and a new one of which it never was says nothing.
        change_record(other, {"lines": [{"id": other.lines.get().pk, "quantity": "9"}]}, actor=trade.actor, by_id=True)
        assert [one["kind"] for one in other.lines.get().price_steps] == ["list_price", "spent"]
        assert [one["kind"] for one in order(trade, ("SCREW", 10)).lines.get().price_steps] == ["list_price"]
        reprice_quotation(quotation, actor=trade.actor)
        assert [one["kind"] for one in quotation.lines.get().price_steps] == ["list_price"]

    def test_an_order_placed_in_one_act_takes_as_well(self, trade):
        promotion(trade, share="10%", budget="15")
        made = place_order(trade.customer, actor=trade.actor, lines=[WantedLine(trade.screw, Decimal(10))])
        assert (made.net, Promotion.objects.get().used) == (90, 10)

    def test_a_coupon_is_used_once_and_free_again_when_the_order_is_cancelled(self, trade):
        promotion(trade, "C", share="10%", is_by_coupon=True)
        create_record(Coupon, {"code": "once", "promotion": "C"}, actor=trade.actor)
        first, second = order(trade, ("SCREW", 1), coupons="ONCE"), order(trade, ("SCREW", 1), coupons="once")
        confirm_order(first, actor=trade.actor)
        with pytest.raises(Refused, match="has been used meanwhile"):
            confirm_order(second, actor=trade.actor)
        with pytest.raises(Invalid, match="The coupon “ONCE” has been used already"):
            order(trade, ("SCREW", 1), coupons="ONCE")
        cancel_order(first, actor=trade.actor)
        second.refresh_from_db()
        confirm_order(second, actor=trade.actor)
        assert Coupon.objects.get().used_count == 1

    def test_prices_taken_again_drop_a_coupon_that_was_used_up_meanwhile_and_say_so(self, trade):
        promotion(trade, "C", share="10%", is_by_coupon=True)
        create_record(Coupon, {"code": "once", "promotion": "C"}, actor=trade.actor)
        given = {"customer": trade.customer.pk, "lines": [{"product": "SCREW", "quantity": "1"}], "coupons": "once"}
        draft, accepted = (create_record(Quotation, given, actor=trade.actor).result for _time in range(2))
        send_quotation(accepted, actor=trade.actor)
        accept_quotation(accepted, actor=trade.actor)
        confirm_order(order(trade, ("SCREW", 1), coupons="once"), actor=trade.actor)
        for act in (send_quotation, order_quotation):
            with pytest.raises(Refused, match="“ONCE” has been used meanwhile: in a draft, “Take prices again” drops it"):
                act(draft, actor=trade.actor)
        made = order_quotation(accepted, actor=trade.actor)
        with pytest.raises(Refused, match="“ONCE” has been used meanwhile: in a draft, “Take prices again” drops it"):
            confirm_order(made, actor=trade.actor)
        for document, again in ((draft, reprice_quotation), (made, reprice_order)):
            document.refresh_from_db()
            again(document, actor=trade.actor)
            assert (document.coupons, document.net, document.lines.get().discount) == ("", 10, 0)
            told = timeline_of(document, trade.actor, "alpha")[0]
            assert (told.text, told.title) == ("Prices taken again without the coupon %(title)s, which holds no longer", "ONCE")
        send_quotation(draft, actor=trade.actor)
        confirm_order(made, actor=trade.actor)
        assert Coupon.objects.get().used_count == 1


def test_a_policy_gives_the_payment_term_that_nobody_chose(trade):
    publish_policy(
        create_record(
            SalesPolicy, {"code": "T", "name": "Term", "effect": "payment_term", "payment_term": "NET60"}, actor=trade.actor
        ).result, actor=trade.actor,
    )
    assert order(trade, ("SCREW", 1)).payment_term.code == "NET60"
    assert order(trade, ("SCREW", 1), payment_term="").payment_term.code == "NET60"
    assert order(trade, ("SCREW", 1), payment_term="COD").payment_term.code == "COD"


def test_the_customers_payment_term_is_kept_where_the_form_left_it_empty(trade):
    change_record(trade.customer, {"payment_term": "NET30"}, actor=trade.actor)
    assert order(trade, ("SCREW", 1), payment_term="").payment_term.code == "NET30"


def test_a_box_costs_the_steps_price_times_what_is_in_it(trade, steps):
    from guanxi.shared.catalog.models import ProductUnit

    create_record(ProductUnit, {"product": "SCREW", "unit": "box", "factor": "20"}, actor=trade.actor)
    line = order(trade, ("SCREW", 2, {"unit": "box"})).lines.get()
    assert (line.unit_price, line.net, line.price_steps[1]["after"]) == (180, 360, "9")
