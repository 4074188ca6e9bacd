"""Who is told when prices, costs or models are others than open lines were offered with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from guanxi.erp.inventory.events import DeliveryShipped, GoodsReceived
from guanxi.erp.inventory.models import DeliveryLine
from guanxi.erp.sales.impact.finding import look_again
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.notices.kinds import notice_kind
from guanxi.kernel.notices.raising import raise_notices
from guanxi.shared.catalog.models import Product

COST_CHANGED = notice_kind(
    "cost_changed", "system", gettext_lazy("%(title)s has another price, cost or model now; open with it: %(documents)s"), "trending-up"
)


@reaction(GoodsReceived)
def tell_of_new_costs(event: GoodsReceived, *, actor: Actor) -> None:
    """The owners of open offers, orders and contracts with a product whose cost the receipt changed."""
    tell_owners(look_again(actor, product_ids=event.product_ids), actor)


@reaction(DeliveryShipped)
def leave_out_delivered(event: DeliveryShipped, *, actor: Actor) -> None:
    """What has left is no longer open, where something was to be decided."""
    products = set(DeliveryLine.objects.filter(pk__in=event.line_ids).values_list("product_id", flat=True))
    known = AffectedLine.objects.filter(product_id__in=products, status__in=("open", "held")).order_by()
    if products := set(known.values_list("product_id", flat=True)):
        look_again(actor, product_ids=products)


def tell_owners(found: Sequence[AffectedLine], actor: Actor) -> None:
    """Each owner once a day for each product."""
    touched: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for row in found:
        touched[row.product_id, row.owner_id][row.number] = None
    products = Product.objects.in_bulk({product for product, _owner in touched})
    for (product, owner), numbers in sorted(touched.items()):
        raise_notices(
            COST_CHANGED, [owner], products[product], key=f"cost:{product}:{owner}:{actor.today}", at=actor.now,
            arguments={"documents": ", ".join(list(numbers)[:5]) + (" …" if len(numbers) > 5 else "")},
        )
