"""The links of an order on its page."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.models import Order
from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.erp.sales.tracking.screens import OrderLinkScreen
from guanxi.kernel.screens.panels import Panel, panel


@panel(Order, _("Tracking links"), order=50, key="links", when=lambda order: order.status != "draft")
def links_of_order(order: Order, actor) -> Panel:
    columns = ("given_to", "made_by", "at", "ends_on", "first_seen_at", "last_seen_at", "seen_count", "revoked_at")
    return Panel(OrderLinkScreen, OrderLink.objects.filter(order=order), columns, sort="-at")
