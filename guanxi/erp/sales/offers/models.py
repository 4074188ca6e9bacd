"""Versions of quotations as they were sent, the terms they are made on, the customer's links, and the customer's answers."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy as _

from guanxi.erp.promising.models import PromisedLine
from guanxi.erp.sales.models import INCLUSIONS, Quotation, SalesLine, line_checks
from guanxi.erp.sales.sharing.links import CustomerLink
from guanxi.kernel.access.models import Entity, Member
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.record import AppendOnly, Record
from guanxi.kernel.values import MoneyField, TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.parties.models import Contact, Master, Party, PaymentTerm

_AS_THE_QUOTATION = {"own": "quotation__owner", "team": "quotation__owner__team", "party": "quotation__customer"}


class TermsText(Master):
    """Words on which offers are made, ready to be chosen: delivery, warranty, payment, in both languages."""

    text = TranslatedField(_("Text"), is_long=True)

    class Meta(Master.Meta):
        verbose_name = _("Terms text")
        verbose_name_plural = _("Terms texts")


class QuotationVersion(AppendOnly):
    """A quotation as the customer was given it: nothing of it changes afterwards."""

    business_key = "number"
    access_paths = _AS_THE_QUOTATION
    restricted = {"see_margin": ("cost", "margin", "margin_rate")}
    loaded_with: ClassVar[tuple[str, ...]] = ("quotation",)
    status = "sent"
    """As documents on paper ask for it: what was sent is no draft."""

    quotation = models.ForeignKey(Quotation, models.PROTECT, related_name="versions", verbose_name=_("Quotation"))
    edition = models.PositiveSmallIntegerField(_("Version"))
    number = models.CharField(_("Number"), max_length=40, unique=True)
    at = models.DateTimeField(_("Sent at"))
    sender = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Sent by"), related_name="+")
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, verbose_name=_("Contact"), related_name="+")
    owner = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Owner"), related_name="+")
    entity = models.ForeignKey(Entity, models.PROTECT, verbose_name=_("Legal entity"), related_name="+")
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES)
    payment_term = models.ForeignKey(PaymentTerm, models.PROTECT, null=True, verbose_name=_("Payment term"), related_name="+")
    quoted_on = models.DateField(_("Quoted on"))
    valid_until = models.DateField(_("Valid until"), null=True)
    note = models.TextField(_("Note"), blank=True)
    terms_text = TranslatedField(_("Terms in words"), blank=True, is_long=True)
    net = MoneyField(_("Net"), default=0)
    tax = MoneyField(_("Tax"), default=0)
    total = MoneyField(_("Total"), default=0)
    cost = MoneyField(_("Expected cost"), default=0)

    margin = derived(_("Margin"), "money", F("net") - F("cost"), currency="currency")
    margin_rate = derived(_("Margin rate"), "percent", (F("net") - F("cost")) / NullIf(F("net"), Value(Decimal(0))))

    class Meta:
        verbose_name = _("Quotation version")
        verbose_name_plural = _("Quotation versions")
        constraints = [models.UniqueConstraint(fields=["quotation", "edition"], name="one_version_of_a_number")]


class QuotationVersionLine(SalesLine):
    """A line of a version. `origin` is the quotation's line it was made from, by which two versions are compared."""

    append_only = True
    tracked = False
    part_of = "version_of"
    tones = {**PromisedLine.tones, "inclusion": {"firm": "", "optional": "grey", "chosen": "green"}}

    version_of = models.ForeignKey(QuotationVersion, models.PROTECT, related_name="lines", verbose_name=_("Quotation version"))
    origin = models.BigIntegerField(_("Made from line"), editable=False)
    inclusion = models.CharField(_("Option"), max_length=8, choices=INCLUSIONS, default="firm")

    class Meta(SalesLine.Meta):
        verbose_name = _("Line of a quotation version")
        verbose_name_plural = _("Lines of quotation versions")
        constraints = line_checks("quotation_version_line")


class OfferLink(CustomerLink):
    """A way to the customer's page of a quotation."""

    access_paths = _AS_THE_QUOTATION
    loaded_with = ("quotation", "quotation__customer", "quotation__owner", "quotation__entity", "quotation__payment_term")
    place, purpose = "offers", "offer-link"

    quotation = models.ForeignKey(Quotation, models.CASCADE, related_name="offer_links", verbose_name=_("Quotation"))

    class Meta:
        verbose_name = _("Link for the customer")
        verbose_name_plural = _("Links for the customer")


class OfferAnswer(Record):
    """What the customer said on the page: yes, a comment, or that something should be otherwise."""

    access_paths = _AS_THE_QUOTATION
    title_field = "name"
    tracked = False
    untracked_because = "said once, it is never changed"
    tones = {"kind": {"accepted": "green", "change_asked": "orange", "commented": "grey"}}

    quotation = models.ForeignKey(Quotation, models.CASCADE, related_name="answers", verbose_name=_("Quotation"))
    link = models.ForeignKey(OfferLink, models.SET_NULL, null=True, verbose_name=_("Link for the customer"), related_name="+")
    kind = models.CharField(
        _("Answer"), max_length=12,
        choices=[("accepted", _("Accepted on line")), ("change_asked", _("Asked for a change")), ("commented", _("Commented"))],
    )
    edition = models.PositiveSmallIntegerField(_("Version"))
    at = models.DateTimeField(_("When"))
    name = models.CharField(_("Name"), max_length=120)
    position = models.CharField(_("Position"), max_length=120, blank=True)
    signature = models.CharField(_("Signed"), max_length=120, blank=True)
    text = models.TextField(_("Text"), blank=True)
    chosen = models.CharField(_("Options chosen"), max_length=400, blank=True)
    total = MoneyField(_("Total"), null=True, currency_field="")
    origin = models.CharField(_("Address, as a fingerprint"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("Customer's answer")
        verbose_name_plural = _("Customers' answers")
        indexes = [models.Index(fields=["quotation", "-at"], name="answer_quotation")]
