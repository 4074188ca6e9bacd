"""How clauses, templates, contracts, proposals and instalments are seen and entered."""

from django.utils.translation import gettext_lazy as _

from guanxi.erp.contracts.calling import rest_to_call
from guanxi.erp.contracts.collecting import plan_to_start_with
from guanxi.erp.contracts.completion import complete_clauses, complete_contracts, complete_document_templates, complete_proposals
from guanxi.erp.contracts.models import Clause, Contract, ContractLine, DocumentTemplate, Instalment, Proposal, Signature, TemplateClause
from guanxi.erp.contracts.queries import signers_known
from guanxi.erp.contracts.renewing import day_renewed
from guanxi.kernel.screens.screen import Calendar, Lines, Screen


class ContractScreen(Screen):
    model = Contract
    path = "sales/contracts"
    icon = "file-certificate"
    teaches = _("What was agreed with customers, in which words and until when. Orders are called off from a contract at its prices.")
    menu = ("sales", 22)
    columns = ("number", "title", "customer", "status", "kind", "drawn_on", "valid_until", "total", "owner", "entity")
    filters = (
        "status", "customer", "kind", "drawn_on", "valid_from", "valid_until", "signed_on", "renewal", "owner", "channel", "entity", "total",
        "currency", "template", "changed_clauses",
    )
    search = ("number", "title", "customer__name")
    sections = {
        _("Contract"): ("customer", "contact", "title", "kind", "drawn_on", "channel", "quotation", "amends"),
        _("Validity"): (
            "valid_from", "valid_until", "renewal", "notice_days", "tolerance", "signed_on", "period_from", "next_from", "ended_on",
            "ended_because",
        ),
        _("Terms"): ("entity", "payment_term", "currency", "owner", "note"),
        _("Words"): ("template", "language", "text", "wording", "changed_clauses", "fingerprint"),
    }
    lines = Lines(
        ContractLine, "section product description quantity unit unit_price discount tax", parent="contract", shown="net",
        progress="price_steps called_quantity open_quantity", section="section", subtotal="net",
    )
    default_sort = "-drawn_on"
    sorts = ("drawn_on",)
    views = {
        "running": (_("In force"), "f.status=signed&sort=valid_until"),
        "ending": (_("Ending within 90 days"), "f.status=signed&f.valid_until=next_90_days&sort=valid_until"),
        "unsigned": (_("Not signed yet"), "f.status=draft,approved,sent"),
        "unlike": (
            _("Unlike the template"),
            "f.status=draft,approved,sent,signed&f.changed_clauses=!none&columns=number,customer,status,changed_clauses,owner",
        ),
    }
    title = "number"
    subtitle = ("title", "customer", "owner")
    facts = ("total", "billed_amount", "paid_amount", "valid_until", "margin_rate")
    totals = ("net", "tax", "total")
    shown_when = {"notice_days": "renewal:notice,automatic"}
    calendar = Calendar(("valid_until", "drawn_on", "signed_on"), until={})
    primary = ("approve_contract", "send_contract", "sign_contract", "call_off")
    proposals = {"call_off": rest_to_call, "plan_contract": plan_to_start_with, "sign_contract": signers_known, "renew_contract": day_renewed}
    shown_until = {"wording": "text"}
    value_templates = {"wording": "components/wording.html", "text": "components/wording.html"}
    funnel = ("draft", "approved", "sent", "signed")
    regions = ("customer__region", "customer__country")
    complete = complete_contracts
    narrowed = {"contact": "customer:party"}


class ProposalScreen(Screen):
    model = Proposal
    path = "sales/proposals"
    icon = "file-description"
    teaches = _("Documents around a quotation: what the customer needs, what is offered for it, and on which terms.")
    menu = ("sales", 12)
    columns = ("number", "title", "customer", "quotation", "status", "drawn_on", "owner", "entity")
    filters = ("status", "customer", "quotation", "drawn_on", "owner", "template")
    search = ("number", "title", "customer__name")
    sections = {
        _("Proposal"): ("quotation", "customer", "contact", "title", "drawn_on", "owner", "entity"),
        _("Words"): ("needs", "template", "language", "wording"),
    }
    value_templates = {"wording": "components/wording.html"}
    default_sort = "-drawn_on"
    title = "number"
    subtitle = ("title", "customer", "owner")
    primary = ("issue_proposal",)
    complete = complete_proposals


