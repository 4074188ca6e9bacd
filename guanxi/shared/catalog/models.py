"""What is sold, bought and kept in stock: products, units, taxes, prices."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Entity
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.record import Record, RecordQuerySet
from guanxi.kernel.values import PriceField, QuantityField, RateField, TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES
from guanxi.shared.parties.models import TIERS, Channel, Master, Party

PRODUCT_SERIES = series("catalog.product", "P-{n:05}")
ROUNDINGS = [
    ("0.01", "0.01"), ("0.05", "0.05"), ("0.1", "0.1"), ("0.5", "0.5"), ("1", "1"), ("5", "5"), ("10", "10"), ("100", "100"),
    ("9", _("to whole numbers ending in 9")), ("0.99", _("to prices ending in .99")),
]
PRODUCT_KINDS = [("goods", _("Goods")), ("service", _("Service"))]


class Unit(Master):
    """A unit of measure: piece, box, kilogram."""

    class Meta(Master.Meta):
        verbose_name = _("Unit")
        verbose_name_plural = _("Units")


class Category(Master):
    """A group of products, within a larger one or not."""

    restricted = {"see_margin": ("margin_floor",)}

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("Part of"), related_name="parts"
    )
    margin_floor = RateField(
        _("Least margin"), null=True, blank=True, help_text=_("What an offer should leave of its net; less stands out while it is written."),
    )

    class Meta(Master.Meta):
        verbose_name = _("Product category")
        verbose_name_plural = _("Product categories")
        constraints = [
            models.CheckConstraint(
                condition=Q(margin_floor__isnull=True) | Q(margin_floor__gte=0, margin_floor__lt=1), name="category_floor_a_fraction",
                violation_error_message=_("The least margin lies between 0 and 100 %."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="category_not_its_own_part",
                violation_error_message=_("A category cannot be part of itself."),
            )
        ]


class Tax(Master):
    """A rate of value-added tax. A rate that changes by law is a new tax; documents keep the rate they were made with."""

    rate = RateField(_("Rate"))
    is_default = models.BooleanField(_("Default"), default=False, editable=False)
    entity = models.ForeignKey(
        Entity, models.PROTECT, null=True, blank=True, verbose_name=_("Legal entity"), related_name="+",
        help_text=_("Whose documents it is for; all when empty."),
    )
    stands_for = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("Instead of the tax"), related_name="+",
        help_text=_("The tax of the products, where this legal entity sells them."),
    )

    class Meta(Master.Meta):
        verbose_name = _("Tax")
        verbose_name_plural = _("Taxes")
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_tax"),
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lt=1), name="tax_rate_a_fraction",
                violation_error_message=_("A tax rate lies between 0 and 100 %."),
            ),
            models.UniqueConstraint(
                fields=["entity", "stands_for"], name="one_tax_in_place",
                violation_error_message=_("This legal entity has a tax in place of that one already."),
            ),
            models.CheckConstraint(
                condition=Q(stands_for__isnull=True) | Q(entity__isnull=False), name="tax_in_place_of_an_entity",
                violation_error_message=_("Say which legal entity takes it in place of the other."),
            ),
        ]


class Product(Customisable):
    """Something one sells, buys or makes; stocked in its base unit when it is goods."""

    business_key = "code"
    title_field = "name"
    restricted = {"see_cost": ("standard_cost", "supplier")}
    number_series = PRODUCT_SERIES
    number_field = "code"

    code = models.CharField(_("Code"), max_length=40, unique=True, blank=True, help_text=_("Left empty, the next number is taken."))
    name = TranslatedField(_("Name"))
    specification = models.CharField(_("Specification"), max_length=160, blank=True)
    kind = models.CharField(_("Kind"), max_length=10, choices=PRODUCT_KINDS, default="goods")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, verbose_name=_("Category"), related_name="products")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("Base unit"), related_name="+")
    tax = models.ForeignKey(Tax, models.PROTECT, blank=True, verbose_name=_("Tax"), related_name="+")
    list_price = PriceField(_("List price"), default=0, currency_field="", help_text=_("Without tax, for one base unit, in the company's currency."))
    standard_cost = PriceField(_("Standard cost"), default=0, currency_field="", help_text=_("For one base unit, in the company's currency."))
    barcode = models.CharField(_("Barcode"), max_length=40, blank=True, db_index=True)
    supplier = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, verbose_name=_("Main supplier"), related_name="+")
    reorder_level = QuantityField(_("Reorder level"), default=0, help_text=_("In base units."))
    lead_days = models.PositiveSmallIntegerField(
        _("Usual lead time"), null=True, blank=True, validators=[MaxValueValidator(999)],
        help_text=_("In working days, for what is neither there nor known to come. Empty: no date can be promised for it."),
    )
    note = models.TextField(_("Note"), blank=True)
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Product")
        verbose_name_plural = _("Products")
        constraints = [
            models.CheckConstraint(
                condition=Q(list_price__gte=0, standard_cost__gte=0), name="product_prices_not_negative",
                violation_error_message=_("Prices and costs cannot be less than zero."),
            ),
            models.UniqueConstraint(
                fields=["barcode"], condition=~Q(barcode=""), name="one_product_per_barcode",
                violation_error_message=_("Another product has this barcode."),
            ),
        ]


class ProductUnit(Record):
    """Another unit in which a product is traded, and how many base units it holds."""

    title_field = "unit"
    part_of = "product"

    product = models.ForeignKey(Product, models.CASCADE, verbose_name=_("Product"), related_name="units")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name=_("Unit"), related_name="+")
    factor = QuantityField(_("Base units"), help_text=_("How many base units are in one of these."))

    class Meta:
        verbose_name = _("Unit of a product")
        verbose_name_plural = _("Units of a product")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "unit"], name="one_factor_per_unit",
                violation_error_message=_("The product has this unit already."),
            ),
            models.CheckConstraint(
                condition=Q(factor__gt=0), name="factor_positive",
                violation_error_message=_("One unit has to hold more than zero base units."),
            ),
        ]


class Substitute(Record):
    """Another product that may be offered in place of one that is short; the first in order comes first."""

    title_field = "substitute"
    part_of = "product"

    product = models.ForeignKey(Product, models.CASCADE, verbose_name=_("Product"), related_name="substitutes")
    substitute = models.ForeignKey(Product, models.CASCADE, verbose_name=_("Substitute"), related_name="+")
    position = models.PositiveSmallIntegerField(_("Position"), default=1, help_text=_("The smallest number is offered first."))
    factor = QuantityField(_("Factor"), default=1, help_text=_("How many base units of it replace one base unit of the product."))
    note = models.CharField(_("Note"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("Substitute")
        verbose_name_plural = _("Substitutes")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "substitute"], name="one_substitute_each",
                violation_error_message=_("The product has this substitute already."),
            ),
            models.CheckConstraint(
                condition=~Q(product=F("substitute")), name="substitute_another_product",
                violation_error_message=_("A product cannot replace itself; choose another."),
            ),
            models.CheckConstraint(
                condition=Q(factor__gt=0), name="substitute_factor_positive",
                violation_error_message=_("The factor has to be more than zero."),
            ),
        ]


def _validity() -> Func:
    """The days from `valid_from` to `valid_until`, both included; an empty end is open."""
    return Func(F("valid_from"), F("valid_until"), Value("[]"), function="daterange")


class PriceListQuerySet(RecordQuerySet):
    def visible_to(self, actor, verb="view"):
        """A list for named customers is known to those who may see one of them."""
        rows = super().visible_to(actor, verb)
        if actor.row_filter("view", Party) is True:
            return rows
        named = PriceList.customers.through.objects.filter(pricelist_id=OuterRef("pk"))
        return rows.filter(~Exists(named) | Exists(named.filter(party__in=Party.objects.visible_to(actor))))


class PriceList(Customisable):
    """Prices in one currency, for everybody, for a tier, a channel, or for named customers, in a period."""

    business_key = "code"
    title_field = "name"
    restricted = {"see_price_audience": ("customers",), "see_cost": ("formula",)}

    code = models.CharField(_("Code"), max_length=30, unique=True)
    name = TranslatedField(_("Name"))
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, blank=True)
    priority = models.SmallIntegerField(
        _("Priority"), default=0, help_text=_("Between lists for the same audience the higher one counts.")
    )
    tier = models.CharField(_("Tier"), max_length=1, choices=TIERS, blank=True, help_text=_("Empty: for customers of every tier."))
    channel = models.ForeignKey(
        Channel, models.PROTECT, null=True, blank=True, verbose_name=_("Sales channel"), related_name="+", help_text=_("Empty: for every channel.")
    )
    customers = models.ManyToManyField(
        Party, blank=True, verbose_name=_("Customers"), related_name="price_lists", help_text=_("Empty: for every customer.")
    )
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)
    has_tax = models.BooleanField(
        _("Prices include tax"), default=False, help_text=_("The price without tax is derived, to six places, from the product's rate.")
    )
    is_converted = models.BooleanField(
        _("In other currencies too"), default=False, help_text=_("For documents in another currency, at the exchange rate of their day.")
    )
    formula = models.CharField(
        _("Formula"), max_length=500, blank=True,
        help_text=_("For products that have no price in the list: list_price * 0.95, or cost * 1.3. Also: standard_cost, quantity, tier, channel."),
    )
    rounding = models.CharField(
        _("Round to"), max_length=4, choices=ROUNDINGS, blank=True, help_text=_("What a formula or an exchange rate gives; entered prices stay.")
    )
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    objects = PriceListQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Price list")
        verbose_name_plural = _("Price lists")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_until__isnull=True) | Q(valid_from__lte=F("valid_until")),
                name="price_list_period", violation_error_message=_("The last day of validity is before the first."),
            )
        ]


class PriceListItemQuerySet(RecordQuerySet):
    def visible_to(self, actor, verb="view"):
        rows = super().visible_to(actor, verb)
        return rows if actor.row_filter("view", Party) is True else rows.filter(price_list__in=PriceList.objects.visible_to(actor))


class PriceListItem(Record):
    """The price of one base unit of a product, from a quantity on, in a period."""

    title_field = "product"
    part_of = "price_list"

    price_list = models.ForeignKey(PriceList, models.CASCADE, verbose_name=_("Price list"), related_name="items")
    product = models.ForeignKey(Product, models.CASCADE, verbose_name=_("Product"), related_name="prices")
    min_quantity = QuantityField(_("From quantity"), default=0, help_text=_("In base units."))
    price = PriceField(
        _("Price"), currency_field="price_list__currency", help_text=_("For one base unit; without tax unless the list says otherwise."),
    )
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)

    objects = PriceListItemQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Price")
        verbose_name_plural = _("Prices")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_until__isnull=True) | Q(valid_from__lte=F("valid_until")),
                name="price_period", violation_error_message=_("The last day of validity is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0, min_quantity__gte=0), name="price_not_less_than_zero",
                violation_error_message=_("Prices and quantities cannot be less than zero."),
            ),
            ExclusionConstraint(
                name="one_price_at_a_time",
                expressions=[
                    ("product", RangeOperators.EQUAL), ("price_list", RangeOperators.EQUAL), ("min_quantity", RangeOperators.EQUAL),
                    (_validity(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The list already has a price of this product from this quantity on for some of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price_list} · {self.product}"
