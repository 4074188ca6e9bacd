"""All pairs of a kind: candidates by shared keys in SQL, then compared; after the first time only what has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import connections
from django.db.models import Exists, OuterRef, QuerySet

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.likeness.declared import Alike
from guanxi.kernel.likeness.finding import MOST_OF_A_KEY, counted
from guanxi.kernel.likeness.keeping import BATCH, behind, keep
from guanxi.kernel.likeness.models import LikeEntry, LikePair, NotAlike
from guanxi.kernel.likeness.scoring import SCANNED, compare

_SHARED = """
WITH shared AS (
  SELECT array_agg(e.object_id ORDER BY e.object_id) AS ids FROM likeness_likeentry e CROSS JOIN LATERAL unnest(e.keys) AS k (key)
  WHERE e.model = %(model)s GROUP BY k.key HAVING count(*) BETWEEN 2 AND %(most)s AND NOT bool_and(e.is_compared)
)
SELECT DISTINCT a.id, b.id FROM shared CROSS JOIN LATERAL unnest(shared.ids) AS a (id) CROSS JOIN LATERAL unnest(shared.ids) AS b (id)
WHERE a.id < b.id ORDER BY 1, 2
"""
_FEW_SHARED = """
WITH fresh AS (
  SELECT object_id, k.key FROM likeness_likeentry CROSS JOIN LATERAL unnest(keys) AS k (key) WHERE model = %(model)s AND NOT is_compared
), found AS (
  SELECT f.object_id AS id, array(
    SELECT e.object_id FROM likeness_likeentry e WHERE e.model = %(model)s AND e.keys @> ARRAY[f.key] LIMIT %(most)s + 1) AS ids
  FROM fresh f
)
SELECT DISTINCT least(found.id, o.id), greatest(found.id, o.id) FROM found CROSS JOIN LATERAL unnest(found.ids) AS o (id)
WHERE cardinality(found.ids) <= %(most)s AND o.id <> found.id ORDER BY 1, 2
"""
_KEEP = """
INSERT INTO likeness_likepair AS old (version, model, first_id, second_id, score, reasons)
SELECT 1, %s, t.* FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::jsonb[]) AS t
ON CONFLICT (model, first_id, second_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons, version = old.version + 1
"""
_FORGET = """
DELETE FROM likeness_likepair p USING likeness_likeentry e
WHERE p.model = %s AND e.model = p.model AND NOT e.is_compared AND (e.object_id = p.first_id OR e.object_id = p.second_id)
"""
_FORGET_GONE = """
DELETE FROM likeness_likepair p WHERE p.model = %(model)s AND (
  NOT EXISTS (SELECT FROM likeness_likeentry e WHERE e.model = p.model AND e.object_id = p.first_id)
  OR NOT EXISTS (SELECT FROM likeness_likeentry e WHERE e.model = p.model AND e.object_id = p.second_id))
"""
FEW, SOME = 2_000, 20_000


def catch_up_with(declared: Alike) -> int:
    """Read what has changed since; how many records."""
    count = 0
    while found := behind(declared):
        keep(declared, found)
        count += len(found)
        if len(found) < BATCH:
            break
    return count


def scan(declared: Alike) -> int:
    """Compare what was not compared yet with everything of its kind; how many pairs are known then."""
    catch_up_with(declared)
    waiting = LikeEntry.objects.filter(model=declared.label, is_compared=False)
    count = waiting.values("pk")[: FEW + 1].count()
    with connections["default"].cursor() as cursor:
        cursor.execute(_FORGET_GONE, {"model": declared.label})
        if count:
            cursor.execute(_FORGET, [declared.label])
            for some in _pairs(_FEW_SHARED if count <= FEW else _SHARED, declared):
                _keep(declared, some)
            waiting.update(is_compared=True)
    return LikePair.objects.filter(model=declared.label).count()


def _pairs(question: str, declared: Alike) -> Iterator[list[tuple[int, int]]]:
    """In order, some at a time: of a million records there are more than memory holds."""
    with connections["default"].chunked_cursor() as cursor:
        cursor.execute(question, {"model": declared.label, "most": MOST_OF_A_KEY})
        while some := cursor.fetchmany(SOME):
            yield some


def _keep(declared: Alike, pairs: list[tuple[int, int]]) -> None:
    ids = {pk for pair in pairs for pk in pair}
    facts = dict(LikeEntry.objects.filter(model=declared.label, object_id__in=ids).values_list("object_id", "facts"))
    found: list[list[Any]] = [[], [], [], []]
    for first, second in pairs:
        score, reasons = compare(facts[first], facts[second])
        if score >= SCANNED:
            for column, value in zip(found, (first, second, score, json.dumps(reasons)), strict=True):
                column.append(value)
    if found[0]:
        with connections["default"].cursor() as cursor:
            cursor.execute(_KEEP, [declared.label, *found])


def waiting_in(declared: Alike) -> int:
    """How many records the next scan has to compare, as far as is known."""
    return LikeEntry.objects.filter(model=declared.label, is_compared=False).count()


def pairs_of(declared: Alike, actor: Actor) -> QuerySet[LikePair]:
    """The pairs of the last scan that nobody set apart, and both of which the actor may see; the likeliest first."""
    seen = counted(declared.model, declared.model.objects.visible_to(actor).order_by())
    apart = NotAlike.objects.filter(model=OuterRef("model"), first_id=OuterRef("first_id"), second_id=OuterRef("second_id"))
    rows = LikePair.objects.filter(~Exists(apart), model=declared.label)
    if not seen.query.is_empty() and not seen.query.where:
        return rows.order_by("-score", "first_id", "second_id")
    rows = rows.filter(Exists(seen.filter(pk=OuterRef("first_id"))), Exists(seen.filter(pk=OuterRef("second_id"))))
    return rows.order_by("-score", "first_id", "second_id")
