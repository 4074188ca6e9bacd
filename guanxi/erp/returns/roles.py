"""Sales announces, the warehouse receives and inspects, finance settles."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role

_ANNOUNCED = ("announce_return", "announce_order_return", "cancel_return")


def _selling(scope: str) -> dict[str, str]:
    return {
        "returns.customerreturn": f"view:{scope} change:{scope}", **{f"returns.{verb}": scope for verb in _ANNOUNCED},
    }


role("salesperson", _("Salesperson"), _selling("own"))
role("sales_manager", _("Sales manager"), _selling("team"))
role(
    "storekeeper", _("Storekeeper"),
    {
        "returns.customerreturn": "view change",
        **{f"returns.{verb}": "company" for verb in ("announce_return", "cancel_return", "receive_return", "inspect_return", "return_goods")},
    },
)
role("accountant", _("Accountant"), {"returns.customerreturn": "view change", "returns.settle_return": "company", "returns.refund_return": "company"})
