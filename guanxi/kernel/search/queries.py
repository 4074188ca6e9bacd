"""Find records by what a person types: never by what that person may not see."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection
from django.db.models import BooleanField, Case, F, Func, IntegerField, Max, Q, QuerySet, TextField, Value, When

from guanxi.kernel.access.scopes import MOST_OWNERS, owner_scopes, owners_in
from guanxi.kernel.search.registry import Searched, searched, searched_models
from guanxi.kernel.search.text import of_owner
from guanxi.kernel.search.tsquery import TsQueries, all_of, among, any_of, leaf, tsqueries, within
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
    for (rights, _is_open), labels in groups.items():
        queries = tsqueries(q, rights)
        if queries:
            found += _nearest(queries, labels, actor, limit, {word for label in labels for word in reaches[label] or ()})
    return _told(sorted(found)[:limit])


def found_in(queryset: QuerySet[Any], q: str, actor: Actor) -> QuerySet[Any]:
    """The rows of `queryset` that fit what was typed; all of them when nothing was typed.

    The queryset itself is limited to what the actor may see; here the columns are.
    """
    label = queryset.model._meta.label_lower
    spec = searched(label)
    if spec is None:
        raise LookupError(f"{label} is not searched: give its screen a `search`.")
    queries = tsqueries(q, _rights(spec, actor))
    if queries is None:
        return queryset if not q.strip() else queryset.none()
    entries = _entries(all_of([queries.fits, _one_of(_reach(label, actor) or ())]), label)
    few = not queryset.query.where or entries.values("pk")[: FEW + 1].count() <= FEW
    return queryset.filter(pk__in=_first(entries) if few else entries.values("object_id"))


def _entries(query: str, label: str) -> QuerySet[Any]:
    return _all_entries().filter(Matches("terms", within(query, label)))


def _all_entries() -> QuerySet[Any]:
    return apps.get_model("search", "SearchEntry")._base_manager.order_by()


def _reach(label: str, actor: Actor) -> set[str] | None:
    """Words of which every entry of a kind has one that the actor may see: mostly its owner. None where more than the owner decides."""
    spec = searched(label)
    if label in REACHES:
        found = REACHES[label](actor)
    else:
        scopes = owner_scopes(spec.model, actor) if spec and spec.whose else None
        found = None if scopes is None else {of_owner(member) for member in owners_in(scopes, actor)}
    return None if found is None or len(found) > MOST_OWNERS else set(found)


def _one_of(words: Iterable[str]) -> str:
    return any_of(leaf(word) for word in sorted(words))


def _first(entries: QuerySet[Any]) -> QuerySet[Any]:
    """The ids, found by their words before anything else is looked at.

    The limit is for the planner: in the order of a list it would rather walk through all rows, hoping for an early end
    that does not come when, say, all names of that kind are at the end.
    """
    return entries.values("object_id")[:ALL]


def _rights(spec: Searched, actor: Actor) -> tuple[str, ...]:
    return spec.marks(actor.rights.sees_right)


def _nearest(queries: TsQueries, labels: Sequence[str], actor: Actor, limit: int, reach: set[str]) -> list[Hit]:
    """Few entries are ranked at once; of many, those that are just that come first, then those that begin so, then the rest.

    Both ways give the same hits: which one is taken depends on rows the actor may not see.
    """
    score = Case(
        When(Matches("terms", queries.is_it), then=IS_IT), When(Matches("terms", queries.begins), then=BEGINS), default=FITS,
        output_field=IntegerField(),
    )
    is_long = queries.is_short and bool(_frequent(labels))
    if reach:
        # Of two letters those that begin so are mostly enough, and far fewer.
        for query in [any_of([queries.is_it, queries.begins]), queries.fits] if is_long else [queries.fits]:
            hits = _nearest_within_reach(query, labels, score, actor, limit, reach)
            if hits is not None and (len(hits) == limit or query == queries.fits):
                return hits
    elif not is_long:
        candidates = _candidates_of_all(queries, labels, score)
        if candidates is not None:
            return _visible(candidates, actor, limit)
    found: list[Hit] = []
    for query, tier in ((queries.is_it, IS_IT), (queries.begins, BEGINS), (queries.fits, FITS)):
        hits = _of_tier(all_of([query, _one_of(reach)]), labels, actor, limit, tier, queries.is_short) if query else []
        known = {(hit.model, hit.id) for hit in found}
        found += [hit for hit in hits if (hit.model, hit.id) not in known]
        if len(found) >= limit:
            break
    return found[:limit]


def _nearest_within_reach(query: str, labels: Sequence[str], score: Any, actor: Actor, limit: int, reach: set[str]) -> list[Hit] | None:
    """Within reach more are ranked at once, by the database: nearly all of the first are seen, so that few have to be fetched. None when
    it expects too many."""
    entries = _all_entries().filter(Matches("terms", all_of([query, _one_of(reach)])), model__in=labels)
    if _expected(entries) > MOST_WITHIN_REACH:
        return None
    ranked = entries.annotate(score=score).order_by("-score", "-object_id", "model").values_list("score", "object_id", "model")
    first = [Hit((-tier, -pk), label, pk) for tier, pk, label in ranked[: 4 * limit]]
    hits = _visible(first, actor, limit)
    if len(hits) < limit and len(first) == 4 * limit:
        return _visible([Hit((-tier, -pk), label, pk) for tier, pk, label in ranked], actor, limit)
    return hits


def _candidates_of_all(queries: TsQueries, labels: Sequence[str], score: Any) -> list[Hit] | None:
    """Kinds of which there are not many are looked through: for them the words' index would list all other records as well."""
    entries = _all_entries().filter(model__in=labels)
    if not _frequent(labels):
        return _listed(entries.filter(Matches(_UNINDEXED, queries.fits)), score)
    return _candidates(entries.filter(Matches("terms", queries.fits)), score)


