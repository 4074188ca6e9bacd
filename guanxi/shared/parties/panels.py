"""Tabs of a party's page that come from this module."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.screens.panels import Panel, panel
from guanxi.shared.parties.models import Address, Contact, Party, PartyEmail, PartyPhone, Relation
from guanxi.shared.parties.screens import (
    AddressScreen,
    ContactScreen,
    PartyEmailScreen,
    PartyPhoneScreen,
    PartyScreen,
    RelationScreen,
)


@panel(Party, _("Contacts"), order=10)
def contacts(party: Party, actor) -> Panel:
    columns = ("name", "job_title", "department", "purchase_role", "reports_to", "mobile", "phone", "email", "is_main")
    return Panel(ContactScreen, Contact.objects.filter(party=party), columns, new={"party": party.pk}, sort="-is_main,name")


@panel(Party, _("Addresses"), order=70)
def addresses(party: Party, actor) -> Panel:
    columns = ("kind", "one_line", "recipient", "phone", "is_default")
    return Panel(AddressScreen, Address.objects.filter(party=party), columns, new={"party": party.pk}, sort="kind")


@panel(Party, _("Telephones"), order=71)
def phones(party: Party, actor) -> Panel:
    return Panel(PartyPhoneScreen, PartyPhone.objects.filter(party=party), ("kind", "number", "note"), new={"party": party.pk})


@panel(Party, _("E-mails"), order=72)
def emails(party: Party, actor) -> Panel:
    return Panel(PartyEmailScreen, PartyEmail.objects.filter(party=party), ("kind", "email", "note"), new={"party": party.pk})


@panel(Party, _("Relations"), order=73)
def relations(party: Party, actor) -> Panel:
    rows = Relation.objects.filter(Q(from_party=party) | Q(to_party=party))
    return Panel(RelationScreen, rows, ("from_party", "kind", "to_party", "note"), new={"from_party": party.pk})


@panel(Party, _("Subsidiaries"), order=74)
def subsidiaries(party: Party, actor) -> Panel:
    columns = ("code", "name", "tier", "region", "owner")
    return Panel(PartyScreen, Party.objects.filter(parent=party), columns, new={"parent": party.pk})
