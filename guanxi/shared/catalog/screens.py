"""How products, prices and their short lists are seen and entered."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.likeness.declared import alike
from guanxi.kernel.screens.screen import Lines, Screen
from guanxi.shared.catalog.completion import complete_categories, complete_price_lists, complete_products
from guanxi.shared.catalog.models import Category, PriceList, PriceListItem, Product, ProductUnit, Substitute, Tax, Unit


class ProductScreen(Screen):
    model = Product
    path = "products"
    icon = "package"
    teaches = _("What you sell, make or buy, with units, prices and stock.")
    menu = ("erp", 10)
    columns = ("code", "name", "specification", "category", "unit", "list_price", "standard_cost", "on_hand", "available")
    filters = ("kind", "category", "unit", "tax", "supplier", "list_price", "archived_at")
    search = ("code", "name", "specification", "barcode")
    default_sort = "code"
    title = "name"
    subtitle = ("code", "specification", "category")
    facts = ("list_price", "standard_cost", "on_hand", "reserved", "available")
    sections = {
        _("Product"): ("name", "code", "specification", "kind", "category", "barcode"),
        _("Prices and tax"): ("unit", "list_price", "standard_cost", "tax"),
        _("Supply"): ("supplier", "reorder_level", "lead_days"),
        _("Note"): ("note",),
    }
    lines = Lines(ProductUnit, "unit factor", parent="product", required=False)
    quick = ("name", "code", "unit", "list_price")
    complete = complete_products


class PriceListScreen(Screen):
    model = PriceList
    path = "price-lists"
    icon = "tags"
    teaches = _("Prices for certain customers, quantities or times; the best that fits is taken on quotations and orders.")
    menu = ("prices", 10)
    columns = ("code", "name", "currency", "priority", "tier", "channel", "valid_from", "valid_until")
    filters = ("currency", "tier", "channel", "customers", "valid_from", "valid_until", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    subtitle = ("code", "currency")
    sections = {
        _("Price list"): ("code", "name", "currency", "priority"),
        _("For whom and when"): ("tier", "channel", "customers", "valid_from", "valid_until"),
        _("How prices come about"): ("has_tax", "is_converted", "formula", "rounding"),
    }
    complete = complete_price_lists


class PriceListItemScreen(Screen):
    model = PriceListItem
    path = "prices"
    icon = "tag"
    columns = ("price_list", "product", "min_quantity", "price", "valid_from", "valid_until")
    unsummed = ("min_quantity",)
    filters = ("price_list", "product", "min_quantity", "price", "valid_from", "valid_until", "price_list__currency")
    search = ("product__code", "product__name", "price_list__name")
    default_sort = "product,min_quantity"
    title = "product"
    subtitle = ("price_list",)
    sections = {_("Price"): ("price_list", "product", "min_quantity", "price", "valid_from", "valid_until")}


class SubstituteScreen(Screen):
    model = Substitute
    path = "substitutes"
    icon = "replace"
    teaches = _("What may be offered in place of a product that is short, in which order.")
    columns = ("product", "position", "substitute", "factor", "note")
    unsummed = ("factor",)
    filters = ("product", "substitute")
    search = ("product__code", "product__name", "substitute__code", "substitute__name")
    default_sort = "product,position"
    subtitle = ("product",)
    sections = {_("Substitute"): ("product", "substitute", "position", "factor", "note")}


class CategoryScreen(Screen):
    model = Category
    path = "setup/product-categories"
    icon = "category-2"
    menu = ("setup", 30)
    columns = ("code", "name", "parent", "margin_floor")
    filters = ("parent", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Product category"): ("code", "name", "parent", "margin_floor")}
    complete = complete_categories


class UnitScreen(Screen):
    model = Unit
    path = "setup/units"
    icon = "ruler-2"
    menu = ("setup", 31)
    columns = ("code", "name")
    filters = ("archived_at",)
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Unit"): ("code", "name")}


class TaxScreen(Screen):
    model = Tax
    path = "setup/taxes"
    icon = "receipt-tax"
    menu = ("setup", 32)
    columns = ("code", "name", "rate", "is_default", "entity", "stands_for")
    filters = ("rate", "entity", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Tax"): ("code", "name", "rate", "is_default", "entity", "stands_for")}
    among_entities = ("stands_for",)


alike(Product, names=("name",), codes=("barcode",), apart=("specification", "unit", "kind"), only=Q(archived_at__isnull=True))
