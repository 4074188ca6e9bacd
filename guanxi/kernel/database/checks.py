"""Proofs over one account set: modules register them, `guanxi check` runs them as the reading role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

MOST_PROBLEMS = 20


class Proof(NamedTuple):
    """What was proved, with figures, and what contradicts it; no problems: it holds."""

    sentence: str
    problems: list[str]


class LedgerCheck(NamedTuple):
    label: Any
    prove: Callable[[Any], list[Proof]]


LEDGER_CHECKS: list[LedgerCheck] = []


def ledger_check(label: Any) -> Callable[[Callable[[Any], list[Proof]]], Callable[[Any], list[Proof]]]:
    """Register a function (cursor) → proofs. It reads by plain SQL; the search path leads to the set, nothing may be written."""

    def declare(prove: Callable[[Any], list[Proof]]) -> Callable[[Any], list[Proof]]:
        LEDGER_CHECKS.append(LedgerCheck(label, prove))
        return prove

    return declare


def run_ledger_checks(cursor: Any) -> Iterator[tuple[str, list[Proof]]]:
    """Every registered check on the set that the cursor's search path leads to."""
    for check in LEDGER_CHECKS:
        yield str(check.label), check.prove(cursor)


def rows(cursor: Any, statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    cursor.execute(statement, parameters)
    return list(cursor.fetchall())
