"""Whatever is asked: no price below nothing, steps that follow one another, in the order that the README says (X17)."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.erp.finance.models import ExchangeRate
from guanxi.erp.pricing.lists import Line, round_price
from guanxi.erp.pricing.tests.conftest import policy, price_list, promotion
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.values import round_half_up
from guanxi.shared.catalog.models import ROUNDINGS, Product

ORDER = (
    "list_price", "list", "list_from", "list_formula", "rate", "rounding", "rounding_9", "rounding_0.99", "tax", "hand", "policy_formula",
    "policy_cost", "promotion_amount", "policy_discount", "promotion_percent", "promotion_bundle", "gives", "policy_rebate",
    "policy_term", "hand_discount",
)
QUANTITIES = st.decimals("0.000001", "100000", places=6)
PRICES = st.none() | st.decimals("0", "1000", places=4)
DISCOUNTS = st.none() | st.decimals("0", "1", places=4)
LINES = st.lists(st.tuples(st.sampled_from(("SCREW", "NUT", "OIL")), QUANTITIES, PRICES, DISCOUNTS), min_size=1, max_size=6)


@pytest.fixture
def busy(market):
    """Every kind of rule at once."""
    create_record(ExchangeRate, {"currency": "USD", "base": "CNY", "valid_from": "2026-01-01", "rate": "7.1"}, actor=market.actor)
    price_list(market, "GROSS", [("SCREW", 0, "88.80"), ("SCREW", 10, "79.90")], has_tax=True)
    price_list(market, "DOLLAR", [("NUT", 0, "0.41")], currency="USD", is_converted=True, rounding="0.05", priority="-1")
    price_list(market, "FORMULA", formula="cost * 1.27 + 0.003", rounding="0.99", priority="-2")
    policy(market, "F", effect="formula", formula="if(quantity > 50, price - 80, price)", category="FASTENERS")
    policy(market, "D", effect="discount", share="7.5%", min_quantity="5")
    policy(market, "R", effect="rebate", share="2%")
    promotion(market, "A", kind="amount", amount="3.33", priority="3")
    promotion(market, "P", kind="percent", share="12.5%", budget="5000")
    promotion(market, "B", kind="bundle", bundle_price="60", items=[("SCREW", 1), ("OIL", 2)])
    promotion(market, "G", kind="gift", min_amount="1000", items=[("NUT", 5)])
    return market


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES)
def test_prices_are_never_below_nothing_and_the_steps_tell_how_they_came_about(busy, lines):
    found = busy.ask(*lines)
    for line, (_code, _quantity, price, discount) in zip(found, lines, strict=True):
        assert line.price >= 0 and 0 <= line.discount <= 1
        assert discount is None or line.discount == discount
        kinds = [one["kind"] for one in line.steps]
        assert price is None or line.price == price or "hand" not in kinds
        # What a policy computed is rounded once more, as the list rounds.
        told = [kind for at, kind in enumerate(kinds) if not (kind.startswith("rounding") and kinds[at - 1].startswith("policy_"))]
        assert [ORDER.index(kind) for kind in told] == sorted(ORDER.index(kind) for kind in told)
        for before, after in zip(line.steps, line.steps[1:], strict=False):
            assert after["before"] == before["after"]
        assert Decimal(line.steps[-1]["after"]) == line.unit
    # Asked again, and in another order, nothing is different where no saving is shared out.
    assert [(line.price, line.discount) for line in busy.ask(*lines)] == [(line.price, line.discount) for line in found]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(QUANTITIES)
def test_what_budgets_count_is_what_the_customer_saves(busy, quantity):
    [line] = busy.ask(("OIL", quantity))
    for one in line.steps:
        if "saving" in one:
            exact = (Decimal(one["before"]) - Decimal(one["after"])) * quantity
            assert Decimal(one["saving"]) == round_half_up(exact, 2)


@given(st.decimals("0", "1000000", places=6), st.sampled_from([rule for rule, _label in ROUNDINGS]))
def test_rounding_gives_a_price_of_its_rule_and_is_done_once(price, rule):
    rounded = round_price(price, rule)
    assert round_price(rounded, rule) == rounded and (rounded > 0) == (price > 0)
    if rule not in ("9", "0.99"):
        assert rounded % Decimal(rule) == 0
        assert price == 0 or abs(rounded - price) <= Decimal(rule) / 2 or rounded == Decimal(rule)
    elif price > 0:
        assert (rounded + (1 if rule == "9" else Decimal("0.01"))) % (10 if rule == "9" else 1) == 0


@given(st.decimals("0", "100000", places=4), st.decimals("0.0001", "10000", places=4))
def test_a_line_never_goes_below_nothing(price, less):
    line = Line(Product(code="X"), Decimal(1), price=price)
    line.move("promotion_amount", price=price - less)
    line.move("policy_discount", discount=less)
    assert line.price == max(price - less, 0) and line.unit >= 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rate=st.decimals("0.0001", "1000", places=6), price=st.decimals("0.0001", "100000", places=4))
def test_a_converted_price_is_rounded_once_to_two_places_more_than_the_currency(market, rate, price):
    from guanxi.shared.catalog.models import PriceList, PriceListItem

    ExchangeRate.objects.all().delete()
    PriceListItem.objects.all().delete()
    PriceList.objects.all().delete()
    create_record(ExchangeRate, {"currency": "EUR", "base": "CNY", "valid_from": "2026-01-01", "rate": str(rate)}, actor=market.actor)
    price_list(market, "EURO", [("OIL", 0, str(price))], currency="EUR", is_converted=True)
    [line] = market.ask(("OIL", 1))
    assert line.price == round_half_up(price * rate, 4)
