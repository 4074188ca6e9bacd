"""How parties, their people and the lists they are sorted by are seen and entered."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.likeness.declared import alike
from guanxi.kernel.screens.screen import Screen
from guanxi.shared.parties.completion import (
    complete_addresses,
    complete_contacts,
    complete_industries,
    complete_parties,
    complete_regions,
)
from guanxi.shared.parties.models import (
    Address,
    Channel,
    Contact,
    Industry,
    Party,
    PartyCategory,
    PartyEmail,
    PartyPhone,
    PaymentTerm,
    Region,
    Relation,
)


class PartyScreen(Screen):
    model = Party
    path = "customers"
    icon = "building"
    teaches = _("Companies and people you sell to or buy from, with their contacts, documents and figures in one place.")
    label = _("Customers")
    menu = ("customers", 10)
    columns = ("code", "name", "tier", "industry", "region", "owner", "sales_of_year", "margin_rate_of_year", "overdue", "last_contact")
    filters = (
        "is_customer", "is_supplier", "is_partner", "category", "channel", "tier", "industry", "region", "country", "owner", "source", "kind",
        "payment_term", "parent", "sales_of_year", "overdue", "last_contact", "archived_at",
    )
    search = ("code", "name", "short_name", "phone", "email", "credit_code")
    default_sort = "name"
    sorts = ("name", "code")
    default_filters = "f.is_customer=yes"
    title = "name"
    subtitle = ("code", "region", "owner", "payment_term")
    facts = (
        "sales_of_year", "margin_rate_of_year", "margin_of_year", "receivable", "overdue", "open_orders", "last_contact", "next_task",
    )
    sections = {
        _("Customer or company"): ("name", "short_name", "code", "kind", "is_customer", "is_supplier", "is_partner"),
        _("Classification"): ("category", "channel", "tier", "industry", "region", "country", "source", "owner", "parent"),
        _("Reached by"): ("phone", "email", "website"),
        _("Terms and numbers"): ("credit_code", "tax_number", "bank_account", "language", "currency", "payment_term", "credit_limit"),
        _("Note"): ("note",),
    }
    quick = ("name", "phone")
    peek = ("receivable", "overdue", "open_orders", "next_task", "tier", "industry", "phone", "owner")
    operations = ("assign_owner", "make_customer", "make_supplier", "set_credit_limit")
    complete = complete_parties
    brings = ("contacts", "party")
    regions = ("region", "country")

    @classmethod
    def singular(cls):
        return _("Customer")


class ContactScreen(Screen):
    model = Contact
    path = "contacts"
    icon = "users"
    teaches = _("The people at your customers: who decides, who buys, and how to reach them.")
    menu = ("customers", 20)
    columns = ("name", "party", "job_title", "department", "mobile", "phone", "email", "is_main")
    filters = ("party", "purchase_role", "department", "is_main", "party__owner", "party__tier", "party__region", "archived_at")
    search = ("code", "name", "phone", "mobile", "email", "party__name")
    default_sort = "name"
    sorts = ("name",)
    title = "name"
    subtitle = ("party", "job_title", "department")
    sections = {
        _("Contact"): ("party", "name", "salutation", "job_title", "department", "reports_to", "purchase_role", "code", "is_main"),
        _("Reached by"): ("mobile", "phone", "email", "wechat"),
        _("Note"): ("note",),
    }
    quick = ("party", "name", "mobile")
    complete = complete_contacts


class AddressScreen(Screen):
    model = Address
    path = "addresses"
    example = {"city": "Changzhou", "street": "Jintan Road 1"}
    icon = "map-pin"
    columns = ("party", "kind", "one_line", "recipient", "phone", "is_default")
    filters = ("party", "kind", "country", "city", "is_default")
    search = ("one_line", "recipient", "party__name")
    title = "one_line"
    subtitle = ("party", "kind")
    sections = {
        _("Address"): ("party", "kind", "country", "province", "city", "district", "street", "postcode", "is_default"),
        _("Recipient"): ("recipient", "phone"),
    }
    quick = ("party", "kind", "province", "city", "street")
    complete = complete_addresses


class PartyPhoneScreen(Screen):
    model = PartyPhone
    path = "phones"
    icon = "phone"
    columns = ("party", "kind", "number", "note")
    filters = ("party", "kind")
    search = ("number", "party__name")
    title = "number"
    subtitle = ("party", "kind")
    sections = {_("Telephone number"): ("party", "kind", "number", "note")}


class PartyEmailScreen(Screen):
    model = PartyEmail
    path = "emails"
    icon = "mail"
    columns = ("party", "kind", "email", "note")
    filters = ("party", "kind")
    search = ("email", "party__name")
    title = "email"
    subtitle = ("party", "kind")
    sections = {_("E-mail address"): ("party", "kind", "email", "note")}


class RelationScreen(Screen):
    model = Relation
    path = "relations"
    icon = "affiliate"
    columns = ("from_party", "kind", "to_party", "note")
    filters = ("from_party", "kind", "to_party")
    search = ("from_party__name", "to_party__name")
    title = "from_party"
    subtitle = ("kind", "to_party")
    sections = {_("Relation"): ("from_party", "kind", "to_party", "note")}


class RegionScreen(Screen):
    model = Region
    path = "setup/regions"
    icon = "map"
    menu = ("setup", 20)
    columns = ("code", "name", "parent")
    filters = ("parent", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Region"): ("code", "name", "parent")}
    complete = complete_regions


class IndustryScreen(Screen):
    model = Industry
    path = "setup/industries"
    icon = "building-factory-2"
    menu = ("setup", 21)
    columns = ("code", "name", "parent")
    filters = ("parent", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Industry"): ("code", "name", "parent")}
    complete = complete_industries


class PartyCategoryScreen(Screen):
    model = PartyCategory
    path = "setup/customer-categories"
    icon = "category"
    menu = ("setup", 22)
    columns = ("code", "name")
    filters = ("archived_at",)
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Customer category"): ("code", "name")}


class ChannelScreen(Screen):
    model = Channel
    path = "setup/channels"
    icon = "arrows-split"
    menu = ("setup", 22)
    columns = ("code", "name")
    filters = ("archived_at",)
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Sales channel"): ("code", "name")}


class PaymentTermScreen(Screen):
    model = PaymentTerm
    path = "setup/payment-terms"
    icon = "calendar-dollar"
    menu = ("setup", 23)
    columns = ("code", "name", "days", "is_from_month_end")
    filters = ("is_from_month_end", "archived_at")
    search = ("code", "name")
    default_sort = "days"
    sections = {_("Payment term"): ("code", "name", "days", "is_from_month_end")}


alike(
    Party, names=("name", "short_name"), phones=("phone", "phones__number"), emails=("email", "emails__email"), websites=("website",),
    codes=("credit_code", "tax_number"), addresses=("addresses__one_line",), apart=("credit_code",), only=Q(archived_at__isnull=True),
    beside=("parties.contact",),
)
alike(
    Contact, people=("name",), phones=("mobile", "phone"), emails=("email",), codes=("wechat",), within="party", only=Q(archived_at__isnull=True),
)
