"""Links to the customer's page of an order: given out, looked at, revoked."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.sales.models import Order
from guanxi.erp.sales.sharing.links import MadeLink
from guanxi.erp.sales.sharing.tokens import address_of, new_nonce
from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.shared.messaging.models import Message

VISITOR_GRANTS = {"sales.orderlink": "view", "sales.order": "view", "parties.party": "view", "sales.open_order_link": "company"}
"""What whoever comes through a link may do; the link says to which order, and no page but the customer's gives these rights."""
OPEN_AFTERWARDS = timedelta(days=90)
"""A customer may look for so long after the day that is promised."""
LONGEST = timedelta(days=730)
_LABELS = {"given_to": gettext_lazy("Given to"), "ends_on": gettext_lazy("Open until")}


@operation(label=gettext_lazy("Tracking link"), states=("confirmed", "done"), icon="link", labels=_LABELS)
def share_order(order: Order, *, actor: Actor, given_to: str = "", ends_on: date | None = None) -> MadeLink:
    """A link by which the customer follows the order without a sign-in, to be given on by hand; “Confirm by e-mail” can send one too."""
    if ends_on is not None and not actor.today <= ends_on <= actor.today + LONGEST:
        raise Invalid({"ends_on": [_("Choose a day from today on, within two years.")]})
    link = make_order_link(order, given_to or str(order.contact or order.customer), actor, ends_on=ends_on)
    return MadeLink(link, address_of(link))


def make_order_link(order: Order, given_to: str, actor: Actor, message: Message | None = None, *, ends_on: date | None = None) -> OrderLink:
    """Within an act: a way to the page, for one reader or one mail."""
    return OrderLink.objects.create(
        order=order, given_to=given_to[:200], nonce=new_nonce(), made_by_id=actor.member_id, at=actor.now, message=message,
        ends_on=ends_on or max(order.promised_on or actor.today, actor.today) + OPEN_AFTERWARDS,
    )


@operation(
    label=gettext_lazy("Revoke"), icon="unlink", tone="danger", unless=lambda link: link.revoked_at and _("This link is revoked already."),
)
def revoke_order_link(link: OrderLink, *, actor: Actor) -> OrderLink:
    """The link opens nothing from now on, as if it had never been."""
    link.assign(revoked_at=actor.now)
    return link


@operation(label=gettext_lazy("Note that it was seen"), icon="eye")
def open_order_link(link: OrderLink, *, actor: Actor) -> OrderLink:
    """The customer has opened the page for the first time."""
    if actor.kind != "visitor":
        raise Refused(_("Only looks of the customer are counted."))
    if link.first_seen_at is None:
        link.assign(first_seen_at=actor.now, last_seen_at=actor.now, seen_count=1)
    return link
