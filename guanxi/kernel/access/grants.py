"""Rights as written in roles, and their union for a member."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

VERBS = ("view", "add", "change", "delete")
EVERYTHING = "*"


class BadGrant(ValueError):
    """A right that cannot be read; the message names the word."""


@lru_cache(4096)
def parse_grant(text: str) -> dict[str, frozenset[str]]:
    """`view:team add change:own` by verb; for an operation its scope alone, under "do"."""
    granted: dict[str, frozenset[str]] = {}
    for word in text.split():
        verb, _, scope = word.partition(":")
        if verb in VERBS:
            granted[verb] = granted.get(verb, frozenset()) | {scope or "company"}
        elif not scope:
            granted["do"] = granted.get("do", frozenset()) | {verb}
        else:
            raise BadGrant(word)
    return granted


@dataclass(frozen=True)
class Rights:
    """All rights of one member: {name: {verb: scopes}} and the field rights."""

    granted: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    sees: frozenset[str] = frozenset()

    def scopes(self, name: str, verb: str) -> frozenset[str]:
        """Scopes in which `verb` ("do" for operations) may be used on `name`; empty: not at all."""
        everything = self.granted.get(EVERYTHING)
        found = self.granted.get(name, {}).get(verb, frozenset())
        if everything:
            found = found | everything.get(verb, frozenset())
        return found

    def sees_right(self, right: str | None) -> bool:
        """`see_margin`; of several divided by | one is enough (`role:3|role:7`: who holds one of these roles)."""
        if right is None or right in self.sees or EVERYTHING in self.sees:
            return True
        return "|" in right and not self.sees.isdisjoint(right.split("|"))


def union(roles: Iterable[tuple[Mapping[str, str], Iterable[str]]]) -> Rights:
    """The rights of all `roles`, each given as (grants, field rights): the widest of each counts."""
    granted: dict[str, dict[str, frozenset[str]]] = {}
    sees: set[str] = set()
    for grants, role_sees in roles:
        sees |= set(role_sees)
        for name, text in grants.items():
            mine = granted.setdefault(name, {})
            for verb, scopes in parse_grant(text).items():
                mine[verb] = mine.get(verb, frozenset()) | scopes
    return Rights(granted, frozenset(sees))


def covers(mine: Rights, theirs: Rights) -> bool:
    """Whether all that `theirs` allows is allowed by `mine`, in the whole company or in a scope of the same name."""
    for name, verbs in theirs.granted.items():
        for verb, scopes in verbs.items():
            held = mine.scopes(name, verb)
            if "company" not in held and not scopes <= held:
                return False
    return EVERYTHING in mine.sees or theirs.sees <= mine.sees


PERSONAL = ("access", "members", "api", "notices")


def is_personal(name: str) -> bool:
    """Whether a right concerns people and rights themselves: these nobody uses in another's place."""
    return name.partition(".")[0] in PERSONAL


ALL_RIGHTS = Rights({EVERYTHING: {verb: frozenset({"company"}) for verb in (*VERBS, "do")}}, frozenset({EVERYTHING}))
