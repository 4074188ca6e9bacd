"""Proposals: made from a quotation and a template, and issued."""

from __future__ import annotations

from io import BytesIO

from django.utils.translation import gettext_lazy

from guanxi.erp.contracts.completion import complete_proposals
from guanxi.erp.contracts.models import DocumentTemplate, Proposal
from guanxi.erp.sales.models import Quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import insert
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import Draft, refuse_errors
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.operations import attach
from guanxi.kernel.printing.printing import print_document

_LABELS = {"template": gettext_lazy("Document template"), "needs": gettext_lazy("What the customer needs")}


@operation(
    label=gettext_lazy("Make proposal"), states=("draft", "sent", "change_asked", "accepted"), icon="file-description", labels=_LABELS
)
def propose_quotation(
    quotation: Quotation, *, actor: Actor, template: DocumentTemplate | None = None, needs: LongText = "",
) -> Proposal:
    """A document around the quotation: what the customer needs, what is offered, and on which terms."""
    values = {"quotation": quotation, "owner": quotation.owner, "needs": needs, **({"template": template} if template else {})}
    draft = Draft(0, values=values)
    complete_proposals([draft], actor)
    refuse_errors([draft])
    [proposal] = insert(form_of(Proposal), [draft], actor)
    return proposal


@operation(label=gettext_lazy("Issue"), moves=Proposal.lifecycle.to("issued"), icon="send")
def issue_proposal(proposal: Proposal, *, actor: Actor) -> Proposal:
    """Keep the document as it is given to the customer, among the files of the proposal and of its quotation."""
    proposal.status = "issued"
    made = print_document(proposal, actor=actor, form="proposal", language=proposal.language)
    content = store(BytesIO(made.pdf), made.name)
    for record in (proposal, proposal.quotation):
        attach(record, content, made.name, actor)
    return proposal


@operation(label=gettext_lazy("Revise"), moves=Proposal.lifecycle.to("draft"), icon="pencil")
def revise_proposal(proposal: Proposal, *, actor: Actor) -> Proposal:
    """Back to a draft, to change it; what was issued stays among the files."""
    return proposal