class SignatureScreen(Screen):
    model = Signature
    path = "sales/signatures"
    icon = "signature"
    teaches = _("Who signed which contract on each side, when, how, and the fingerprint of what was signed.")
    columns = ("contract", "signed_on", "their_name", "their_position", "our_name", "means", "place", "file_name", "fingerprint")
    filters = ("contract", "contract__customer", "signed_on", "means")
    sections = {_("Signature"): (
        "contract", "signed_on", "their_name", "their_position", "our_name", "our_position", "means", "place", "file_name", "file_hash",
        "fingerprint", "recorded_by", "at",
    )}
    default_sort = "-signed_on"
    title = "their_name"
    subtitle = ("contract",)
    may_create = False
    may_edit = False


class InstalmentScreen(Screen):
    model = Instalment
    path = "finance/instalments"
    icon = "calendar-dollar"
    teaches = _("When customers are to pay what of their contracts and orders, and what became of it. Plan it at the contract or the order.")
    menu = ("finance", 15)
    columns = (
        "due_on", "title", "customer", "contract", "order", "status", "amount", "invoiced", "collected", "open_amount", "days_late", "owner",
    )
    filters = (
        "status", "due_on", "customer", "owner", "contract", "order", "event", "amount", "open_amount", "currency", "entity", "requested_at",
        "customer__region",
    )
    search = ("title", "customer__name")
    sections = {
        _("Instalment"): ("title", "customer", "contract", "order", "owner", "entity", "share", "amount", "note"),
        _("When it is due"): ("event", "days", "due_on"),
        _("What became of it"): ("status", "requested_by", "requested_at", "invoiced", "collected", "open_amount", "days_late"),
    }
    default_sort = "due_on"
    views = {
        "late": (_("Overdue"), "f.due_on=past&f.status=!collected&sort=due_on"),
        "month": (_("Due this month"), "f.due_on=this_month&sort=due_on"),
        "mine": (_("Mine, still open"), "f.owner=me&f.status=!collected&sort=due_on"),
        "requested": (_("Invoice requested"), "f.status=requested&sort=requested_at"),
        "customers": (_("By customer"), "f.status=!collected&group=customer&sort=due_on"),
        "sellers": (_("By salesperson"), "f.status=!collected&group=owner&sort=due_on"),
    }
    title = "title"
    subtitle = ("customer", "contract", "order", "owner")
    facts = ("amount", "invoiced", "collected", "open_amount")
    calendar = Calendar(("due_on",), moves={"due_on": "schedule_instalment"})
    primary = ("invoice_instalment", "request_invoice")
    may_create = False


class ClauseScreen(Screen):
    model = Clause
    path = "setup/clauses"
    icon = "pilcrow"
    teaches = _("Clauses in both languages, from which templates are put together. Merge fields such as {{ valid_until }} are filled in.")
    menu = ("setup", 46)
    columns = ("code", "name", "kind", "text")
    filters = ("kind", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Clause"): ("code", "name", "kind", "text")}
    complete = complete_clauses


class DocumentTemplateScreen(Screen):
    model = DocumentTemplate
    path = "setup/document-templates"
    icon = "template"
    teaches = _("What proposals and contracts are made of: opening words, and clauses in their order.")
    menu = ("setup", 47)
    columns = ("code", "name", "kind", "language")
    filters = ("kind", "language", "archived_at")
    search = ("code", "name")
    default_sort = "code"
    sections = {_("Document template"): ("code", "name", "kind", "language", "opening")}
    lines = Lines(TemplateClause, "clause", parent="template", required=False)
    complete = complete_document_templates
