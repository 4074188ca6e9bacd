"""How much customers may owe, and what is asked of them before goods are promised or leave."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.record import Record
from guanxi.kernel.values import RateField, TranslatedField
from guanxi.shared.parties.models import TIERS, Party

OTHERS = "other"


class CreditPolicy(Record):
    """What is looked at for customers of one tier, and at which step; one is for all other tiers."""

    title_field = "name"

    name = TranslatedField(_("Name"))
    tier = models.CharField(
        _("Tier"), max_length=5, choices=[(OTHERS, _("All other tiers")), *TIERS], default=OTHERS,
        help_text=_("Of the customer. “All other tiers” holds where its tier has no policy of its own."),
    )
    is_active = models.BooleanField(_("Active"), default=True)
    at_quotation = models.CharField(
        _("At the quotation"), max_length=5, choices=[("none", _("Not checked")), ("warn", _("Warn"))], default="warn"
    )
    at_order = models.CharField(
        _("When an order is confirmed"), max_length=5, default="hold",
        choices=[("none", _("Not checked")), ("warn", _("Warn")), ("hold", _("Put the order on hold"))],
        help_text=_("An order on hold is confirmed, but no goods are reserved for it and none leave."),
    )
    at_release = models.CharField(
        _("When its delivery is made"), max_length=5, choices=[("none", _("Not checked")), ("stop", _("Do not allow"))], default="none"
    )
    at_shipment = models.CharField(
        _("When goods leave"), max_length=5, choices=[("none", _("Not checked")), ("stop", _("Do not allow"))], default="stop"
    )
    days_overdue = models.PositiveSmallIntegerField(
        _("Days overdue that are tolerated"), null=True, blank=True, help_text=_("Empty: how late invoices are is not looked at.")
    )
    tolerance = RateField(_("Tolerance"), default=0, help_text=_("By how much the limit may be passed, in per cent of it."))
    prepaid_share = RateField(_("To be prepaid"), default=0, help_text=_("The share of each order that has to be paid before it is delivered."))

    class Meta:
        verbose_name = _("Credit policy")
        verbose_name_plural = _("Credit policies")
        ordering = ["tier"]
        constraints = [
            models.UniqueConstraint(
                fields=["tier"], condition=Q(is_active=True), name="one_active_policy_a_tier",
                violation_error_message=_("There is an active policy for this tier already: change that one, or switch it off first."),
            ),
            models.CheckConstraint(
                condition=Q(tolerance__gte=0, tolerance__lte=1), name="credit_tolerance_a_fraction",
                violation_error_message=_("The tolerance lies between 0 and 100 %."),
            ),
            models.CheckConstraint(
                condition=Q(prepaid_share__gte=0, prepaid_share__lte=1), name="credit_prepaid_a_fraction",
                violation_error_message=_("The share to be prepaid lies between 0 and 100 %."),
            ),
        ]


class CreditAccount(Record):
    """A customer's credit, held by whoever adds to it: two orders at once are looked at one after the other."""

    tracked = False
    untracked_because = "it holds no figures: it is only there to be locked"

    party = models.OneToOneField(Party, models.CASCADE, verbose_name=_("Customer"), related_name="+", editable=False)

    class Meta:
        verbose_name = _("Credit account")
        verbose_name_plural = _("Credit accounts")
