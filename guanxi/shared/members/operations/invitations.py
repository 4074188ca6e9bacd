"""Inviting people: a place that waits, and a link that works once, for a week."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor, system_actor
from guanxi.kernel.access.models import Member, Role, Team
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import ActScope, run_act
from guanxi.kernel.database import current_set
from guanxi.kernel.records.refusals import Forbidden, Missing, Refused
from guanxi.kernel.search.index import index_records
from guanxi.shared.members.completion import wider
from guanxi.shared.members.letters import mail_invitation
from guanxi.shared.members.models import Invitation
from guanxi.shared.members.queries import may_give

VALID_FOR = timedelta(days=7)
_LABELS = {
    "email": gettext_lazy("E-mail"), "name": gettext_lazy("Full name"), "roles": gettext_lazy("Roles"), "team": gettext_lazy("Team"),
    "title": gettext_lazy("Job title"), "language": gettext_lazy("Language"), "zh-hans": gettext_lazy("Chinese"), "en": gettext_lazy("English"),
}


@dataclass(frozen=True)
class NewInvitation:
    """An invitation with the address of its link, given out once."""

    invitation: Invitation
    secret: str

    @property
    def shown_once(self) -> str:
        """The link's address in this installation; only its hash is kept."""
        return address_of(self.secret)


def address_of(secret: str) -> str:
    return f"/invitations/{current_set()}/{secret}/"


def digest_of(secret: str) -> str:
    """The secret has 256 random bits, so one fast hash is enough to keep it."""
    return hashlib.sha256(secret.encode()).hexdigest()


@operation(label=gettext_lazy("Invite"), icon="user-plus", labels=_LABELS)
def invite_member(
    *, actor: Actor, email: str, name: str, roles: list[Role], team: Team | None = None, title: str = "",
    language: Literal["zh-hans", "en"] = "zh-hans",
) -> NewInvitation:
    """Keep a place for a person and make the link by which they take it; it is mailed where mail goes out."""
    email = _address(email)
    for role in roles:
        if not may_give(actor, role):
            raise Forbidden(wider(role))
    member = _place(email, name.strip())
    member.assign(name=name.strip(), title=title, language=language, team_id=team.pk if team else None, left_on=None)
    member.flush()
    member.roles.set(roles)
    index_records(Member, [member.pk])
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        member=member, email=email, language=language, digest=digest_of(secret), invited_by_id=actor.member_id, invited_at=actor.now,
        expires_at=actor.now + VALID_FOR,
    )
    index_records(Invitation, [invitation.pk])
    mail_invitation(invitation, address_of(secret), actor)
    return NewInvitation(invitation, secret)


def _address(given: str) -> str:
    email = given.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(_("“%(given)s” is not an e-mail address.") % {"given": given}, field="email") from None
    return email


def _place(email: str, name: str) -> Member:
    """A new member, or the one who left and comes back; Refused for somebody who is here or is awaited already."""
    if Invitation.objects.filter(email=email, status="waiting").exists():
        raise Refused(_("%(email)s is invited already; send that invitation again, or withdraw it.") % {"email": email}, field="email")
    known = Member.objects.filter(email__iexact=email, kind="staff").order_by("-is_active", "-pk").select_for_update(no_key=True).first()
    if known is not None and known.is_active:
        raise Refused(_("%(name)s has this address and a place here already.") % {"name": known}, field="email")
    if known is not None:
        return known
    made = Member(code=_free_code(email), name=name, email=email, is_active=False)
    made.save()
    return made


def _free_code(email: str) -> str:
    base = slugify(email.partition("@")[0])[:24] or "member"
    taken = set(Member.objects.filter(code__startswith=base).values_list("code", flat=True))
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)


@operation(label=gettext_lazy("Send again"), icon="refresh", states=("waiting",))
def renew_invitation(invitation: Invitation, *, actor: Actor) -> NewInvitation:
    """A new link for another week; the old one opens nothing any more."""
    for role in invitation.member.roles.all():
        if not may_give(actor, role):
            raise Forbidden(wider(role))
    secret = secrets.token_urlsafe(32)
    invitation.assign(digest=digest_of(secret), expires_at=actor.now + VALID_FOR)
    invitation.flush()
    mail_invitation(invitation, address_of(secret), actor)
    return NewInvitation(invitation, secret)


@operation(label=gettext_lazy("Withdraw"), icon="x", tone="danger", moves=Invitation.lifecycle.to("withdrawn"))
def withdraw_invitation(invitation: Invitation, *, actor: Actor) -> Invitation:
    """The link opens nothing any more, and the place is free again."""
    return invitation


def invitation_by(secret: str) -> Invitation | None:
    """Inside the set: the invitation whose link holds this secret, whatever its state; None for any other text."""
    return Invitation.objects.select_related("member", "invited_by").filter(digest=digest_of(secret)).first()


def join_company(secret: str, *, user_id: int, name: str, now: datetime) -> int:
    """Inside the set: the person who holds the link takes the place; the member's number. No operation, for it needs no right but the link."""
    opened = invitation_by(secret)
    if opened is None:
        raise Missing(_("This invitation is not known."))
    system = system_actor()

    def body(_scope: ActScope) -> Member:
        invitation = Invitation.objects.select_for_update(no_key=True).get(pk=opened.pk)
        if invitation.status != "waiting" or invitation.expires_at <= now:
            raise Refused(_("This invitation has been used, was withdrawn or has expired."))
        Member.objects.filter(user_id=user_id, is_active=False).exclude(pk=invitation.member_id).updated(user_id=None)
        if Member.objects.filter(user_id=user_id).exclude(pk=invitation.member_id).exists():
            raise Refused(_("You have a place in this company already."))
        member = Member.objects.select_for_update(no_key=True).get(pk=invitation.member_id)
        member.assign(user_id=user_id, is_active=True, left_on=None, **({"name": name} if name else {}))
        member.flush()
        invitation.assign(status="accepted", accepted_at=now)
        invitation.flush()
        index_records(Member, [member.pk])
        return member

    outcome = run_act("members.join_company", actor=system, body=body, target=opened.member.ref())
    return int(outcome.result.pk)
