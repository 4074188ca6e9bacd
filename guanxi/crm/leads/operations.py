"""The verbs of winning business: assign, qualify, give up; move, win, lose, close, reopen."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.leads import events
from guanxi.crm.leads.assignment import share_out
from guanxi.crm.leads.completion import complete_opportunities
from guanxi.crm.leads.models import Lead, LeadForm, LossReason, Opportunity, Stage, StageEntry
from guanxi.crm.leads.queries import next_stage, stage_of_kind
from guanxi.erp.sales.models import Quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import insert
from guanxi.kernel.columns.column import LongText, Money
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.validate import Draft, refuse_errors
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.models import Link
from guanxi.kernel.records.refusals import Refused
from guanxi.shared.parties.models import Contact, Party

_LABELS = {
    "owner": gettext_lazy("Owner"), "customer": gettext_lazy("Existing customer"), "opportunity": gettext_lazy("Opportunity"),
    "amount": gettext_lazy("Amount"), "expected_on": gettext_lazy("Expected on"), "reason": gettext_lazy("Reason"),
    "company": gettext_lazy("Company"), "person": gettext_lazy("Your name"), "phone": gettext_lazy("Telephone"),
    "email": gettext_lazy("E-mail"), "need": gettext_lazy("What can we do for you?"), "consent": gettext_lazy("I agree"),
    "note": gettext_lazy("Note"), "stage": gettext_lazy("Stage"), "next_step": gettext_lazy("Next step"),
    "next_on": gettext_lazy("Next step on"),
}


@operation(label=gettext_lazy("Assign"), states=("new", "working"), icon="user-check", labels=_LABELS)
def assign_lead(lead: Lead, *, actor: Actor, owner: Member | None = None) -> Lead:
    """Somebody is to follow it; nobody puts it back into the pool."""
    if owner is not None and (owner.kind != "staff" or not owner.is_active):
        raise Refused(_("%(name)s cannot follow leads: choose an active member of the staff.") % {"name": owner}, field="owner")
    _give(lead, owner.pk if owner else None, actor)
    return lead


def _give(lead: Lead, member_id: int | None, actor: Actor) -> None:
    lead.assign(owner_id=member_id, owned_on=actor.today if member_id else None)
    publish(events.LeadAssigned(lead.pk, member_id), subject=lead)


def _is_followed(lead: Lead) -> str:
    return _("%(lead)s is followed by somebody already.") % {"lead": lead} if lead.owner_id is not None else ""


@operation(label=gettext_lazy("Share out"), states=("new", "working"), icon="arrows-split", unless=_is_followed)
def share_lead(lead: Lead, *, actor: Actor) -> Lead:
    """Out of the pool, to whom the rules for assigning give it."""
    draft = Draft(0, instance=lead)
    share_out([draft])
    if draft.values.get("owner_id") is None:
        raise Refused(_("No rule for assigning fits %(lead)s; assign it by hand, or add a rule.") % {"lead": lead})
    _give(lead, draft.values["owner_id"], actor)
    return lead


@operation(
    label=gettext_lazy("Back to the pool"), states=("new", "working"), icon="arrow-back-up",
    unless=lambda lead: lead.owner_id is None and _("%(lead)s is in the pool already.") % {"lead": lead},
)
def reclaim_lead(lead: Lead, *, actor: Actor) -> Lead:
    """Whoever has time may take it."""
    assert lead.owner_id is not None
    publish(events.LeadReclaimed(lead.pk, lead.owner_id), subject=lead)
    lead.assign(owner_id=None, owned_on=None)
    return lead


@operation(label=gettext_lazy("Take in"), labels=_LABELS)
def receive_lead(
    form: LeadForm, *, actor: Actor, company: Annotated[str, "text"] = "", person: str, phone: Annotated[str, "phone"] = "",
    email: Annotated[str, "email"] = "", need: LongText, consent: bool = False,
) -> Lead:
    """What somebody entered on the web site becomes a lead, and the rules say whose."""
    if form.archived_at is not None or not form.is_open:
        raise Refused(_("This form is closed."))
    if not (phone or email):
        raise Refused(_("Enter a telephone number or an e-mail address, so that we can answer."), field="phone")
    if str(form.consent) and not consent:
        raise Refused(_("Please agree to this first."), field="consent")
    draft = Draft(0, values={
        "name": _("%(form)s: %(who)s") % {"form": form.name, "who": company or person}, "company": company, "person": person,
        "phone": phone, "email": email, "need": need, "source": form.source, "form": form, "received_on": None,
    })
    lead = _insert(Lead, draft, actor)
    publish(events.LeadReceived(lead.pk, form.pk), subject=lead)
    if lead.owner_id is not None:
        publish(events.LeadAssigned(lead.pk, lead.owner_id), subject=lead)
    return lead


@operation(label=gettext_lazy("Take"), states=("new", "working"), icon="user-plus", unless=_is_followed)
def take_lead(lead: Lead, *, actor: Actor) -> Lead:
    """Out of the pool, for oneself."""
    _give(lead, actor.member_id, actor)
    return lead


@operation(label=gettext_lazy("Start following"), moves=Lead.lifecycle.to("working"), icon="player-play", labels=_LABELS)
def follow_lead(lead: Lead, *, actor: Actor, next_step: str = "", next_on: date | None = None) -> Lead:
    """The first touch; a lead without an owner becomes one's own."""
    lead.assign(
        owner_id=lead.owner_id or actor.member_id, owned_on=lead.owned_on or actor.today, next_step=next_step or lead.next_step,
        next_on=next_on or lead.next_on, reason=None,
    )
    return lead


