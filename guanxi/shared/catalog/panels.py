"""Prices on the pages of price lists and products."""

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.screens.panels import Panel, panel
from guanxi.shared.catalog.models import PriceList, PriceListItem, Product, Substitute
from guanxi.shared.catalog.screens import PriceListItemScreen, SubstituteScreen


@panel(PriceList, _("Prices"), order=10, key="prices")
def prices_of_list(price_list: PriceList, actor) -> Panel:
    columns = ("product", "min_quantity", "price", "valid_from", "valid_until")
    return Panel(PriceListItemScreen, PriceListItem.objects.filter(price_list=price_list), columns, new={"price_list": price_list.pk})


@panel(Product, _("Prices"), order=20, key="prices")
def prices_of_product(product: Product, actor) -> Panel:
    columns = ("price_list", "min_quantity", "price", "valid_from", "valid_until")
    return Panel(PriceListItemScreen, PriceListItem.objects.filter(product=product), columns, new={"product": product.pk})


@panel(Product, _("Substitutes"), order=25, key="substitutes")
def substitutes_of_product(product: Product, actor) -> Panel:
    columns = ("position", "substitute", "factor", "note")
    return Panel(SubstituteScreen, Substitute.objects.filter(product=product), columns, new={"product": product.pk}, sort="position")
