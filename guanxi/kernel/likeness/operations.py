"""Asking the owner of what one may not see, and saying that two are not the same."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.about.sight import owner_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.likeness.declared import Alike, alike_of
from guanxi.kernel.likeness.finding import hidden_record
from guanxi.kernel.likeness.jobs import scan_kind
from guanxi.kernel.likeness.models import LikeCheck, NotAlike
from guanxi.kernel.notices.kinds import notice_kind
from guanxi.kernel.notices.raising import raise_notices
from guanxi.kernel.records.refusals import Missing, Refused

ASKED = notice_kind("asked_about", "mention", gettext_lazy("was about to enter %(title)s again and asks you"), "copy-check")
_DAY = timedelta(days=1)


@operation(
    label=gettext_lazy("Ask the owner"), icon="message",
    labels={"ticket": gettext_lazy("Which record"), "reason": gettext_lazy("Why you ask")},
)
def ask_owner(*, actor: Actor, ticket: str, reason: LongText) -> None:
    """Tell who looks after a record that one may not see why one asks; nothing of it is shown."""
    check = LikeCheck.objects.select_for_update().filter(member_id=actor.member_id, ticket=ticket, at__gt=actor.now - _DAY).first()
    record = hidden_record(check) if check is not None else None
    if check is None or record is None:
        raise Missing(_("It is too long ago; type it again, and ask then."))
    if check.asked_at is not None:
        raise Refused(_("You have asked already; wait for the answer."))
    owner = owner_of(record)
    if owner is None:
        raise Refused(_("Nobody looks after it yet: ask whoever leads your team."))
    told = raise_notices(
        ASKED, [owner], record, key=f"asked:{ticket}", at=actor.now, caused_by=actor.member_id, arguments={"text": reason[:500]}
    )
    if not told:
        raise Refused(_("Its owner cannot be told at present: ask whoever leads your team."))
    check.asked_at = actor.now
    check.save(update_fields=["asked_at"])


@operation(
    label=gettext_lazy("Not a duplicate"), icon="x",
    labels={"kind": gettext_lazy("Kind of record"), "first": gettext_lazy("One record"), "second": gettext_lazy("Other record")},
)
def set_apart(*, actor: Actor, kind: str, first: int, second: int) -> None:
    """These two are not the same: they are not proposed again."""
    declared = declared_kind(kind)
    pair = sorted((first, second))
    if declared.model.objects.visible_to(actor).filter(pk__in=pair).count() < 2:
        raise Missing(_("There is no such record, or you may not see it."))
    said = {"member_id": actor.member_id, "at": actor.now}
    NotAlike.objects.get_or_create(model=declared.label, first_id=pair[0], second_id=pair[1], defaults=said)


@operation(label=gettext_lazy("Look for duplicates"), icon="refresh", labels={"kind": gettext_lazy("Kind of record")})
def look_for_duplicates(*, actor: Actor, kind: str) -> None:
    """Compare what has changed with everything, in the background."""
    scan_kind.later(once=f"likeness.scan:{declared_kind(kind).label}", kind=declared_kind(kind).label)


def declared_kind(kind: str) -> Alike:
    """What was declared for a kind of record; Refused with those that are compared."""
    found = alike_of(kind)
    if found is None:
        raise Refused(_("Records of the kind “%(kind)s” are not compared.") % {"kind": kind}, field="kind")
    return found
