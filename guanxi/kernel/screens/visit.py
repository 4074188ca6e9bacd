"""`@page`: the one door of every view: who asks, in which account set, with which right; one transaction per request."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import InternalError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode
from django.utils.timezone import override as in_timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import override as in_language
from django.views.decorators.csrf import csrf_exempt

from guanxi.kernel.access.actor import Actor, actor_of, visitor_actor
from guanxi.kernel.access.sessions import refused_write, seated, signed_in_by_two_steps
from guanxi.kernel.access.standing import StandingEnded
from guanxi.kernel.acts.refused import note_refusal
from guanxi.kernel.database import UnknownSet, in_set
from guanxi.kernel.database.known import known
from guanxi.kernel.database.session import is_over_time
from guanxi.kernel.records.refusals import Forbidden, Missing, Moved, Refused
from guanxi.kernel.screens.menu import makeable, menu_of
from guanxi.kernel.screens.screen import Screen, record_url
from guanxi.kernel.sets.lifecycle import wanted_stamp
from guanxi.kernel.sets.models import AccountSet, Membership

MEMBER = "member"
"""The right of a page that every member of the set may open; what it shows is limited row by row."""
PUBLIC = "anyone"
"""The right of a page without a sign-in."""
_AGAIN = ("40001", "40P01")
_TRIES = 3
PATIENCE = 15
"""Seconds that a statement of a page may take: whoever looks has left by then, and the others wait."""


@dataclass
class Visit:
    """What a view knows: the request, the account set, the actor, and the screen when the address belongs to one."""

    request: HttpRequest
    set_key: str
    account_set: AccountSet
    sets: list[AccountSet]
    actor: Actor
    screen: type[Screen] | None = None
    refused: Refused | None = None
    """Set when the page is drawn again after a refusal; the transaction of the refused work is gone."""
    crumbs: list[tuple[Any, str]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    """What several parts of a page need, so that it is asked once."""

    @property
    def is_part(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("HX-Request") == "true"

    def url(self, rest: str = "") -> str:
        return f"/{self.set_key}/{rest}"

    def render(self, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        shell = {} if self.is_part else {"menu": menu_of(self.actor), "makeable": makeable(self.actor)}
        return render(
            self.request, template, {"visit": self, "actor": self.actor, "screen": self.screen, **shell, **(context or {})}, status=status
        )

    def redirect(self, address: str) -> HttpResponse:
        return _to(self.request, address)


View = Callable[..., HttpResponseBase]


def page(right: str, *, on_refused: View | None = None, as_oneself: bool = False) -> Callable[[View], View]:
    """A view `(visit, **address)` that needs `right`: a verb on the screen's model, or MEMBER.

    A refusal rolls everything back; then `on_refused` (or the view itself when it is None and draws by GET) shows it. With `as_oneself`
    the actor is the person who signed in even while they stand in for somebody: to begin and to end that.
    """

    def door(view: View) -> View:
        @functools.wraps(view)
        def enter(request: HttpRequest, set_key: str, screen: type[Screen] | None = None, **address: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in(request)
            places = _places(request.user.pk)
            place = next((p for p in places if p.account_set.key == set_key), None)
            if place is None:
                return problem(request, 404)
            if place.account_set.stamp != wanted_stamp():
                return problem(request, 503, _("This account set is being updated. Try again in a moment."))
            sets = [p.account_set for p in places]

            def drawn(drawn_by: View, refused: Refused | None = None) -> HttpResponseBase:
                with in_set(set_key, member=place.member_id, patience=PATIENCE if request.method == "GET" else 0):
                    only_looks = request.method in ("GET", "HEAD")
                    actor = actor_of(place.member_id, only_looks=only_looks, language=get_language() or "en", channel="page")
                    if actor is None:
                        raise Forbidden(_("Your access to this account set has ended."))
                    own, actor = actor, actor if as_oneself else seated(request, set_key, actor)
                    needs_two_steps = own.needs_two_step or actor.needs_two_step or place.account_set.is_two_step_needed
                    if needs_two_steps and not signed_in_by_two_steps(request):
                        return _to(request, resolve_url("two_step") + "?" + urlencode({"next": _here(request)}))
                    if actor is not own:
                        actor = replace(actor, said=own.said)
                    visit = Visit(request, set_key, place.account_set, sets, actor, screen, refused)
                    _require(right, visit)
                    with in_timezone(getattr(request.user, "timezone", "") or actor.timezone):
                        return drawn_by(visit, **address)

            def run(drawn_by: View, refused: Refused | None = None) -> HttpResponseBase:
                try:
                    return drawn(drawn_by, refused)
                except Forbidden as refusal:
                    note_refusal(refusal, set_key, place.member_id, channel="page", address=request.path)
                    raise

            return _answer(request, view, on_refused, run)

        enter.right = right  # type: ignore[attr-defined]
        return enter

    return door


@known
def _places(user_id: int) -> Any:
    return Membership.objects.filter(user=user_id).select_related("account_set").order_by("account_set__name")


def public_page(grants: Mapping[str, str], *, on_refused: View | None = None) -> Callable[[View], View]:
    """A view that anybody may open, with the rights named, written as in a role, and no others. Nobody's session is behind it,
    so that no other site can use one; the view has to guard against floods itself."""

    def door(view: View) -> View:
        @functools.wraps(view)
        def enter(request: HttpRequest, set_key: str, **address: Any) -> HttpResponseBase:
            account_set = AccountSet.objects.filter(key=set_key).first()
            if account_set is None:
                return problem(request, 404)
            if account_set.stamp != wanted_stamp():
                return problem(request, 503, _("This page is being updated. Try again in a moment."))

            def run(drawn_by: View, refused: Refused | None = None) -> HttpResponseBase:
                with in_set(set_key):
                    actor = visitor_actor(grants, get_language() or "en")
                    with in_timezone(actor.timezone):
                        return drawn_by(Visit(request, set_key, account_set, [], actor, refused=refused), **address)

            asked = request.GET.get("language", "")
            with in_language(asked if asked in dict(settings.LANGUAGES) else get_language()):
                return _answer(request, view, on_refused, run)

        enter.right = PUBLIC  # type: ignore[attr-defined]
        return csrf_exempt(enter)

    return door


def _answer(request: HttpRequest, view: View, on_refused: View | None, run: Callable[..., HttpResponseBase]) -> HttpResponseBase:
    """What the view says; after a refusal, in a transaction of its own, what `on_refused` says."""
    try:
        return _steadily(lambda: run(view))
    except UnknownSet:
        return problem(request, 404)
    except StandingEnded as ended:
        return _to(request, "/" + request.path.split("/")[1] + "/") if request.method == "GET" else problem(request, ended.status, str(ended))
    except InternalError as error:
        return problem(request, 403, refused_write(error))
    except OperationalError as error:
        if not is_over_time(error):
            raise
        words = _("This would have taken longer than %(n)s seconds and was stopped. Narrow it with filters, or sort by another column.")
        return problem(request, 503, words % {"n": PATIENCE})
    except Moved as moved:
        # Whoever asks for what was merged into another record is led to that one.
        if request.method == "GET":
            return _to(request, record_url(request.path.split("/")[1], moved.label, moved.row_id))
        return problem(request, moved.status, str(moved))
    except Refused as refusal:
        if on_refused is None or isinstance(refusal, Forbidden | Missing):
            return problem(request, refusal.status, str(refusal))
        try:
            return run(on_refused, refusal)
        except Refused as again:
            return problem(request, again.status, str(again))


def _require(right: str, visit: Visit) -> None:
    if right == MEMBER:
        return
    assert visit.screen is not None
    needed = (right,) if right == "add" else ("view", right)
    for verb in needed:
        if not visit.actor.may(verb, visit.screen.model):
            words = _("You may not open “%(what)s”. Ask an administrator for the right.") % {"what": visit.screen.plural()}
            raise Forbidden(words, right=f"{visit.screen.model.label()}.{verb}")


def _steadily(run: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Deadlocks and serialisation failures are tried again; the transaction has left nothing behind."""
    for turn in range(_TRIES):
        try:
            return run()
        except OperationalError as error:
            cause = error.__cause__
            if getattr(cause, "sqlstate", None) not in _AGAIN or turn == _TRIES - 1 or connections["default"].in_atomic_block:
                raise
    raise AssertionError


