"""Putting something into the outbox: in the transaction of the act that wants it sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import ring_after_commit
from guanxi.kernel.outbox.channels import CHANNELS
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.records.record import Record


def dispatch(channel: str, subject: Record, *, due_at: datetime | None = None, key: str | None = None) -> Dispatch:
    """Let `channel` send `subject` once after this transaction commits, not before `due_at`; when it is undone, nothing is sent.

    With a `key` of the caller's own, asking again changes nothing and gives the first dispatch.
    """
    if key is not None:
        known = Dispatch.objects.filter(key=key).first()
        if known is not None:
            return known
        Dispatch.objects.bulk_create([_row(channel, subject, due_at, key)], ignore_conflicts=True)
        made = Dispatch.objects.get(key=key)
        ring_after_commit([f"{made.label()}:{made.pk}"])
        return made
    return dispatch_all(channel, [subject], due_at=due_at)[0]


def dispatch_all(channel: str, subjects: Sequence[Record], *, due_at: datetime | None = None) -> list[Dispatch]:
    """The same for many, in one statement."""
    rows = insert_rows([_row(channel, subject, due_at, uuid4().hex) for subject in subjects])
    if rows:
        ring_after_commit([f"{row.label()}:{row.pk}" for row in rows[:1]])
    return rows


def dispatch_of(subject: Record) -> Dispatch | None:
    """The latest dispatch of a record."""
    label, row_id = subject.ref()
    return Dispatch.objects.filter(target_model=label, target_id=row_id).order_by("-pk").first()


def _row(channel: str, subject: Record, due_at: datetime | None, key: str) -> Dispatch:
    if channel not in CHANNELS:
        raise LookupError(f"there is no channel {channel!r}; there are: {', '.join(CHANNELS)}")
    scope = act_scope()
    label, row_id = subject.ref()
    return Dispatch(
        channel=channel, title=str(subject)[:200], target_model=label, target_id=row_id, key=key,
        due_at=due_at or datetime.now(UTC), act_id=scope.id if scope else None,
    )