def _of_tier(query: str, labels: Sequence[str], actor: Actor, limit: int, tier: int, is_short: bool) -> list[Hit]:
    """Kinds of which there are not many are looked through together, the others are asked one by one."""
    entries = _all_entries().filter(Matches("terms", query), model__in=labels)
    if tier == IS_IT:
        # Of a word that it has not met often, the database expects far more than there are.
        candidates = _listed(entries, Value(tier))
    else:
        candidates = None if is_short else _candidates(entries, Value(tier))
    if candidates is not None:
        return _visible(candidates, actor, limit)
    many = _frequent(labels)
    few = [label for label in labels if label not in many]
    hits: list[Hit] = []
    if few:
        candidates = _listed(_all_entries().filter(Matches(_UNINDEXED, query), model__in=few), Value(tier))
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
        candidates = _listed(_all_entries().filter(Matches("terms", among(query, rare))), Value(tier))
        of_each = (hit for label in rare for hit in _of_one_model(query, label, actor, limit, tier))
        hits += of_each if candidates is None else _visible(candidates, actor, limit)
    return sorted(hits)


def _frequent(labels: Sequence[str]) -> list[str]:
    """Of these kinds of record those of which the database knows so many rows that all others can be looked through."""
    tables = {_model(label)._meta.db_table: label for label in labels}
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, [list(tables)])
        sizes = cursor.fetchall()
    together = accumulate(rows for _table, rows in sizes)
    return [tables[table] for (table, _rows), passed in zip(sizes, together, strict=True) if passed > COMMON]


_SIZES = """
SELECT relname, greatest(reltuples, 0) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s) ORDER BY reltuples
"""


def _expected(entries: QuerySet[Any]) -> int:
    """How many rows the database expects."""
    return int(json.loads(entries.values("pk").explain(format="json"))[0]["Plan"]["Plan Rows"])


