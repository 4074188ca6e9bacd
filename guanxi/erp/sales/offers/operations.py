"""What happens to an offer that was sent: renewed, withdrawn, shared, seen, answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.sales.models import Quotation, QuotationLine
from guanxi.erp.sales.offers import events
from guanxi.erp.sales.offers.models import OfferAnswer, OfferLink, QuotationVersion
from guanxi.erp.sales.offers.validity import link_ends_on
from guanxi.erp.sales.offers.versions import keep_version
from guanxi.erp.sales.sharing.links import MadeLink
from guanxi.erp.sales.sharing.tokens import address_of, new_nonce
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.refusals import Invalid
from guanxi.kernel.values import ZERO, round_money
from guanxi.shared.messaging.models import Message

GIVEN = ("sent", "change_asked")
"""The states in which the customer has an offer that stands."""
_LABELS = {
    "valid_until": gettext_lazy("Valid until"), "reason": gettext_lazy("Reason"),
    "given_to": gettext_lazy("Given to"),
    "name": gettext_lazy("Who asks"), "lines": gettext_lazy("Optional lines"), "line": gettext_lazy("Quotation line"),
    "is_chosen": gettext_lazy("Chosen"),
}


@dataclass
class OptionChoice:
    """An optional line, and whether the customer takes it."""

    line: QuotationLine
    is_chosen: bool = False


@operation(label=gettext_lazy("Renew"), states=GIVEN, icon="calendar-plus", labels=_LABELS)
def renew_quotation(quotation: Quotation, *, actor: Actor, valid_until: date) -> QuotationVersion:
    """Let the offer hold for longer: a new version with another last day, under the same links."""
    if valid_until < actor.today:
        raise Invalid({"valid_until": [_("This day is over already.")]})
    former = quotation.valid_until
    if valid_until == former:
        raise Invalid({"valid_until": [_("It is valid until this day already.")]})
    quotation.assign(valid_until=valid_until)
    version = keep_version(quotation, list(quotation.lines.order_by("position", "pk")), actor)
    ends_on = link_ends_on(valid_until, actor.today)
    OfferLink.objects.filter(quotation=quotation, revoked_at__isnull=True).updated(ends_on=Greatest(F("ends_on"), ends_on))
    publish(
        events.QuotationRenewed(quotation.pk, quotation.customer_id, valid_until, former), subject=quotation, party_id=quotation.customer_id
    )
    return version


@operation(
    label=gettext_lazy("Withdraw"), moves=Quotation.lifecycle.to("withdrawn"), icon="arrow-back-up", tone="danger", labels=_LABELS
)
def withdraw_quotation(quotation: Quotation, *, actor: Actor, reason: LongText = "") -> Quotation:
    """Take the offer back: the customer's page says so, and it can no longer be accepted."""
    publish(events.QuotationWithdrawn(quotation.pk, quotation.customer_id, reason), subject=quotation, party_id=quotation.customer_id)
    return quotation


@operation(
    label=gettext_lazy("Customer asks for a change"), moves=Quotation.lifecycle.to("change_asked"), icon="message-2", labels=_LABELS
)
def question_quotation(quotation: Quotation, *, actor: Actor, reason: LongText, name: str = "") -> Quotation:
    """The customer wants something otherwise before saying yes; the offer still stands."""
    if actor.kind != "visitor":
        who = name or str(quotation.contact or quotation.customer)
        OfferAnswer.objects.create(quotation=quotation, kind="change_asked", edition=quotation.edition, at=actor.now, name=who[:120], text=reason)
    publish(events.QuotationQuestioned(quotation.pk, quotation.customer_id, name), subject=quotation, party_id=quotation.customer_id)
    return quotation


@operation(label=gettext_lazy("Choose options"), states=GIVEN, icon="checklist", labels=_LABELS)
def choose_options(quotation: Quotation, *, actor: Actor, lines: list[OptionChoice]) -> Quotation:
    """Which of the optional lines the customer takes; what is taken counts, and goes to the order."""
    optional = set(quotation.lines.exclude(inclusion="firm").values_list("pk", flat=True))
    wrong = [at for at, choice in enumerate(lines) if choice.line.pk not in optional]
    if wrong:
        raise Invalid({f"lines.{at}.line": [_("This is no optional line of this quotation.")] for at in wrong})
    take_options(quotation, {choice.line.pk for choice in lines if choice.is_chosen})
    return quotation


def take_options(quotation: Quotation, chosen: Iterable[int]) -> None:
    """Within an act: exactly these of the optional lines count. Three statements, however many lines."""
    chosen = set(chosen)
    lines = list(quotation.lines.order_by("position", "pk"))
    changed = []
    for line in lines:
        wanted = line.inclusion if line.inclusion == "firm" else "chosen" if line.pk in chosen else "optional"
        if wanted != line.inclusion:
            line.inclusion = wanted
            changed.append(line.pk)
    if not changed:
        return
    for inclusion in ("chosen", "optional"):
        mine = [line.pk for line in lines if line.pk in changed and line.inclusion == inclusion]
        if mine:
            quotation.lines.filter(pk__in=mine).updated(inclusion=inclusion)
    counted = [line for line in lines if line.inclusion != "optional"]
    net, tax = sum((line.net for line in counted), ZERO), sum((line.tax_amount for line in counted), ZERO)
    cost = sum((round_money(line.quantity * line.unit_cost, quotation.currency) for line in counted), ZERO)
    quotation.assign(net=net, tax=tax, total=net + tax, cost=cost)
    publish(
        events.QuotationAdjusted(quotation.pk, quotation.customer_id, quotation.total, quotation.currency),
        subject=quotation, party_id=quotation.customer_id,
    )


@operation(
    label=gettext_lazy("Make a link"), states=(*GIVEN, "accepted", "ordered"), icon="link", labels=_LABELS,
    unless=lambda quotation: not quotation.edition and _("Send the quotation first: the customer sees what was sent."),
)
def share_quotation(quotation: Quotation, *, actor: Actor, given_to: str = "") -> MadeLink:
    """A link to the customer's page, to be given on by hand; by e-mail one is sent of itself."""
    link = make_link(quotation, given_to or str(quotation.contact or quotation.customer), actor)
    return MadeLink(link, address_of(link))


def make_link(quotation: Quotation, given_to: str, actor: Actor, message: Message | None = None) -> OfferLink:
    """Within an act: a way to the page, for one reader or one mail."""
    return OfferLink.objects.create(
        quotation=quotation, given_to=given_to[:200], nonce=new_nonce(), made_by_id=actor.member_id, at=actor.now, message=message,
        ends_on=link_ends_on(quotation.valid_until, actor.today),
    )


@operation(
    label=gettext_lazy("Revoke"), icon="unlink", tone="danger", unless=lambda link: link.revoked_at and _("This link is revoked already."),
)
def revoke_link(link: OfferLink, *, actor: Actor) -> OfferLink:
    """The link opens nothing from now on, as if it had never been."""
    link.assign(revoked_at=actor.now)
    return link
