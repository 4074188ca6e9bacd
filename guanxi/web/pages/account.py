"""A person's own account, outside every set: language, time zone, sessions, and the second step where a set asks for it."""

from __future__ import annotations

from zoneinfo import available_timezones

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from guanxi.web.views.shell import speak

USUAL_ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Asia/Seoul", "Asia/Bangkok", "Asia/Ho_Chi_Minh",
    "Asia/Jakarta", "Asia/Kolkata", "Asia/Dubai", "Europe/Moscow", "Europe/Berlin", "Europe/Paris", "Europe/London", "America/Sao_Paulo",
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Australia/Sydney", "UTC",
)
SIGNED_IN = "signed in"


class ProfileForm(forms.ModelForm):
    """How Guanxi speaks to a person."""

    timezone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)

    class Meta:
        model = get_user_model()
        fields = ("name", "language", "timezone")

    def __init__(self, *args, **named) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*args, **named)
        rest = sorted(available_timezones() - set(USUAL_ZONES) - {"localtime", "Factory"})
        choices = [("", _("as in the company")), *((zone, zone) for zone in USUAL_ZONES), *((zone, zone) for zone in rest)]
        self.fields["timezone"].choices = choices  # type: ignore[attr-defined]


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language and time zone; colours are kept by the browser."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        speak(request.user, form.cleaned_data["language"])
        messages.success(request, _("Saved."))
        answer = HttpResponseRedirect(request.path)
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"], max_age=365 * 24 * 3600, samesite="Lax",
            secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True,
        )
        return answer
    return render(request, "people/profile.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in, newest first."""
    found = UserSession.objects.purge_and_list(request.user)  # type: ignore[arg-type]
    found.sort(key=lambda session: (session.session_key != request.session.session_key, -session.last_seen_at.timestamp()))
    return render(request, "people/sessions.html", {"sessions": found, "current": request.session.session_key})


@login_required
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """End one session, all but this one, or all."""
    mine = UserSession.objects.filter(user_id=request.user.pk or 0)
    which = request.POST.get("session", "")
    if which == "others":
        ended = mine.exclude(session_key=request.session.session_key)
    elif which == "all":
        ended = mine
    else:
        ended = mine.filter(pk=int(which)) if which.isdecimal() and len(which) < 18 else mine.none()
    for session in ended:
        session.end()
    if not UserSession.objects.filter(session_key=request.session.session_key).exists() and which != "others":
        return redirect("account_login")
    messages.success(request, _("Ended."))
    return redirect("own_sessions")


@login_required
def two_step(request: HttpRequest) -> HttpResponse:
    """A set asks for a second step: confirm it now, or set it up first."""
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    kinds = set(Authenticator.objects.filter(user_id=request.user.pk or 0).values_list("type", flat=True))
    address = "mfa_reauthenticate" if kinds & {"totp", "recovery_codes"} else "mfa_reauthenticate_webauthn" if kinds else ""
    if address:
        return HttpResponseRedirect(resolve_url(address) + "?" + urlencode({"next": back}))
    return render(request, "people/two_step.html", {"back": back}, status=403)


for _view in (profile, sessions, end_session, two_step):
    _view.right = SIGNED_IN  # type: ignore[attr-defined]
