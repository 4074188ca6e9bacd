"""Kinds of notices, and which events give rise to them: declared by modules, found by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from guanxi.kernel.events.publish import REACTIONS, EventBase, Reaction
from guanxi.kernel.records.record import Record, model_named

KINDS: dict[str, Kind] = {}
Recipients = Callable[[Any, Record], Iterable[int | None]]


@dataclass(frozen=True)
class Kind:
    """`label` follows the name of whoever did it and holds %(title)s for the record: `commented on %(title)s`."""

    name: str
    reason: str
    label: Any
    icon: str


def notice_kind(name: str, reason: str, label: Any, icon: str = "bell") -> Kind:
    """Declare what `raise_notices` may say."""
    KINDS[name] = Kind(name, reason, label, icon)
    return KINDS[name]


def notify(event: type[EventBase], *, to: str | Recipients, label: Any = None, reason: str = "followed", icon: str = "") -> None:
    """Tell members of an event: `notify(QuotationAccepted, to="owner")`. `to` is "owner", "followers", or a function
    (event, record) that gives ids of members. The worker does it; nobody is told what they did themselves or may not see."""
    who = to if isinstance(to, str) else to.__name__
    kind = notice_kind(f"{event.__name__}.{who}", reason, label or event.label, icon or event.icon)

    def tell(happened: Any, *, actor: Any) -> None:
        from guanxi.kernel.notices.raising import raise_notices

        origin = happened.origin
        record = model_named(origin.subject_model)._base_manager.filter(pk=origin.subject_id).first()
        if record is not None:
            raise_notices(
                kind, _members(to, happened, record), record, key=f"event:{origin.event_id}", at=actor.now, caused_by=origin.member_id
            )

    REACTIONS.setdefault(event.__name__, []).append(Reaction(f"notices.{kind.name}", event, tell))


def _members(to: str | Recipients, event: EventBase, record: Record) -> Iterable[int | None]:
    from guanxi.kernel.about.sight import owner_of
    from guanxi.kernel.discussion.following import follower_ids

    if callable(to):
        return to(event, record)
    return {"owner": lambda: [owner_of(record)], "followers": lambda: follower_ids(record)}[to]()
