"""What has a say before a changed order is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from guanxi.erp.sales.models import Order, OrderLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.database.known import known
from guanxi.kernel.records.models import Link

ORDER_GUARDS: list[Callable[[Draft, Actor], Any]] = []
"""Called for each order that is changed, with its lines completed; a guard adds errors to what may not be."""

CANCEL_GUARDS: list[Callable[[list[int]], Mapping[int, str]]] = []
"""Why modules above let orders not be cancelled: functions of their ids that give {id: sentence}."""


@known
def _begun(order_ids: Sequence[int]) -> Any:
    """Orders of which something is delivered or invoiced, and did not all come back or was credited."""
    lines = OrderLine.objects.filter(order_id__any=order_ids)
    links = Link.objects.filter(from_model=OrderLine.label(), from_id__in=lines.values("pk"), posted_on__isnull=False)
    gone = links.filter(kind__in=("delivery", "invoice")).order_by().values("from_id", "kind").annotate(left=Sum("quantity")).exclude(left=0)
    return lines.filter(pk__in=gone.values("from_id")).order_by().values_list("order_id", flat=True).distinct()


def why_not_cancelled(orders: Sequence[Order]) -> dict[int, str]:
    """What is gone has to be taken back first. Of a draft nothing is gone."""
    by_id = {order.pk: order for order in orders if order.status != "draft"}
    if not by_id:
        return {}
    found: dict[int, str] = {}
    for guard in CANCEL_GUARDS:
        found.update(guard(list(by_id)))
    words = _(
        "Part of order %(order)s is delivered or invoiced: take that back first, reduce it by “Change order”, or complete it."
    )
    return {**found, **{pk: words % {"order": by_id[pk]} for pk in _begun(list(by_id))}}
