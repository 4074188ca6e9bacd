"""Customers who follow their orders: one has looked, one has not yet."""

from __future__ import annotations

from guanxi.erp.sales.models import Order, OrderLine
from guanxi.erp.sales.panels import deliveries_of
from guanxi.erp.sales.sharing.links import count_view
from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.erp.sales.tracking.operations import VISITOR_GRANTS, open_order_link, share_order
from guanxi.kernel.access.actor import visitor_actor
from guanxi.shared.demo import Demo

READERS = ("采购部 周工", "收货组")


def prepare(demo: Demo) -> None:
    words = demo.words(__name__)
    begun = OrderLine.objects.annotate(done=OrderLine.delivered_quantity.sql()).filter(done__gt=0).values("order_id")
    rows = Order.objects.filter(pk__in=begun, status="confirmed", hold="").select_related(*Order.loaded_with, "contact")
    # First those that have a photo to show.
    followed = sorted(rows.order_by("-ordered_on", "-pk"), key=lambda order: not deliveries_of(order).filter(proof__isnull=False).exists())
    for number, (order, reader) in enumerate(zip(followed, words.READERS, strict=False)):
        seller = demo.acting(demo.owner_of(order), demo.today)
        link = share_order(order, actor=seller, given_to=reader).link
        assert isinstance(link, OrderLink)
        if number == 0:
            visitor = visitor_actor(VISITOR_GRANTS, demo.company.language).on(demo.today, 10)
            open_order_link(link, actor=visitor)
            count_view(link, visitor)
