"""A customer with everything that rules look at, and products in a tree of categories."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from guanxi.erp.pricing.engine import AskedLine, PriceRequest, price_lines
from guanxi.erp.pricing.models import Coupon, Promotion, SalesPolicy
from guanxi.erp.pricing.operations import publish_policy, start_promotion
from guanxi.erp.pricing.steps import said
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.catalog.models import Category, PriceList, PriceListItem, Product
from guanxi.shared.parties.models import Channel, Party, Region

DAY = date(2026, 6, 15)


@pytest.fixture
def market(alpha):
    """Screws at 100 (cost 60) and nuts at 2 (cost 1) in FASTENERS, part of HARDWARE; oil at 50 (cost 30) in none."""
    hardware = create_record(Category, {"code": "HARDWARE", "name": "Hardware"}, actor=alpha).result
    fasteners = create_record(Category, {"code": "FASTENERS", "name": "Fasteners", "parent": "HARDWARE"}, actor=alpha).result

    def product(code, price, cost, category=None):
        values = {"code": code, "name": code, "unit": "pc", "tax": "VAT13", "list_price": price, "standard_cost": cost, "category": category}
        return create_record(Product, values, actor=alpha).result

    found = SimpleNamespace(
        actor=alpha, hardware=hardware, fasteners=fasteners, screw=product("SCREW", "100", "60", "FASTENERS"),
        nut=product("NUT", "2", "1", "FASTENERS"), oil=product("OIL", "50", "30"),
    )
    values = {"name": "Hengchuan", "tier": "A", "channel": "distributor", "region": "320000"}
    found.customer = create_record(Party, values, actor=alpha).result
    found.channel = Channel.objects.get(code="distributor")
    found.east = Region.objects.get(code="CN-E")
    found.products = {"SCREW": found.screw, "NUT": found.nut, "OIL": found.oil}

    def ask(*wanted, currency="CNY", coupons="", on=DAY, customer=None, entity_currency="CNY", **more):
        """`wanted`: (code, quantity[, typed price[, typed discount]])."""
        buyer = customer or found.customer
        lines = [
            AskedLine(found.products[code], Decimal(quantity), *map(_figure, typed), tax_rate=Decimal("0.13"))
            for code, quantity, *typed in wanted
        ]
        request = PriceRequest(
            buyer, lines, on, currency, alpha.entity_id, buyer.channel_id, entity_currency, "CNY", coupons=coupons, **more
        )
        return price_lines(request)

    found.ask = ask
    return found


def _figure(given):
    return None if given is None else Decimal(given)


def shown(line):
    """(price, discount, the steps as people read them with the price after each)."""
    return line.price, line.discount, [(said(one), one["after"]) for one in line.steps]


def price_list(market, code, prices=(), **values):
    made = create_record(PriceList, {"code": code, "name": code, **values}, actor=market.actor).result
    for product, least, price in prices:
        create_record(PriceListItem, {"price_list": code, "product": product, "min_quantity": least, "price": price}, actor=market.actor)
    return made


def policy(market, code, published=True, **values):
    made = create_record(SalesPolicy, {"code": code, "name": code, **values}, actor=market.actor).result
    return publish_policy(made, actor=market.actor) if published else made


def promotion(market, code, started=True, items=(), **values):
    lines = [{"product": product, "quantity": quantity} for product, quantity in items]
    made = create_record(Promotion, {"code": code, "name": code, "lines": lines, **values}, actor=market.actor).result
    return start_promotion(made, actor=market.actor) if started else made


def coupon(market, code, promotion_code, **values):
    return create_record(Coupon, {"code": code, "promotion": promotion_code, **values}, actor=market.actor).result
