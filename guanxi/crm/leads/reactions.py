"""The quotation's fate moves the opportunity (X4); an interest that is pursued becomes one."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.crm.leads.events import LeadReceived, LeadReclaimed, OpportunityLost, OpportunityWon
from guanxi.crm.leads.models import Opportunity, Stage
from guanxi.crm.leads.operations import move_opportunity, win_opportunity
from guanxi.crm.needs.events import InterestPursued
from guanxi.erp.sales.events import OrderConfirmed, QuotationAccepted, QuotationDeclined, QuotationSent
from guanxi.erp.sales.models import OrderLine, Quotation, QuotationLine
from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.database.known import known
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.notices.kinds import notify
from guanxi.kernel.records.models import Link


def owner_now(_event: LeadReceived, lead: Any) -> list[int | None]:
    return [lead.owner_id]


def former_owner(event: LeadReclaimed, lead: Any) -> list[int | None]:
    return [event.owner_id] if event.owner_id != lead.owner_id else []


notify(LeadReceived, to=owner_now, label=_("sent you %(title)s through the web site"), reason="assigned")
notify(LeadReclaimed, to=former_owner, label=_("put %(title)s back into the pool"))
notify(OpportunityWon, to="followers")
notify(OpportunityLost, to="followers")


def _behind(quotation_ids: Iterable[int]) -> list[Opportunity]:
    links = Link.objects.filter(from_model=Opportunity.label(), to_model=Quotation.label(), to_id__in=list(quotation_ids), kind="quotation")
    return list(Opportunity.objects.filter(pk__in=links.values("from_id"), status="open").select_related("stage"))


@reaction(QuotationSent)
def advance_quoted_opportunity(event: QuotationSent, *, actor: Actor) -> None:
    """Into the stage that stands for an offer, unless it is further already."""
    for opportunity in _behind([event.quotation_id]):
        quoted = Stage.objects.filter(pipeline_id=opportunity.pipeline_id, is_quoted=True, kind="open").order_by("position").first()
        if quoted is not None and quoted.position > opportunity.stage.position:
            move_opportunity(opportunity, actor=actor, stage=quoted)


@reaction(QuotationAccepted)
def win_accepted_opportunity(event: QuotationAccepted, *, actor: Actor) -> None:
    """The customer has said yes to the offer."""
    for opportunity in _behind([event.quotation_id]):
        win_opportunity(opportunity, actor=actor)


@reaction(OrderConfirmed)
def win_ordered_opportunity(event: OrderConfirmed, *, actor: Actor) -> None:
    """The customer has ordered what was offered."""
    quotations = _ordered_quotations(event.order_id)
    for opportunity in _behind(quotations) if quotations else ():
        win_opportunity(opportunity, actor=actor)


@known
def _ordered_quotations(order_id: int) -> Any:
    """Asked for every order there is, most of which were never quoted."""
    lines = OrderLine.objects.filter(order_id=order_id).values("pk")
    links = Link.objects.filter(to_model=OrderLine.label(), to_id__in=lines, from_model=QuotationLine.label(), kind="order")
    return QuotationLine.objects.filter(pk__in=links.values("from_id")).values_list("quotation_id", flat=True).distinct()


@reaction(QuotationDeclined)
def follow_declined_quotation(event: QuotationDeclined, *, actor: Actor) -> None:
    """Somebody has to look at it today: it stands out as overdue from tomorrow on."""
    for opportunity in _behind([event.quotation_id]):
        opportunity.assign(next_on=actor.today)
        opportunity.flush()


@reaction(InterestPursued)
def open_opportunity(event: InterestPursued, *, actor: Actor) -> None:
    """The product a customer thinks of becomes business to be won; once for each interest (M1.13)."""
    source = {"kind": "opportunity", "from_model": "needs.productinterest", "from_id": event.interest_id}
    if Link.objects.filter(**source, to_model=Opportunity.label()).exists():
        return
    owner = actor_of(event.owner_id)
    line = {"product": event.product_id, "quantity": str(event.quantity), "unit_price": "" if event.price_idea is None else str(event.price_idea)}
    made = create_record(
        Opportunity,
        {
            "name": event.name, "customer": event.customer_id, "contact": event.contact_id, "currency": event.currency,
            "expected_on": event.wanted_on, "owner": event.owner_id, "source": event.source, "note": event.note, "kind": "more", "lines": [line],
        },
        actor=replace(owner, now=actor.now) if owner and owner.may("add", Opportunity) else actor, by_id=True,
    ).result
    Link.objects.create(**source, to_model=Opportunity.label(), to_id=made.pk, quantity=event.quantity)
