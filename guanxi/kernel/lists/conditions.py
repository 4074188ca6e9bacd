"""Conditions within conditions, as they stand in the address: `where=any(status:draft;all(total:100..;owner:me))`.

A test is `column:filter`, the filter as in `f.column=filter`; a group is `all(…)`, `any(…)` or `none(…)`; `with(sales.order.customer;…)` and
`without(…)` ask for rows of another kind that refer to this one. Of `; ( ) ~` in a filter each is preceded by `~`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from guanxi.kernel.lists.filters import BadFilter

GROUPS, KIN = ("all", "any", "none"), ("with", "without")
DEEPEST, MOST = 5, 40
_SPECIAL = re.compile(r"[;()~]")
_WORD = re.compile(r"[a-z_][a-z0-9_.]*")


@dataclass(frozen=True)
class Term:
    name: str
    raw: str


@dataclass(frozen=True)
class Group:
    mode: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Kin:
    """Rows of another kind for which all parts hold: there is one, or there is none."""

    mode: str
    path: str
    """Model and column that refers to this row: `sales.order.customer`."""
    parts: tuple[Node, ...]


Node = Term | Group | Kin


class Reader:
    """One text from its start to its end; BadFilter says where it cannot be read."""

    def __init__(self, text: str):
        self.text, self.at, self.tests = text, 0, 0

    def whole(self) -> Node:
        found = self.node(1)
        if self.at != len(self.text):
            raise self.bad()
        return found

    def bad(self) -> BadFilter:
        return BadFilter(_("These conditions cannot be read from “%(rest)s” on.") % {"rest": self.text[self.at : self.at + 30]})

    def word(self) -> str:
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise self.bad()
        self.at = found.end()
        return found[0]

    def take(self, sign: str) -> bool:
        if self.text[self.at : self.at + 1] != sign:
            return False
        self.at += 1
        return True

    def node(self, depth: int) -> Node:
        self.tests += 1
        if depth > DEEPEST or self.tests > MOST:
            raise BadFilter(_("At most %(n)s conditions, %(deep)s deep.") % {"n": MOST, "deep": DEEPEST})
        name = self.word()
        if self.take(":"):
            return Term(name, self.wanted())
        if name not in (*GROUPS, *KIN) or not self.take("("):
            raise self.bad()
        path = self.word() if name in KIN else ""
        if path and self.text[self.at : self.at + 1] != ")" and not self.take(";"):
            raise self.bad()
        parts = tuple(self.parts(depth))
        if not self.take(")"):
            raise self.bad()
        return Kin(name, path, parts) if path else Group(name, parts)

    def parts(self, depth: int) -> Iterator[Node]:
        while self.at < len(self.text) and self.text[self.at] != ")":
            yield self.node(depth + 1)
            if not self.take(";"):
                return

    def wanted(self) -> str:
        letters = []
        while self.at < len(self.text) and self.text[self.at] not in ";()":
            self.at += self.text[self.at] == "~"
            letters.append(self.text[self.at : self.at + 1])
            self.at += 1
        return "".join(letters)


def read(text: str) -> Node:
    """The conditions in a text; BadFilter when it is none."""
    return Reader(text).whole()


def written(node: Node) -> str:
    """The text of conditions, such that `read(written(node)) == node`."""
    if isinstance(node, Term):
        return f"{node.name}:{_SPECIAL.sub(lambda sign: '~' + sign[0], node.raw)}"
    inner = [written(part) for part in node.parts]
    return f"{node.mode}({';'.join([node.path, *inner] if isinstance(node, Kin) else inner)})"


def pruned(node: Node, known: Callable[[str], bool]) -> Node | None:
    """Without the tests of columns that are not known; of rows of other kinds it is asked when they are looked for."""
    if isinstance(node, Term):
        return node if known(node.name.partition("__")[0]) else None
    if isinstance(node, Kin):
        return node
    parts = tuple(kept for part in node.parts if (kept := pruned(part, known)) is not None)
    return replace(node, parts=parts) if parts else None
