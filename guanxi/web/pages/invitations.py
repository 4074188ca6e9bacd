"""What the link of an invitation opens: a new person sets name and password, an existing one joins with their sign-in.

Neither page nor answer tells whether an address or a name is known here: user names are made, not chosen, and an address becomes a
sign-in only for whoever came by the mail that went to it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from allauth.account.forms import SetPasswordForm
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from guanxi.kernel.database import UnknownSet, in_set
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.visit import problem
from guanxi.kernel.sets.lifecycle import wanted_stamp
from guanxi.kernel.sets.models import AccountSet, Membership
from guanxi.shared.members.operations.invitations import invitation_by, join_company


class NewPersonForm(SetPasswordForm):
    """Name and password of somebody who has no sign-in yet."""

    name = forms.CharField(label=gettext_lazy("Full name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "password1", "password2"]


@dataclass(frozen=True)
class Door:
    """What a link leads to, read inside its set."""

    account_set: AccountSet
    name: str
    email: str
    language: str
    inviter: str
    state: str
    """waiting, expired, accepted, withdrawn"""


def door_of(set_key: str, secret: str) -> Door | None:
    account_set = AccountSet.objects.filter(key=set_key).first()
    if account_set is None or account_set.stamp != wanted_stamp():
        return None
    try:
        with in_set(set_key):
            found = invitation_by(secret)
            if found is None:
                return None
            state = "expired" if found.status == "waiting" and found.expires_at <= timezone.now() else found.status
            return Door(account_set, found.member.name, found.email, found.language, str(found.invited_by), state)
    except UnknownSet:
        return None


@never_cache
@sensitive_post_parameters("password1", "password2")
def open_invitation(request: HttpRequest, set_key: str, secret: str) -> HttpResponse:
    """Whoever holds the link may look at it; a link that leads nowhere is the same as one that never was."""
    door = door_of(set_key, secret)
    if door is None:
        return problem(request, 404, _("This link is not known. Ask for a new invitation."))
    if door.state != "waiting":
        return render(request, "people/invitation_over.html", {"door": door}, status=410)
    user: Any = request.user
    person = get_user_model()(name=request.POST.get("name") or door.name, email=door.email)
    form = NewPersonForm(person, request.POST or None, initial={"name": door.name})
    refused = ""
    if request.method == "POST":
        try:
            if user.is_authenticated:
                _take(door, set_key, secret, user, "")
                return HttpResponse(status=303, headers={"Location": f"/{set_key}/"})
            if form.is_valid():
                return _welcome(request, door, set_key, secret, form.cleaned_data)
        except Refused as refusal:
            refused = str(refusal)
    status = 409 if refused else 422 if request.method == "POST" else 200
    return render(request, "people/invitation.html", {"door": door, "form": form, "refused": refused}, status=status)


open_invitation.right = "anyone"  # type: ignore[attr-defined]


def _welcome(request: HttpRequest, door: Door, set_key: str, secret: str, given: dict[str, Any]) -> HttpResponse:
    with transaction.atomic():
        user = _new_user(door, given["name"], given["password1"])
        _take(door, set_key, secret, user, given["name"])
    user.backend = settings.AUTHENTICATION_BACKENDS[0]
    perform_password_login(request, {"username": user.get_username()}, Login(user=user))
    return render(request, "people/invitation_done.html", {"door": door, "person": user, "address": f"/{set_key}/"})


def _new_user(door: Door, name: str, password: str) -> Any:
    """Without the address: a link shows that somebody was invited, not that the address is theirs. They enter and prove it themselves."""
    User = get_user_model()
    base = slugify(door.email.partition("@")[0])[:24] or "user"
    username = next(made for _n in range(1000) if not User.objects.filter(username=(made := f"{base}-{secrets.randbelow(9000) + 1000}")).exists())
    user = User(username=username, name=name, email=f"{username}@localhost.invalid", language=door.language)
    user.set_password(password)
    user.save()
    return user


def _take(door: Door, set_key: str, secret: str, user: Any, name: str) -> None:
    """Member and place in one transaction: both or neither."""
    with transaction.atomic():
        with in_set(set_key):
            member_id = join_company(secret, user_id=user.pk, name=name, now=timezone.now())
        Membership.objects.update_or_create(user=user, account_set=door.account_set, defaults={"member_id": member_id})
