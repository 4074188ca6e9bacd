"""At the end of an act: what happened in it that somebody else has to know becomes events, in the same transaction."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from guanxi.kernel.acts.scope import ActScope
from guanxi.kernel.events.publish import publish
from guanxi.kernel.notices.events import ApprovalAsked, ApprovalDecided, RecordAssigned


def announce(scope: ActScope) -> None:
    """One event for all records of a kind that one member was given in the act."""
    given: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for what, row in scope.happened:
        if what == "assigned":
            given[row.owner_id, row.label()].append(row)
        elif what == "approval_asked":
            publish(ApprovalAsked(row.pk), subject=row)
        elif what == "approval_decided":
            publish(ApprovalDecided(row.pk, row.status), subject=row)
    for (owner_id, _label), rows in given.items():
        publish(RecordAssigned(owner_id, len(rows)), subject=rows[0])
    scope.happened.clear()