@operation(
    label=gettext_lazy("Qualify"), moves=Lead.lifecycle.to("qualified"), icon="circle-check", labels=_LABELS,
    done=gettext_lazy("The lead is qualified."),
)
def qualify_lead(
    lead: Lead, *, actor: Actor, customer: Party | None = None, opportunity: str = "", amount: Money | None = None,
    expected_on: date | None = None,
) -> Lead:
    """Customer, contact and opportunity from what the lead holds; an existing customer is used when one is named.

    Without a name for the opportunity none is made.
    """
    party = customer or _customer_of(lead, actor)
    contact = _contact_of(lead, party, actor)
    made = None
    if opportunity.strip():
        made = _open(
            Draft(0, values={
                "name": opportunity.strip()[:160], "customer": party, "contact": contact, "amount": amount or Decimal(0), "expected_on": expected_on,
                "owner_id": lead.owner_id or actor.member_id, "source": lead.source, "next_step": lead.next_step, "next_on": lead.next_on,
                "note": lead.need, "lead": lead, "kind": "more" if customer else "new",
            }),
            actor,
        )
    lead.assign(customer=party, owner_id=lead.owner_id or actor.member_id)
    publish(events.LeadQualified(lead.pk, party.pk, made.pk if made else None), subject=lead, party_id=party.pk)
    return lead


def _customer_of(lead: Lead, actor: Actor) -> Party:
    is_company = bool(lead.company)
    draft = Draft(0, values={
        "name": lead.company or lead.person, "kind": "company" if is_company else "person", "is_customer": True,
        "industry": lead.industry, "region": lead.region, "source": lead.source, "website": lead.website,
        "owner_id": lead.owner_id or actor.member_id,
        **({} if is_company and lead.person else {"phone": lead.phone, "email": lead.email}),
    })
    return _insert(Party, draft, actor)


def _contact_of(lead: Lead, party: Party, actor: Actor) -> Contact | None:
    """The person of the lead at the customer: the one who is there already, else a new one."""
    if not lead.person or party.kind == "person":
        return None
    found = Contact.objects.filter(party=party, name__iexact=lead.person, archived_at__isnull=True).first()
    return found or _insert(
        Contact,
        Draft(0, values={"party": party, "name": lead.person, "job_title": lead.job_title, "phone": lead.phone, "email": lead.email}), actor,
    )


def _insert(model, draft: Draft, actor: Actor):
    form = form_of(model)
    if form.complete:
        form.complete([draft], actor)
    refuse_errors([draft])
    [row] = insert(form, [draft], actor)
    return row


def _open(draft: Draft, actor: Actor) -> Opportunity:
    complete_opportunities([draft], actor)
    refuse_errors([draft])
    [made] = insert(form_of(Opportunity), [draft], actor)
    return made


@operation(
    label=gettext_lazy("Give up"), moves=Lead.lifecycle.to("disqualified"), icon="circle-x", tone="danger", labels=_LABELS,
)
def disqualify_lead(lead: Lead, *, actor: Actor, reason: LossReason, note: LongText = "") -> Lead:
    """It comes to nothing, and why."""
    lead.assign(reason=reason, need=f"{lead.need}\n{note}".strip() if note else lead.need)
    publish(events.LeadDisqualified(lead.pk), subject=lead)
    return lead


@operation(label=gettext_lazy("Move to stage"), states=("open",), icon="arrow-right", labels=_LABELS, proposes=next_stage)
def move_opportunity(opportunity: Opportunity, *, actor: Actor, stage: Stage, reason: LossReason | None = None) -> Opportunity:
    """To another stage of its pipeline, with that stage's chance; into the one for what is won or lost, it is won or lost."""
    if stage.pipeline_id != opportunity.pipeline_id:
        raise Refused(_("This stage belongs to another pipeline."), field="stage")
    if stage.kind == "won":
        win_opportunity(opportunity, actor=actor)
    elif stage.kind == "lost":
        if reason is None:
            raise Refused(_("Say why it was lost."), field="reason")
        lose_opportunity(opportunity, actor=actor, reason=reason)
    elif stage.pk != opportunity.stage_id:
        _enter(opportunity, stage, actor)
        publish(events.OpportunityMoved(opportunity.pk, opportunity.customer_id, stage.pk), subject=opportunity, party_id=opportunity.customer_id)
    return opportunity


