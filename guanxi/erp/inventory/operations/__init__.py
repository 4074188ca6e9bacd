"""The verbs of inventory. Sales calls the first four under its own acts."""

from guanxi.erp.inventory.operations.deliveries import (
    DeliveryDraft,
    ShippedLine,
    cancel_delivery,
    draft_delivery,
    replan_deliveries,
    ship_delivery,
)
from guanxi.erp.inventory.operations.goods import (
    adjust_stock,
    cancel_receipt,
    make_default_warehouse,
    receive_goods,
    transfer_stock,
)
from guanxi.erp.inventory.operations.handing_over import PackedPackage, pack_delivery, pick_delivery, record_proof
from guanxi.erp.inventory.operations.reservations import Need, ReserveLine, move_reservation, release_stock, reserve_stock
from guanxi.erp.inventory.operations.returns import Verdict, release_returned, take_back, with_the_customer

__all__ = [
    "DeliveryDraft", "Need", "PackedPackage", "ReserveLine", "ShippedLine", "Verdict", "adjust_stock", "cancel_delivery", "cancel_receipt",
    "draft_delivery", "make_default_warehouse", "move_reservation", "pack_delivery", "pick_delivery", "receive_goods", "record_proof",
    "release_returned", "release_stock", "replan_deliveries", "reserve_stock", "ship_delivery", "take_back", "transfer_stock",
    "with_the_customer",
]
