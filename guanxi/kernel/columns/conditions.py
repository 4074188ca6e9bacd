"""Conditions that people write over the columns of a record, in the rules language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from guanxi.kernel.columns.column import Column
from guanxi.kernel.records.record import Record
from guanxi.kernel.rules import Kind, Rule, RuleError, parse

KINDS = {
    "boolean": Kind.boolean, "date": Kind.date, "integer": Kind.number, "decimal": Kind.number, "money": Kind.number,
    "price": Kind.number, "quantity": Kind.number, "percent": Kind.number, "text": Kind.text, "longtext": Kind.text,
    "choice": Kind.text, "status": Kind.text, "reference": Kind.text, "email": Kind.text, "phone": Kind.text, "url": Kind.text,
}


def names_of(columns: Mapping[str, Column]) -> dict[str, Kind]:
    """The names that a condition over these columns may use."""
    return {name: KINDS[column.kind] for name, column in columns.items() if column.kind in KINDS and not column.many}


def operand(column: Column, actor: Any) -> Any:
    """The SQL of a column in a rule: of a reference its business key."""
    return (column.code_sql(actor) or column.sql(actor)) if column.kind == "reference" else column.sql(actor)


def read_condition(text: str, columns: Mapping[str, Column], otherwise: str) -> Rule:
    """The condition as a rule; RuleError when it cannot be read, or says no yes or no (then with the words `otherwise`)."""
    rule = parse(text, names_of(columns))
    if rule.kind is not Kind.boolean:
        raise RuleError(otherwise)
    return rule


def facts_for(rule: Rule, value_of: Callable[[str], Any]) -> dict[str, Any]:
    """What the rule reads, by name; references by their business key."""
    found = {name: value_of(name) for name in sorted(rule.names)}
    return {name: str(getattr(value, value.business_key)) if isinstance(value, Record) else value for name, value in found.items()}


def unknown_in(facts: Mapping[str, Any], row: Record) -> list[str]:
    """In words, what a rule would have looked at and nobody can know, such as a margin without an exchange rate."""
    return list(dict.fromkeys(words for name, value in facts.items() if value is None and (words := row.why_unknown(name))))


def is_met(condition: Rule, facts: Mapping[str, Any], row: Record, today: date) -> bool:
    """Whether somebody has to look at it: the condition holds, or what it reads cannot be known."""
    found = condition.evaluate(facts, today=today)
    return found is True or found is None and bool(unknown_in(facts, row))
