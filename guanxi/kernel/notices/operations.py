"""Having read what one was told, and choosing how to be told."""

from typing import Literal

from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.events.live import PERSONAL
from guanxi.kernel.notices.models import DELIVERIES, REASONS, Notification, NotificationPreference

Delivery = Literal["page", "mail", "digest", "off"]
_LABELS = {
    "notification": gettext_lazy("Notice"), "until": gettext_lazy("Up to the notice with this number"), **dict(REASONS), **dict(DELIVERIES),
}


@operation(label=gettext_lazy("Mark as read"), icon="checks", labels=_LABELS)
def read_notifications(*, actor: Actor, notification: Notification | None = None, until: int | None = None) -> None:
    """One notice, those up to a number (so that none is lost that came meanwhile), or all."""
    rows = Notification.objects.filter(member_id=actor.member_id, read_at=None)
    if notification is not None:
        rows = rows.filter(pk=notification.pk)
    if until is not None:
        rows = rows.filter(pk__lte=until)
    scope = act_scope()
    if rows.updated(read_at=actor.now) and scope is not None:
        scope.touched.append((PERSONAL, actor.member_id))


@operation(label=gettext_lazy("Choose how to be told"), icon="bell", labels=_LABELS)
def choose_notices(
    *, actor: Actor, mention: Delivery | None = None, assigned: Delivery | None = None, approval: Delivery | None = None,
    comment: Delivery | None = None, followed: Delivery | None = None, due: Delivery | None = None, system: Delivery | None = None,
) -> None:
    """For each reason: on the page, also by mail at once or once a day, or not at all; what is left out stays as it is."""
    chosen = {
        "mention": mention, "assigned": assigned, "approval": approval, "comment": comment, "followed": followed, "due": due, "system": system,
    }
    for reason, delivery in chosen.items():
        if delivery is not None:
            NotificationPreference.objects.update_or_create(member_id=actor.member_id, reason=reason, defaults={"delivery": delivery})
