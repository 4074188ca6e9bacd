"""Formulas: rules over the other columns of the record, computed by the database, so that they sort and filter like any column."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.db.models import BigIntegerField, DecimalField, Func
from django.utils.translation import gettext as _

from guanxi.kernel.columns.added import AddedColumn
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.conditions import names_of, operand
from guanxi.kernel.columns.registry import declared_columns
from guanxi.kernel.rules import Kind, Rule, RuleError, parse
from guanxi.kernel.rules.tokens import tokens

KINDS = {Kind.text: "text", Kind.boolean: "boolean", Kind.date: "date"}
PLACES = {"integer": 0, "money": 4}
USUAL_PLACES = 6


class Rounded(Func):
    """A number to the places that its kind shows."""

    arity = 1

    def __init__(self, number: Any, kind: str) -> None:
        self.places = PLACES.get(kind, USUAL_PLACES)
        super().__init__(number, output_field=DecimalField(max_digits=60, decimal_places=self.places) if self.places else BigIntegerField())

    def as_sql(self, compiler: Any, connection: Any, *_templates: Any, **_context: Any) -> Any:
        number, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"round({number}, {self.places})", parameters


Formulas = Mapping[str, tuple[AddedColumn, str]]
Columns = dict[str, AddedColumn]


def with_formulas(model: Any, stored: Mapping[str, AddedColumn], formulas: Formulas) -> Columns:
    """The stored columns and those computed from them; a formula that cannot be read is left out."""
    found: Columns = dict(stored)
    for name in formulas:
        with suppress(RuleError):
            _add(model, name, formulas, found)
    return found


def check_formula(model: Any, column: AddedColumn, text: str, stored: Mapping[str, AddedColumn], formulas: Formulas) -> AddedColumn:
    """The column of a formula; RuleError when it cannot be read, is computed from itself, or cannot be computed at all."""
    found: Columns = {name: one for name, one in stored.items() if name != column.name}
    _add(model, column.name, {**formulas, column.name: (column, text)}, found)
    return found[column.name]


def _add(model: Any, name: str, formulas: Formulas, found: Columns, path: tuple[str, ...] = ()) -> None:
    """Make the column of one formula, after those of the formulas that it reads."""
    if name in found:
        return
    column, text = formulas[name]
    if name in path:
        raise RuleError(_("“%(name)s” would be computed from itself: %(path)s.") % {"name": name, "path": " → ".join((*path, name))})
    read = {token.text.casefold() for token in tokens(text) if token.sort == "name"}
    for other in formulas:
        if other in read:
            _add(model, other, formulas, found, (*path, name))
    known = {**declared_columns(model), **found}
    found[name] = formula_column(column, parse(text, names_of(known)), known)


def formula_column(column: AddedColumn, rule: Rule, known: Mapping[str, Column]) -> AddedColumn:
    """The column of a rule over `known` ones: of the kind that the rule gives, with the rights of all that it reads."""
    kind = KINDS.get(rule.kind) or column.shown_as or "decimal"
    read = [known[name] for name in rule.names]

    def expression(actor: Any) -> Any:
        made = rule.expression({one.name: operand(one, actor) for one in read}, actor.today if rule.needs_today else None)
        return Rounded(made, kind) if rule.kind is Kind.number else made

    rights = {right for one in read for right in (one.right, *one.more_rights) if right}
    timeless = not rule.needs_today and all(one.source != "fact" and getattr(one, "is_timeless", True) for one in read)
    sortable = all(one.sortable for one in read)
    return replace(
        column, kind=kind, expression=expression, more_rights=tuple(sorted(rights)), sortable=sortable, filterable=sortable,
        costly=any(one.costly for one in read), is_timeless=timeless, currency=column.currency if kind == "money" else None, writable=False,
    )
