"""Products that are put together by choice: features, their options, what goes with what, and configurations that were saved."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.numbers.series import series
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.record import Record
from guanxi.kernel.values import MoneyField, PriceField, QuantityField, RateField, TranslatedField
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Master, Party

CONFIGURATION_SERIES = series("configurator.configuration", "CF-{year}-{n:05}")


class Feature(Master):
    """What is to be decided about a product: motor, colour, control. Its code is the name by which rules read the option chosen."""

    position = models.PositiveSmallIntegerField(_("Place"), default=10, help_text=_("In this order the features are asked for."))

    class Meta(Master.Meta):
        verbose_name = _("Feature")
        verbose_name_plural = _("Features")
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"), name="feature_code_a_name",
                violation_error_message=_("Small letters, digits and _, a letter first: rules read the feature by this code."),
            )
        ]


class ProductModel(Customisable):
    """A product with features; what it costs without any options is the product's own price."""

    title_field = "product"

    product = models.OneToOneField(Product, models.PROTECT, verbose_name=_("Product"), related_name="model")
    note = models.TextField(_("Note"), blank=True)
    archived_at = models.DateTimeField(_("Archived at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Product model")
        verbose_name_plural = _("Product models")

    def __str__(self) -> str:
        return str(self.product)


class ProductOption(Record):
    """One answer to a feature, and what it adds to price and cost of one base unit; a component is what is taken from stock for it, the cost
    beside it is work."""

    part_of = "model"
    title_field = "name"
    restricted = {"see_cost": ("cost",)}

    model = models.ForeignKey(ProductModel, models.CASCADE, related_name="options", verbose_name=_("Product model"))
    position = models.PositiveSmallIntegerField(_("#"), default=1, editable=False)
    feature = models.ForeignKey(Feature, models.PROTECT, verbose_name=_("Feature"), related_name="+")
    code = models.CharField(_("Code"), max_length=30)
    name = TranslatedField(_("Option"))
    surcharge = PriceField(_("Surcharge"), default=0, currency_field="", help_text=_("For one base unit, without tax, in the company's currency."))
    surcharge_rate = RateField(_("Surcharge in %"), default=0, help_text=_("Of the product's own price."))
    cost = PriceField(_("Added cost"), default=0, currency_field="", help_text=_("Work on it, beside the component."))
    component = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, verbose_name=_("Component"), related_name="+")
    component_quantity = QuantityField(_("Quantity of it"), default=1)
    days = models.PositiveSmallIntegerField(
        _("Working days"), default=0, help_text=_("How long it takes to put it in; the longest of the options counts."),
    )
    is_usual = models.BooleanField(_("Usual"), default=False)

    class Meta:
        verbose_name = _("Option")
        verbose_name_plural = _("Options")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["model", "feature", "code"], name="one_option_a_code",
                violation_error_message=_("The feature has an option with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(component_quantity__gt=0), name="component_quantity_positive",
                violation_error_message=_("The quantity has to be more than zero."),
            ),
            models.CheckConstraint(
                condition=Q(surcharge_rate__gte=-1), name="surcharge_not_below_the_price",
                violation_error_message=_("An option cannot take away more than the whole price."),
            ),
            models.UniqueConstraint(
                fields=["model", "feature"], condition=Q(is_usual=True), name="one_usual_option",
                violation_error_message=_("One option of a feature is the usual one."),
            ),
        ]


class CompatibilityRule(Customisable):
    """What goes with what: wherever `when` holds, `must` has to hold as well. Both read features by their codes."""

    title_field = "name"

    model = models.ForeignKey(ProductModel, models.CASCADE, related_name="rules", verbose_name=_("Product model"))
    name = TranslatedField(_("In words"), help_text=_("Shown where the rule forbids an option."))
    when = models.CharField(_("When"), max_length=500, help_text=_("For example: motor = \"75kW\""))
    must = models.CharField(_("Then"), max_length=500, help_text=_("For example: cooling = \"water\" or frame <> \"small\""))
    is_active = models.BooleanField(_("Active"), default=True)

    class Meta:
        verbose_name = _("Compatibility rule")
        verbose_name_plural = _("Compatibility rules")
        ordering = ["id"]


class Configuration(Customisable):
    """Options that were chosen, with what they added when they were: it never changes; another choice is another configuration.
    Beside it stands what the same choice adds today, and what the rules of today have against it."""

    business_key = "number"
    number_series = CONFIGURATION_SERIES
    numbered_on = "made_on"
    access_paths = {"own": "owner", "team": "owner__team", "party": "customer"}
    restricted = {"see_cost": ("cost", "work_cost", "cost_now")}

    number = models.CharField(_("Number"), max_length=30, unique=True, blank=True, editable=False)
    model = models.ForeignKey(ProductModel, models.PROTECT, verbose_name=_("Product model"), related_name="+", editable=False)
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Product"), related_name="+", editable=False)
    customer = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, verbose_name=_("Customer"), related_name="+")
    owner = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Owner"), related_name="+", editable=False)
    made_on = models.DateField(_("Date"), editable=False)
    name = models.CharField(_("Name"), max_length=120, blank=True)
    summary = models.CharField(_("Options"), max_length=500, editable=False)
    choices = models.JSONField(_("Choices"), default=dict, editable=False)
    """Code of the option by code of the feature."""
    surcharge = MoneyField(_("Surcharge"), default=0, currency_field="", editable=False)
    surcharge_rate = RateField(_("Surcharge in %"), default=0, editable=False)
    cost = MoneyField(_("Added cost"), default=0, currency_field="", editable=False)
    """That of the parts, and that of the work."""
    work_cost = MoneyField(_("Of which work"), default=0, currency_field="", editable=False)
    days = models.PositiveSmallIntegerField(_("Working days"), default=0, editable=False)
    """From the goods to the day on which they are put together."""
    surcharge_now = MoneyField(_("Surcharge today"), default=0, currency_field="", editable=False)
    surcharge_rate_now = RateField(_("Surcharge in % today"), default=0, editable=False)
    cost_now = MoneyField(_("Added cost today"), default=0, currency_field="", editable=False)
    misfit = TranslatedField(_("No longer allowed"), blank=True, is_long=True, editable=False)
    """Why this choice could not be made today; empty where it could."""

    class Meta:
        verbose_name = _("Configuration")
        verbose_name_plural = _("Configurations")
        indexes = [models.Index(fields=["customer", "-id"], name="configuration_customer")]


class ConfigurationPart(Record):
    """A line of the configuration's bill of materials: so much of a product goes into one base unit, beside the product itself."""

    part_of = "configuration"
    title_field = "product"

    configuration = models.ForeignKey(Configuration, models.CASCADE, related_name="parts", verbose_name=_("Configuration"), editable=False)
    product = models.ForeignKey(Product, models.PROTECT, verbose_name=_("Component"), related_name="+", editable=False)
    quantity = QuantityField(_("Quantity for one"), editable=False)
    """In base units of both."""

    class Meta:
        verbose_name = _("Part of a configuration")
        verbose_name_plural = _("Parts of configurations")
        constraints = [models.UniqueConstraint(fields=["configuration", "product"], name="one_part_a_product")]
