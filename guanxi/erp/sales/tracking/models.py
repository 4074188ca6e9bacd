"""Links by which customers follow their orders."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.erp.sales.models import Order
from guanxi.erp.sales.sharing.links import CustomerLink


class OrderLink(CustomerLink):
    """A way to the customer's page of an order."""

    access_paths = {"own": "order__owner", "team": "order__owner__team", "party": "order__customer"}
    loaded_with = ("order", "order__customer", "order__owner", "order__entity")
    place, purpose = "orders", "order-link"

    order = models.ForeignKey(Order, models.CASCADE, related_name="links", verbose_name=_("Sales order"))

    class Meta:
        verbose_name = _("Tracking link")
        verbose_name_plural = _("Tracking links")