def _here(request: HttpRequest) -> str:
    """The page the person is on; for htmx the one around the part."""
    if request.headers.get("HX-Request") == "true":
        return urlsplit(request.headers.get("HX-Current-URL", "/"))._replace(scheme="", netloc="").geturl()
    return request.get_full_path()


def _to(request: HttpRequest, address: str) -> HttpResponse:
    """To a page of our own: for htmx by its header, so that the whole page changes."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponse(status=303, headers={"Location": address})


def _sign_in(request: HttpRequest) -> HttpResponse:
    here = _here(request)
    if request.headers.get("HX-Request") == "true":
        return _to(request, redirect_to_login(here)["Location"])
    if wants_json(request):
        return JsonResponse({"error": _("Sign in first.")}, status=401)
    return redirect_to_login(here, resolve_url("account_login"))


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def problem(request: HttpRequest, status: int, text: str = "") -> HttpResponse:
    """What is wrong, in the form that was asked for: a page, a message beside the page that stays, or JSON."""
    if wants_json(request):
        return JsonResponse({"error": text or _("There is nothing here.")}, status=status)
    if request.headers.get("HX-Request") == "true":
        told = json.dumps({"toast": {"text": text or _("There is nothing here."), "tone": "bad"}})
        return HttpResponse(status=status, headers={"HX-Reswap": "none", "HX-Trigger": told})
    return render(request, "problem.html", {"message": text, "status": status}, status=status)
