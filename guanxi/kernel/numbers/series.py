"""Taking numbers. The series row stays locked until commit, so take the number last:
first in the operation gives 97 a second with 64 writers, last 1,335."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections

from guanxi.kernel.access.models import Entity
from guanxi.kernel.numbers.patterns import read_pattern
from guanxi.kernel.records.record import model_named


@dataclass(frozen=True)
class Series:
    """What a module declares: the pattern until an administrator gives another, and the records that are numbered."""

    key: str
    pattern: str
    model: str
    is_gapless_by_law: bool = False

    @property
    def label(self) -> Any:
        return model_named(self.model)._meta.verbose_name

    def usual(self, *, for_default_entity: bool) -> str:
        """The pattern of a legal entity without a rule of its own: of others than the first with its code in front."""
        return self.pattern if for_default_entity else "{entity}-" + self.pattern


SERIES: dict[str, Series] = {}

# One statement: which rule holds is read, and its counter locked and moved, in the same round trip.
_TAKE = """
WITH asked AS (
  SELECT e.id, e.code, coalesce(r.first_number, 1) AS first_number, coalesce(r.is_gapless, true) AS is_gapless,
         coalesce(r.pattern, CASE WHEN e.is_default THEN %(pattern)s ELSE '{entity}-' || %(pattern)s END) AS pattern
  FROM access_entity e LEFT JOIN numbers_numberrule r ON r.key = %(key)s AND r.entity_id = e.id
  WHERE e.id = coalesce(%(entity)s::bigint, (SELECT id FROM access_entity WHERE is_default))),
taken AS (
  INSERT INTO numbers_numberseries AS s (key, entity_id, period, next_number, first_number, patterns, version)
  SELECT %(key)s, a.id,
         CASE WHEN position('{month}' IN a.pattern) > 0 THEN %(month)s
              WHEN position('{year}' IN a.pattern) > 0 OR position('{yy}' IN a.pattern) > 0 THEN %(year)s ELSE 0 END,
         a.first_number + %(count)s, a.first_number, jsonb_build_array(a.pattern), 1 FROM asked a
  ON CONFLICT (key, entity_id, period) DO UPDATE SET
    next_number = CASE WHEN (SELECT is_gapless FROM asked) THEN s.next_number
                       ELSE greatest(s.next_number, (SELECT first_number FROM asked)) END + %(count)s,
    patterns = CASE WHEN s.patterns @> excluded.patterns THEN s.patterns ELSE s.patterns || excluded.patterns END
  RETURNING next_number - %(count)s AS first)
SELECT t.first, a.pattern, a.code FROM taken t, asked a
"""


def series(key: str, pattern: str, *, model: str = "", gapless_by_law: bool = False) -> str:
    """Declare a series: `series("sales.order", "SO-{year}-{n:05}")`; without {year} it never starts anew. `model` numbers its rows,
    when its label is not the key; what the law wants without gaps, nobody can set otherwise."""
    read_pattern(pattern)
    SERIES[key] = Series(key, pattern, model or key, gapless_by_law)
    return key


def next_numbers(key: str, count: int = 1, *, on: date, entity: Entity | None = None, entity_id: int | None = None) -> list[str]:
    """`count` consecutive numbers of a legal entity's series, the default one's when none is said; gapless even when transactions fail."""
    values = {
        "key": key, "pattern": SERIES[key].pattern, "entity": entity.pk if entity is not None else entity_id, "count": count,
        "year": on.year, "month": on.year * 100 + on.month,
    }
    with connections["default"].cursor() as cursor:
        cursor.execute(_TAKE, values)
        first, pattern, code = cursor.fetchone()
    made = read_pattern(pattern)
    return [made.number(first + step, on, code) for step in range(count)]
