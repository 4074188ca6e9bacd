"""What a member is told also comes by mail, to those who want that."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor, actor_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.database import current_set
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.notices.events import DigestMade, NotificationRaised
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.notices.queries import Notice, told
from guanxi.shared.messaging.queue import queue_notice_mail


@reaction(NotificationRaised)
def mail_notice(event: NotificationRaised, *, actor: Actor) -> None:
    """At once: one notice, one mail."""
    mail_to_member(event.member_id, [event.notification_id], actor)


@reaction(DigestMade)
def mail_digest(event: DigestMade, *, actor: Actor) -> None:
    """Once a day: what is still unread, in one mail."""
    mail_to_member(event.member_id, event.notification_ids, actor)


def mail_to_member(member_id: int, notification_ids: Sequence[int], actor: Actor) -> None:
    """In the reader's language, without what the reader has seen meanwhile or may not see any more; nothing when none is left."""
    member = Member.objects.filter(pk=member_id).first()
    reader = actor_of(member_id)
    if member is None or reader is None or not member.email:
        return
    language = member.language or get_language()
    rows = list(Notification.objects.filter(pk__in=notification_ids, read_at=None).select_related("caused_by", "comment").order_by("-pk"))
    with override(language):
        notices = told(rows, reader, current_set())
        if notices:
            queue_notice_mail(member.email, _subject(notices), _body(notices), actor, language)


def _subject(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return notices[0].text[:250]
    return ngettext("%(count)s notice from %(name)s", "%(count)s notices from %(name)s", len(notices)) % {"count": len(notices), "name": "Guanxi"}


def _body(notices: Sequence[Notice]) -> str:
    parts = ["\n".join(line for line in (notice.text, notice.body, _link(notice.url)) if line) for notice in notices]
    how = _("How you are told of such things: %(address)s") % {"address": _link(f"/{current_set()}/bell/settings/")}
    return "\n\n".join([*parts, how])


def _link(path: str) -> str:
    return f"{settings.GUANXI_PUBLIC_URL}{path}" if path else ""
