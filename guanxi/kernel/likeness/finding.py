"""What is there already and looks like what is about to be entered."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connections

from guanxi.kernel.about.sight import owner_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.columns.validate import validate
from guanxi.kernel.likeness.declared import Alike, alike_of
from guanxi.kernel.likeness.keeping import facts_of_values
from guanxi.kernel.likeness.models import MASKED, LikeCheck, LikeEntry
from guanxi.kernel.likeness.reading import Facts, certain_keys, keys_of
from guanxi.kernel.likeness.scoring import SCANNED, TYPED, Reason, compare, is_certain, words_of
from guanxi.kernel.records.record import Record, model_named

SHOWN = 5
MOST_OF_A_KEY = 60
"""Records under one key that are looked at: what more have in common says nothing."""
TOLD_A_DAY, CHECKS_IN_TEN_MINUTES = 20, 120
_CANDIDATES = """
SELECT DISTINCT f.object_id FROM unnest(%s::bigint[]) AS asked (key) CROSS JOIN LATERAL (
  SELECT e.object_id FROM likeness_likeentry e WHERE e.model = %s AND e.keys @> ARRAY[asked.key] """
_END = " ORDER BY e.object_id LIMIT %s) f"


@dataclass(frozen=True)
class Likely:
    """A record that is perhaps the same, and why."""

    record: Record
    score: int
    reasons: tuple[Reason, ...]
    owner: str = ""

    @property
    def why(self) -> str:
        return words_of(self.reasons)


@dataclass(frozen=True)
class Masked:
    """A record that one may not see: only that it is there, and whose. By the ticket one may ask its owner."""

    kind: Any
    owner: str
    ticket: str


def likely_duplicates(model: type[Record] | str, rows: Sequence[Mapping[str, Any]], actor: Actor, *, least: int = SCANNED) -> list[list[Likely]]:
    """For each row (values by column, as an import or the API sends them) the records of the kind that the actor may see and that
    it may be, the likeliest first: a fixed number of queries for any number of rows. Nothing is told of what the actor may not see."""
    declared = alike_of(model)
    if declared is None or not actor.may("view", declared.model):
        return [[] for _row in rows]
    asked = facts_of_rows(declared, rows, actor)
    candidates = _candidates(declared.label, set().union(*map(keys_of, asked)) if asked else set(), actor)
    by_key = _by_key(candidates)
    scored = [_scored(facts, {pk: candidates[pk] for key in keys_of(facts) for pk in by_key.get(key, ())}, least) for facts in asked]
    return _shown(declared.model, scored, actor)


def facts_of_rows(declared: Alike, rows: Sequence[Mapping[str, Any]], actor: Actor, *, by_id: bool = False) -> list[Facts]:
    """What is compared of rows that are not there yet; what cannot be read in them is left out."""
    own = columns_of(declared.model)
    columns = {name: own[name] for name in declared.typed if actor.writes(own[name])}
    drafts = validate(columns, [{name: row[name] for name in columns if name in row} for row in rows], actor=actor, mode="change", by_id=by_id)
    return [facts_of_values(declared, {name: getattr(value, "pk", value) for name, value in draft.values.items()}) for draft in drafts]


def alike_to(
    model: type[Record], values: Mapping[str, Any], actor: Actor, *, by_id: bool = False
) -> tuple[list[Likely], list[Masked]]:
    """The same for one record that is being typed, among other kinds too; and what is there beyond one's sight."""
    declared = alike_of(model)
    if declared is None:
        return [], []
    [facts] = facts_of_rows(declared, [values], actor, by_id=by_id)
    found: list[Likely] = []
    hidden: list[tuple[str, int]] = []
    kinds = [model_named(label) for label in (declared.label, *declared.beside)] if facts else []
    masked = [kind for kind in kinds if MASKED in actor.scopes("view", kind)]
    is_checked = bool(masked) and _may_check(actor)
    for kind in kinds:
        if actor.may("view", kind):
            found += _shown(kind, [_scored(facts, _candidates(kind.label(), keys_of(facts), actor), TYPED)], actor)[0]
    if is_checked:
        hidden = [(kind.label(), pk) for kind in masked for pk in _hidden(kind, facts, actor)]
    return sorted(found, key=lambda one: -one.score)[:SHOWN], _noted(declared.label, hidden, actor) if is_checked else []


def likes_of(record: Record, model: type[Record], actor: Actor, *, least: int = SCANNED) -> list[Likely]:
    """The records of another kind that the actor may see and that stand for the same: a lead's customer."""
    declared = alike_of(type(record))
    if declared is None or not actor.may("view", model):
        return []
    facts = LikeEntry.objects.filter(model=declared.label, object_id=record.pk).values_list("facts", flat=True).first() or {}
    return _shown(model, [_scored(facts, _candidates(model.label(), keys_of(facts), actor), least)], actor)[0]


def _candidates(label: str, keys: Iterable[int], actor: Actor | None) -> dict[int, Facts]:
    """By id what is compared of the records that share a key; with an actor only of those they may see, so that others change nothing."""
    parameters: list[Any] = [sorted(keys), label]
    statement = _CANDIDATES
    if actor is not None:
        rows = model_named(label).objects.visible_to(actor).order_by()
        if rows.query.is_empty():
            return {}
        if rows.query.where:
            sql, more = rows.values("pk").query.sql_with_params()
            statement += "AND EXISTS (SELECT FROM (" + sql + ") seen (id) WHERE seen.id = e.object_id)"
            parameters += more
    with connections["default"].cursor() as cursor:
        cursor.execute(statement + _END, [*parameters, MOST_OF_A_KEY])
        ids = [row[0] for row in cursor.fetchall()]
    return dict(LikeEntry.objects.filter(model=label, object_id__in=ids).values_list("object_id", "facts"))


def _by_key(candidates: Mapping[int, Facts]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for pk, facts in candidates.items():
        for key in keys_of(facts):
            found.setdefault(key, []).append(pk)
    return found


def _scored(facts: Facts, candidates: Mapping[int, Facts], least: int) -> list[tuple[int, int, tuple[Reason, ...]]]:
    found = []
    for pk, other in candidates.items():
        score, reasons = compare(facts, other)
        if score >= least:
            found.append((-score, pk, tuple(reasons)))
    return sorted(found)[:SHOWN]


def _shown(model: Any, scored: list[list[tuple[int, int, tuple[Reason, ...]]]], actor: Actor) -> list[list[Likely]]:
    ids = {pk for one in scored for _score, pk, _reasons in one}
    owner = next((name for name in ("owner", "party__owner") if _leads(model, name)), None)
    # What counts is asked of the rows: an operation may have put one away since it was read.
    rows = counted(model, model.objects.visible_to(actor)).filter(pk__in=ids).select_related(*[owner] if owner else []) if ids else ()
    there = {row.pk: row for row in rows}
    return [
        [Likely(there[pk], -score, reasons, _owner_name(there[pk])) for score, pk, reasons in one if pk in there] for one in scored
    ]


def counted(model: Any, rows: Any) -> Any:
    """Without the rows that do not count."""
    declared = alike_of(model)
    return rows.filter(declared.only) if declared is not None and declared.only else rows


def _leads(model: Any, path: str) -> bool:
    head, _mark, rest = path.partition("__")
    field = next((f for f in model._meta.concrete_fields if f.name == head and f.is_relation), None)
    return field is not None and (not rest or _leads(field.related_model, rest))


def _owner_name(row: Any) -> str:
    return str(getattr(row, "owner", None) or getattr(getattr(row, "party", None), "owner", None) or "")


# ---- beyond one's sight ----------------------------------------------------------------------------------------------


def _may_check(actor: Actor) -> bool:
    """Not for whoever only looks in another's place, and not so often that all could be found out by asking."""
    if actor.stand_in is not None or not actor.may_write:
        return False
    mine = LikeCheck.objects.filter(member_id=actor.member_id)
    recent = mine.filter(at__gt=actor.now - timedelta(minutes=10)).values("ticket")[:CHECKS_IN_TEN_MINUTES].count()
    told = mine.filter(at__gt=actor.now - timedelta(days=1), hidden_id__isnull=False).values("hidden_model", "hidden_id").distinct()
    return recent < CHECKS_IN_TEN_MINUTES and told.count() < TOLD_A_DAY


def _hidden(model: Any, facts: Facts, actor: Actor) -> list[int]:
    """Records out of sight of which the asker knows a name, a number or an address already."""
    found = _scored(facts, _candidates(model.label(), certain_keys(facts), None), TYPED)
    known = [pk for _score, pk, reasons in found if is_certain(reasons)]
    certain = list(counted(model, model._base_manager.filter(pk__in=known)).values_list("pk", flat=True)) if known else []
    seen = set(model.objects.visible_to(actor).filter(pk__in=certain).values_list("pk", flat=True)) if certain else set()
    return [pk for pk in certain if pk not in seen][:2]


def _noted(label: str, hidden: list[tuple[str, int]], actor: Actor) -> list[Masked]:
    """Each look is written down, whatever came of it."""
    looked_at: list[tuple[str, int | None]] = [*hidden] or [("", None)]
    rows = [
        LikeCheck(member_id=actor.member_id, at=actor.now, model=label, ticket=secrets.token_hex(16), hidden_model=kind, hidden_id=pk)
        for kind, pk in looked_at
    ]
    LikeCheck.objects.bulk_create(rows)
    owners = {row.ticket: owner_of(record) for row in rows if (record := hidden_record(row)) is not None}
    names = dict(Member.objects.filter(pk__in=[one for one in owners.values() if one]).values_list("pk", "name"))
    return [
        Masked(model_named(row.hidden_model)._meta.verbose_name, names.get(owners.get(row.ticket) or 0, ""), row.ticket)
        for row in rows if row.hidden_id is not None
    ]


def hidden_record(check: LikeCheck) -> Record | None:
    """The record that a check told of, whoever may see it."""
    if check.hidden_id is None:
        return None
    return model_named(check.hidden_model)._base_manager.filter(pk=check.hidden_id).first()
