"""Rows that say something of any other record, by model label and id: whoever sees the record knows of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, BooleanField, Exists, Expression, F, Func, Q
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor, Eyes
from guanxi.kernel.access.scopes import NOBODY, access_path, owner_scopes, owners_in, rights_model
from guanxi.kernel.records.record import Record, has_own_sight, model_named, seen_ids
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.screen import SCREENS, screen_of
from guanxi.kernel.values.translated import Translated


class Seen(Func):
    """Whether a record named by label and id is one of those that may be seen: by kind a subquery, made into SQL beforehand. A page asks
    this several times, of twenty kinds of records: building and compiling that each time took longer than all the answers."""

    output_field = BooleanField()

    def __init__(self, model: Any, row: Any, whole: tuple[str, ...], parts: tuple[tuple[str, Part], ...]):
        super().__init__(model, row)
        self.whole, self.parts = whole, parts

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (model, model_values), (row, row_values) = (compiler.compile(one) for one in self.source_expressions)
        texts, values = [is_one_of(model, self.whole)], [*model_values] if self.whole else []
        for label, part in self.parts:
            texts.append(f"({is_one_of(model, (label,))} AND {row.join(part.pieces)})")
            values += [*model_values, *part.before, *row_values, *part.after]
        return f"({' OR '.join(texts)})", values


class IsKind(Func):
    """Whether a column of labels names one of these kinds."""

    output_field = BooleanField()

    def __init__(self, model: Any, labels: tuple[str, ...]):
        super().__init__(F(model) if isinstance(model, str) else model)
        self.labels = labels

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        [(model, values)] = [compiler.compile(one) for one in self.source_expressions]
        return is_one_of(model, self.labels), [*values] if self.labels else []


def is_one_of(column: str, labels: tuple[str, ...]) -> str:
    """In SQL, the labels as they are: without knowing them the database takes a plan for all kinds, and reads the whole table."""
    return f"{column} IN ({', '.join(map(repr, labels))})" if labels else "false"


@dataclass(frozen=True)
class Part:
    """`EXISTS (… id = ` the row `…)`, with the values that stand before and after the row."""

    pieces: tuple[str, str]
    before: tuple[Any, ...]
    after: tuple[Any, ...]


Sight = tuple[tuple[str, ...], tuple[tuple[str, Part], ...]]
"""Labels of the kinds seen whole; kinds seen in part, with that part."""


class _TheRow(Expression):
    output_field = BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return _THE_ROW, ()


_THE_ROW = "\x02the row\x02"


def _part(rows: Any) -> Part | None:
    query = rows.order_by().filter(pk=_TheRow()).query.exists()
    # Names of its own: the rows asked about may themselves stand in a subquery of somebody else's, or of another kind's sight.
    query.change_aliases({alias: f"seen{n}_{rows.model._meta.db_table}" for n, alias in enumerate(query.alias_map)})
    try:
        text, values = query.get_compiler("default").as_sql()
    except EmptyResultSet:
        return None
    before, _row, after = text.partition(_THE_ROW)
    at = before.replace("%%", "").count("%s")
    return Part((f"EXISTS ({before}", f"{after})"), tuple(values[:at]), tuple(values[at:]))


def about_visible(
    actor: Actor, model_field: str, id_field: str, *, among: str = "", without: tuple[str, ...] = (), verb: str = "view"
) -> Q:
    """Rows that name, by model label and id, a record with a page that the actor may see (and `verb`); one subquery per kind of
    record of which the actor sees only a part, none for the others. (EXISTS, not IN: for a few rows the database then
    looks up each record instead of listing all that may be seen.) `among` is the label of these rows' own model: for somebody who only looks,
    kinds of which none of them speaks are left out (`access.said`)."""
    whole, parts = _sight(Eyes(actor), among, without, verb)
    return Q(Seen(F(model_field), F(id_field), whole, parts))


def reach(actor: Actor, model_field: str, owner_field: str, *, among: str = "", without: tuple[str, ...] = ()) -> Q:
    """What `about_visible` opens at most, by the owner kept beside such rows (`owners_sql`). To be asked as well where there are very many
    of them: an index answers it, and only what it finds is asked of the records."""
    members, others = reached(actor, among, without)
    unowned = Q(**{f"{owner_field}__isnull": True}) if NOBODY in members else Q(pk__in=[])
    return Q(**{f"{owner_field}__in": sorted(members - {NOBODY})}) | Q(IsKind(model_field, others)) | unowned


def about_kept(
    actor: Actor, model_field: str, id_field: str, owner_field: str, *, among: str = "", without: tuple[str, ...] = ()
) -> tuple[Q, Q]:
    """`about_visible` in two parts, but of kinds of which the owner alone decides, the owner kept beside such rows is taken at its word: for how
    many there are, and to find the rows of a page, of each of which the record is asked then (`seen_among`). An index of the owners answers
    the first part, one of the kinds the second."""
    whole, parts = _sight(Eyes(actor), among, without, "view")
    kept = _kept(Eyes(actor), among, without)
    known = {label for _scopes, labels in kept for label in labels}
    owned = Q(pk__in=[])
    for scopes, labels in kept:
        members = owners_in(scopes, actor)
        theirs = Q(**{f"{owner_field}__in": sorted(members - {NOBODY})})
        owned |= Q(IsKind(model_field, labels)) & (theirs | Q(**{f"{owner_field}__isnull": True}) if NOBODY in members else theirs)
    others = tuple(part for part in parts if part[0] not in known)
    return owned, Q(Seen(F(model_field), F(id_field), whole, others)) if whole or others else Q(pk__in=[])


def seen_among(
    actor: Actor, about: Iterable[tuple[str, int | None]], *, among: str = "", without: tuple[str, ...] = ()
) -> set[tuple[str, int | None]]:
    """Of the records with these labels and ids those that the actor may see: one question for each kind that is seen in part."""
    whole, parts = _sight(Eyes(actor), among, without, "view")
    asked: dict[str, list[int | None]] = defaultdict(list)
    for label, row_id in dict.fromkeys(about):
        asked[label].append(row_id)
    seen = {(label, row_id) for label in whole for row_id in asked[label]}
    for label in [label for label, _part in parts if label in asked]:
        seen |= {(label, row_id) for row_id in seen_ids(asked[label], model=model_named(label), eyes=actor.eyes)}
    return seen


def reached(actor: Actor, among: str, without: tuple[str, ...]) -> tuple[set[int], tuple[str, ...]]:
    """The members whose records the actor may see, NOBODY among them for records of nobody; kinds of which more than the owner decides."""
    others, scopes = _reached(Eyes(actor), among, without)
    return owners_in(scopes, actor), others


@lru_cache(1024)
def _sight(eyes: Eyes, among: str, without: tuple[str, ...], verb: str) -> Sight:
    """Of which kinds of record the actor sees all, and of which a part."""
    actor = eyes.actor
    said = dict(actor.said).get(among)
    whole: list[str] = []
    parts: list[tuple[str, Part]] = []
    for label, model in sorted({screen.model._meta.label_lower: screen.model for screen in SCREENS.values()}.items()):
        # Sight of these follows from others', so that asking for it here would go round in circles.
        if model.about_another or label in without or (said is not None and label not in said):
            continue
        if not actor.may("view", model) or not actor.may(verb, model):
            continue
        part = _seen_part(model, actor, dict.fromkeys(("view", verb)))
        if part is True:
            whole.append(label)
        elif part is not None:
            parts.append((label, part))
    return tuple(whole), tuple(parts)


@lru_cache(1024)
def _kept(eyes: Eyes, among: str, without: tuple[str, ...]) -> tuple[tuple[frozenset[str], tuple[str, ...]], ...]:
    """Kinds seen in part of which the owner alone decides, by the scopes in which they are seen."""
    found: dict[frozenset[str], list[str]] = defaultdict(list)
    for label, _part in _sight(eyes, among, without, "view")[1]:
        if owner_decides(model := model_named(label)) and (scopes := owner_scopes(model, eyes.actor)) is not None:
            found[scopes].append(label)
    return tuple((scopes, tuple(labels)) for scopes, labels in found.items())


@lru_cache(1024)
def _reached(eyes: Eyes, among: str, without: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Kinds of record of which more than the owner decides who sees them; the scopes by which others are seen."""
    whole, parts = _sight(eyes, among, without, "view")
    kept = _kept(eyes, among, without)
    known = {label for _scopes, labels in kept for label in labels}
    others = (*whole, *(label for label, _part in parts if label not in known))
    return others, frozenset().union(*(scopes for scopes, _labels in kept))


