"""A customer, products with stock, and the people who handle an order; a product that is put together, and a legal entity abroad."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from guanxi.erp.configurator.models import Feature, ProductModel
from guanxi.erp.configurator.operations import ChosenOption, save_configuration
from guanxi.erp.finance.models import Period
from guanxi.erp.finance.operations import open_books
from guanxi.erp.inventory.models import GoodsReceipt, Location, Warehouse
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.promising.tests.world import yard_of
from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.acts.writer import change_record, create_record
from guanxi.shared.catalog.models import PriceList, PriceListItem, Product, Tax
from guanxi.shared.parties.models import Party


def product(actor, code, price, cost, **values):
    given = {"code": code, "name": code, "unit": "pc", "tax": "VAT13", "list_price": price, "standard_cost": cost, "kind": "goods"}
    return create_record(Product, {**given, **values}, actor=actor).result


def receive(actor, lines, kind="opening"):
    """`lines` of (product, quantity, unit cost)."""
    rows = [{"product": p.pk, "quantity": str(q), "unit_cost": str(c)} for p, q, c in lines]
    receipt = create_record(GoodsReceipt, {"kind": kind, "lines": rows}, actor=actor).result
    receive_goods(receipt, actor=actor)
    return receipt


def begin_books(entity_id, actor):
    """With the month before: on the first day of a month yesterday lies within them as well."""
    last = actor.today.replace(day=1) - timedelta(days=1)
    Period.objects.create(entity_id=entity_id, code=f"{last:%Y-%m}", starts_on=last.replace(day=1), ends_on=last)


@pytest.fixture
def trade(alpha):
    """100 screws that cost 6.00 and sell at 10.00, 5 nuts that cost 1.00 and sell at 2.00, tax 13 %."""
    screw, nut = product(alpha, "SCREW", "10", "6"), product(alpha, "NUT", "2", "1")
    service = product(alpha, "FIT", "120", "0", kind="service")
    begin_books(alpha.entity_id, alpha)
    receive(alpha, [(screw, 100, 6), (nut, 5, 1)])
    customer = create_record(Party, {"name": "Hengchuan Hydraulics"}, actor=alpha).result
    return SimpleNamespace(actor=alpha, customer=customer, screw=screw, nut=nut, service=service, d=Decimal)


@pytest.fixture
def yard(alpha):
    """Goods that are there, short, or to come."""
    return yard_of(alpha)


@pytest.fixture
def press(trade):
    """A press for 1,000.00 that costs 600.00, four of them there; with two pumps (50.00 each, six there), 30.00 of work and three days."""
    actor = trade.actor
    trade.press, trade.pump = product(actor, "PRESS", "1000", "600"), product(actor, "PUMP", "80", "50")
    receive(actor, [(trade.press, 4, 600), (trade.pump, 6, 50)])
    create_record(Feature, {"code": "cooling", "name": "Cooling"}, actor=actor)
    trade.model = create_record(ProductModel, {"product": trade.press.pk, "lines": [
        {"feature": "cooling", "code": "air", "name": "Air", "is_usual": True},
        {"feature": "cooling", "code": "water", "name": "Water", "surcharge": "300", "component": trade.pump.pk, "component_quantity": "2",
         "cost": "30", "days": 3},
    ]}, actor=actor).result
    trade.choice = save_configuration(trade.model, actor=actor, choices=[ChosenOption(trade.model.options.get(code="water"))])
    return trade


@pytest.fixture
def abroad(trade):
    """A B.V. with books in euro, a warehouse with ten screws, a tax in place of the 13 %, and somebody who works for it."""
    given = {"code": "NL", "name": "Harbour B.V.", "currency": "EUR", "country": "NL", "timezone": "Europe/Amsterdam", "address": "Veemkade 27"}
    entity = create_record(Entity, given, actor=trade.actor).result
    open_books(entity, actor=trade.actor, chart="international")
    begin_books(entity.pk, trade.actor)
    warehouse = create_record(Warehouse, {"code": "WH-NL", "name": {"en": "Rotterdam"}, "entity": entity}, actor=trade.actor).result
    create_record(Location, {"code": "WH-NL", "name": {"en": "Rotterdam"}, "warehouse": warehouse}, actor=trade.actor)
    create_record(
        Tax, {"code": "NL21", "name": {"en": "VAT 21%"}, "rate": "0.21", "entity": entity, "stands_for": Tax.objects.get(code="VAT13")},
        actor=trade.actor,
    )
    prices = create_record(PriceList, {"code": "EUR", "name": {"en": "Euro"}, "currency": "EUR"}, actor=trade.actor).result
    create_record(PriceListItem, {"price_list": prices.pk, "product": trade.screw, "min_quantity": "1", "price": "1.50"}, actor=trade.actor)
    change_record(Member.objects.get(pk=trade.actor.member_id), {"entity": entity.pk}, actor=trade.actor, by_id=True)
    actor = actor_of(trade.actor.member_id, language="en")
    trade.actor = replace(trade.actor, entity_currencies=actor.entity_currencies)
    rows = [{"product": trade.screw.pk, "quantity": "10", "unit_cost": "0.80"}]
    receipt = create_record(GoodsReceipt, {"kind": "opening", "warehouse": warehouse, "lines": rows}, actor=trade.actor).result
    receive_goods(receipt, actor=trade.actor)
    customer = create_record(Party, {"name": "De Brug"}, actor=actor).result
    return SimpleNamespace(
        actor=actor, at_home=trade.actor, entity=entity, default=Entity.objects.get(is_default=True), warehouse=warehouse, customer=customer,
        screw=trade.screw, receipt=receipt,
    )