def _candidates(entries: QuerySet[Any], score: Any) -> list[Hit] | None:
    """Every entry, nearest first; None when they are more than a few."""
    return None if _expected(entries) > COMMON else _listed(entries, score)


def _listed(entries: QuerySet[Any], score: Any) -> list[Hit] | None:
    some = list(entries.annotate(score=score).values_list("score", "object_id", "model")[: FEW + 1])
    return None if len(some) > FEW else sorted(Hit((-tier, -pk), label, pk) for tier, pk, label in some)


def _visible(candidates: list[Hit], actor: Actor, limit: int) -> list[Hit]:
    """The first `limit` that the actor may see; the rows of each model are asked for together."""
    found: list[Hit] = []
    start, length = 0, 4 * limit
    while start < len(candidates) and len(found) < limit:
        some = candidates[start : start + length]
        seen: set[tuple[str, int]] = set()
        for label in {hit.model for hit in some}:
            ids = [hit.id for hit in some if hit.model == label]
            rows = _model(label).objects.each_visible_to(actor).order_by()
            seen.update((label, pk) for pk in rows.filter(pk__in=ids).values_list("pk", flat=True))
        found += [hit for hit in some if (hit.model, hit.id) in seen]
        start, length = start + length, 4 * length
    return found[:limit]


def _among_newest(query: str, label: str, actor: Actor, limit: int, tier: int) -> list[Hit] | None:
    """The newest rows that fit and that the actor may see, from the newest back: not by the words' index, which would list all rows that
    have them. None where so few of the newest fit that they would not be enough."""
    newest = _newest(label)
    fitting = _all_entries().filter(Matches(_UNINDEXED, query), model=label)
    backwards = fitting.order_by("-object_id").values_list("object_id", flat=True)
    rows = _rows(label, actor).order_by("-pk").values_list("pk", flat=True)
    for back in NEWEST:
        ids = list(backwards.filter(object_id__gt=newest - back)[: 2 * limit])
        seen = list(rows.filter(pk__in=ids)[:limit]) if ids else []
        if len(seen) == limit:
            return [Hit((-tier, -pk), label, pk) for pk in seen]
        if not seen:
            return None
    return None


def _newest(label: str) -> int:
    return _all_entries().filter(model=label).aggregate(newest=Max("object_id"))["newest"] or 0


def _of_one_model(query: str, label: str, actor: Actor, limit: int, tier: int) -> list[Hit]:
    """The newest rows that fit and that the actor may see."""
    entries = _entries(query, label)
    candidates = _listed(entries, Value(tier))
    if candidates is not None:
        return _visible(candidates, actor, limit)
    rows = _rows(label, actor).order_by("-pk").values_list("pk", flat=True)
    ids = rows.filter(pk__in=entries.values("object_id") if rows.query.where else _first(entries))[:limit]
    return [Hit((-tier, -pk), label, pk) for pk in ids]


def _rows(label: str, actor: Actor) -> QuerySet[Any]:
    return _model(label).objects.visible_to(actor).order_by()  # type: ignore[no-any-return]


def _model(label: str) -> Any:
    spec = searched(label)
    assert spec is not None
    return spec.model


def _told(hits: list[Hit]) -> list[Hit]:
    """With their titles, in the reader's language."""
    wanted = Q(pk__in=[])
    for label in {hit.model for hit in hits}:
        wanted |= Q(model=label, object_id__in=[hit.id for hit in hits if hit.model == label])
    rows = _all_entries().filter(wanted).values_list("model", "object_id", "title", "subtitle")
    texts = {(label, pk): (_text(title), _text(subtitle)) for label, pk, title, subtitle in rows}
    return [Hit(hit.rank, hit.model, hit.id, *texts[hit.model, hit.id]) for hit in hits if (hit.model, hit.id) in texts]


def _text(value: Any) -> str:
    return str(Translated(value)) if isinstance(value, dict) else value
