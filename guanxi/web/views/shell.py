"""Pages around the account sets: choosing one, its home, the language."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from guanxi.kernel.access.models import Member
from guanxi.kernel.database import in_set
from guanxi.kernel.screens.menu import menu_of
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.kernel.sets.lifecycle import wanted_stamp
from guanxi.kernel.sets.models import Membership

LANGUAGE_COOKIE_AGE = 365 * 24 * 3600


@login_required
def choose_set(request: HttpRequest) -> HttpResponse:
    """Where signing in leads: the only set, the last one, or a choice."""
    places = Membership.objects.filter(user_id=request.user.pk or 0).select_related("account_set").order_by("account_set__name")
    sets = [place.account_set for place in places]
    if "all" not in request.GET:
        last = getattr(request.user, "last_set", "")
        if len(sets) == 1 or last in {s.key for s in sets}:
            return HttpResponseRedirect(f"/{last if len(sets) > 1 else sets[0].key}/")
    return render(request, "sets.html", {"sets": sets})


choose_set.right = "signed in"  # type: ignore[attr-defined]


@page(MEMBER)
def home(visit: Visit) -> HttpResponse:
    """The Today page where there is one, else the home of the member's role, else the menu at large."""
    groups = menu_of(visit.actor)
    paths = {item.path: item for group in groups for item in group["items"]}
    for path in ("today", visit.actor.home):
        if path in paths:
            return visit.redirect(paths[path].url(visit.set_key))
    return visit.render("home.html", {"groups": groups})


def enter_set(request: HttpRequest, set_key: str) -> HttpResponseBase:
    """The home page; remembers the set for the next sign-in, outside any set, where the user's row lives."""
    response = home(request, set_key=set_key)
    if response.status_code < 400 and request.user.is_authenticated and request.user.last_set != set_key:
        get_user_model().objects.filter(pk=request.user.pk).update(last_set=set_key)
    return response


enter_set.right = MEMBER  # type: ignore[attr-defined]


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language with the account, or in a cookie before signing in."""
    from django.conf import settings

    wanted = request.POST.get("language", "")
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if wanted in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            get_user_model().objects.filter(pk=request.user.pk).update(language=wanted)
            speak(request.user, wanted)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, wanted, max_age=LANGUAGE_COOKIE_AGE, samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True,
        )
    return response


def speak(user: Any, language: str) -> None:
    """Mail from the sets in which the user has a place speaks as their pages do."""
    for place in user.memberships.filter(account_set__stamp=wanted_stamp()).select_related("account_set"):
        with in_set(place.account_set.key):
            Member.objects.filter(pk=place.member_id).updated(language=language)


set_language.right = "anyone"  # type: ignore[attr-defined]
