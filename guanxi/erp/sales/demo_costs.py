"""The last week brought what is offered at another price than before: goods of an open offer arrive dearer."""

from decimal import Decimal

from guanxi.erp.inventory.models import GoodsReceipt
from guanxi.erp.inventory.operations import receive_goods
from guanxi.erp.inventory.queries import average_costs, default_warehouse, stock_of
from guanxi.erp.sales.impact.documents import OPEN_QUOTATIONS
from guanxi.erp.sales.models import QuotationLine
from guanxi.kernel.acts.writer import create_record
from guanxi.shared.demo import Demo

DEARER = Decimal("1.18")


def prepare(demo: Demo) -> None:
    """As much as lies there of the product offered most, nearly a fifth dearer."""
    entity = next(iter(demo.company.keepers))
    lines = QuotationLine.objects.filter(quotation__status__in=OPEN_QUOTATIONS, product__kind="goods", quotation__entity__code=entity)
    line = lines.select_related("product", "quotation").order_by("-net", "pk").first()
    if line is None:
        return
    actor = demo.acting(demo.company.keepers[entity], demo.today)
    product, warehouse = line.product, default_warehouse(line.quotation.entity_id)
    cost = average_costs([product.pk], line.quotation.entity_id).get(product.pk, product.standard_cost)
    quantity = max(stock_of([product.pk], warehouse.pk)[product.pk].on_hand, Decimal(10))
    values = {"kind": "purchase", "received_on": demo.today, "warehouse": warehouse, "lines": [
        {"product": product, "quantity": str(quantity), "unit_cost": str((cost * DEARER).quantize(Decimal("0.01")))},
    ]}
    receive_goods(create_record(GoodsReceipt, values, actor=actor).result, actor=actor)
