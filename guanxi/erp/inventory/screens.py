"""How stock, its moves and its documents are seen and entered."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.erp.inventory.completion import (
    complete_deliveries,
    complete_locations,
    complete_receipts,
    complete_warehouses,
)
from guanxi.erp.inventory.models import (
    Delivery,
    DeliveryLine,
    GoodsReceipt,
    GoodsReceiptLine,
    Location,
    Package,
    StockBalance,
    StockCost,
    StockMove,
    Warehouse,
)
from guanxi.erp.inventory.parts import DeliveryPart
from guanxi.kernel.screens.screen import Calendar, Lines, Screen


def whole_delivery(delivery: Delivery, actor: Any) -> dict[str, Any]:
    """The dialog of shipping begins with everything on the delivery."""
    return {"lines": [{"line": line.pk, "quantity": line.quantity} for line in delivery.lines.order_by("position", "pk")]}


class DeliveryScreen(Screen):
    model = Delivery
    path = "inventory/deliveries"
    icon = "truck-delivery"
    teaches = _("Goods on their way to customers; a delivery is made from a confirmed order.")
    menu = ("erp", 20)
    badge = "f.status=draft"
    columns = (
        "number", "customer", "status", "planned_on", "shipped_on", "delivered_on", "warehouse", "carrier", "tracking", "owner", "entity",
    )
    filters = ("status", "customer", "planned_on", "picked_at", "shipped_on", "delivered_on", "warehouse", "supplier", "owner", "entity")
    views = {
        "pick": (_("To be picked"), "f.status=draft&f.picked_at=none&sort=planned_on"),
        "ship": (_("Picked, not shipped"), "f.status=draft&f.picked_at=!none&sort=planned_on"),
        "unproved": (_("Shipped without proof"), "f.status=shipped&f.delivered_on=none&sort=shipped_on"),
    }
    search = ("number", "customer__name", "tracking")
    default_sort = "-planned_on,-number"
    sorts = ("planned_on",)
    subtitle = ("customer", "owner")
    facts = ("planned_on", "picked_at", "shipped_on", "delivered_on", "cost")
    sections = {
        _("Delivery"): ("customer", "warehouse", "supplier", "planned_on", "shipped_on"),
        _("Transport"): ("carrier", "tracking", "owner", "note"),
        _("Proof of delivery"): ("delivered_on", "received_by", "proof", "proof_note"),
    }
    lines = Lines(DeliveryLine, "section product description quantity unit", parent="delivery", shown="cost", section="section")
    calendar = Calendar(("planned_on", "shipped_on"))
    regions = ("customer__region", "customer__country")
    complete = complete_deliveries
    operations = ("ship_delivery", "record_proof", "pick_delivery", "pack_delivery")
    proposals = {"ship_delivery": whole_delivery}


class PackageScreen(Screen):
    model = Package
    path = "inventory/packages"
    icon = "package"
    teaches = _("The parcels of deliveries, with what they weigh and the carrier's number: found by it when a customer calls.")
    columns = ("number", "delivery", "delivery__customer", "delivery__status", "delivery__shipped_on", "weight", "tracking", "content")
    filters = ("delivery", "delivery__customer", "delivery__status", "delivery__shipped_on", "weight")
    search = ("number", "tracking")
    default_sort = "-id"
    subtitle = ("delivery",)
    sections = {_("Package"): ("delivery", "number", "weight", "tracking", "content")}
    may_create = False
    may_edit = False


class DeliveryPartScreen(Screen):
    model = DeliveryPart
    path = "inventory/delivery-parts"
    icon = "list-details"
    teaches = _("What went into configured products as they were shipped, and what it cost.")
    columns = ("line__delivery", "line", "product", "quantity", "whole", "product__unit", "cost", "work")
    filters = ("line__delivery", "product")
    default_sort = "-id"
    title = "line"
    sections = {_("Part of a delivery line"): ("line", "product", "quantity", "whole", "cost", "work")}
    may_create = False
    may_edit = False


class GoodsReceiptScreen(Screen):
    model = GoodsReceipt
    path = "inventory/receipts"
    icon = "package-import"
    teaches = _("Goods that come in: opening stock, purchases and returns.")
    menu = ("erp", 30)
    columns = ("number", "kind", "supplier", "delivery", "status", "received_on", "warehouse", "reference", "value", "owner", "entity")
    filters = ("status", "kind", "supplier", "received_on", "warehouse", "owner", "entity")
    search = ("number", "supplier__name", "reference")
    default_sort = "-received_on,-number"
    sorts = ("received_on",)
    subtitle = ("supplier", "delivery", "kind")
    facts = ("received_on", "value")
    sections = {
        _("Goods receipt"): ("kind", "supplier", "delivery", "warehouse", "received_on"),
        _("Details"): ("reference", "owner", "note"),
    }
    lines = Lines(GoodsReceiptLine, "product description quantity unit unit_cost", parent="receipt", shown="value")
    totals = ("value",)
    calendar = Calendar(("received_on",))
    complete = complete_receipts


class StockBalanceScreen(Screen):
    model = StockBalance
    path = "inventory/stock"
    icon = "stack-2"
    teaches = _("What lies where, how much of it is reserved, and how much can still be promised.")
    label = _("Stock on hand")
    menu = ("erp", 40)
    columns = ("product__code", "product", "product__unit", "location", "on_hand", "reserved", "available")
    filters = ("product", "product__category", "location", "location__warehouse", "on_hand", "reserved", "available")
    default_sort = "product__code"
    sections = {_("Stock on hand"): ("product", "location", "on_hand", "reserved", "available")}
    may_create = False
    may_edit = False


class StockMoveScreen(Screen):
    model = StockMove
    path = "inventory/moves"
    icon = "arrows-exchange"
    menu = ("erp", 50)
    columns = ("moved_on", "product__code", "product", "quantity", "from_location", "to_location", "party", "document", "value")
    filters = ("moved_on", "product", "from_location", "to_location", "party", "quantity", "value")
    default_sort = "-id"
    title = "document"
    subtitle = ("product",)
    sections = {
        _("Move"): ("product", "quantity", "from_location", "to_location", "moved_on"),
        _("Origin"): ("document", "party", "entered_quantity", "unit", "value", "at"),
    }
    may_create = False
    may_edit = False


class StockCostScreen(Screen):
    model = StockCost
    path = "inventory/values"
    icon = "coins"
    menu = ("erp", 60)
    columns = ("product__code", "product", "quantity", "average", "value", "entity")
    filters = ("entity", "product", "product__category", "quantity", "value")
    default_sort = "product__code"
    sections = {_("Stock value"): ("product", "entity", "quantity", "average", "value")}
    may_create = False
    may_edit = False


class WarehouseScreen(Screen):
    model = Warehouse
    path = "setup/warehouses"
    icon = "building-warehouse"
    menu = ("setup", 50)
    columns = ("code", "name", "entity", "address", "transfer_days", "is_default")
    filters = ("entity", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Warehouse"): ("code", "name", "entity", "address", "transfer_days", "is_default")}
    complete = complete_warehouses


class LocationScreen(Screen):
    model = Location
    path = "setup/locations"
    icon = "map-pin"
    menu = ("setup", 51)
    columns = ("code", "name", "warehouse", "kind")
    filters = ("warehouse", "kind", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Location"): ("code", "name", "warehouse", "kind")}
    complete = complete_locations
