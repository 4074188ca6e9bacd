"""Having read what one was told, and choosing how to be told."""

from typing import Literal

from django.db.models import Q
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.events.live import PERSONAL
from guanxi.kernel.notices.models import DELIVERIES, REASONS, Notification, NotificationPreference
from guanxi.kernel.notices.queries import before_it

Delivery = Literal["page", "mail", "digest", "off"]
Reason = Literal["mention", "assigned", "approval", "comment", "followed", "due", "system"]
_LABELS = {
    "notification": gettext_lazy("Notice"), "notifications": gettext_lazy("Notices"),
    "until": gettext_lazy("The notice with this number and those before it"), "reason": gettext_lazy("Reason"),
    **dict(REASONS), **dict(DELIVERIES),
}


@operation(label=gettext_lazy("Mark as read"), icon="checks", labels=_LABELS)
def read_notifications(
    *, actor: Actor, notification: Notification | None = None, notifications: list[Notification] | None = None, until: int | None = None,
    reason: Reason | None = None,
) -> None:
    """One notice, several, that with a number and those before it in the list, or all; of one reason, or of any."""
    rows = Notification.objects.filter(member_id=actor.member_id, read_at=None)
    if reason is not None:
        rows = rows.filter(reason=reason)
    named = {one.pk for one in (notification, *(notifications or ())) if one is not None}
    if named or until is not None:
        earlier = before_it(until, actor) if until is not None else None
        rows = rows.filter(Q(pk__in=named) if earlier is None else Q(pk__in={*named, until}) | earlier)
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
