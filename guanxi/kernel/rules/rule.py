"""A rule that has been read: evaluated in Python, or in PostgreSQL, with one result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import DateField
from django.db.models import Value as Bound
from django.utils.translation import gettext as _

from guanxi.kernel.rules import sql
from guanxi.kernel.rules.errors import RuleError
from guanxi.kernel.rules.kinds import Kind, Value, label, value_of
from guanxi.kernel.rules.nodes import TODAY, Call, Literal, Name, Node
from guanxi.kernel.rules.parser import Parser


@dataclass(frozen=True)
class Rule:
    text: str
    root: Node = field(repr=False, compare=False)
    kinds: Mapping[str, Kind] = field(repr=False, compare=False)

    @property
    def kind(self) -> Kind:
        """The kind of its result."""
        return self.root.kind

    @property
    def names(self) -> tuple[str, ...]:
        """The names it reads, in their order; without today()."""
        return tuple(name for name in self.kinds if name != TODAY)

    @property
    def needs_today(self) -> bool:
        return TODAY in self.kinds

    def evaluate(self, values: Mapping[str, object], today: date | None = None) -> Value:
        """The result for `values`; each part of the rule is computed once. RuleError for a value of the wrong kind."""
        known = {name: value_of(name, kind, self._given(values, name, today)) for name, kind in self.kinds.items()}
        return _compute(self.root, known)

    def expression(self, columns: Mapping[str, Any], today: date | None = None) -> sql.Fragment:
        """The same as a Django expression over `columns`; everything the writer typed is a bound parameter."""
        known = {name: self._given(columns, name, today) for name in self.kinds}
        if TODAY in known:
            known[TODAY] = Bound(known[TODAY], output_field=DateField())
        return sql.expression(self.root, known)

    def _given(self, values: Mapping[str, Any], name: str, today: date | None) -> Any:
        if name == TODAY:
            if today is None:
                raise TypeError("The rule uses today(): the caller gives the day.")
            return today
        return values[name]


def parse(text: str, scope: Mapping[str, Kind | str], expect: Kind | str | None = None) -> Rule:
    """The rule of `text`, which may read the names in `scope`; RuleError, with a position, when it is not one."""
    root = Parser(text, {name: Kind(kind) for name, kind in scope.items()}).parse()
    if expect is not None and root.kind is not Kind(expect):
        raise RuleError(_("The rule gives %(kind)s, but %(expected)s is needed here.") % {"kind": label(root.kind), "expected": label(Kind(expect))})
    return Rule(text, root, {node.name: node.kind for node in _walk(root) if isinstance(node, Name)})


def _walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from _walk(argument)


def _compute(node: Node, values: Mapping[str, Value]) -> Value:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        return values[node.name]
    return node.function([_compute(argument, values) for argument in node.arguments])
