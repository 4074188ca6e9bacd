"""The way in to pages for customers that come through a link: not too often, kept by nobody, told to no other site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from guanxi.erp.sales.sharing.tokens import Kind, link_of
from guanxi.kernel.limits.counters import Limit, take
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.visit import PUBLIC, Visit, problem
from guanxi.kernel.sets.models import Membership

_NARROW = {"script-src": ["'none'"], "connect-src": ["'none'"], "frame-src": ["'none'"], "img-src": ["'self'"], "media-src": ["'none'"]}


def guarded(inner: Any, limit_of: Callable[[HttpRequest], Limit]) -> Any:
    """Not too often from one address (`limit_of` a request); nothing of it kept by others; one's own staff look without being counted."""

    def enter(request: HttpRequest, set_key: str, token: str, **more: Any) -> HttpResponseBase:
        [taken] = take([(limit_of(request), get_adapter().get_client_ip(request))])
        if taken.is_over:
            answer: HttpResponseBase = problem(request, 429, _("That was very often. Please wait a few minutes."))
            answer["Retry-After"] = str(taken.wait)
        else:
            user = request.user
            is_staff = user.is_authenticated and Membership.objects.filter(user=user, account_set__key=set_key).exists()
            answer = inner(request, set_key, token=token, is_staff=is_staff, **more)
        return narrowed(answer)

    enter.right = PUBLIC  # type: ignore[attr-defined]
    return csrf_exempt(enter)


def narrowed(answer: HttpResponseBase) -> HttpResponseBase:
    """No script runs on it, no address of it is told to other sites, no search finds it, nobody keeps a copy."""
    answer._csp_replace = dict(_NARROW)  # type: ignore[attr-defined]
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    add_never_cache_headers(answer)  # type: ignore[arg-type]
    return answer


def link_in(model: type[Kind], visit: Visit, token: str) -> Kind:
    """The open link; Missing, in the same words whatever is wrong with it."""
    link = link_of(model, token, visit.actor)
    if link is None:
        raise Missing(_("This link leads nowhere, or no longer does. Please ask whoever sent it to you for a new one."))
    return link


def language_for(visit: Visit, usual: str) -> str:
    """The one asked for, else the usual one."""
    asked = visit.request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else usual


def is_fetched_ahead(visit: Visit) -> bool:
    """By a browser that guesses what its reader wants next: nobody has looked."""
    return "prefetch" in visit.request.headers.get("Sec-Purpose", "") + visit.request.headers.get("Purpose", "")
