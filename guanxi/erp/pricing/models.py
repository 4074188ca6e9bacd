"""What changes a price: sales policies that people read and the engine applies, promotions with a budget, and coupons."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from guanxi.erp.pricing.steps import StepsField
from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import Record, RecordQuerySet
from guanxi.kernel.values import MoneyField, PriceField, QuantityField, RateField, TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.catalog.models import Category, Product
from guanxi.shared.parties.models import TIERS, Channel, Party, PaymentTerm, Region

__all__ = ["Coupon", "PolicyReading", "PriceRule", "Promotion", "PromotionItem", "PromotionUse", "SalesPolicy", "StepsField"]


class PriceRule(Customisable):
    """What policies and promotions have in common: for whom, for what, from how much on, and when."""

    business_key = "code"
    title_field = "name"
    lifecycle: ClassVar[Lifecycle]

    code = models.CharField(_("Code"), max_length=30, unique=True)
    name = TranslatedField(_("Name"))
    text = TranslatedField(_("Text"), is_long=True, blank=True)
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    priority = models.SmallIntegerField(_("Priority"), default=0, help_text=_("The higher one comes first."))
    tier = models.CharField(_("Tier"), max_length=1, choices=TIERS, blank=True, help_text=_("Empty: for customers of every tier."))
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, verbose_name=_("Sales channel"), related_name="+", help_text=_("Empty: for every channel.")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, verbose_name=_("Region"), related_name="+",
        help_text=_("With the regions that are part of it."),
    )
    customers = models.ManyToManyField(
        Party, blank=True, verbose_name=_("Customers"), related_name="+", help_text=_("Empty: for every customer.")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, verbose_name=_("Product category"), related_name="+",
        help_text=_("With the categories that are part of it."),
    )
    products = models.ManyToManyField(
        Product, blank=True, verbose_name=_("Products"), related_name="+", help_text=_("Neither category nor products: for everything.")
    )
    min_quantity = QuantityField(_("From quantity"), default=0, help_text=_("In base units, of all lines it is for together."))
    min_amount = MoneyField(_("From amount"), default=0, help_text=_("Without tax, of all lines it is for together."))
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, blank=True, help_text=_("Of the amounts that stand here."))

    class Meta:
        abstract = True


def rule_checks(name: str) -> list[models.BaseConstraint]:
    period = Q(valid_from__isnull=True) | Q(valid_until__isnull=True) | Q(valid_from__lte=F("valid_until"))
    return [
        models.CheckConstraint(condition=period, name=f"{name}_period", violation_error_message=_("The last day of validity is before the first.")),
        models.CheckConstraint(
            condition=Q(min_quantity__gte=0, min_amount__gte=0), name=f"{name}_from", violation_error_message=_("Amounts cannot be less than zero."),
        ),
    ]


class SalesPolicyQuerySet(RecordQuerySet):
    def visible_to(self, actor: Any, verb: str = "view") -> Any:
        """Who knows what promotions cost sees all of them; whoever sells by them what was published to everyone, or to a team above them."""
        rows = super().visible_to(actor, verb)
        if actor.may("view", PromotionUse):
            return rows
        named = SalesPolicy.readers.through.objects.filter(salespolicy_id=OuterRef("pk"))
        mine = Member.objects.filter(pk=actor.member_id, team__path__startswith=OuterRef("team__path"))
        return rows.filter(Q(status="published"), ~Exists(named) | Exists(named.filter(Exists(mine))))


class SalesPolicy(PriceRule):
    """销售政策: a rule of selling with a text, published to those who sell by it, and applied while it is published and valid."""

    restricted = {"see_price_audience": ("customers",), "see_cost": ("formula", "cost_basis", "markup")}
    EFFECTS = [
        ("discount", _("Discount")), ("formula", _("Price by formula")), ("cost_plus", _("Cost plus markup")), ("rebate", _("Rebate")),
        ("payment_term", _("Payment term")), ("none", _("Only to be read")),
    ]
    BASES = [("average", _("Average cost of the stock")), ("standard", _("Standard cost"))]
    lifecycle = Lifecycle(
        {"draft": _("Draft"), "published": _("Published"), "withdrawn": _("Withdrawn")},
        draft=["published"], published=["withdrawn"], withdrawn=["draft"], tones={"published": "green", "withdrawn": "grey"},
    )

    status = lifecycle.field()
    readers = models.ManyToManyField(
        Team, blank=True, verbose_name=_("Read by"), related_name="+", help_text=_("Teams with all below them. Empty: everyone.")
    )
    effect = models.CharField(_("Effect"), max_length=12, choices=EFFECTS, default="discount")
    share = RateField(_("Discount or rebate"), null=True, blank=True, help_text=_("Of the price: the discount, or the rebate."))
    formula = models.CharField(
        _("Formula"), max_length=500, blank=True,
        help_text=_("Of list_price, price, cost, standard_cost, quantity, tier, channel: list_price * 0.9, or max(price - 5, cost * 1.1)."),
    )
    cost_basis = models.CharField(_("Cost"), max_length=10, choices=BASES, default="average")
    markup = RateField(_("Markup"), null=True, blank=True, help_text=_("On the cost: 25% makes 125 of 100."))
    payment_term = models.ForeignKey(PaymentTerm, models.PROTECT, null=True, blank=True, verbose_name=_("Payment term"), related_name="+")
    published_on = models.DateField(_("Published on"), null=True, editable=False)

    objects = SalesPolicyQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Sales policy")
        verbose_name_plural = _("Sales policies")
        constraints = rule_checks("policy")


class PolicyReadingQuerySet(RecordQuerySet):
    def visible_to(self, actor: Any, verb: str = "view") -> Any:
        """Who sees all policies knows who has read them; everybody else of themselves."""
        rows = super().visible_to(actor, verb)
        return rows if actor.may("view", PromotionUse) else rows.filter(member=actor.member_id)


class PolicyReading(Record):
    """A receipt: who is to read a policy, and when they said that they had. Empty: not yet."""

    title_field = "member"
    part_of = "policy"

    policy = models.ForeignKey(SalesPolicy, models.CASCADE, verbose_name=_("Sales policy"), related_name="readings", editable=False)
    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Member"), related_name="+", editable=False)
    read_at = models.DateTimeField(_("Read at"), null=True, editable=False)

    objects = PolicyReadingQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Read receipt")
        verbose_name_plural = _("Read receipts")
        constraints = [models.UniqueConstraint(fields=["policy", "member"], name="one_receipt_a_reader")]


class Promotion(PriceRule):
    """For a while, for a reason, as long as the budget lasts: less to pay, or more for it."""

    restricted = {"see_price_audience": ("customers",)}
    KINDS = [("percent", _("Percentage off")), ("amount", _("Amount off each")), ("bundle", _("Bundle price")), ("gift", _("Gift"))]
    lifecycle = Lifecycle(
        {"draft": _("Draft"), "running": _("Running"), "ended": _("Ended")},
        draft=["running"], running=["ended"], ended=["draft"], tones={"running": "green", "ended": "grey"},
    )

    status = lifecycle.field()
    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="percent")
    share = RateField(_("Percentage off"), null=True, blank=True)
    amount = PriceField(_("Amount off"), null=True, blank=True, help_text=_("Of one base unit, without tax."))
    bundle_price = MoneyField(_("Bundle price"), null=True, blank=True, help_text=_("Without tax, for the goods below together."))
    is_repeated = models.BooleanField(
        _("Again for each such quantity"), default=True, help_text=_("Gifts: ten ordered, one free; twenty ordered, two free.")
    )
    is_by_coupon = models.BooleanField(_("Only with a coupon"), default=False)
    is_exclusive = models.BooleanField(_("Does not combine"), default=False, help_text=_("With other promotions on the same line."))
    budget = MoneyField(
        _("Budget"), null=True, blank=True, help_text=_("Of what is given away on confirmed orders; spent, the promotion ends. Empty: no end."),
    )
    used = MoneyField(_("Used"), default=0, editable=False)

    left = derived(
        _("Left of the budget"), "money",
        Case(When(budget__isnull=False, then=Greatest(F("budget") - F("used"), Value(0), output_field=MoneyField()))),
        currency="currency",
    )

    class Meta:
        verbose_name = _("Promotion")
        verbose_name_plural = _("Promotions")
        constraints = rule_checks("promotion")


class PromotionItem(Record):
    """Goods of a bundle, or given free of charge."""

    title_field = "product"
    part_of = "promotion"

    promotion = models.ForeignKey(Promotion, models.CASCADE, verbose_name=_("Promotion"), related_name="items")
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+")
    quantity = QuantityField(_("Quantity"), default=1, help_text=_("In base units."))

    class Meta:
        verbose_name = _("Goods of a promotion")
        verbose_name_plural = _("Goods of a promotion")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="promotion_item_positive", violation_error_message=_("The quantity has to be more than zero."),
            ),
            models.UniqueConstraint(
                fields=["promotion", "product"], name="one_item_a_product", violation_error_message=_("The product stands here already."),
            ),
        ]


class Coupon(Customisable):
    """A code that opens a promotion, so many times."""

    business_key = "code"
    title_field = "code"
    restricted = {"see_price_audience": ("customer",)}

    code = models.CharField(_("Code"), max_length=30, unique=True, help_text=_("Letters and digits; small letters count as large ones."))
    promotion = models.ForeignKey(Promotion, models.PROTECT, verbose_name=_("Promotion"), related_name="coupons")
    customer = models.ForeignKey(
        Party, models.PROTECT, null=True, blank=True, verbose_name=_("Customer"), related_name="+", help_text=_("Empty: whoever has it."),
        limit_choices_to={"is_customer": True},
    )
    max_uses = models.PositiveIntegerField(_("Uses allowed"), null=True, blank=True, default=1, help_text=_("Empty: any number."))
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    used_count = models.PositiveIntegerField(_("Times used"), default=0, editable=False)
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Coupon")
        verbose_name_plural = _("Coupons")


class PromotionUse(Record):
    """What a confirmed order took of a promotion; given back when it is cancelled."""

    title_field = "promotion"
    record_columns = {"source": _("Used by")}
    unlisted = ("source_model", "source_id")

    promotion = models.ForeignKey(Promotion, models.PROTECT, verbose_name=_("Promotion"), related_name="uses", editable=False)
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, verbose_name=_("Coupon"), related_name="+", editable=False)
    source_model = models.CharField(max_length=60, editable=False)
    source_id = models.BigIntegerField(editable=False)
    amount = MoneyField(_("Amount"), currency_field="promotion__currency", editable=False)
    used_at = models.DateTimeField(_("Used at"), editable=False)
    given_back_at = models.DateTimeField(_("Given back at"), null=True, editable=False)

    class Meta:
        verbose_name = _("Use of a promotion")
        verbose_name_plural = _("Uses of promotions")
        indexes = [models.Index(fields=["source_id", "source_model"], name="promotion_use_source")]
