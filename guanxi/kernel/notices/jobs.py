"""The day's mail, and forgetting what was read long ago."""

from collections import defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.events.publish import publish
from guanxi.kernel.jobs.job import job
from guanxi.kernel.notices.events import DigestMade
from guanxi.kernel.notices.models import Notification

KEPT = timedelta(days=90)
DIGEST_HOUR = 8
"""On the entity's clock."""
MOST_IN_A_DIGEST = 100


@job(every="5 * * * *")
def make_digests(*, actor: Actor) -> None:
    """In the morning: what came since the last one, is unread, and is wanted once a day; each notice once."""
    if actor.now.astimezone(ZoneInfo(actor.timezone)).hour == DIGEST_HOUR:
        announce_digests(actor)


def announce_digests(actor: Actor) -> int:
    """How many members have something in it."""
    waiting = Notification.objects.filter(delivery="digest", mailed_at=None, read_at=None).order_by("-pk")
    by_member: dict[int, list[Notification]] = defaultdict(list)
    for row in waiting:
        by_member[row.member_id].append(row)
    for member_id, rows in by_member.items():
        for first in range(0, len(rows), MOST_IN_A_DIGEST):
            part = rows[first : first + MOST_IN_A_DIGEST]
            publish(DigestMade(member_id, tuple(row.pk for row in part)), subject=part[0], at=actor.now)
    Notification.objects.filter(pk__in=[row.pk for rows in by_member.values() for row in rows]).updated(mailed_at=actor.now)
    return len(by_member)


@job(every="40 2 * * *")
def forget_read_notices(*, actor: Actor) -> None:
    """What was read more than ninety days ago."""
    Notification.objects.filter(read_at__lt=actor.now - KEPT).delete()
