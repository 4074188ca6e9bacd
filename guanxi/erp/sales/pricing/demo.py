"""The last week brought what is offered at another price than before: goods arrive dearer."""

from decimal import Decimal

from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.inventory.queries import average_costs, default_warehouse, stock_of
from guanxi.erp.sales.impact.documents import OPEN_QUOTATIONS
from guanxi.erp.sales.models import QuotationLine
from guanxi.kernel.access.models import Entity
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.catalog.models import Product
from guanxi.shared.demo import Demo

DEARER = Decimal("1.18")


def prepare(demo: Demo) -> None:
    """Of the product offered most."""
    entity = next(iter(demo.company.keepers))
    lines = QuotationLine.objects.filter(quotation__status__in=OPEN_QUOTATIONS, product__kind="goods", quotation__entity__code=entity)
    line = lines.select_related("product", "quotation__entity").order_by("-net", "pk").first()
    if line is not None:
        arrive_dearer(demo, line.product, line.quotation.entity)


def arrive_dearer(demo: Demo, product: Product, entity: Entity) -> None:
    """As much as lies there of it, nearly a fifth dearer; a product does so once."""
    dearer = demo.made.setdefault("dearer", [])
    if product in dearer:
        return
    dearer.append(product)
    actor, warehouse = demo.acting(demo.company.keepers[entity.code], demo.today), default_warehouse(entity.pk)
    cost = average_costs([product.pk], entity.pk).get(product.pk, product.standard_cost)
    quantity = max(stock_of([product.pk], warehouse.pk)[product.pk].on_hand, Decimal(10))
    values = {"kind": "purchase", "received_on": demo.today, "warehouse": warehouse, "lines": [
        {"product": product, "quantity": str(quantity), "unit_cost": str((cost * DEARER).quantize(Decimal("0.01")))},
    ]}
    receive_goods(create_record(GoodsReceipt, values, actor=actor).result, actor=actor)
