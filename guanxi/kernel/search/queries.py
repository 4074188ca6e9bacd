"""Find records by what a person types: never by what that person may not see."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

from django.db import connection
from django.db.models import BooleanField, Case, F, Func, IntegerField, QuerySet, TextField, Value, When

from guanxi.kernel.access.scopes import MOST_OWNERS, owner_scopes, owners_in
from guanxi.kernel.database.known import known
from guanxi.kernel.search.index import all_entries
from guanxi.kernel.search.registry import Searched, searched, searched_models
from guanxi.kernel.search.text import of_owner
from guanxi.kernel.search.tsquery import Parts, TsQueries, among, any_of, leaf, tsqueries
from guanxi.kernel.values.translated import Translated

if TYPE_CHECKING:
    from guanxi.kernel.access.actor import Actor

FEW = 3_000
"""Up to so many entries are ranked at once; of more, the newest are looked at first."""
NEWEST = (400, 2_000, 10_000)
"""How far back from the newest row of a kind they are looked through, step by step."""
COMMON = 20_000
"""So many entries take longer to be listed than a page may take."""
ALL = 2**31
MOST_WITHIN_REACH = 60_000
REACHES: dict[str, Callable[[Actor], Collection[str] | None]] = {}
"""Of kinds that have their own sight, by label: words one of which every entry has that the actor may see; None when any may be seen."""
IS_IT, BEGINS, FITS = 3, 2, 1


@dataclass(frozen=True, order=True)
class Hit:
    rank: tuple[int, int]
    """Nearest first: just that before begins so before fits; then the newer row."""
    model: str
    id: int
    title: str = ""
    subtitle: str = ""

    @property
    def score(self) -> int:
        """3: just that; 2: begins so; 1: fits."""
        return -self.rank[0]


class Matches(Func):
    """`terms @@ tsquery`, the query a bound parameter."""

    template = "%(expressions)s::tsquery"
    arg_joiner = " @@ "
    output_field = BooleanField()

    def __init__(self, terms: Any, query: Any) -> None:
        super().__init__(F(terms) if isinstance(terms, str) else terms, Value(query, TextField()) if isinstance(query, str) else query)


_UNINDEXED = Func("terms", function="strip")
"""The words, but not by their index."""


def find(q: str, actor: Actor, models: Iterable[str] | None = None, limit: int = 20) -> list[Hit]:
    """The nearest records of all searched models (or of `models`, by label) that the actor may see."""
    groups: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    reaches: dict[str, set[str] | None] = {}
    for label in searched_models() if models is None else models:
        spec = searched(label)
        if spec and actor.may("view", spec.model):
            reaches[label] = _reach(label, actor)
            groups.setdefault((_rights(spec, actor), reaches[label] is None), []).append(label)
    found: list[Hit] = []
    sizes = _sizes(reaches)
    for (rights, _is_open), labels in groups.items():
        queries = tsqueries(q, rights)
        if queries:
            found += _nearest(queries, labels, actor, limit, {word for label in labels for word in reaches[label] or ()}, sizes)
    return _told(sorted(found)[:limit])


def found_in(queryset: QuerySet[Any], q: str, actor: Actor, how: Literal["is_it", "begins", "fits"] = "fits") -> QuerySet[Any]:
    """The rows of `queryset` that fit what was typed (that begin so, or are just that); all of them when nothing was typed.

    The queryset itself is limited to what the actor may see; here the columns are.
    """
    label = queryset.model._meta.label_lower
    spec = searched(label)
    if spec is None:
        raise LookupError(f"{label} is not searched: give its screen a `search`.")
    queries = tsqueries(q, _rights(spec, actor))
    if queries is None:
        return queryset if not q.strip() else queryset.none()
    entries = _fit(*among((getattr(queries, how), *_one_of(_reach(label, actor))), [label]))
    few = not queryset.query.where or entries.values("pk")[: FEW + 1].count() <= FEW
    return queryset.filter(pk__in=_first(entries) if few else entries.values("object_id"))


def _fit(*query: str, terms: Any = "terms") -> QuerySet[Any]:
    return all_entries().filter(*(Matches(terms, part) for part in query))


def _reach(label: str, actor: Actor) -> set[str] | None:
    """Words of which every entry of a kind has one that the actor may see: mostly its owner. None where more than the owner decides."""
    spec = searched(label)
    if label in REACHES:
        found = REACHES[label](actor)
    else:
        scopes = owner_scopes(spec.model, actor) if spec and spec.whose else None
        found = None if scopes is None else {of_owner(member) for member in owners_in(scopes, actor)}
    return None if found is None or len(found) > MOST_OWNERS else set(found)


def _one_of(words: Collection[str] | None) -> Parts:
    return (any_of(leaf(word) for word in sorted(words)),) if words else ()


def _first(entries: QuerySet[Any]) -> QuerySet[Any]:
    """The ids, found by their words before anything else is looked at.

    The limit is for the planner: in the order of a list it would rather walk through all rows, hoping for an early end
    that does not come when, say, all names of that kind are at the end.
    """
    return entries.values("object_id")[:ALL]


def _rights(spec: Searched, actor: Actor) -> tuple[str, ...]:
    return spec.marks(actor.rights.sees_right)


def _nearest(queries: TsQueries, labels: Sequence[str], actor: Actor, limit: int, reach: set[str], sizes: dict[str, float]) -> list[Hit]:
    """Few entries are ranked at once; of many, those that are just that come first, then those that begin so, then the rest.

    Both ways give the same hits: which one is taken depends on rows the actor may not see.
    """
    many = _frequent(labels, sizes)
    is_long = queries.is_short and bool(many)
    if reach:
        # Of two letters, or of a common word, those that begin so are mostly enough, and far fewer.
        is_long = is_long or _fitting.expected(queries.fits, *_one_of(reach), labels=tuple(labels)) > COMMON  # type: ignore[attr-defined]
        for query in [any_of([queries.is_it, queries.begins]), queries.fits] if is_long else [queries.fits]:
            hits = _nearest_within_reach(query, queries, labels, actor, limit, reach)
            if hits is not None and (len(hits) == limit or query == queries.fits):
                return hits
    elif not is_long:
        # Kinds of which there are not many are looked through: for them the words' index would list all other records as well.
        fits = (queries.fits,)
        candidates = _candidates(fits, labels, queries=queries) if many else _listed(fits, labels, queries=queries, by_index=False)
        if candidates is not None:
            return _visible(candidates, actor, limit)
    found: list[Hit] = []
    for query, tier in ((queries.is_it, IS_IT), (queries.begins, BEGINS), (queries.fits, FITS)):
        hits = _of_tier((query, *_one_of(reach)), labels, many, actor, limit, tier, queries.is_short) if query else []
        seen = {(hit.model, hit.id) for hit in found}
        found += [hit for hit in hits if (hit.model, hit.id) not in seen]
        if len(found) >= limit:
            break
    return found[:limit]


def _nearest_within_reach(query: str, queries: TsQueries, labels: Sequence[str], actor: Actor, limit: int, reach: set[str]) -> list[Hit] | None:
    """Within reach more are ranked at once, by the database: nearly all of the first are seen, so that few have to be fetched. None when
    it expects too many."""
    near, which = (query, *_one_of(reach)), tuple(labels)
    if _fitting.expected(*near, labels=which) > MOST_WITHIN_REACH:  # type: ignore[attr-defined]
        return None
    asked = partial(_ranked, queries.is_it, queries.begins, *near, labels=which)
    first = [Hit((-tier, -pk), label, pk) for tier, pk, label in asked(most=4 * limit)]
    hits = _visible(first, actor, limit)
    if len(hits) < limit and len(first) == 4 * limit:
        return _visible([Hit((-tier, -pk), label, pk) for tier, pk, label in asked(most=ALL)], actor, limit)
    return hits


def _of_tier(query: Parts, labels: Sequence[str], many: list[str], actor: Actor, limit: int, tier: int, is_short: bool) -> list[Hit]:
    """Kinds of which there are not many are looked through together, the others are asked one by one."""
    if tier == IS_IT:
        # Of a word that it has not met often, the database expects far more than there are.
        candidates = _listed(query, labels, tier)
    else:
        candidates = None if is_short else _candidates(query, labels, tier)
    if candidates is not None:
        return _visible(candidates, actor, limit)
    few = [label for label in labels if label not in many]
    hits: list[Hit] = []
    if few:
        candidates = _listed(query, few, tier, by_index=False)
        hits, few = (_visible(candidates, actor, limit), []) if candidates is not None else ([], few)
    rare = []
    for label in (*many, *few):
        newest = _among_newest(query, label, actor, limit, tier)
        if newest is None:
            rare.append(label)
        else:
            hits += newest
    if len(hits) >= limit:
        # What is older than enough that fit would not be shown.
        oldest = sorted(hits)[limit - 1].id
        rare = [label for label in rare if _newest(label) > oldest]
    if rare:
        # The database cannot know that a word which is common elsewhere does not begin a title here.
        candidates = _listed(among(query, rare), (), tier)
        of_each = (hit for label in rare for hit in _of_one_model(query, label, actor, limit, tier))
        hits += of_each if candidates is None else _visible(candidates, actor, limit)
    return sorted(hits)


def _sizes(labels: Iterable[str]) -> dict[str, float]:
    """Of how many rows of each kind of record the database knows, the fewest first."""
    tables = {_model(label)._meta.db_table: label for label in labels}
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, [list(tables)])
        return {tables[table]: rows for table, rows in cursor.fetchall()}


_SIZES = """
SELECT relname, greatest(reltuples, 0) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s) ORDER BY reltuples
"""


def _frequent(labels: Sequence[str], sizes: dict[str, float]) -> list[str]:
    """Of these kinds of record those of which there are so many that all others can be looked through."""
    mine = [label for label in sizes if label in labels]
    together = accumulate(sizes[label] for label in mine)
    return [label for label, passed in zip(mine, together, strict=True) if passed > COMMON]


def _candidates(query: Parts, labels: Sequence[str], tier: int = 0, queries: TsQueries | None = None) -> list[Hit] | None:
    """Every entry, nearest first; None when they are more than a few."""
    is_rare = (queries and queries.is_rare) or _fitting.expected(*query, labels=tuple(labels)) <= COMMON  # type: ignore[attr-defined]
    return _listed(query, labels, tier, queries) if is_rare else None


def _listed(
    query: Parts, labels: Sequence[str], tier: int = 0, queries: TsQueries | None = None, *, by_index: bool = True
) -> list[Hit] | None:
    """The same by counting them, of the kinds named, if any are; the `tier` they are of, or by the queries of each."""
    is_it, begins = (queries.is_it, queries.begins) if queries else ("", "")
    some = _few(is_it, begins, *query, labels=tuple(labels), tier=tier, by_index=by_index, most=FEW + 1)
    return None if len(some) > FEW else sorted(Hit((-tier, -pk), label, pk) for tier, pk, label in some)


@known
def _fitting(*query: str, labels: tuple[str, ...]) -> Any:
    return _fit(*query).filter(model__in=labels).values("pk")


@known
def _few(is_it: str, begins: str, *query: str, labels: tuple[str, ...], tier: int, by_index: bool, most: int) -> Any:
    entries = _fit(*query, terms="terms" if by_index else _UNINDEXED)
    entries = entries.filter(model__in=labels) if labels else entries
    return entries.annotate(score=Value(tier) if tier else _score(is_it, begins)).values_list("score", "object_id", "model")[:most]


@known
def _ranked(is_it: str, begins: str, *query: str, labels: tuple[str, ...], most: int) -> Any:
    entries = _fit(*query).filter(model__in=labels).annotate(score=_score(is_it, begins))
    return entries.order_by("-score", "-object_id", "model").values_list("score", "object_id", "model")[:most]


def _score(is_it: str, begins: str) -> Case:
    return Case(
        When(Matches("terms", is_it), then=IS_IT), When(Matches("terms", begins), then=BEGINS), default=FITS, output_field=IntegerField()
    )


def _visible(candidates: list[Hit], actor: Actor, limit: int) -> list[Hit]:
    """The first `limit` that the actor may see; the rows of each model are asked for together."""
    found: list[Hit] = []
    start, length = 0, 4 * limit
    while start < len(candidates) and len(found) < limit:
        some = candidates[start : start + length]
        seen = _seen(some, actor)
        found += [hit for hit in some if (hit.model, hit.id) in seen]
        start, length = start + length, 4 * length
    return found[:limit]


def _seen(hits: list[Hit], actor: Actor) -> set[tuple[str, int]]:
    """Which of these the actor may see; kinds that are seen whole are not asked for."""
    from guanxi.kernel.records.record import has_own_sight, seen_ids

    seen: set[tuple[str, int]] = set()
    for label in {hit.model for hit in hits}:
        ids, model = [hit.id for hit in hits if hit.model == label], _model(label)
        is_whole = not has_own_sight(model) and actor.row_filter("view", model) is True
        seen.update((label, pk) for pk in (ids if is_whole else seen_ids(ids, model=model, eyes=actor.eyes)))
    return seen


def _among_newest(query: Parts, label: str, actor: Actor, limit: int, tier: int) -> list[Hit] | None:
    """The newest rows that fit and that the actor may see, from the newest back: not by the words' index, which would list all rows that
    have them. None where so few of the newest fit that they would not be enough."""
    newest = _newest(label)
    for back in NEWEST:
        hits = [Hit((-tier, -pk), label, pk) for pk in _backwards(newest - back, *query, label=label, most=2 * limit)]
        seen = _visible(hits, actor, limit)
        if len(seen) == limit or not seen:
            return seen or None
    return None


@known
def _backwards(after: int, *query: str, label: str, most: int) -> Any:
    fitting = _fit(*query, terms=_UNINDEXED).filter(model=label, object_id__gt=after)
    return fitting.order_by("-object_id").values_list("object_id", flat=True)[:most]


def _newest(label: str) -> int:
    return next(iter(_newest_of(label=label)), 0)


@known
def _newest_of(*, label: str) -> Any:
    return all_entries().filter(model=label).order_by("-object_id").values_list("object_id", flat=True)[:1]


def _of_one_model(query: Parts, label: str, actor: Actor, limit: int, tier: int) -> list[Hit]:
    """The newest rows that fit and that the actor may see."""
    query = among(query, [label])
    entries, candidates = _fit(*query), _listed(query, (), tier)
    if candidates is not None:
        return _visible(candidates, actor, limit)
    rows = _model(label).objects.visible_to(actor).order_by("-pk").values_list("pk", flat=True)
    ids = rows.filter(pk__in=entries.values("object_id") if rows.query.where else _first(entries))[:limit]
    return [Hit((-tier, -pk), label, pk) for pk in ids]


def _model(label: str) -> Any:
    spec = searched(label)
    assert spec is not None
    return spec.model


def _told(hits: list[Hit]) -> list[Hit]:
    """With their titles, in the reader's language."""
    with connection.cursor() as cursor:
        cursor.execute(_TITLES, [[hit.model for hit in hits], [hit.id for hit in hits]])
        texts = {(label, pk): (_text(json.loads(title)), _text(json.loads(subtitle))) for label, pk, title, subtitle in cursor.fetchall()}
    return [Hit(hit.rank, hit.model, hit.id, *texts[hit.model, hit.id]) for hit in hits if (hit.model, hit.id) in texts]


_TITLES = """
SELECT model, object_id, title::text, subtitle::text
FROM unnest(%s::text[], %s::bigint[]) AS hit (model, object_id) JOIN search_searchentry USING (model, object_id)
"""


def _text(value: Any) -> str:
    return str(Translated(value)) if isinstance(value, dict) else value
