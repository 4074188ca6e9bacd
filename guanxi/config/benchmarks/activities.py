"""Ten activities and more for each customer: too many to be made one by one, so the database makes them of its own rows."""

from __future__ import annotations

from typing import Any

from django.db import connections
from psycopg import sql

from guanxi.config.benchmarks.filling import CHUNK, Filling, defaults_of

SUBJECTS = ("例行联系", "询问交期", "报价说明", "拜访车间", "催收货款", "样品试用", "技术交流", "合同条款", "售后回访", "年度计划")
_VARIED = """
  version, kind, subject, body, at, due_on, done_at, owner_id, party_id, target_model, target_id
"""
_MAKE = """
INSERT INTO activities_activity ({varied}, {rest})
SELECT 1, made.kind, made.subject, made.subject || ' ' || n, made.at, CASE WHEN made.kind = 'task' THEN made.at::date END,
       CASE WHEN made.kind = 'task' AND made.x %% 4 > 0 THEN made.at END, p.owner_id, p.id,
       CASE WHEN made.x %% 5 = 0 AND o.id IS NOT NULL THEN 'leads.opportunity' ELSE 'parties.party' END,
       CASE WHEN made.x %% 5 = 0 AND o.id IS NOT NULL THEN o.id ELSE p.id END, {defaults}
FROM parties_party p
LEFT JOIN LATERAL (SELECT min(id) AS id FROM leads_opportunity WHERE customer_id = p.id) o ON true
CROSS JOIN generate_series(1, %(each)s) n
CROSS JOIN LATERAL (SELECT (p.id * 7919 + n * 104729) %% 1000003 AS x) seed
CROSS JOIN LATERAL (
  SELECT seed.x, (ARRAY['note', 'call', 'visit', 'task'])[seed.x %% 4 + 1] AS kind, (%(subjects)s::text[])[seed.x %% 10 + 1] AS subject,
         date_trunc('minute', %(now)s::timestamptz) - make_interval(mins => (seed.x * 1577 / 1000)::int) AS at) made
WHERE p.id = ANY(%(ids)s)
RETURNING id
"""
_ENTER = """
INSERT INTO search_searchentry (version, model, object_id, title, subtitle, terms)
SELECT 1, 'activities.activity', a.id, to_jsonb(a.subject), to_jsonb(party.name || ' · ' || m.name), word.terms || party.terms
FROM activities_activity a
JOIN access_member m ON m.id = a.owner_id
JOIN unnest(%s::bigint[], %s::text[], %s::tsvector[]) AS party (id, name, terms) ON party.id = a.party_id
JOIN unnest(%s::text[], %s::tsvector[]) AS word (subject, terms) ON word.subject = a.subject
WHERE a.id = ANY(%s)
"""


def fill_activities(work: Filling, count: int, customers: list[int]) -> None:
    from guanxi.shared.activities.models import Activity

    each = count // max(len(customers), 1)
    varied = {name.strip() for name in _VARIED.split(",")}
    rest = {name: value for name, value in defaults_of(Activity).items() if name not in varied}
    make = sql.SQL(_MAKE).format(
        varied=sql.SQL(_VARIED), rest=sql.SQL(", ").join(map(sql.Identifier, rest)),
        defaults=sql.SQL(", ").join(sql.Placeholder(f"rest_{name}") for name in rest),
    )

    def chunk(first: int, size: int) -> list[int]:
        some = customers[first // each : (first + size) // each]
        given = {"each": each, "subjects": list(SUBJECTS), "now": work.actor.now, "ids": some}
        with connections["default"].cursor() as cursor:
            cursor.cursor.execute(make, given | {f"rest_{name}": value for name, value in rest.items()})
            made = [row[0] for row in cursor.fetchall()]
            if work.is_searched:
                cursor.execute(_ENTER, [*_party_words(some), *_subject_words(), made])
        return made

    if each:
        work.in_chunks(Activity._meta.label, each * len(customers), CHUNK // each * each, chunk)


def _party_words(ids: list[int]) -> tuple[list[int], list[str], list[str]]:
    from guanxi.kernel.search.index import as_terms
    from guanxi.kernel.search.text import tokens
    from guanxi.shared.parties.models import Party

    names = list(Party._base_manager.filter(pk__in=ids).values_list("pk", "name"))
    return [pk for pk, _name in names], [name for _pk, name in names], [as_terms(tokens(name)) for _pk, name in names]


def _subject_words() -> tuple[list[str], list[Any]]:
    from guanxi.kernel.search.index import as_terms
    from guanxi.kernel.search.text import of_model, title_tokens, tokens

    words = [tokens(subject) | title_tokens(subject) | {of_model("activities.activity")} for subject in SUBJECTS]
    return list(SUBJECTS), [as_terms(one) for one in words]
