"""A customer, products with stock, and the people who handle an order."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.promising.tests.world import yard_of
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.catalog.models import Product
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


@pytest.fixture
def trade(alpha):
    """100 screws that cost 6.00 and sell at 10.00, 5 nuts that cost 1.00 and sell at 2.00, tax 13 %."""
    screw, nut = product(alpha, "SCREW", "10", "6"), product(alpha, "NUT", "2", "1")
    service = product(alpha, "FIT", "120", "0", kind="service")
    receive(alpha, [(screw, 100, 6), (nut, 5, 1)])
    customer = create_record(Party, {"name": "Hengchuan Hydraulics"}, actor=alpha).result
    return SimpleNamespace(actor=alpha, customer=customer, screw=screw, nut=nut, service=service, d=Decimal)


@pytest.fixture
def yard(alpha):
    """Goods that are there, short, or to come."""
    return yard_of(alpha)
