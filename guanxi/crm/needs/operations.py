"""The verbs of needs and interests: pass on, accept, meet, decline; pursue, drop."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.crm.needs import events
from guanxi.crm.needs.models import CustomerNeed, ProductInterest
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Team
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Refused

_LABELS = {"team": gettext_lazy("Team"), "answer": gettext_lazy("Answer"), "reason": gettext_lazy("Reason")}


@operation(label=gettext_lazy("Pass on"), moves=CustomerNeed.lifecycle.to("passed"), icon="arrow-right", labels=_LABELS)
def pass_on_need(need: CustomerNeed, *, actor: Actor, team: Team) -> CustomerNeed:
    """Product, quality or service people are to deal with it; its owner keeps it in sight."""
    if not team.members.filter(is_active=True).exists():
        raise Refused(_("Nobody is in the team %(team)s; choose another one.") % {"team": team}, field="team")
    need.assign(passed_to=team)
    publish(events.NeedPassed(need.pk, team.pk), subject=need, party_id=need.customer_id)
    return need


@operation(label=gettext_lazy("Accept"), moves=CustomerNeed.lifecycle.to("accepted"), icon="check", labels=_LABELS)
def accept_need(need: CustomerNeed, *, actor: Actor, answer: LongText = "") -> CustomerNeed:
    """It will be seen to."""
    return _answer(need, actor, "accepted", answer)


@operation(label=gettext_lazy("Met"), moves=CustomerNeed.lifecycle.to("met"), icon="circle-check", labels=_LABELS)
def meet_need(need: CustomerNeed, *, actor: Actor, answer: LongText = "") -> CustomerNeed:
    """The customer has what was needed."""
    return _answer(need, actor, "met", answer)


@operation(
    label=gettext_lazy("Decline"), moves=CustomerNeed.lifecycle.to("declined"), icon="circle-x", tone="danger", labels=_LABELS
)
def decline_need(need: CustomerNeed, *, actor: Actor, reason: LongText) -> CustomerNeed:
    """It will not be seen to, and why."""
    return _answer(need, actor, "declined", reason)


@operation(label=gettext_lazy("Reopen"), moves=CustomerNeed.lifecycle.to("open"), icon="arrow-back-up")
def reopen_need(need: CustomerNeed, *, actor: Actor) -> CustomerNeed:
    """It comes up again."""
    need.assign(answered_on=None, passed_to=None)
    return need


def _answer(need: CustomerNeed, actor: Actor, status: str, text: str) -> CustomerNeed:
    need.assign(answer=text or need.answer, answered_on=actor.today)
    publish(events.NeedAnswered(need.pk, status), subject=need, party_id=need.customer_id)
    return need


@operation(label=gettext_lazy("Pursue"), moves=ProductInterest.lifecycle.to("pursued"), icon="target")
def pursue_interest(interest: ProductInterest, *, actor: Actor) -> ProductInterest:
    """It becomes an opportunity with this product, quantity and price idea (M1.13)."""
    publish(
        events.InterestPursued(
            interest.pk, interest.customer_id, interest.contact_id, interest.owner_id, interest.product_id, interest.name, interest.quantity,
            interest.price_idea, interest.currency, interest.wanted_on.isoformat() if interest.wanted_on else "", interest.source, interest.note,
        ),
        subject=interest, party_id=interest.customer_id,
    )
    return interest


@operation(label=gettext_lazy("Drop"), moves=ProductInterest.lifecycle.to("dropped"), icon="circle-x", tone="danger")
def drop_interest(interest: ProductInterest, *, actor: Actor) -> ProductInterest:
    """They no longer think of it."""
    return interest


@operation(label=gettext_lazy("Take up again"), moves=ProductInterest.lifecycle.to("open"), icon="arrow-back-up")
def resume_interest(interest: ProductInterest, *, actor: Actor) -> ProductInterest:
    """They think of it after all."""
    return interest
