"""Counters in one unlogged table of the global schema: one statement counts, however many processes ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from django.db import connections

# A window begins with its first request, so that nobody is let through twice at the turn of a minute by the clock.
_TAKE = """
INSERT INTO guanxi.cache AS c (cache_key, value, expires)
SELECT b.key, '1', clock_timestamp() + make_interval(secs => b.seconds) FROM unnest(%s::text[], %s::int[]) AS b(key, seconds)
ON CONFLICT (cache_key) DO UPDATE SET
  value = CASE WHEN c.expires <= clock_timestamp() THEN '1' ELSE (c.value::bigint + 1)::text END,
  expires = CASE WHEN c.expires <= clock_timestamp() THEN excluded.expires ELSE c.expires END
RETURNING c.cache_key, c.value::bigint, extract(epoch FROM c.expires - clock_timestamp())::float
"""


@dataclass(frozen=True)
class Limit:
    """So many times in so many seconds."""

    name: str
    quota: int
    seconds: int = 60

    @property
    def policy(self) -> str:
        """As in the header RateLimit-Policy."""
        return f'"{self.name}";q={self.quota};w={self.seconds}'


@dataclass(frozen=True)
class Taken:
    """Where one counter stands after this time."""

    limit: Limit
    used: int
    seconds_left: float

    @property
    def is_over(self) -> bool:
        return self.used > self.limit.quota

    @property
    def wait(self) -> int:
        """Whole seconds until counting begins anew."""
        return max(1, ceil(self.seconds_left))

    @property
    def state(self) -> str:
        """As in the header RateLimit."""
        return f'"{self.limit.name}";r={max(0, self.limit.quota - self.used)};t={self.wait}'


def take(asked: Sequence[tuple[Limit, str]]) -> list[Taken]:
    """Count once for each (limit, whose); outside every account set, in a statement that is committed by itself."""
    limits = {f"limit:{limit.name}:{whose}": limit for limit, whose in asked if limit.quota}
    if not limits:
        return []
    # In one order always, or two requests would wait for each other.
    keys = sorted(limits)
    with connections["default"].cursor() as cursor:
        cursor.execute(_TAKE, [keys, [limits[key].seconds for key in keys]])
        return [Taken(limits[key], used, left) for key, used, left in cursor.fetchall()]