def _enter(opportunity: Opportunity, stage: Stage, actor: Actor) -> None:
    """The stage, since when, and a line in the history of stages."""
    insert_rows([
        StageEntry(
            opportunity_id=opportunity.pk, stage=stage, entered_at=actor.now, days_before=max((actor.now - opportunity.entered_at).days, 0),
            amount=opportunity.amount, member_id=actor.member_id,
        )
    ])
    opportunity.assign(stage=stage, entered_at=actor.now, chance=stage.chance)


@operation(
    label=gettext_lazy("Won"), moves=Opportunity.lifecycle.to("won"), icon="trophy", labels=_LABELS,
    proposes=lambda opportunity, _actor: {"amount": opportunity.amount},
)
def win_opportunity(opportunity: Opportunity, *, actor: Actor, amount: Money | None = None) -> Opportunity:
    """The customer has decided for us; where nothing was quoted yet, a quotation with the products is made."""
    _enter(opportunity, stage_of_kind(opportunity.pipeline_id, "won"), actor)
    opportunity.assign(closed_on=actor.today, chance=Decimal(1), amount=opportunity.amount if amount is None else amount)
    if not quotations_of(opportunity).exists() and opportunity.lines.exists():
        _quote(opportunity, actor)
    publish(
        events.OpportunityWon(opportunity.pk, opportunity.customer_id, opportunity.amount, opportunity.currency), subject=opportunity,
        party_id=opportunity.customer_id,
    )
    return opportunity


@operation(label=gettext_lazy("Lost"), moves=Opportunity.lifecycle.to("lost"), icon="circle-x", tone="danger", labels=_LABELS)
def lose_opportunity(opportunity: Opportunity, *, actor: Actor, reason: LossReason, note: LongText = "") -> Opportunity:
    """The customer has decided against us, and why."""
    _enter(opportunity, stage_of_kind(opportunity.pipeline_id, "lost"), actor)
    opportunity.assign(
        reason=reason, closed_on=actor.today, chance=Decimal(0), note=f"{opportunity.note}\n{note}".strip() if note else opportunity.note
    )
    publish(
        events.OpportunityLost(opportunity.pk, opportunity.customer_id, opportunity.amount, opportunity.currency), subject=opportunity,
        party_id=opportunity.customer_id,
    )
    return opportunity


@operation(label=gettext_lazy("Close"), moves=Opportunity.lifecycle.to("closed"), icon="x", labels=_LABELS)
def close_opportunity(opportunity: Opportunity, *, actor: Actor, note: LongText = "") -> Opportunity:
    """Neither won nor lost: the business no longer exists."""
    opportunity.assign(closed_on=actor.today, chance=Decimal(0), note=f"{opportunity.note}\n{note}".strip() if note else opportunity.note)
    return opportunity


@operation(label=gettext_lazy("Reopen"), moves=Opportunity.lifecycle.to("open"), icon="arrow-back-up", labels=_LABELS)
def reopen_opportunity(opportunity: Opportunity, *, actor: Actor, stage: Stage) -> Opportunity:
    """It goes on after all, in the stage named."""
    if stage.pipeline_id != opportunity.pipeline_id or stage.kind != "open":
        raise Refused(_("Choose a stage of this pipeline in which things are under way."), field="stage")
    _enter(opportunity, stage, actor)
    opportunity.assign(reason=None, closed_on=None)
    return opportunity


def quotations_of(opportunity: Opportunity):
    """The quotations made for it."""
    links = Link.objects.filter(from_model=Opportunity.label(), from_id=opportunity.pk, to_model=Quotation.label(), kind="quotation")
    return Quotation.objects.filter(pk__in=links.values("to_id"))


@operation(label=gettext_lazy("Make quotation"), states=("open", "won"), icon="file-text")
def quote_opportunity(opportunity: Opportunity, *, actor: Actor) -> Quotation:
    """An offer of its products at its prices."""
    if not opportunity.lines.exists():
        raise Refused(_("There are no products yet; add what the customer wants first."))
    return _quote(opportunity, actor)


def _quote(opportunity: Opportunity, actor: Actor) -> Quotation:
    draft = Draft(0, values={
        "customer": opportunity.customer, "contact": opportunity.contact, "owner_id": opportunity.owner_id, "currency": opportunity.currency,
    })
    draft.lines = [
        Draft(n, values={
            "product": line.product, "description": line.description, "quantity": line.quantity, "unit_price": line.unit_price,
        })
        for n, line in enumerate(opportunity.lines.select_related("product").order_by("position"))
    ]
    quotation = _insert(Quotation, draft, actor)
    Link.objects.create(
        kind="quotation", from_model=Opportunity.label(), from_id=opportunity.pk, to_model=Quotation.label(), to_id=quotation.pk, quantity=1,
    )
    return quotation