def owner_decides(model: Any) -> bool:
    """Whether rows of the model belong to a member, and nothing but the rights on it says who sees them."""
    return not model.about_another and not has_own_sight(model) and access_path(rights_model(model)[0], "own") is not None


def _seen_part(model: Any, actor: Actor, verbs: Iterable[str]) -> Part | Literal[True] | None:
    """True: all rows; None: none."""
    if not has_own_sight(model):
        allowed = [actor.row_filter(verb, model) for verb in verbs]
        if False in allowed:
            return None
        limits = tuple(one for one in allowed if isinstance(one, Q))
        return _part(model.objects.filter(*limits)) if limits else True
    rows = model.objects.all()
    for verb in verbs:
        rows = rows.each_visible_to(actor, verb)
    if rows.query.is_empty():
        return None
    return _part(rows) if rows.query.where else True


def target_of(label: str, row_id: int | None, actor: Actor) -> Record:
    """The record that something is said about: one with a page, that the actor may see."""
    missing = Missing(_("There is no such record, or you may not see it."))
    screen = screen_of(label)
    if screen is None or screen.model.about_another or row_id is None:
        raise missing
    row = model_named(label).objects.visible_to(actor).filter(pk=row_id).first()
    if row is None:
        raise missing
    return row


def title_in_language(about: dict[str, Any]) -> str:
    """The title of the record that a column `about` names, as the search keeps it."""
    title = about.get("title") or ""
    return str(Translated(title)) if isinstance(title, dict) else str(title)


def party_of(record: Record) -> int | None:
    """The company or person to which the record belongs: where its access path for them leads."""
    return _at(record, "party")


def owner_of(record: Record) -> int | None:
    """The member to whom the record belongs: where its access path for "one's own" leads."""
    return _at(record, "own")


def _at(record: Record, scope: str) -> int | None:
    model, prefix = rights_model(type(record))
    path = access_path(model, scope)
    return type(record)._base_manager.filter(pk=record.pk).values_list(prefix + path, flat=True).first() if path else None


def who_may_see(record: Record, actors: Iterable[Actor]) -> set[int]:
    """Of these members the ids of those who may see the record: one query for all."""
    model: Any = type(record)
    found: set[int] = set()
    asked: dict[int, Exists] = {}
    for actor in actors:
        rows = model.objects.visible_to(actor)
        if rows.query.is_empty():
            continue
        if rows.query.where:
            asked[actor.member_id] = Exists(rows.order_by().filter(pk=record.pk))
        else:
            found.add(actor.member_id)
    if asked:
        answers = model._base_manager.filter(pk=record.pk).values_list(*asked.values()).first() or ()
        found |= {member_id for member_id, is_seen in zip(asked, answers, strict=False) if is_seen}
    return found
