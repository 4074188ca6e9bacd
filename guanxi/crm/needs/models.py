"""What customers need, and which products they think of."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.access.scopes import scope
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.values import PriceField, QuantityField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import SOURCES, Contact, Party

NEED_SERIES = series("needs.customerneed", "ND-{year}-{n:05}")
SUBJECTS = [
    ("function", _("Function")), ("quality", _("Quality")), ("price", _("Price")), ("delivery", _("Delivery time")), ("service", _("Service")),
    ("other", _("Other matter")),
]
WEIGHTS = [("must", _("Must be")), ("should", _("Should be")), ("nice", _("Would be nice"))]

scope("passed", _("what was passed on to one's team"), lambda path, actor: Q(**{f"{path}__in": actor.team_ids}))


class CustomerNeed(Customisable):
    """Something a customer wants that is not simply an order: who has to deal with it, and what came of it."""

    business_key = "number"
    title_field = "name"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer", "passed": "passed_to"}
    number_series = NEED_SERIES
    lifecycle = Lifecycle(
        {"open": _("Raised"), "passed": _("Passed on"), "accepted": _("Accepted"), "met": _("Met"), "declined": _("Declined")},
        open=["passed", "accepted", "declined", "met"],
        passed=["accepted", "declined", "met", "open"],
        accepted=["met", "declined"],
        met=["open"],
        declined=["open"],
        editable=("open", "passed", "accepted"),
        tones={"open": "orange", "passed": "blue", "accepted": "violet", "met": "green", "declined": "grey"},
    )

    number = models.CharField(_("Number"), max_length=30, unique=True, blank=True, editable=False)
    name = models.CharField(_("Need"), max_length=160, help_text=_("In a few words."))
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, verbose_name=_("Contact"), related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, verbose_name=_("Product"), related_name="+")
    kind = models.CharField(_("About"), max_length=10, choices=SUBJECTS, default="function")
    weight = models.CharField(_("Importance"), max_length=6, choices=WEIGHTS, default="should")
    need = models.TextField(_("What is needed"), blank=True)
    constraint = models.TextField(_("Constraints"), blank=True, help_text=_("What it has to fit: a day, a price, a standard, a machine."))
    needed_on = models.DateField(_("Needed on"), null=True, blank=True)
    status = lifecycle.field()
    owner = models.ForeignKey(Member, models.PROTECT, blank=True, verbose_name=_("Owner"), related_name="+")
    received_on = models.DateField(_("Received on"), blank=True)
    passed_to = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, editable=False, verbose_name=_("Passed on to"), related_name="+"
    )
    answer = models.TextField(_("Answer"), blank=True, editable=False)
    answered_on = models.DateField(_("Answered on"), null=True, editable=False)

    class Meta:
        verbose_name = _("Customer need")
        verbose_name_plural = _("Customer needs")
        indexes = [
            models.Index(fields=["customer", "-id"], name="need_customer"),
            models.Index(fields=["owner", "-received_on"], name="need_owner"),
            models.Index(fields=["passed_to", "status"], name="need_passed"),
        ]


class ProductInterest(Customisable):
    """A product a customer thinks of: how much of it, at about which price, and when."""

    title_field = "name"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    loaded_with = ("customer", "product")
    lifecycle = Lifecycle(
        {"open": _("In mind"), "pursued": _("Pursued"), "dropped": _("Dropped")},
        open=["pursued", "dropped"],
        dropped=["open"],
        editable=("open",),
        tones={"open": "orange", "pursued": "green", "dropped": "grey"},
    )

    name = models.CharField(max_length=160, blank=True, editable=False, verbose_name=_("Interest"))
    """Product and quantity, for people; made by the completion."""
    customer = models.ForeignKey(Party, models.PROTECT, verbose_name=_("Customer"), related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, verbose_name=_("Contact"), related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+")
    quantity = QuantityField(_("Quantity"), default=1)
    price_idea = PriceField(_("Price idea"), null=True, blank=True, currency_field="currency", help_text=_("What they think of paying for one."))
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, blank=True)
    wanted_on = models.DateField(_("Wanted on"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=20, choices=SOURCES, blank=True)
    note = models.TextField(_("Note"), blank=True)
    status = lifecycle.field()
    owner = models.ForeignKey(Member, models.PROTECT, blank=True, verbose_name=_("Owner"), related_name="+")
    noted_on = models.DateField(_("Noted on"), blank=True)

    class Meta:
        verbose_name = _("Product interest")
        verbose_name_plural = _("Product interests")
        indexes = [
            models.Index(fields=["customer", "-id"], name="interest_customer"),
            models.Index(fields=["product", "wanted_on"], condition=Q(status="open"), name="interest_product"),
        ]
