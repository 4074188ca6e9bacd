"""In another's place: naming a deputy, and looking at the set as somebody else."""

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.access.grants import covers
from guanxi.kernel.access.models import Deputy, Look, Member
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.records.refusals import Forbidden, Refused
from guanxi.kernel.search.index import index_records

_LABELS = {
    "deputy": gettext_lazy("Deputy"), "valid_from": gettext_lazy("Valid from"), "valid_until": gettext_lazy("Valid until"),
    "reason": gettext_lazy("Reason"), "principal": gettext_lazy("In place of"),
}


@operation(label=gettext_lazy("Name a deputy"), icon="user-check", labels=_LABELS)
def name_deputy(
    *, actor: Actor, deputy: Member, valid_from: date, valid_until: date, reason: str = "", principal: Member | None = None
) -> Deputy:
    """For these days the deputy works in one's name and decides in one's place; an administrator names deputies for others."""
    principal_id = principal.pk if principal else actor.member_id
    if principal_id != actor.member_id and "company" not in actor.scopes("add", Deputy):
        raise Forbidden(_("You may name a deputy for yourself only."))
    if deputy.pk == principal_id:
        raise Refused(_("Nobody is their own deputy."), field="deputy")
    if not deputy.is_active or deputy.kind != "staff":
        raise Refused(_("%(name)s is no longer active; choose somebody else.") % {"name": deputy}, field="deputy")
    if valid_until < valid_from:
        raise Refused(_("The last day lies before the first."), field="valid_until")
    if valid_until < actor.today:
        raise Refused(_("The day is in the past."), field="valid_until")
    same = Q(principal=principal_id, deputy=deputy, ended_at__isnull=True, valid_from__lte=valid_until, valid_until__gte=valid_from)
    if Deputy.objects.filter(same).exists():
        raise Refused(_("%(name)s is the deputy on some of these days already; end that first.") % {"name": deputy}, field="deputy")
    made = Deputy.objects.create(principal_id=principal_id, deputy=deputy, valid_from=valid_from, valid_until=valid_until, reason=reason)
    index_records(Deputy, [made.pk])
    return made


@operation(label=gettext_lazy("End now"), icon="x", tone="danger", unless=lambda deputy: deputy.ended_at and _("This has ended already."))
def end_deputy(deputy: Deputy, *, actor: Actor) -> Deputy:
    """The deputy stands in no longer, from the next click on."""
    deputy.assign(ended_at=actor.now)
    return deputy


def _gone(member: Member) -> str:
    return _("%(name)s is no longer active; choose somebody else.") % {"name": member}


@operation(
    label=gettext_lazy("See as this member"), icon="eye", labels={"reason": gettext_lazy("Reason")},
    unless=lambda member: not (member.is_active and member.kind == "staff") and _gone(member),
)
def see_as_member(member: Member, *, actor: Actor, reason: str) -> Look:
    """Look at the set with this member's eyes for at most an hour: reading only, and every page is written down."""
    if member.pk == actor.member_id:
        raise Refused(_("You see with your own eyes already."))
    seen = actor_of(member.pk)
    if seen is None:
        raise Refused(_gone(member))
    if not covers(actor.rights, seen.rights):
        raise Forbidden(_("%(name)s has rights that you have not, so you cannot look as them.") % {"name": member})
    if not reason.strip():
        raise Refused(_("Say why: %(name)s can read it.") % {"name": member}, field="reason")
    Look.objects.filter(viewer_id=actor.member_id, ended_at__isnull=True).updated(ended_at=actor.now)
    return Look.objects.create(viewer_id=actor.member_id, member=member, reason=reason.strip()[:160], begun_at=actor.now)


@operation(label=gettext_lazy("Stop looking"), icon="eye-off", unless=lambda look: look.ended_at and _("This has ended already."))
def end_look(look: Look, *, actor: Actor) -> Look:
    """Back to one's own eyes."""
    look.assign(ended_at=actor.now)
    return look


@operation(label=gettext_lazy("Change signature"), icon="signature", labels={"signature": gettext_lazy("Signature")})
def change_signature(*, actor: Actor, signature: LongText = "") -> Member:
    """What stands under one's own mails."""
    member = Member.objects.select_for_update(no_key=True).get(pk=actor.member_id)
    member.assign(signature=signature[:2000])
    member.flush()
    return member
