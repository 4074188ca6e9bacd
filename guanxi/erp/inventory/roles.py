"""Who keeps the stock, and who may look."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_PLACES = {"inventory.warehouse": "view", "inventory.location": "view", "inventory.stockbalance": "view"}

role(
    "storekeeper", _("Storekeeper"),
    {
        **_PLACES,
        "inventory.location": "view add change",
        "inventory.stockmove": "view",
        "inventory.delivery": "view add change delete",
        "inventory.goodsreceipt": "view add change delete",
        **{
            f"inventory.{name}": "company"
            for name in (
                "ship_delivery", "cancel_delivery", "pick_delivery", "pack_delivery", "record_proof",
                "receive_goods", "cancel_receipt", "adjust_stock", "transfer_stock",
            )
        },
    },
    home="inventory/deliveries",
)
role(
    "accountant", _("Accountant"),
    {
        **_PLACES,
        "inventory.stockmove": "view", "inventory.stockcost": "view", "inventory.delivery": "view",
        "inventory.goodsreceipt": "view change",
    },
    sees=("see_cost",),
)
role("salesperson", _("Salesperson"), {**_PLACES, "inventory.delivery": "view:own", "inventory.record_proof": "own"})
role("sales_manager", _("Sales manager"), {**_PLACES, "inventory.delivery": "view:team", "inventory.record_proof": "team"})
