"""How a number is written: `SO-{year}-{n:05}`, read into parts, so that nothing a person types is run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from string import digits

from django.utils.translation import gettext as _

LONGEST = 60
MOST_DIGITS = 12
_PART = re.compile(r"\{(year|yy|month|entity)\}|\{n(?::0?([1-9][0-9]?))?\}|([^{}]+)")
_LITERAL = re.compile(r"[\w\-/.#]+")
_WIDTHS = {"year": 4, "yy": 2, "month": 2}


class BadPattern(ValueError):
    """The pattern cannot be used; the message says what to write."""


@dataclass(frozen=True)
class Pattern:
    """`parts` are (name, text): ("", "SO-"), ("year", ""), ("n", "")."""

    text: str
    parts: tuple[tuple[str, str], ...]
    width: int
    """Digits of the running number at least; more when it outgrows them."""

    @property
    def names(self) -> set[str]:
        return {name for name, _text in self.parts if name}

    @property
    def restarts(self) -> str:
        """When the running number starts anew: "month", "year", or "" for never."""
        if "month" in self.names:
            return "month"
        return "year" if self.names & {"year", "yy"} else ""

    def period(self, day: date) -> int:
        """The period a day lies in, as the counters know it: 202611, 2026 or 0."""
        return {"month": day.year * 100 + day.month, "year": day.year, "": 0}[self.restarts]

    def number(self, n: int, day: date, entity: str = "") -> str:
        """The n-th number of the day's period."""
        made = []
        for name, text in self.parts:
            if name == "n":
                made.append(str(n).zfill(self.width))
            elif name == "year":
                made.append(str(day.year))
            elif name in ("yy", "month"):
                made.append(f"{day.year % 100 if name == 'yy' else day.month:02}")
            else:
                made.append(entity if name == "entity" else text)
        return "".join(made)

    def matching(self, entity: str = "") -> re.Pattern[str]:
        """What finds year, month and running number in a number that is there."""
        made, seen = [], set()
        for name, text in self.parts:
            if name == "n":
                made.append(f"(?P<n>[0-9]{{{self.width},}})")
            elif name in _WIDTHS:
                made.append(f"(?P<{name}>[0-9]{{{_WIDTHS[name]}}})" if name not in seen else f"[0-9]{{{_WIDTHS[name]}}}")
                seen.add(name)
            else:
                made.append(re.escape(entity if name == "entity" else text))
        return re.compile("".join(made))

    def shapes(self, entity: str = "") -> list[tuple[frozenset[str], bool]]:
        """Character by character what a number looks like: (possible characters, whether they may be repeated)."""
        numeral = frozenset(digits)
        made: list[tuple[frozenset[str], bool]] = []
        for name, text in self.parts:
            if name == "n":
                made += [(numeral, False)] * (self.width - 1) + [(numeral, True)]
            elif name in _WIDTHS:
                made += [(numeral, False)] * _WIDTHS[name]
            else:
                made += [(frozenset(sign), False) for sign in (entity if name == "entity" else text)]
        return made


def day_of(period: int) -> date:
    """A day within a counter's period."""
    if period == 0:
        return date(2000, 1, 1)
    return date(period // 100, period % 100, 1) if period > 9999 else date(period, 1, 1)


@lru_cache(1024)
def read_pattern(text: str) -> Pattern:
    """The pattern, or BadPattern with what is wrong."""
    if not text or len(text) > LONGEST:
        raise BadPattern(_("A pattern has from 1 to %(max)s characters.") % {"max": LONGEST})
    parts: list[tuple[str, str]] = []
    at, width = 0, 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None:
            raise BadPattern(_("What stands in { } is one of: {n:05}, {year}, {yy}, {month}, {entity}."))
        name, wanted, literal = found.groups()
        if literal is not None and not _LITERAL.fullmatch(literal):
            raise BadPattern(_("Beside { } a pattern holds letters, digits and - / . # _ only."))
        if name is None and literal is None:
            if width:
                raise BadPattern(_("The running number {n:05} stands in a pattern once."))
            width = int(wanted or 1)
        parts.append((name or ("n" if literal is None else ""), literal or ""))
        at = found.end()
    made = Pattern(text, tuple(parts), width)
    if not width or width > MOST_DIGITS:
        raise BadPattern(_("A pattern needs the running number, such as {n:05}, of at most %(max)s digits.") % {"max": MOST_DIGITS})
    if "month" in made.names and not made.names & {"year", "yy"}:
        raise BadPattern(_("With {month} but no year the same numbers would come again every year: add {year} or {yy}."))
    return made


def may_meet(one: Iterable[tuple[frozenset[str], bool]], other: Iterable[tuple[frozenset[str], bool]]) -> bool:
    """Whether one text could have both shapes."""
    first, second = list(one), list(other)
    reached = {(0, 0)}
    waiting = [(0, 0)]
    while waiting:
        a, b = waiting.pop()
        if a == len(first) and b == len(second):
            return True
        if a == len(first) or b == len(second) or not first[a][0] & second[b][0]:
            continue
        for step in _steps(a, first[a][1], b, second[b][1]):
            if step not in reached:
                reached.add(step)
                waiting.append(step)
    return False


def _steps(a: int, a_again: bool, b: int, b_again: bool) -> list[tuple[int, int]]:
    """After a character that both can take: each goes on, or takes another of its kind."""
    return [(next_a, next_b) for next_a in ([a + 1, a] if a_again else [a + 1]) for next_b in ([b + 1, b] if b_again else [b + 1])]
