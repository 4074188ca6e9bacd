"""Before any work: how often a key and its member may ask, and how often strangers may knock."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from guanxi.kernel.access.keys import key_actor
from guanxi.kernel.api.problems import Problem
from guanxi.kernel.database import in_set, inside_set
from guanxi.kernel.limits.counters import Limit, Taken, take

KNOCKS = Limit("address", 60)
"""Keys from one address that this process has not seen yet, a minute: a guess costs a place here before it costs a transaction."""
_MOST_KNOWN = 10_000
_known: dict[str, tuple[int, int]] = {}


def key_limit() -> Limit:
    return Limit("key", settings.GUANXI_API_PER_KEY)


def member_limit() -> Limit:
    return Limit("member", settings.GUANXI_API_PER_MEMBER)


def admit(request: HttpRequest, set_key: str, secret: str) -> Sequence[Taken]:
    """Count this request; Problem 429 when the key, its member or the address asked too often."""
    if inside_set():
        return ()
    found = _whose(request, set_key, secret)
    if found is None:
        return ()
    key_id, member_id = found
    taken = take([(key_limit(), f"{set_key}:{key_id}"), (member_limit(), f"{set_key}:{member_id}")])
    _refuse_over(taken)
    return taken


def _whose(request: HttpRequest, set_key: str, secret: str) -> tuple[int, int] | None:
    """(key, member), as this process has seen it before or reads it now; whether it still opens anything is asked at the door."""
    digest = hashlib.sha256(f"{set_key} {secret}".encode()).hexdigest()
    if digest not in _known:
        _refuse_over(take([(KNOCKS, get_adapter().get_client_ip(request))]))
        with in_set(set_key):
            actor = key_actor(secret)
        if actor is None or actor.access_key_id is None:
            return None
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[digest] = actor.access_key_id, actor.member_id
    return _known[digest]


def _refuse_over(taken: Sequence[Taken]) -> None:
    over = [one for one in taken if one.is_over]
    if over:
        worst = max(over, key=lambda one: one.seconds_left)
        words = _("Too many requests: %(quota)s in %(window)s seconds are possible. Send it again in %(wait)s seconds.")
        raise Problem(
            429, "too_many_requests", words % {"quota": worst.limit.quota, "window": worst.limit.seconds, "wait": worst.wait},
            headers={"Retry-After": str(worst.wait), **headers_of(taken)},
        )


def headers_of(taken: Sequence[Taken]) -> dict[str, str]:
    """RateLimit-Policy and RateLimit, as the IETF's draft has them."""
    if not taken:
        return {}
    return {"RateLimit-Policy": ", ".join(one.limit.policy for one in taken), "RateLimit": ", ".join(one.state for one in taken)}
