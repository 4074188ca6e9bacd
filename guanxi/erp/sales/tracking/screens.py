"""How links to orders are seen."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.kernel.screens.screen import Screen


class OrderLinkScreen(Screen):
    model = OrderLink
    path = "sales/order-links"
    icon = "link"
    teaches = _("Ways for customers to follow their orders: who was given one, until when it is open, and when it was looked at.")
    columns = ("given_to", "order", "made_by", "at", "ends_on", "revoked_at", "first_seen_at", "last_seen_at", "seen_count")
    filters = ("order", "order__customer", "made_by", "at", "ends_on", "revoked_at", "first_seen_at")
    sections = {_("Tracking link"): (
        "order", "given_to", "message", "made_by", "at", "ends_on", "revoked_at", "first_seen_at", "last_seen_at", "seen_count",
    )}
    default_sort = "-at"
    title = "given_to"
    subtitle = ("order",)
    hidden_operations = ("open_order_link",)
    may_create = False
    may_edit = False
