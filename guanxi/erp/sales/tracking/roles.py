"""Who gives customers a link to their order."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.roles import role


def _rights(scope: str) -> dict[str, str]:
    return {"sales.orderlink": f"view:{scope}", "sales.share_order": scope, "sales.revoke_order_link": scope}


role("salesperson", _("Salesperson"), _rights("own"))
role("sales_manager", _("Sales manager"), _rights("team"))
