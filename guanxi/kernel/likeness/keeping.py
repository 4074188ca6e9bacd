"""Entries are kept as the records are: few at once with the change itself, many by the worker."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, models

from guanxi.kernel.likeness.declared import Alike, alike_of, parts_of
from guanxi.kernel.likeness.models import LikeEntry
from guanxi.kernel.likeness.reading import Facts, facts_of, keys_of
from guanxi.kernel.records.record import model_named

AT_ONCE = 100
BATCH = 2_000
_UPSERT = """
INSERT INTO likeness_likeentry AS old (version, model, object_id, row_version, keys, facts, is_compared)
SELECT 1, %s, t.id, t.row_version, t.keys::bigint[], t.facts::jsonb, false
FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[]) AS t (id, row_version, keys, facts)
ON CONFLICT (model, object_id) DO UPDATE
SET version = old.version + 1, row_version = excluded.row_version, keys = excluded.keys, facts = excluded.facts,
    is_compared = old.is_compared AND old.facts = excluded.facts
WHERE (old.row_version, old.facts) IS DISTINCT FROM (excluded.row_version, excluded.facts)
"""


def facts_of_values(declared: Alike, values: dict[str, Any]) -> Facts:
    """From values by path: of a row, or as they were typed."""
    texts = {kind: [text for path in paths for text in _texts(values.get(path))] for kind, paths in declared.paths().items()}
    within = values.get(declared.within) if declared.within else None
    return facts_of(texts, within, [getattr(one, "pk", one) for one in (values.get(path) for path in declared.apart)])


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [str(one) for one in value.values() if one]
    return [str(one) for one in value if one] if isinstance(value, list | tuple) else [str(value)] if value else []


def keep(declared: Alike, ids: Iterable[int]) -> None:
    """Bring the entries of these rows up to date; rows that are gone lose theirs, those that do not count become empty."""
    wanted = sorted(set(ids))
    expressions = declared.expressions()
    names = {f"_p{number}": path for number, path in enumerate(expressions)}
    rows: Any = declared.model._base_manager
    rows = rows.annotate(**{f"_p{number}": sql for number, sql in enumerate(expressions.values())})
    more = [f"{declared.within}_id"] if declared.within else []
    counted = models.Case(models.When(declared.only, then=models.Value(True)), default=models.Value(False)) if declared.only else models.Value(True)
    for at in range(0, len(wanted), BATCH):
        some = wanted[at : at + BATCH]
        columns: list[list[Any]] = [[], [], [], []]
        for pk, version, is_counted, *found in rows.filter(pk__in=some).order_by("pk").values_list("pk", "version", counted, *names, *more):
            values = dict(zip(names.values(), found, strict=False)) | ({declared.within: found[-1]} if more else {})
            facts = facts_of_values(declared, values) if is_counted else {}
            keys = "{" + ",".join(map(str, sorted(keys_of(facts)))) + "}"
            for column, value in zip(columns, (pk, version, keys, json.dumps(facts, ensure_ascii=False, sort_keys=True)), strict=True):
                column.append(value)
        gone = set(some) - set(columns[0])
        if gone:
            LikeEntry.objects.filter(model=declared.label, object_id__in=gone).delete()
        if columns[0]:
            with connections["default"].cursor() as cursor:
                cursor.execute(_UPSERT, [declared.label, *columns])


def keep_after_change(label: str, ids: Sequence[int]) -> None:
    """Whoever writes rows that are searched calls this through the search."""
    from guanxi.kernel.likeness.jobs import catch_up

    touched: dict[str, list[int]] = {label: list(ids)} if alike_of(label) else {}
    for owner, relation in parts_of(label):
        rows: Any = model_named(label)._base_manager
        touched.setdefault(owner, []).extend(rows.filter(pk__in=ids).values_list(relation, flat=True))
    for kind, found in touched.items():
        declared = alike_of(kind)
        assert declared is not None
        if len(found) <= AT_ONCE:
            keep(declared, found)
            continue
        if kind != label:
            # Their own version has not risen: without an entry the worker finds them.
            LikeEntry.objects.filter(model=kind, object_id__in=found).delete()
        catch_up.later(once=f"likeness.catch_up:{kind}", kind=kind)


def behind(declared: Alike, limit: int = BATCH) -> list[int]:
    """Ids of rows whose entry is missing or older than they are, and of entries whose rows are gone."""
    rows: Any = declared.model._base_manager
    entries = LikeEntry.objects.filter(model=declared.label)
    newer = entries.filter(object_id=models.OuterRef("pk"), row_version=models.OuterRef("version"))
    found = list(rows.filter(~models.Exists(newer)).order_by("pk").values_list("pk", flat=True)[:limit])
    if len(found) < limit:
        there = rows.filter(pk=models.OuterRef("object_id"))
        found += entries.filter(~models.Exists(there)).order_by("object_id").values_list("object_id", flat=True)[: limit - len(found)]
    return found
