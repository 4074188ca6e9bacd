"""Telling members something: each once, none what they did themselves, may not see, or do not want to hear."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from guanxi.kernel.about.sight import who_may_see
from guanxi.kernel.access.actor import Actor, actors_of
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.events.live import PERSONAL
from guanxi.kernel.events.publish import publish, ring_after_commit
from guanxi.kernel.notices.events import NotificationRaised
from guanxi.kernel.notices.kinds import Kind
from guanxi.kernel.notices.models import DEFAULTS, Notification, NotificationPreference
from guanxi.kernel.records.record import Record

# Portal members and keys are spoken to in other ways.
_TOLD = ("staff",)


def raise_notices(
    kind: Kind, member_ids: Iterable[int | None], target: Record | None, *, key: str, at: datetime, caused_by: int | None = None,
    comment: Comment | None = None, arguments: dict[str, Any] | None = None,
) -> int:
    """Tell these members; how many were told now. `key` names what it tells of: asked again, nothing happens.

    `arguments` are put into the kind's label; `text` among them is shown below it.
    """
    wanted = {one for one in member_ids if one is not None} - {caused_by}
    wanted -= set(Notification.objects.filter(member_id__in=wanted, key=key).values_list("member_id", flat=True))
    deliveries = _deliveries(wanted, kind.reason)
    told = _allowed([one for one in actors_of(deliveries) if one.kind in _TOLD], target, comment) if deliveries else set()
    if not told:
        return 0
    label, row_id = target.ref() if target is not None else ("", None)
    Notification.objects.bulk_create(
        [
            Notification(
                member_id=one, reason=kind.reason, kind=kind.name, target_model=label, target_id=row_id, comment=comment, caused_by_id=caused_by,
                arguments=arguments or {}, key=key, delivery=deliveries[one], at=at, mailed_at=at if deliveries[one] == "mail" else None,
            )
            for one in sorted(told)
        ],
        ignore_conflicts=True,
    )
    for row in Notification.objects.filter(member_id__in=told, key=key, delivery="mail").order_by("pk"):
        publish(NotificationRaised(row.pk, row.member_id), subject=row, at=at)
    ring_after_commit([topic_of(one) for one in told])
    return len(told)


def topic_of(member_id: int) -> str:
    """What pages of this member listen to for their bell."""
    return f"{PERSONAL}:{member_id}"


def _deliveries(member_ids: set[int], reason: str) -> dict[int, str]:
    """How each wants to be told; without those who do not."""
    chosen = dict(NotificationPreference.objects.filter(member_id__in=member_ids, reason=reason).values_list("member_id", "delivery"))
    found = {one: chosen.get(one, DEFAULTS[reason]) for one in member_ids}
    return {one: delivery for one, delivery in found.items() if delivery != "off"}


def _allowed(people: list[Actor], target: Record | None, comment: Comment | None) -> set[int]:
    people = [one for one in people if one.may("view", Notification) and (comment is None or one.may("view", Comment))]
    return who_may_see(target, people) if target is not None else {one.member_id for one in people}
