"""How returns are seen; they are announced on the page of a delivery or an order."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.returns.models import CustomerReturn, CustomerReturnLine
from guanxi.kernel.screens.screen import Calendar, Lines, Screen


class CustomerReturnScreen(Screen):
    model = CustomerReturn
    path = "returns"
    icon = "arrow-back-up"
    teaches = _("What customers send back: announced on a delivery or an order, received, inspected, and settled by credit or new goods.")
    menu = ("erp", 25)
    badge = "f.status=received"
    columns = ("number", "customer", "status", "reason", "wish", "announced_on", "received_on", "inspected_on", "warehouse", "owner", "entity")
    filters = ("status", "customer", "reason", "wish", "announced_on", "received_on", "inspected_on", "settled_on", "warehouse", "owner", "entity")
    search = ("number", "customer__name")
    default_sort = "-announced_on,-number"
    sorts = ("announced_on",)
    views = {
        "coming": (_("To be received"), "f.status=announced&sort=announced_on"),
        "inspect": (_("To be inspected"), "f.status=received&sort=received_on"),
        "settle": (_("To be settled"), "f.status=inspected&sort=inspected_on"),
    }
    subtitle = ("customer", "owner")
    facts = ("reason", "wish", "announced_on", "received_on", "inspected_on", "settled_on")
    sections = {
        _("Return"): ("customer", "reason", "wish", "warehouse"),
        _("Details"): ("announced_on", "received_on", "inspected_on", "settled_on", "entity", "owner", "note"),
    }
    lines = Lines(
        CustomerReturnLine, "", parent="customer_return", required=False,
        shown="product description announced received restocked scrapped sent_back unit finding", progress="credited replaced",
    )
    operations = ("receive_return", "inspect_return", "settle_return", "refund_return", "cancel_return")
    primary = ("refund_return",)
    calendar = Calendar(("announced_on", "received_on"))
    funnel = ("announced", "received", "inspected", "settled")
    regions = ("customer__region", "customer__country")
    may_create = False


class CustomerReturnLineScreen(Screen):
    model = CustomerReturnLine
    path = "returns/lines"
    icon = "list-details"
    teaches = _("What came back, product by product: for questions such as what is scrapped most, and why.")
    menu = ("erp", 26)
    columns = (
        "customer_return", "customer_return__customer", "customer_return__reason", "product", "announced", "received", "restocked", "scrapped",
        "sent_back", "finding", "customer_return__announced_on",
    )
    filters = (
        "customer_return__status", "customer_return__customer", "customer_return__reason", "customer_return__announced_on", "product",
        "product__category", "received", "scrapped", "sent_back",
    )
    default_sort = "-id"
    title = "description"
    subtitle = ("customer_return",)
    sections = {_("Return line"): (
        "customer_return", "product", "description", "delivery_line", "announced", "received", "restocked", "scrapped", "sent_back", "unit",
        "finding", "credited", "replaced",
    )}
    may_create = False
    may_edit = False
