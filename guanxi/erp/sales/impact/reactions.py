"""Who is told when goods arrive at another cost than they were offered with."""

from __future__ import annotations

from collections import defaultdict

from django.utils.translation import gettext_lazy

from guanxi.erp.inventory.events import GoodsReceived
from guanxi.erp.sales.impact.queries import changed_lines
from guanxi.erp.sales.models import OrderLine, QuotationLine
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.notices.kinds import notice_kind
from guanxi.kernel.notices.raising import raise_notices
from guanxi.shared.catalog.models import Product

COST_CHANGED = notice_kind(
    "cost_changed", "system", gettext_lazy("%(title)s costs another amount now; open offers and orders with it: %(documents)s"), "trending-up"
)


@reaction(GoodsReceived)
def tell_of_new_costs(event: GoodsReceived, *, actor: Actor) -> None:
    """The owners of open offers and orders with a product whose cost the receipt changed; each once a day for each product."""
    touched: dict[tuple[int, int], set[str]] = defaultdict(set)
    for model in (QuotationLine, OrderLine):
        parent = model.part_of
        rows = changed_lines(model).filter(product_id__in=event.product_ids)
        for product, owner, number in rows.values_list("product_id", f"{parent}__owner_id", f"{parent}__number"):
            touched[product, owner].add(number)
    products = Product.objects.in_bulk({product for product, _owner in touched})
    for (product, owner), numbers in sorted(touched.items()):
        raise_notices(
            COST_CHANGED, [owner], products[product], key=f"cost:{product}:{owner}:{actor.today}", at=actor.now,
            arguments={"documents": ", ".join(sorted(numbers)[:5]) + (" …" if len(numbers) > 5 else "")},
        )
