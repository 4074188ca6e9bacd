"""Tabs of a customer's page."""

from django.utils.translation import gettext_lazy as _

from guanxi.crm.needs.models import CustomerNeed, ProductInterest
from guanxi.crm.needs.screens import CustomerNeedScreen, ProductInterestScreen
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


@panel(Party, _("Product interests"), order=50, key="interests", when=lambda party: party.is_customer)
def interests_of_party(party: Party, actor) -> Panel:
    columns = ("name", "status", "price_idea", "wanted_on", "contact", "owner")
    return Panel(ProductInterestScreen, ProductInterest.objects.filter(customer=party), columns, new={"customer": party.pk}, sort="wanted_on")


@panel(Party, _("Needs"), order=52, key="needs", when=lambda party: party.is_customer)
def needs_of_party(party: Party, actor) -> Panel:
    columns = ("name", "kind", "weight", "status", "product", "needed_on", "passed_to")
    return Panel(CustomerNeedScreen, CustomerNeed.objects.filter(customer=party), columns, new={"customer": party.pk}, sort="-received_on")


@panel(Product, _("Product interests"), order=50, key="interests")
def interests_in_product(product: Product, actor) -> Panel:
    columns = ("name", "customer", "status", "quantity", "price_idea", "wanted_on", "owner")
    return Panel(ProductInterestScreen, ProductInterest.objects.filter(product=product), columns, new={"product": product.pk}, sort="wanted_on")


@panel(Product, _("Needs"), order=52, key="needs")
def needs_about_product(product: Product, actor) -> Panel:
    columns = ("name", "customer", "kind", "weight", "status", "needed_on")
    return Panel(CustomerNeedScreen, CustomerNeed.objects.filter(product=product), columns, new={"product": product.pk}, sort="-received_on")
