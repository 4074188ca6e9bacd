"""Worked cases of the one price engine (X17, M14.1, M5.15): exact prices, and why."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from guanxi.erp.configurator.models import Configuration
from guanxi.erp.finance.models import ExchangeRate
from guanxi.erp.pricing.engine import AskedLine, PriceRequest, price_lines
from guanxi.erp.pricing.lists import round_price
from guanxi.erp.pricing.steps import said
from guanxi.erp.pricing.tests.conftest import DAY, coupon, policy, price_list, promotion, shown
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.parties.models import Party


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


def one(market, *wanted, **more):
    [line] = market.ask(*wanted, **more)
    return shown(line)


FROM = ("List price of the product", "100")


class TestBasePrices:
    def test_the_list_price_of_the_product(self, market):
        assert one(market, ("SCREW", 1)) == (100, 0, [("List price of the product", "100")])

    def test_a_list_with_a_quantity_break(self, market):
        price_list(market, "STEPS", [("SCREW", 1, 95), ("SCREW", 50, 90)])
        assert one(market, ("SCREW", 49)) == (95, 0, [FROM, ("Price list “STEPS”", "95")])
        assert one(market, ("SCREW", 50)) == (90, 0, [FROM, ("Price list “STEPS”, from 50 on", "90")])

    def test_a_list_of_the_customers_channel_counts_before_one_for_all_and_after_one_for_the_tier(self, market):
        price_list(market, "ALL", [("SCREW", 0, 97)], priority="9")
        assert one(market, ("SCREW", 1))[0] == 97
        price_list(market, "DEALERS", [("SCREW", 0, 88)], channel="distributor")
        price_list(market, "ONLINE", [("SCREW", 0, 70)], channel="online")
        assert one(market, ("SCREW", 1)) == (88, 0, [FROM, ("Price list “DEALERS”", "88")])
        price_list(market, "TIER-A", [("SCREW", 0, 92)], tier="A")
        assert one(market, ("SCREW", 1))[0] == 92

    def test_tax_is_taken_out_of_a_price_that_holds_it_to_six_places(self, market):
        price_list(market, "GROSS", [("SCREW", 0, 100)], has_tax=True)
        price, discount, steps = one(market, ("SCREW", 1))
        assert (price, discount) == (Decimal("88.495575"), 0)
        assert steps == [("Price list “GROSS”", "100"), ("Tax of 13% taken out", "88.495575")]

    def test_a_list_in_another_currency_is_converted_at_the_rate_of_the_day_and_rounded_by_its_rule(self, market):
        for day, rate in (("2026-01-01", "7.5"), ("2026-06-01", "8"), ("2026-07-01", "9")):
            create_record(ExchangeRate, {"currency": "EUR", "base": "CNY", "valid_from": day, "rate": rate}, actor=market.actor)
        price_list(market, "EURO", [("SCREW", 0, "12.34")], currency="EUR", is_converted=True, rounding="0.5")
        assert one(market, ("SCREW", 1)) == (
            Decimal("98.5"), 0, [("Price list “EURO”", "12.34"), ("Converted: one EUR is 8 CNY", "98.72"), ("Rounded to 0.5", "98.5")]
        )
        # The other way round, and by way of a third currency.
        create_record(ExchangeRate, {"currency": "EUR", "base": "USD", "valid_from": "2026-01-01", "rate": "1.25"}, actor=market.actor)
        price_list(market, "HOME", [("NUT", 0, "16")], is_converted=True, priority="5")
        assert one(market, ("NUT", 1), currency="EUR", entity_currency="CNY")[0] == 2
        assert one(market, ("NUT", 1), currency="USD", entity_currency="CNY")[0] == Decimal("2.5")

    def test_without_a_rate_a_list_in_another_currency_does_not_count(self, market):
        price_list(market, "EURO", [("SCREW", 0, "12.34")], currency="EUR", is_converted=True)
        assert one(market, ("SCREW", 1))[0] == 100
        assert one(market, ("SCREW", 1), currency="USD")[0] is None

    @pytest.mark.parametrize(
        ("formula", "rounding", "price"),
        [
            ("list_price * 0.873", "", "87.3"), ("cost * 1.333", "", "79.98"), ("cost * 1.333", "1", "80"), ("list_price * 0.873", "9", "89"),
            ("list_price * 0.873", "0.99", "86.99"), ("if(quantity >= 10, 80, 85)", "", "85"), ("standard_cost + 1", "", "61"),
            ('if(channel = "distributor" and tier = "A", 77, 99)', "", "77"), ("0 - 5", "", "0"), ("list_price / 3", "", "33.3333"),
        ],
    )
    def test_a_list_may_have_a_formula_for_what_it_has_no_price_of(self, market, formula, rounding, price):
        price_list(market, "F", [("NUT", 0, "1.5")], formula=formula, rounding=rounding)
        found, _discount, steps = one(market, ("SCREW", 1))
        assert (found, steps[0], steps[1][0]) == (Decimal(price), FROM, "Price list “F”, by its formula")
        assert one(market, ("NUT", 1))[2] == [("List price of the product", "2"), ("Price list “F”", "1.5")]

    def test_a_formula_that_has_no_answer_leaves_the_line_to_the_next_list(self, market):
        price_list(market, "F", formula="list_price / 0")
        assert one(market, ("SCREW", 1))[2] == [("List price of the product", "100")]

    @pytest.mark.parametrize(
        ("rule", "before", "after"),
        [
            ("0.05", "1.024", "1.00"), ("0.05", "1.025", "1.05"), ("1", "0.2", "1"), ("10", "14.99", "10"), ("10", "15", "20"), ("9", "3", "9"),
            ("9", "94", "99"), ("9", "93.99", "89"), ("0.99", "10.49", "10.99"), ("0.99", "10.48", "9.99"), ("100", "0", "0"),
        ],
    )
    def test_rounding_is_to_the_nearest_half_up_and_never_to_nothing(self, rule, before, after):
        assert round_price(Decimal(before), rule) == Decimal(after)


    @pytest.mark.parametrize(
        ("rounding", "last"), [("0.5", ("Rounded to 0.5", "107.5")), ("", ("Options: Coated", "107.7"))], ids=["rounded", "exact"],
    )
    def test_what_options_make_of_a_list_s_price_is_rounded_as_the_list_rounds(self, market, rounding, last):
        price_list(market, "L", [("SCREW", 0, 95)], rounding=rounding)
        coated = Configuration(surcharge=Decimal("3.2"), surcharge_rate=Decimal("0.1"), summary="Coated", number="CF-1")
        line = AskedLine(market.screw, Decimal(1), configuration=coated)
        buyer = market.customer
        [found] = price_lines(PriceRequest(buyer, [line], DAY, "CNY", market.actor.entity_id, buyer.channel_id, "CNY", "CNY"))
        price, _discount, steps = shown(found)
        assert (steps[:3], steps[-1], price) == ([FROM, ("Price list “L”", "95"), ("Options: Coated", "107.7")], last, Decimal(last[1]))


class TestPolicies:
    def test_a_discount_for_a_category_with_its_parts_from_a_quantity_on(self, market):
        policy(market, "P", effect="discount", share="5%", category="HARDWARE", min_quantity="10")
        assert one(market, ("SCREW", 9)) == (100, 0, [("List price of the product", "100")])
        screw, nut, oil = market.ask(("SCREW", 8), ("NUT", 2), ("OIL", 20))
        assert shown(screw) == (100, Decimal("0.05"), [("List price of the product", "100"), ("Sales policy “P”: 5% off", "95")])
        assert (nut.discount, oil.discount) == (Decimal("0.05"), 0)

    @pytest.mark.parametrize(
        ("values", "fits"),
        [
            ({}, True), ({"tier": "A"}, True), ({"tier": "B"}, False), ({"channel": "distributor"}, True), ({"channel": "online"}, False),
            ({"region": "CN-E"}, True), ({"region": "320000"}, True), ({"region": "CN-S"}, False), ({"products": ["NUT"]}, False),
            ({"products": ["SCREW", "NUT"]}, True), ({"category": "FASTENERS"}, True), ({"valid_from": "2026-06-16"}, False),
            ({"valid_until": "2026-06-14"}, False), ({"valid_from": "2026-06-15", "valid_until": "2026-06-15"}, True),
            ({"min_amount": "1000"}, True), ({"min_amount": "1000.01"}, False), ({"min_amount": "10", "currency": "USD"}, False),
            ({"customers": "mine"}, True), ({"customers": "other"}, False), ({"published": False}, False),
        ],
        ids=str,
    )
    def test_it_counts_for_whom_for_what_and_when_it_says(self, market, values, fits):
        if "customers" in values:
            other = create_record(Party, {"name": "Other"}, actor=market.actor).result
            values = {"customers": [market.customer.pk if values["customers"] == "mine" else other.pk]}
        # It is published on a day on which it is still valid.
        last = values.pop("valid_until", None)
        made = policy(market, "P", effect="discount", share="10%", **values)
        if last:
            type(made).objects.filter(pk=made.pk).update(valid_until=last)
        assert one(market, ("SCREW", 10))[1] == (Decimal("0.1") if fits else 0)

    def test_of_several_discounts_the_highest_priority_counts_and_of_equal_ones_the_largest(self, market):
        for code, share, priority in (("LOW", "20%", "0"), ("HIGH", "5%", "1"), ("HIGHER", "7%", "1")):
            policy(market, code, effect="discount", share=share, priority=priority)
        assert one(market, ("SCREW", 1))[1] == Decimal("0.07")

    def test_a_formula_and_a_markup_take_the_place_of_the_base_price(self, market):
        policy(market, "F", effect="formula", formula="max(price - 12, cost * 1.1)", products=["SCREW"])
        policy(market, "C", effect="cost_plus", markup="25%", products=["NUT"])
        policy(market, "S", effect="cost_plus", markup="50%", cost_basis="standard", products=["OIL"])
        screw, nut, oil = market.ask(("SCREW", 1), ("NUT", 1), ("OIL", 1))
        assert shown(screw)[2] == [("List price of the product", "100"), ("Sales policy “F”: price by formula", "88")]
        assert shown(nut)[2] == [("List price of the product", "2"), ("Sales policy “C”: cost plus a markup", "1.25")]
        assert oil.price == 45

    @pytest.mark.parametrize(("values", "steps"), [
        ({"rounding": "0.5"}, [("Sales policy “F”: price by formula", "86.545"), ("Rounded to 0.5", "86.5")]),
        ({"rounding": "0.99"}, [("Sales policy “F”: price by formula", "86.545"), ("Rounded to a price ending in .99", "86.99")]),
        ({}, [("Sales policy “F”: price by formula", "86.545")]),
    ], ids=["to a half", "ending in .99", "exact"])
    def test_what_a_policy_computes_of_a_list_is_rounded_as_the_list_rounds(self, market, values, steps):
        price_list(market, "L", [("SCREW", 0, 95)], **values)
        policy(market, "F", effect="formula", formula="price * 0.911")
        promotion(market, "MINUS", kind="amount", amount="0.2")
        exact = Decimal(steps[-1][1]) - Decimal("0.2")
        assert one(market, ("SCREW", 1)) == (exact, 0, [FROM, ("Price list “L”", "95"), *steps, ("Promotion “MINUS”: 0.2 off each", f"{exact:f}")])

    def test_a_policy_on_a_list_whose_prices_hold_tax_is_exact(self, market):
        price_list(market, "GROSS", [("SCREW", 0, 113)], has_tax=True, rounding="1")
        policy(market, "F", effect="formula", formula="price * 0.911")
        assert one(market, ("SCREW", 1))[2][1:] == [("Tax of 13% taken out", "100"), ("Sales policy “F”: price by formula", "91.1")]

    def test_what_a_markup_is_on_stands_in_no_explanation(self, market):
        policy(market, "C", effect="cost_plus", markup="25%")
        [line] = market.ask(("NUT", 1))
        assert not any("25" in str(value) for name, value in line.steps[-1].items() if name not in ("after", "rule"))

    def test_a_rebate_is_noted_and_a_payment_term_is_for_the_document(self, market):
        from guanxi.shared.parties.models import PaymentTerm

        policy(market, "R", effect="rebate", share="3%")
        policy(market, "T", effect="payment_term", payment_term="NET60")
        found = market.ask(("SCREW", 1))
        assert shown(found[0]) == (100, 0, [
            ("List price of the product", "100"), ("Sales policy “R”: rebate of 3% later, not in the price", "100"),
            ("Sales policy “T”: payment term 60 days net", "100"),
        ])
        assert found.payment_term_id == PaymentTerm.objects.get(code="NET60").pk


class TestPromotions:
    def test_amounts_come_before_percentages_and_these_after_the_policy(self, market):
        promotion(market, "MINUS", kind="amount", amount="10")
        promotion(market, "PERCENT", kind="percent", share="10%", priority="5")
        policy(market, "P", effect="discount", share="5%")
        assert one(market, ("SCREW", 2)) == (90, Decimal("0.145"), [
            ("List price of the product", "100"), ("Promotion “MINUS”: 10 off each", "90"), ("Sales policy “P”: 5% off", "85.5"),
            ("Promotion “PERCENT”: 10% off", "76.95"),
        ])

    def test_an_amount_larger_than_the_price_leaves_nothing_to_pay_and_no_less(self, market):
        promotion(market, "MINUS", kind="amount", amount="10")
        assert one(market, ("NUT", 1))[0] == 0

    def test_one_that_does_not_combine_stands_alone_where_it_comes_first(self, market):
        promotion(market, "ALONE", kind="percent", share="20%", is_exclusive=True, priority="9", products=["SCREW"])
        promotion(market, "OTHER", kind="percent", share="10%")
        screw, nut = market.ask(("SCREW", 1), ("NUT", 1))
        assert (screw.discount, nut.discount) == (Decimal("0.2"), Decimal("0.1"))

    def test_one_that_does_not_combine_is_left_out_where_another_comes_first(self, market):
        promotion(market, "ALONE", kind="percent", share="20%", is_exclusive=True)
        promotion(market, "FIRST", kind="percent", share="10%", priority="1")
        assert one(market, ("SCREW", 1))[1] == Decimal("0.1")

    def test_a_bundle_costs_its_price_and_what_is_beyond_it_the_usual(self, market):
        promotion(market, "SET", kind="bundle", bundle_price="99", items=[("SCREW", 1), ("NUT", 4)])
        screw, nut = market.ask(("SCREW", 3), ("NUT", 9))
        # Two sets: 2 × 99 = 198 in place of 216; 18 are shared out by worth, 16.67 and 1.33; one screw and one nut stay as they are.
        assert screw.price * 3 + nut.price * 9 == pytest.approx(198 + 100 + 2, abs=Decimal("0.00001"))
        assert (screw.price, nut.price) == (Decimal("94.443333"), Decimal("1.852222"))
        assert said(screw.steps[-1]) == "Promotion “SET”: bundle price for 2 sets"
        assert [line.steps[-1]["saving"] for line in (screw, nut)] == ["16.67", "1.33"]

    def test_a_bundle_that_would_cost_more_is_none(self, market):
        promotion(market, "SET", kind="bundle", bundle_price="109", items=[("SCREW", 1), ("NUT", 4)])
        assert [line.price for line in market.ask(("SCREW", 1), ("NUT", 4))] == [100, 2]

    def test_gifts_for_each_such_quantity(self, market):
        promotion(market, "GIFT", kind="gift", products=["SCREW"], min_quantity="10", items=[("NUT", 3)])
        assert market.ask(("SCREW", 9)).gifts == []
        found = market.ask(("SCREW", 25))
        assert [(gift.product.code, gift.quantity, said(gift.steps[0])) for gift in found.gifts] == [("NUT", 6, "Promotion “GIFT”: free of charge")]
        assert said(found[0].steps[-1]) == "Promotion “GIFT”: gives goods free of charge"

    def test_a_coupon_opens_its_promotion(self, market):
        promotion(market, "SPRING", kind="percent", share="15%", is_by_coupon=True)
        coupon(market, "Hello5", "SPRING")
        assert one(market, ("SCREW", 1))[1] == 0
        found = market.ask(("SCREW", 1), coupons="hello5")
        assert (found[0].discount, said(found[0].steps[-1]), found.wrong_coupons) == (
            Decimal("0.15"), "Promotion “SPRING”: 15% off · Coupon HELLO5", {}
        )

    @pytest.mark.parametrize(
        ("values", "typed", "words"),
        [
            ({}, "HELO", "There is no coupon “HELO” for this customer; look at the code again."),
            ({"valid_until": "2026-06-14"}, "HELLO", "The coupon “HELLO” was valid until 14 Jun 2026."),
            ({"max_uses": "0"}, "HELLO", "The coupon “HELLO” has been used already."),
            ({"of": "LATER"}, "HELLO", "The promotion of the coupon “HELLO” is not for this customer, or not on this day."),
        ],
        ids=lambda given: str(given),
    )
    def test_what_is_wrong_with_a_coupon_is_said(self, market, values, typed, words):
        promotion(market, "SPRING", kind="percent", share="15%", is_by_coupon=True)
        promotion(market, "LATER", kind="percent", share="15%", is_by_coupon=True, valid_from="2026-07-01")
        coupon(market, "HELLO", values.pop("of", "SPRING"), **values)
        assert market.ask(("SCREW", 1), coupons=typed).wrong_coupons == {typed: words}

    def test_a_budget_that_does_not_bear_all_gives_nothing(self, market):
        promotion(market, "LITTLE", kind="percent", share="10%", budget="25")
        assert [market.ask(("SCREW", quantity))[0].discount for quantity in (2, 3)] == [Decimal("0.1"), 0]

    def test_a_promotion_whose_budget_does_not_bear_it_is_named(self, market):
        little = promotion(market, "LITTLE", kind="percent", share="10%", budget="25")
        assert [set(market.ask(("SCREW", quantity)).spent) for quantity in (2, 3)] == [set(), {little.pk}]
        type(little).objects.filter(pk=little.pk).update(used=25)
        assert set(market.ask(("SCREW", 1)).spent) == {little.pk}


class TestByHand:
    def test_a_price_typed_by_hand_wins_over_everything_and_the_explanation_says_so(self, market):
        policy(market, "P", effect="discount", share="5%")
        promotion(market, "MINUS", kind="amount", amount="10")
        assert one(market, ("SCREW", 1, "93")) == (93, 0, [("List price of the product", "100"), ("Price entered by hand", "93")])

    def test_a_discount_typed_by_hand_takes_the_place_of_all_discounts(self, market):
        policy(market, "P", effect="discount", share="5%")
        promotion(market, "MINUS", kind="amount", amount="10")
        assert one(market, ("SCREW", 1, None, "0.02")) == (90, Decimal("0.02"), [
            ("List price of the product", "100"), ("Promotion “MINUS”: 10 off each", "90"), ("Discount of 2% entered by hand", "88.2"),
        ])

    def test_what_was_typed_and_is_the_price_anyway_is_no_decision(self, market):
        assert one(market, ("SCREW", 1, "100"))[2] == [("List price of the product", "100")]

    def test_without_any_price_a_typed_one_stands_alone(self, market):
        assert one(market, ("SCREW", 1, "9"), currency="USD") == (9, 0, [("Price entered by hand", "9")])


def test_the_sentences_are_in_the_language_of_the_reader_and_not_of_the_writer(market):
    price_list(market, "L", [("SCREW", 0, 95)], name={"en": "Dealers", "zh-hans": "经销商价"})
    [line] = market.ask(("SCREW", 1))
    with override("zh-hans"):
        assert said(line.steps[1]) == "价格表“经销商价”"
    assert said(line.steps[1]) == "Price list “Dealers”"


def test_the_questions_do_not_grow_with_the_lines_or_the_rules(market, django_assert_num_queries):
    price_list(market, "L", [("SCREW", 0, 95), ("NUT", 0, "1.9")])
    for number in range(3):
        policy(market, f"P{number}", effect="discount", share="5%", category="HARDWARE")
        promotion(market, f"Q{number}", kind="gift", products=["SCREW"], min_quantity="10", items=[("OIL", 1)])
    for wanted in ([("SCREW", 1)], [("SCREW", 20), ("NUT", 1), ("OIL", 2), ("SCREW", 5)]):
        with django_assert_num_queries(4):
            market.ask(*wanted, on=DAY)
