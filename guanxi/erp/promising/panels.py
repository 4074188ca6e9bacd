"""What waits, on the pages of products and customers."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.promising.screens import WaitingLineScreen
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.shared.catalog.models import Product
from guanxi.shared.parties.models import Party


@panel(Product, _("Waiting for goods"), order=12, key="waiting", when=lambda product: product.kind == "goods")
def waiting_for_product(product: Product, actor) -> Panel:
    columns = ("document", "customer", "quantity", "wanted_on", "promised_on", "receipt", "receipt_on", "warehouse")
    return Panel(WaitingLineScreen, WaitingLine.objects.filter(product=product), columns, sort="promised_on")


@panel(Party, _("Waiting for goods"), order=22, key="waiting", when=lambda party: party.is_customer)
def waiting_of_party(party: Party, actor) -> Panel:
    columns = ("document", "product", "quantity", "wanted_on", "promised_on", "receipt", "receipt_on")
    return Panel(WaitingLineScreen, WaitingLine.objects.filter(customer=party), columns, sort="promised_on")
