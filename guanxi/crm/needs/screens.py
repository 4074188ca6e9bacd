"""How needs and interests are seen and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.crm.needs.completion import complete_interests, complete_needs
from guanxi.crm.needs.models import CustomerNeed, ProductInterest
from guanxi.kernel.screens.screen import Calendar, Screen


class CustomerNeedScreen(Screen):
    model = CustomerNeed
    path = "needs"
    icon = "bulb"
    teaches = _("What customers say they need, so that it reaches whoever can answer it.")
    menu = ("customers", 40)
    columns = ("name", "customer", "kind", "weight", "status", "product", "needed_on", "passed_to", "owner")
    filters = ("status", "kind", "weight", "customer", "product", "owner", "passed_to", "needed_on", "received_on")
    search = ("number", "customer__name", "product__name")
    default_sort = "-received_on"
    sorts = ("received_on",)
    default_filters = "f.status=open,passed,accepted"
    sections = {
        _("Customer need"): ("name", "customer", "contact", "product", "kind", "weight"),
        _("In detail"): ("need", "constraint", "needed_on", "received_on", "owner"),
        _("Answer"): ("passed_to", "answer", "answered_on"),
    }
    subtitle = ("number", "customer", "owner")
    facts = ("weight", "needed_on", "passed_to", "answered_on")
    quick = ("name", "customer", "need")
    primary = ("pass_on_need", "accept_need", "meet_need")
    narrowed = {"contact": "customer:party"}
    calendar = Calendar(("needed_on", "received_on"))
    complete = complete_needs


class ProductInterestScreen(Screen):
    model = ProductInterest
    path = "interests"
    icon = "heart"
    teaches = _("Which customer is interested in which product, and how far that has come.")
    menu = ("customers", 45)
    columns = ("name", "customer", "status", "quantity", "price_idea", "wanted_on", "source", "owner")
    filters = ("status", "customer", "product", "wanted_on", "source", "owner", "noted_on")
    search = ("customer__name", "product__name", "product__code")
    default_sort = "wanted_on"
    default_filters = "f.status=open"
    sections = {
        _("Product interest"): ("customer", "contact", "product", "quantity", "price_idea", "currency"),
        _("When and where from"): ("wanted_on", "noted_on", "source", "owner", "note"),
    }
    title = "name"
    subtitle = ("customer", "contact", "owner")
    facts = ("quantity", "price_idea", "wanted_on")
    quick = ("customer", "product", "quantity", "wanted_on")
    primary = ("pursue_interest",)
    narrowed = {"contact": "customer:party"}
    calendar = Calendar(("wanted_on",))
    complete = complete_interests
