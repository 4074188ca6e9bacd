"""The running act: its row, its actor, and what is to be written at its end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, models
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.models import Act
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Reused
from guanxi.kernel.values.plain import plain


@dataclass
class ActScope:
    """What inner operations and `publish` find of the act they run under."""

    id: int
    actor: Actor
    operation: str
    ruled: frozenset[str] = frozenset()
    """Operations on which approval rules are in force."""
    asked: list[tuple[Any, dict[str, Any]]] | None = None
    """(rule, facts) that acts within this one meet, while it can still be taken back to wait for them."""
    granted: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """(id of the rule, facts) that were approved for what runs now."""
    pending: list[Any] = field(default_factory=list)
    touched: list[tuple[str, int]] = field(default_factory=list)
    """(model, id) of rows whose open pages should look again."""
    happened: list[tuple[str, Any]] = field(default_factory=list)
    """What somebody else has to know: ("assigned", row), ("approval_asked", request), ("approval_decided", request)."""


@dataclass(frozen=True)
class Outcome:
    """What came of an act: its result, or an approval request it waits for; `replayed` when the key had been used."""

    act_id: int
    result: Any = None
    replayed: bool = False
    awaiting: Any = None
    kept: Any = None
    """What the act kept to answer the same again: the `kept` of its result."""


_scope: ContextVar[ActScope | None] = ContextVar("guanxi_act", default=None)
AT_END: list[Callable[[ActScope], None]] = []
"""Called before an act is closed, in its transaction (events are written here)."""


def act_scope() -> ActScope | None:
    """The act under which this code runs, or None."""
    return _scope.get()


def note_assigned(row: Any, former_id: int | None = None) -> None:
    """Remember that the running act gave the row to somebody else than who acts."""
    scope = _scope.get()
    owner_id = getattr(row, "owner_id", None)
    if scope is not None and owner_id is not None and owner_id not in (former_id, scope.actor.member_id):
        scope.happened.append(("assigned", row))


def digest_of(operation: str, target: Any, arguments: Any) -> str:
    return hashlib.sha256(json.dumps([operation, target, arguments], sort_keys=True, ensure_ascii=False).encode()).hexdigest()


_CLAIM = """
WITH claimed AS (
  INSERT INTO acts_act (
    version, member_id, done_by_id, operation, target_model, target_id, arguments, key, digest, at, result, channel, access_key_id)
  VALUES (1, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, 'done', %s, %s)
  ON CONFLICT (member_id, key) WHERE key IS NOT NULL DO NOTHING RETURNING id)
SELECT id, set_config('guanxi.act', id::text, true),
       (SELECT array_agg(DISTINCT r.operation) FROM acts_approvalrule r WHERE r.is_active) FROM claimed
"""


def run_act(
    operation: str,
    *,
    actor: Actor,
    body: Callable[[ActScope], Any],
    target: tuple[str, int] | None = None,
    arguments: Any = None,
    key: str | None = None,
) -> Outcome:
    """Run `body` as one act. A key that was used before gives the first outcome again, or says what it was used for."""
    arguments = plain(arguments)
    digest = digest_of(operation, target, arguments) if key else ""
    label, row_id = target or ("", None)
    with connections["default"].cursor() as cursor:
        cursor.execute(
            _CLAIM,
            [
                actor.member_id, actor.stand_in.member_id if actor.stand_in else None, operation, label, row_id,
                json.dumps(arguments, ensure_ascii=False), key, digest, actor.now, actor.channel, actor.access_key_id,
            ],
        )
        claimed = cursor.fetchone()
    if claimed is None:
        return _replay(actor, key, digest)
    scope = ActScope(claimed[0], actor, operation, frozenset(claimed[2] or ()))
    result = _within(scope, body)
    awaiting = result if getattr(result, "is_awaiting", False) else None
    _close(scope, result)
    return Outcome(scope.id, None if awaiting else result, awaiting=awaiting.request if awaiting else None)


def go_on_with(act: Act, body: Callable[[ActScope], Any], *, actor: Actor) -> Any:
    """More of an act that takes several transactions: what is written now is of this act too. Its row stays as it is."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT set_config('guanxi.act', %s, true), (SELECT array_agg(DISTINCT r.operation) FROM acts_approvalrule r WHERE r.is_active)",
            [str(act.pk)],
        )
        result = _within(ActScope(act.pk, actor, act.operation, ruled=frozenset(cursor.fetchone()[1] or ())), body)
        cursor.execute("SELECT set_config('guanxi.act', '', true)")
    return result


def _within(scope: ActScope, body: Callable[[ActScope], Any]) -> Any:
    token = _scope.set(scope)
    try:
        result = body(scope)
        for finish in AT_END:
            finish(scope)
    finally:
        _scope.reset(token)
    return result


def _close(scope: ActScope, result: Any) -> None:
    if getattr(result, "is_awaiting", False):
        outcome = {"awaiting": result.request.pk}
    elif isinstance(result, models.Model):
        outcome = {"model": result._meta.label_lower, "id": result.pk, "title": str(result)}
    else:
        outcome = {"kept": kept} if (kept := getattr(result, "kept", None)) is not None else {}
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "UPDATE acts_act SET outcome = %s::jsonb, result = %s WHERE id = %s RETURNING set_config('guanxi.act', '', true)",
            [json.dumps(outcome, ensure_ascii=False), "waiting" if "awaiting" in outcome else "done", scope.id],
        )


def _replay(actor: Actor, key: str | None, digest: str) -> Outcome:
    act = Act.objects.get(member_id=actor.member_id, key=key)
    outcome = act.outcome or {}
    if act.digest != digest:
        raise Reused(
            _("This was already saved as %(title)s. Load the page again to enter something else.")
            % {"title": outcome.get("title") or act.operation}
        )
    result = None
    if "id" in outcome:
        result = model_named(outcome["model"]).objects.visible_to(actor).filter(pk=outcome["id"]).first()
    awaiting = None
    if "awaiting" in outcome:
        awaiting = model_named("acts.approvalrequest").objects.filter(pk=outcome["awaiting"]).first()
    return Outcome(act.pk, result, replayed=True, awaiting=awaiting, kept=outcome.get("kept"))
