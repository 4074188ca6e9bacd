"""What promising does when goods have come: those that waited get them."""

from guanxi.erp.inventory.events import GoodsInspected, GoodsReceived, StockAdjusted, StockTransferred
from guanxi.erp.promising.events import StockAllocated
from guanxi.erp.promising.operations import give_out_arrived
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.notices.kinds import notify

notify(StockAllocated, to="owner")


@reaction(GoodsReceived)
def allocate_received(event: GoodsReceived, *, actor: Actor) -> None:
    """Goods of a receipt go to the lines that wait for them, by the warehouse's rule."""
    give_out_arrived(event.product_ids, event.warehouse_id, actor)


@reaction(GoodsInspected)
def allocate_restocked(event: GoodsInspected, *, actor: Actor) -> None:
    """The same with goods that came back and are good enough to be sold."""
    if event.product_ids:
        give_out_arrived(event.product_ids, event.warehouse_id, actor)


@reaction(StockTransferred)
def allocate_transferred(event: StockTransferred, *, actor: Actor) -> None:
    """The same with goods from another warehouse."""
    give_out_arrived([event.product_id], event.to_warehouse_id, actor)


@reaction(StockAdjusted)
def allocate_found(event: StockAdjusted, *, actor: Actor) -> None:
    """The same with goods that a count has found."""
    if not event.difference.startswith("-"):
        give_out_arrived([event.product_id], event.warehouse_id, actor)
