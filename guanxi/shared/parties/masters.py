"""The archives by which parties are sorted: regions, industries, categories, channels, payment terms."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values import TranslatedField


class Master(Customisable):
    """A short list that a company keeps for itself: a code, a name in every language, put away when no longer used."""

    business_key = "code"
    title_field = "name"

    code = models.CharField(_("Code"), max_length=30, unique=True)
    name = TranslatedField(_("Name"))
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["code"]

    @classmethod
    def add_missing(cls, rows: Iterable[Self]) -> None:
        """Insert those whose code is not there, and let them be found: for the lists a new account set starts with."""
        wanted = {row.code: row for row in rows}
        known = set(cls._base_manager.filter(code__in=wanted).values_list("code", flat=True))
        added = cls._base_manager.bulk_create([row for code, row in wanted.items() if code not in known])
        index_records(cls, [row.pk for row in added])


class Region(Master):
    """Where a party is, from the large to the small: East China, Jiangsu, Changzhou."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("Part of"), related_name="parts"
    )

    class Meta(Master.Meta):
        verbose_name = _("Region")
        verbose_name_plural = _("Regions")
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="region_not_its_own_part",
                violation_error_message=_("A region cannot be part of itself."),
            )
        ]


class Industry(Master):
    """What a party does, after the national classification GB/T 4754."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("Part of"), related_name="parts"
    )

    class Meta(Master.Meta):
        verbose_name = _("Industry")
        verbose_name_plural = _("Industries")
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="industry_not_its_own_part",
                violation_error_message=_("An industry cannot be part of itself."),
            )
        ]


class PartyCategory(Master):
    """The way business is done with a party: direct, distributor, dealer, agent, end customer …"""

    class Meta(Master.Meta):
        verbose_name = _("Customer category")
        verbose_name_plural = _("Customer categories")


class Channel(Master):
    """The way a customer is reached: direct, through an agent or a distributor, by e-commerce."""

    class Meta(Master.Meta):
        verbose_name = _("Sales channel")
        verbose_name_plural = _("Sales channels")


class PaymentTerm(Master):
    """When an invoice is due: so many days after its date, or after the end of its month."""

    days = models.PositiveSmallIntegerField(_("Days"), default=0)
    is_from_month_end = models.BooleanField(_("Counted from the end of the month"), default=False)

    class Meta(Master.Meta):
        verbose_name = _("Payment term")
        verbose_name_plural = _("Payment terms")
        ordering = ["is_from_month_end", "days", "code"]

    def due_on(self, issued_on: date) -> date:
        """The last day on which an invoice of that day is paid in time."""
        start = issued_on
        if self.is_from_month_end:
            start = issued_on.replace(day=monthrange(issued_on.year, issued_on.month)[1])
        return start + timedelta(days=self.days)
