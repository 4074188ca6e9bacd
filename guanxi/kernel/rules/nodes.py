"""The tree of a rule: literals, names, and calls of functions."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.kernel.rules.functions import Function
from guanxi.kernel.rules.kinds import Kind, Value

TODAY = "today()"


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value
    kind: Kind
    position: int
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    kind: Kind
    position: int
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Call:
    function: Function
    arguments: tuple[Node, ...]
    position: int
    depth: int

    @property
    def kind(self) -> Kind:
        return self.function.gives


Node = Literal | Name | Call
