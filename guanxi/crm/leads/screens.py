"""How leads and opportunities are seen and entered."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.crm.leads.completion import complete_assignment_rules, complete_lead_forms, complete_leads, complete_opportunities
from guanxi.crm.leads.models import (
    AssignmentRule,
    Competitor,
    FormEntry,
    Lead,
    LeadForm,
    LossReason,
    Opportunity,
    OpportunityLine,
    Pipeline,
    Stage,
    StageEntry,
)
from guanxi.crm.leads.queries import qualification, stages_of_board, steps_of_funnel, verdict_of
from guanxi.kernel.likeness.declared import alike
from guanxi.kernel.screens.screen import Board, Calendar, Funnel, Lines, Screen


class LeadScreen(Screen):
    model = Lead
    path = "leads"
    example = {"company": "Acme"}
    icon = "user-search"
    teaches = _(
        "Whoever may want something, before it is known whether they are worth the effort; qualified, one becomes a customer with an opportunity."
    )
    menu = ("sales", 2)
    columns = ("name", "company", "person", "status", "source", "owner", "received_on", "next_on")
    filters = ("status", "owner", "source", "received_on", "next_on", "region", "industry", "age")
    search = ("number", "name", "company", "person", "phone", "email")
    default_sort = "-received_on"
    sorts = ("received_on", "next_on")
    default_filters = "f.status=new,working"
    sections = {
        _("Lead"): ("name", "company", "person", "job_title", "phone", "email", "website"),
        _("Where from"): ("source", "form", "received_on", "industry", "region"),
        _("What next"): ("owner", "next_step", "next_on", "need", "reason", "customer"),
    }
    subtitle = ("number", "company", "person", "owner")
    facts = ("received_on", "age", "next_on")
    quick = ("name", "company", "person", "phone")
    primary = ("follow_lead", "qualify_lead", "take_lead")
    proposals = {"qualify_lead": qualification}
    complete = complete_leads
    decided_late = ("owner",)
    calendar = Calendar(("next_on", "received_on"))
    funnel = ("new", "working", "qualified")
    regions = ("region",)


class OpportunityScreen(Screen):
    model = Opportunity
    path = "opportunities"
    icon = "target"
    teaches = _("Business that may be won: move it from stage to stage, and board, funnel and forecast follow.")
    menu = ("sales", 4)
    columns = ("name", "customer", "stage", "amount", "chance", "weighted", "expected_on", "next_on", "owner")
    filters = ("status", "stage", "owner", "customer", "expected_on", "kind", "pipeline", "is_late", "has_no_next_step", "amount", "reason")
    search = ("number", "name", "customer__name", "contact__name")
    default_sort = "expected_on"
    sorts = ("expected_on", "next_on", "amount")
    default_filters = "f.status=open"
    sections = {
        _("Opportunity"): ("name", "customer", "contact", "kind", "source"),
        _("Prospects"): ("amount", "currency", "chance", "expected_on", "pipeline", "competitors"),
        _("What next"): ("owner", "next_step", "next_on", "note", "reason"),
    }
    lines = Lines(OpportunityLine, "product description quantity unit_price", parent="opportunity", shown="net", required=False)
    subtitle = ("customer", "contact", "owner")
    facts = ("stage", "amount", "weighted", "expected_on", "next_on")
    quick = ("name", "customer", "amount", "expected_on")
    primary = ("move_opportunity",)
    narrowed = {"contact": "customer:party"}
    board = Board(
        "stage", stages_of_board, move="move_opportunity", asks=verdict_of, card=("customer",), day="expected_on", person="owner",
        amounts=("amount", "weighted"), marks=("is_past", "is_step_late", "has_no_next_step"),
    )
    calendar = Calendar(("expected_on", "next_on", "closed_on"))
    funnel = Funnel(steps_of_funnel, StageEntry, parent="opportunity", by="stage", within="pipeline", amount="amount")
    regions = ("customer__region", "customer__country")
    complete = complete_opportunities


class StageEntryScreen(Screen):
    model = StageEntry
    path = "opportunities/stages"
    icon = "history"
    columns = ("stage", "entered_at", "days_before", "amount", "member")
    filters = ("stage", "entered_at", "member")
    default_sort = "-entered_at"
    sorts = ("entered_at",)
    title = "stage"
    sections = {_("Stage entry"): ("opportunity", "stage", "entered_at", "days_before", "amount", "member")}
    may_create = False
    may_edit = False


class StageScreen(Screen):
    model = Stage
    path = "setup/stages"
    icon = "arrows-sort"
    menu = ("setup", 32)
    columns = ("name", "pipeline", "position", "kind", "chance", "is_quoted", "code")
    filters = ("pipeline", "kind")
    search = ("name", "code")
    default_sort = "position"
    sections = {_("Stage"): ("name", "code", "pipeline", "position", "kind", "chance", "is_quoted")}


class PipelineScreen(Screen):
    model = Pipeline
    path = "setup/pipelines"
    icon = "filter"
    menu = ("setup", 31)
    columns = ("name", "code", "is_default")
    search = ("name", "code")
    default_sort = "code"
    sections = {_("Pipeline"): ("name", "code", "is_default")}


class CompetitorScreen(Screen):
    model = Competitor
    path = "competitors"
    icon = "scale"
    teaches = _("Who else offers what you offer, with their strengths and weaknesses at hand when it counts.")
    menu = ("sales", 40)
    columns = ("name", "code", "website", "strengths", "weaknesses")
    search = ("name", "code")
    default_sort = "code"
    sections = {_("Competitor"): ("name", "code", "website"), _("Assessment"): ("strengths", "weaknesses")}


class LossReasonScreen(Screen):
    model = LossReason
    path = "setup/loss-reasons"
    icon = "ban"
    menu = ("setup", 33)
    columns = ("name", "code")
    search = ("name", "code")
    default_sort = "code"
    sections = {_("Reason for losing"): ("name", "code")}


class AssignmentRuleScreen(Screen):
    model = AssignmentRule
    path = "setup/lead-rules"
    icon = "arrows-split"
    menu = ("setup", 34)
    columns = ("name", "position", "condition", "members", "days_to_keep", "is_active")
    filters = ("is_active", "members")
    search = ("name", "condition")
    default_sort = "position"
    title = "name"
    sections = {_("Rule for assigning"): ("name", "position", "is_active", "condition", "members", "days_to_keep")}
    complete = complete_assignment_rules


class LeadFormScreen(Screen):
    model = LeadForm
    path = "setup/lead-forms"
    example = {"code": "contact-us"}
    icon = "world"
    menu = ("setup", 35)
    columns = ("name", "code", "source", "is_open")
    filters = ("is_open", "source")
    search = ("name", "code")
    default_sort = "code"
    sections = {
        _("Web form"): ("name", "code", "source", "is_open"), _("Texts"): ("intro", "thanks", "consent"), _("Where it is shown"): ("sites",),
    }
    hidden_operations = ("receive_lead",)
    record_template = "pages/lead_form_record.html"
    complete = complete_lead_forms


class FormEntryScreen(Screen):
    model = FormEntry
    path = "setup/lead-forms/entries"
    icon = "inbox"
    columns = ("at", "form", "verdict", "lead")
    filters = ("form", "verdict", "at")
    default_sort = "-at"
    title = "verdict"
    sections = {_("Entry of a web form"): ("form", "at", "verdict", "lead")}
    may_create = False
    may_edit = False


alike(
    Lead, names=("company",), people=("person",), phones=("phone",), emails=("email",), websites=("website",),
    only=Q(status__in=("new", "working")), beside=("parties.party", "parties.contact"),
)
