"""A customer, two warehouses, and products that are there, short or to come."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

from guanxi.erp.inventory.models import GoodsReceipt, Location, Warehouse
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.inventory.queries import default_warehouse
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.values import Translated
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


def product(actor, code, **values):
    given = {"code": code, "name": code, "unit": "pc", "tax": "VAT13", "list_price": "10", "standard_cost": "6", "kind": "goods"}
    return create_record(Product, {**given, **values}, actor=actor).result


def receive(actor, item, quantity, warehouse=None):
    return receive_goods(expect(actor, item, quantity, actor.today, warehouse), actor=actor)


def expect(actor, item, quantity, on, warehouse=None):
    """A drafted receipt: goods that are to come."""
    values = {"kind": "purchase", "received_on": on, "lines": [{"product": item.pk, "quantity": str(quantity), "unit_cost": "6"}]}
    if warehouse is not None:
        values["warehouse"] = warehouse
    return create_record(GoodsReceipt, values, actor=actor).result


def yard_of(alpha):
    """40 screws here and 100 in the north; nuts of which there are none; springs that are made within 10 working days."""
    screw, nut, spring = product(alpha, "SCREW"), product(alpha, "NUT"), product(alpha, "SPRING", lead_days="10")
    service = product(alpha, "FIT", kind="service")
    north = create_record(Warehouse, {"code": "NORTH", "name": "North", "transfer_days": "3"}, actor=alpha).result
    Location.objects.create(warehouse=north, code="N1", name=Translated({"en": "N1"}), kind="stock")
    receive(alpha, screw, 40)
    receive(alpha, screw, 100, north)
    customer = create_record(Party, {"name": "Hengchuan Hydraulics", "tier": "B"}, actor=alpha).result
    return SimpleNamespace(
        actor=alpha, customer=customer, screw=screw, nut=nut, spring=spring, service=service, north=north, d=Decimal,
        here=default_warehouse(alpha.entity_id), today=alpha.today, after=lambda days: alpha.today + timedelta(days=days),
    )
