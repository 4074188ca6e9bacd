"""Where the customer's link stands in a mail: a place that is filled in as the mail leaves, so that no kept mail holds a token."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from guanxi.erp.sales.models import Order, Quotation
from guanxi.erp.sales.offers.models import OfferLink
from guanxi.erp.sales.sharing.links import CustomerLink
from guanxi.erp.sales.sharing.tokens import address_of
from guanxi.erp.sales.tracking.models import OrderLink
from guanxi.shared.messaging.models import Message

PLACE, ORDER_PLACE = _("[link to the offer]"), _("[link to the order]")
_INVITATION = _("You can look at the offer, ask about it and accept it on line:")
_ENDED = {OfferLink: _("(The link to the offer has been withdrawn.)"), OrderLink: _("(The link to the order has been withdrawn.)")}
_KINDS: dict[str, tuple[type[CustomerLink], Any]] = {Quotation.label(): (OfferLink, PLACE), Order.label(): (OrderLink, ORDER_PLACE)}


def _places(place: Any) -> list[str]:
    """The place as it is written in each language."""
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.append(str(place))
    return found


def has_place(body: str, place: Any) -> bool:
    """Whether its writer put a place for a link into the text."""
    return any(one in body for one in _places(place))


def with_place(body: str, language: str) -> str:
    """The text with a place for the link to an offer: where its writer put it, else at its end."""
    if has_place(body, PLACE):
        return body
    with override(language or "en"):
        return f"{body.rstrip()}\n\n{_INVITATION}\n{PLACE}\n"


def fill_in_link(message: Message, body: str) -> str:
    """The mail as it leaves."""
    if message.target_model not in _KINDS:
        return body
    model, place = _KINDS[message.target_model]
    link = model._base_manager.filter(message=message).first()
    if link is None:
        return body
    with override(message.language or "en"):
        words = address_of(link) if link.revoked_at is None else str(_ENDED[model])
    for one in _places(place):
        body = body.replace(one, words)
    return body
