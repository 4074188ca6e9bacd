"""One thing done to many rows: an operation, putting away, deleting; each row's act is its own, so each can be seen and undone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import DatabaseError

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import Operation, perform, require_operation
from guanxi.kernel.acts.scope import Outcome
from guanxi.kernel.acts.writer import archive_record, delete_record, require
from guanxi.kernel.bulk.report import Report, apart, at_row, refusal_of
from guanxi.kernel.columns.validate import refuse_errors, validate
from guanxi.kernel.records.refusals import Refused

MOST_IDS = 200
Act = Callable[[int, str | None], Outcome]


def operate_rows(
    found: Operation, ids: Sequence[int], raw: Mapping[str, Any], *, actor: Actor, key: str | None = None, mode: str = "all"
) -> list[dict[str, Any]]:
    """The operation on each row with the same arguments, which are checked once."""
    require_operation(found, actor)
    [draft] = validate(found.parameters, [raw], actor=actor)
    refuse_errors([draft])
    return _each(ids, lambda row_id, own: perform(found, row_id, actor=actor, key=own, arguments=draft.values), key, mode)


def put_away_rows(model: Any, ids: Sequence[int], verb: str, *, actor: Actor, key: str | None = None, mode: str = "all") -> list[dict[str, Any]]:
    """`verb`: archive, restore or delete."""
    require(actor, "delete" if verb == "delete" else "change", model)

    def act(row_id: int, own: str | None) -> Outcome:
        if verb == "delete":
            return delete_record(model(pk=row_id), actor=actor, key=own)
        return archive_record(model(pk=row_id), actor=actor, key=own, restore=verb == "restore")

    return _each(ids, act, key, mode)


def _each(ids: Sequence[int], act: Act, key: str | None, mode: str) -> list[dict[str, Any]]:
    """In order of the ids, so that two calls never wait for each other; answered in the order sent."""
    report = Report()
    for index, row_id in sorted(enumerate(ids), key=lambda pair: pair[1]):
        try:
            with apart():
                outcome = act(row_id, _own_key(key, row_id))
        except (Refused, DatabaseError) as error:
            refusal = refusal_of(error)
            if mode == "all":
                raise at_row(refusal, index) from error
            report.fail(index, refusal, id=row_id)
        else:
            more = {"awaiting": outcome.awaiting.pk} if outcome.awaiting is not None else {}
            report.note(index, "waiting" if outcome.awaiting is not None else "done", None, id=row_id, act=outcome.act_id, **more)
    return report.kept


def _own_key(key: str | None, row_id: int) -> str | None:
    """Each row once under the key: what was done is not done again, what was refused is tried again."""
    return None if key is None else "many:" + hashlib.sha256(f"{key} {row_id}".encode()).hexdigest()
