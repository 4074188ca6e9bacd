"""Many documents priced with one set of questions: each as if it had been asked about alone (M14.1)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.erp.finance.models import ExchangeRate
from guanxi.erp.pricing.engine import AskedLine, PriceRequest, price_documents, price_lines
from guanxi.erp.pricing.tests.conftest import DAY, coupon, policy, price_list, promotion
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.parties.models import Channel, Party


@pytest.fixture
def requests(market):
    """Buyers of every kind, in two currencies, under lists, policies and promotions that are for some of them."""
    create_record(ExchangeRate, {"currency": "USD", "base": "CNY", "valid_from": "2026-01-01", "rate": "7.1"}, actor=market.actor)
    people = {"far": {"region": "440000"}, "direct": {"channel": "direct"}, "plain": {}, "tier_a": {"tier": "A"}}
    buyers = {name: create_record(Party, {"name": name, **values}, actor=market.actor).result for name, values in people.items()}
    buyers["usual"] = market.customer
    price_list(market, "ALL", [("SCREW", 0, "95"), ("SCREW", 10, "90")])
    price_list(market, "NAMED", [("SCREW", 0, "80")], customers=[buyers["plain"].pk])
    price_list(market, "TIER", [("SCREW", 0, "85")], tier="A")
    price_list(market, "CHANNEL", [("NUT", 0, "1.7")], channel="distributor")
    price_list(market, "DOLLAR", [("OIL", 0, "6")], currency="USD", is_converted=True, priority="9")
    policy(market, "EAST", effect="discount", share="5%", region="CN-E")
    policy(market, "OURS", effect="discount", share="7%", priority="5", customers=[buyers["far"].pk])
    policy(market, "DIRECT", effect="formula", formula="price * 0.9", channel="direct", category="HARDWARE")
    promotion(market, "GIFT", kind="gift", min_quantity="5", items=[("NUT", 2)], tier="A")
    promotion(market, "CODE", kind="percent", share="10%", is_by_coupon=True)
    coupon(market, "SUMMER", "CODE")
    lines = [AskedLine(market.products[code], Decimal(quantity)) for code, quantity in (("SCREW", 12), ("NUT", 3), ("OIL", 1))]
    entity = market.actor.entity_id
    direct = Channel.objects.get(code="direct").pk
    found = [
        PriceRequest(buyer, lines[: 1 + n % 3], DAY, currency, entity, direct if name == "plain" else buyer.channel_id, "CNY", "CNY",
                     coupons="SUMMER" if name == "far" else "", has_promotions=name != "direct")
        for n, (name, buyer) in enumerate(sorted(buyers.items())) for currency in ("CNY", "USD")
    ]
    return [*found, replace(found[0], lines=[]), replace(found[0], lines=lines[::-1])]


def told(priced):
    gifts = [(one.product.code, one.quantity, one.steps) for one in priced.gifts]
    return [(one.price, one.discount, one.steps) for one in priced], gifts, priced.payment_term_id, dict(priced.wrong_coupons)


def test_each_is_priced_as_by_itself(requests):
    together = [told(one) for one in price_documents(requests)]
    assert together == [told(price_lines(one)) for one in requests]
    assert len({str(one[0]) for one in together}) > 8, "they differ"


def test_the_questions_do_not_grow_with_the_documents(requests):
    def questions(*asked):
        with CaptureQueriesContext(connection) as found:
            price_documents(asked)
        return len(found)

    plain = [one for one in requests if not one.coupons]
    # Lists, their prices, rules, what is given free of charge, and the rates into each of two currencies.
    assert questions(*plain) == questions(*plain * 3) <= 6 < len(plain)
    assert price_documents([]) == []


def test_documents_of_several_days_are_not_asked_about_together(requests):
    with pytest.raises(ValueError, match="one day"):
        price_documents([requests[0], replace(requests[1], on=DAY + timedelta(days=1))])
