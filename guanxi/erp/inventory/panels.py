"""Figures and tabs of inventory on products, customers, warehouses and its own documents."""

from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from guanxi.erp.inventory.models import (
    Delivery,
    DeliveryLine,
    GoodsReceipt,
    GoodsReceiptLine,
    Location,
    Package,
    StockBalance,
    StockMove,
    Warehouse,
)
from guanxi.erp.inventory.parts import DeliveryPart
from guanxi.erp.inventory.screens import (
    DeliveryPartScreen,
    DeliveryScreen,
    GoodsReceiptScreen,
    LocationScreen,
    PackageScreen,
    StockBalanceScreen,
    StockMoveScreen,
)
from guanxi.kernel.columns.registry import fact
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party

_QUANTITY = DecimalField(max_digits=19, decimal_places=6)


def _stock(expression, **places):
    rows = StockBalance.objects.filter(product_id=OuterRef("pk"), **places).order_by().values("product_id")
    total = Subquery(rows.annotate(total=Sum(expression)).values("total"), output_field=_QUANTITY)
    return lambda actor: Coalesce(total, Value(Decimal(0)), output_field=_QUANTITY)


fact(Product, "on_hand", _("On hand"), "quantity", _stock("on_hand"), kept=True)
fact(Product, "reserved", _("Reserved"), "quantity", _stock("reserved"), kept=True)
fact(Product, "available", _("Available"), "quantity", _stock(F("on_hand") - F("reserved"), location__kind="stock"), kept=True)


@panel(Product, _("Stock on hand"), order=10, key="stock", when=lambda product: product.kind == "goods")
def stock_of_product(product: Product, actor) -> Panel:
    return Panel(StockBalanceScreen, StockBalance.objects.filter(product=product), ("location", "on_hand", "reserved", "available"))


@panel(Product, _("Stock moves"), order=11, key="moves", when=lambda product: product.kind == "goods")
def moves_of_product(product: Product, actor) -> Panel:
    columns = ("moved_on", "quantity", "from_location", "to_location", "party", "document", "value")
    return Panel(StockMoveScreen, StockMove.objects.filter(product=product), columns, sort="-id")


@panel(Party, _("Deliveries"), order=25, key="deliveries", when=lambda party: party.is_customer)
def deliveries_of_party(party: Party, actor) -> Panel:
    columns = ("number", "status", "planned_on", "shipped_on", "delivered_on", "warehouse", "carrier", "tracking")
    return Panel(DeliveryScreen, Delivery.objects.filter(customer=party), columns, new={"customer": party.pk}, sort="-planned_on")


@panel(Party, _("Goods receipts"), order=26, key="goods-receipts", when=lambda party: party.is_supplier)
def receipts_of_party(party: Party, actor) -> Panel:
    columns = ("number", "status", "received_on", "warehouse", "reference", "value")
    return Panel(GoodsReceiptScreen, GoodsReceipt.objects.filter(supplier=party), columns, new={"supplier": party.pk}, sort="-received_on")


@panel(Delivery, _("Stock moves"), order=10, key="moves")
def moves_of_delivery(delivery: Delivery, actor) -> Panel:
    lines = DeliveryLine.objects.filter(delivery=delivery).values("pk")
    rows = StockMove.objects.filter(source_model=DeliveryLine.label(), source_id__in=lines)
    return Panel(StockMoveScreen, rows, ("moved_on", "product", "quantity", "from_location", "to_location", "value"), sort="id")


def _built_in(delivery: Delivery):
    return DeliveryPart.objects.filter(line__delivery=delivery, product__isnull=False)


@panel(Delivery, _("Built in"), order=5, key="parts", when=lambda delivery: _built_in(delivery).exists())
def parts_of_delivery(delivery: Delivery, actor) -> Panel:
    return Panel(DeliveryPartScreen, _built_in(delivery), ("product", "quantity", "whole", "product__unit", "cost", "line"), sort="id")


@panel(Delivery, _("Packages"), order=3, key="packages")
def packages_of_delivery(delivery: Delivery, actor) -> Panel:
    return Panel(PackageScreen, Package.objects.filter(delivery=delivery), ("number", "weight", "tracking", "content"), sort="id")


@panel(GoodsReceipt, _("Stock moves"), order=10, key="moves")
def moves_of_receipt(receipt: GoodsReceipt, actor) -> Panel:
    lines = GoodsReceiptLine.objects.filter(receipt=receipt).values("pk")
    rows = StockMove.objects.filter(source_model=GoodsReceiptLine.label(), source_id__in=lines)
    return Panel(StockMoveScreen, rows, ("moved_on", "product", "quantity", "from_location", "to_location", "value"), sort="id")


@panel(Warehouse, _("Locations"), order=10, key="locations")
def locations_of_warehouse(warehouse: Warehouse, actor) -> Panel:
    return Panel(LocationScreen, Location.objects.filter(warehouse=warehouse), ("code", "name"), new={"warehouse": warehouse.pk}, sort="code")


@panel(Warehouse, _("Stock on hand"), order=20, key="stock")
def stock_of_warehouse(warehouse: Warehouse, actor) -> Panel:
    columns = ("product__code", "product", "location", "on_hand", "reserved", "available")
    return Panel(StockBalanceScreen, StockBalance.objects.filter(location__warehouse=warehouse), columns, sort="product__code")
