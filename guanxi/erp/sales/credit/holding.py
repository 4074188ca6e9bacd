"""What an order carries of its hold: why, since when, in whose words, and whether its credit was released by a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.values import MoneyField

HOLDS = [
    ("", _("Not on hold")), ("credit", _("Customer credit")), ("prepayment", _("Prepayment awaited")), ("customer", _("At the customer's wish")),
    ("terms", _("Terms to be settled")), ("other", _("Other reason")),
]
BY_HAND = ("credit", "customer", "terms", "other")
PAID_FREE = ("credit", "prepayment")
"""Holds that end by themselves when the money is there."""


class Holdable(models.Model):
    """A document that may stand still although it is confirmed."""

    hold = models.CharField(_("On hold"), max_length=12, choices=HOLDS, default="", blank=True, editable=False)
    hold_note = models.CharField(_("About the hold"), max_length=300, default="", blank=True, editable=False)
    held_at = models.DateTimeField(_("On hold since"), null=True, editable=False)
    prepayment = MoneyField(_("Prepayment asked"), default=0, editable=False)
    """In the order's currency; with it the order is free as soon as so much was received for it."""
    is_cleared = models.BooleanField(_("Credit released"), default=False, editable=False)
    """Somebody looked at the customer's credit and let this order pass."""

    class Meta:
        abstract = True
