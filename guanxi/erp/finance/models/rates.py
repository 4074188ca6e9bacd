"""What currencies are worth in one another, from a day on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.values.currencies import CURRENCY_CHOICES


class ExchangeRate(Customisable):
    """How much of one currency another is worth, from a day until the next rate of the two."""

    title_field = "currency"

    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES)
    base = models.CharField(_("Is worth in"), max_length=3, choices=CURRENCY_CHOICES)
    valid_from = models.DateField(_("Valid from"))
    rate = models.DecimalField(_("Exchange rate"), max_digits=19, decimal_places=8, help_text=_("Units of the second currency for one of the first."))

    class Meta:
        verbose_name = _("Exchange rate")
        verbose_name_plural = _("Exchange rates")
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "base", "valid_from"], name="one_rate_a_day",
                violation_error_message=_("There is a rate of these two currencies from this day on already."),
            ),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_positive", violation_error_message=_("The rate has to be more than zero.")),
        ]
