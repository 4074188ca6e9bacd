"""Samples that customers have for a while."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


class SampleLoan(Customisable):
    business_key = "number"
    number_series = series("samples.sampleloan", "SL-{year}-{n:04}")
    numbered_on = "lent_on"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    lifecycle = Lifecycle({"lent": _("Lent"), "returned": _("Returned")}, lent=["returned"], tones={"returned": "green"})

    number = models.CharField(_("Number"), max_length=30, unique=True, blank=True, editable=False)
    status = lifecycle.field()
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+")
    lent_on = models.DateField(_("Lent on"))
    due_on = models.DateField(_("Due on"))
    returned_on = models.DateField(_("Returned on"), null=True, editable=False)
    owner = models.ForeignKey(Member, models.PROTECT, blank=True, verbose_name=_("Owner"), related_name="+")

    class Meta:
        verbose_name = _("Sample loan")
        verbose_name_plural = _("Sample loans")
