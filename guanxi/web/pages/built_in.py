"""What is said where goods come back that were put together: their parts do not come back by themselves (decision 0030)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.inventory.models import Delivery
from guanxi.erp.inventory.parts import DeliveryPart
from guanxi.erp.returns.models import CustomerReturn
from guanxi.erp.returns.operations import inspect_return, return_goods
from guanxi.kernel.screens.visit import Visit
from guanxi.web.views.remarks import OF_ACTS, Remark


def _of_return(customer_return: CustomerReturn, visit: Visit) -> list[Remark]:
    return _built_in(customer_return.lines.filter(received__gt=0).values("delivery_line"), visit)


def _of_delivery(delivery: Delivery, visit: Visit) -> list[Remark]:
    return _built_in(delivery.lines.values("pk"), visit)


def _built_in(line_ids: Any, visit: Visit) -> list[Remark]:
    parts = DeliveryPart.objects.visible_to(visit.actor).filter(line__in=line_ids, product__isnull=False).order_by("line__position", "line_id", "pk")
    inside: dict[str, list[str]] = {}
    for part in parts.select_related("line", "product"):
        inside.setdefault(part.line.description, []).append(str(part.product))
    if not inside:
        return []
    named = [_("“%(line)s”: %(parts)s.") % {"line": line, "parts": ", ".join(dict.fromkeys(mine))} for line, mine in inside.items()]
    words = _("Parts that you take out again are counted in.")
    return [Remark(_("What was built in does not come back into stock with the product."), (*named, words), tone="amber")]


OF_ACTS[inspect_return.name] = _of_return
OF_ACTS[return_goods.name] = _of_delivery
