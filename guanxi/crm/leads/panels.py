"""What leads show on other records, and figures they offer."""

from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from guanxi.crm.leads.models import FormEntry, Lead, LeadForm, Opportunity, StageEntry
from guanxi.crm.leads.operations import quotations_of
from guanxi.crm.leads.screens import FormEntryScreen, LeadScreen, OpportunityScreen, StageEntryScreen
from guanxi.erp.sales.models import Quotation
from guanxi.kernel.columns.registry import fact
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import screen_of
from guanxi.shared.parties.models import Party

_AMOUNT = DecimalField(max_digits=19, decimal_places=4)


@panel(Party, _("Opportunities"), order=15, key="opportunities", when=lambda party: party.is_customer)
def opportunities_of_party(party: Party, actor) -> Panel:
    return Panel(
        OpportunityScreen, Opportunity.objects.filter(customer=party),
        columns=("name", "stage", "amount", "chance", "expected_on", "next_step", "owner"), new={"customer": party.pk}, sort="-expected_on",
    )


@panel(Opportunity, _("Quotations"), order=10, key="quotations")
def quotations_panel(opportunity: Opportunity, actor) -> Panel:
    screen = screen_of(Quotation)
    assert screen is not None
    return Panel(screen, quotations_of(opportunity), columns=("number", "status", "quoted_on", "valid_until", "net", "total"), sort="-number")


@panel(Opportunity, _("Stage history"), order=20, key="stages")
def stages_panel(opportunity: Opportunity, actor) -> Panel:
    return Panel(
        StageEntryScreen, StageEntry.objects.filter(opportunity=opportunity), columns=("stage", "entered_at", "days_before", "amount", "member"),
        sort="-entered_at",
    )


@panel(Lead, _("Opportunities"), order=10, key="opportunities")
def opportunities_of_lead(lead: Lead, actor) -> Panel:
    return Panel(
        OpportunityScreen, Opportunity.objects.filter(lead=lead), columns=("name", "customer", "stage", "amount", "expected_on", "owner"),
        sort="-expected_on",
    )


@panel(LeadForm, _("Leads"), order=10, key="leads")
def leads_of_form(form: LeadForm, actor) -> Panel:
    return Panel(LeadScreen, Lead.objects.filter(form=form), columns=("name", "person", "status", "received_on", "owner"), sort="-received_on")


@panel(LeadForm, _("Entries"), order=20, key="entries")
def entries_of_form(form: LeadForm, actor) -> Panel:
    return Panel(FormEntryScreen, FormEntry.objects.filter(form=form), columns=("at", "verdict", "lead"), sort="-at")


@panel(Party, _("Leads"), order=16, key="leads", when=lambda party: party.is_customer)
def leads_of_party(party: Party, actor) -> Panel:
    return Panel(LeadScreen, Lead.objects.filter(customer=party), columns=("name", "person", "source", "received_on", "owner"), sort="-received_on")


def _open_business(actor):
    rows = Opportunity.objects.filter(status="open", customer_id=OuterRef("pk"), currency=actor.currency).order_by()
    total = rows.values("customer_id").annotate(total=Sum(F("amount") * F("chance"))).values("total")
    return Coalesce(Subquery(total, output_field=_AMOUNT), Value(Decimal(0)), output_field=_AMOUNT)


fact(Party, "open_business", _("Weighted open business"), "money", _open_business)
