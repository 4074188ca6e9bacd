"""The token in a link for a customer: made from the link's row and the installation's secret, kept nowhere, compared in constant time."""

from __future__ import annotations

import base64
import re
from typing import Any, TypeVar

from django.conf import settings
from django.utils.crypto import constant_time_compare, get_random_string, salted_hmac

from guanxi.erp.sales.sharing.links import CustomerLink
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.database import current_set

Kind = TypeVar("Kind", bound=CustomerLink)
_TOKEN = re.compile(r"([0-9]{1,18})-([A-Za-z0-9_-]{43})", re.ASCII)
_NOBODY = "0" * 32
"""Signed in place of a link that is not there, so that a wrong guess takes as long as a near one."""


def new_nonce() -> str:
    return get_random_string(32)


def token_of(link: CustomerLink) -> str:
    return f"{link.pk}-{_signature(link.purpose, link.pk, link.nonce)}"


def address_of(link: CustomerLink) -> str:
    """The whole address, as it is given to the customer."""
    return f"{settings.GUANXI_PUBLIC_URL}/{link.place}/{current_set()}/{token_of(link)}/"


def link_of(model: type[Kind], token: str, actor: Actor) -> Kind | None:
    """The open link of a token; None for one that is wrong, revoked or past its last day, without saying which."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    row_id = int(found[1])
    link: Any = model.objects.visible_to(actor).filter(pk=row_id).select_related(*model.loaded_with).first()
    is_right = constant_time_compare(_signature(model.purpose, row_id, link.nonce if link else _NOBODY), found[2])
    if link is None or not is_right or link.revoked_at is not None or link.ends_on < actor.today:
        return None
    return link


def _signature(purpose: str, row_id: int, nonce: str) -> str:
    digest = salted_hmac(f"guanxi.sales.{purpose}", f"{current_set()}:{row_id}:{nonce}", algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def fingerprint(address: str) -> str:
    """Of an address on the network: it tells whether two are the same, not which one it is."""
    return salted_hmac("guanxi.sales.offer-origin", f"{current_set()}:{address}", algorithm="sha256").hexdigest()[:32]
