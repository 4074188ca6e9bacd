"""How models, rules and configurations are seen and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.configurator.completion import complete_features, complete_models, complete_rules
from guanxi.erp.configurator.models import CompatibilityRule, Configuration, ConfigurationPart, Feature, ProductModel, ProductOption
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import Lines, Screen
from guanxi.shared.parties.models import Party


class FeatureScreen(Screen):
    model = Feature
    path = "setup/features"
    icon = "list-check"
    teaches = _("What is to be decided about products: motor, colour, control. Models say which options each has.")
    menu = ("setup", 46)
    columns = ("position", "code", "name", "archived_at")
    filters = ("archived_at",)
    search = ("code", "name")
    default_sort = "position"
    title = "name"
    sections = {_("Feature"): ("name", "code", "position")}
    complete = complete_features


class ProductModelScreen(Screen):
    model = ProductModel
    path = "product-models"
    icon = "adjustments"
    teaches = _("Products that are put together by choice: their options, what each adds to the price, and what goes with what.")
    menu = ("prices", 50)
    columns = ("product", "product__code", "archived_at")
    filters = ("product", "archived_at")
    search = ("product__code", "product__name")
    default_sort = "product"
    title = "product"
    sections = {_("Product model"): ("product", "note")}
    lines = Lines(
        ProductOption, "feature code name surcharge surcharge_rate component component_quantity cost days is_usual", parent="model",
    )
    complete = complete_models


class CompatibilityRuleScreen(Screen):
    model = CompatibilityRule
    path = "product-models/rules"
    icon = "git-branch"
    teaches = _("What goes with what: wherever one condition holds, another has to hold as well.")
    columns = ("model", "name", "when", "must", "is_active")
    filters = ("model", "is_active")
    default_sort = "-id"
    title = "name"
    sections = {_("Compatibility rule"): ("model", "name", "when", "must", "is_active")}
    complete = complete_rules


class ConfigurationScreen(Screen):
    model = Configuration
    path = "sales/configurations"
    icon = "adjustments-check"
    teaches = _("Choices that were kept, with what they add to price and cost; offered as they stand.")
    menu = ("prices", 55)
    columns = ("number", "product", "name", "customer", "summary", "surcharge", "made_on", "owner")
    filters = ("product", "customer", "owner", "made_on")
    search = ("number", "name", "summary", "customer__name")
    default_sort = "-made_on"
    sorts = ("made_on",)
    title = "number"
    subtitle = ("product", "customer")
    facts = ("surcharge", "surcharge_rate")
    unsummed = ("surcharge",)
    sections = {
        _("Configuration"): ("product", "summary", "name", "customer", "owner", "made_on"),
        _("Added by the options"): ("surcharge", "surcharge_rate", "cost", "work_cost", "days"),
        _("As the model is today"): ("surcharge_now", "surcharge_rate_now", "cost_now", "misfit"),
    }
    may_create = False


class ConfigurationPartScreen(Screen):
    model = ConfigurationPart
    path = "sales/configurations/parts"
    icon = "list-details"
    teaches = _("What goes into configured products beside the product itself, for one of them.")
    columns = ("configuration", "product__code", "product", "quantity", "product__unit")
    filters = ("configuration", "product")
    default_sort = "-id"
    sections = {_("Part of a configuration"): ("configuration", "product", "quantity")}
    may_create = False
    may_edit = False


@panel(Configuration, _("Bill of materials"), order=10, key="parts")
def parts_of_configuration(configuration: Configuration, actor) -> Panel:
    columns = ("product__code", "product", "quantity", "product__unit")
    return Panel(ConfigurationPartScreen, ConfigurationPart.objects.filter(configuration=configuration), columns, sort="id")


@panel(ProductModel, _("Compatibility rules"), order=10, key="rules")
def rules_of_model(model: ProductModel, actor) -> Panel:
    rows = CompatibilityRule.objects.filter(model=model)
    return Panel(CompatibilityRuleScreen, rows, ("name", "when", "must", "is_active"), new={"model": model.pk}, sort="id")


@panel(ProductModel, _("Configurations"), order=20, key="configurations")
def configurations_of_model(model: ProductModel, actor) -> Panel:
    return Panel(ConfigurationScreen, Configuration.objects.filter(model=model), ("number", "name", "customer", "summary", "made_on"), sort="-id")


@panel(Party, _("Configurations"), order=22, key="configurations", when=lambda party: party.is_customer)
def configurations_of_party(party: Party, actor) -> Panel:
    return Panel(ConfigurationScreen, Configuration.objects.filter(customer=party), ("number", "product", "name", "summary", "made_on"), sort="-id")
