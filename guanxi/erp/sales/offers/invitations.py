"""Where the customer's link stands in a mail: a place that is filled in as the mail leaves, so that no kept mail holds a token."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers.models import OfferLink
from guanxi.erp.sales.offers.tokens import address_of
from guanxi.shared.messaging.models import Message

PLACE = _("[link to the offer]")
_INVITATION = _("You can look at the offer, ask about it and accept it on line:")
_ENDED = _("(The link to the offer has been withdrawn.)")


def _places() -> list[str]:
    """The place as it is written in each language."""
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.append(str(PLACE))
    return found


def with_place(body: str, language: str) -> str:
    """The text with a place for the link: where its writer put it, else at its end."""
    if any(place in body for place in _places()):
        return body
    with override(language or "en"):
        return f"{body.rstrip()}\n\n{_INVITATION}\n{PLACE}\n"


def fill_in_link(message: Message, body: str) -> str:
    """The mail as it leaves."""
    if message.target_model != Quotation.label():
        return body
    link = OfferLink.objects.filter(message=message).first()
    if link is None:
        return body
    with override(message.language or "en"):
        words = address_of(link) if link.revoked_at is None else str(_ENDED)
    for place in _places():
        body = body.replace(place, words)
    return body
