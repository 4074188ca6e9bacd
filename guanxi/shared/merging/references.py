"""Whatever refers to a kind of record, found in the models: relations, and columns that name any record by label and id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from guanxi.kernel.database.router import GLOBAL_APPS

PARTY = "parties.party"
PARTY_COLUMN = "party_id"
"""Packages below the parties keep them by id."""


@dataclass(frozen=True)
class Reference:
    """One column; `label_column` names the kind of record beside it, where that may be any."""

    model: Any
    column: str
    name: str
    label_column: str = ""

    @property
    def is_ledger(self) -> bool:
        return bool(getattr(self.model, "append_only", False))

    @property
    def has_version(self) -> bool:
        return not self.is_ledger and any(field.name == "version" for field in self.model._meta.concrete_fields)

    def rows(self, label: str, pk: int) -> Any:
        """Those that refer to this record."""
        return self.model._base_manager.filter(**{self.column: pk}, **({self.label_column: label} if self.label_column else {})).order_by()


@cache
def references_to(model: Any) -> tuple[Reference, ...]:
    """Every column that may refer to a record of the model; what a log says of it stays said."""
    found = []
    for other in apps.get_models(include_auto_created=True):
        if other._meta.app_label in GLOBAL_APPS or not other._meta.managed or getattr(other, "keeps_references", False):
            continue
        columns: dict[str, Any] = {str(field.column): field for field in other._meta.concrete_fields}
        for name, field in columns.items():
            if field.is_relation:
                if field.related_model is model and field.db_constraint:
                    found.append(Reference(other, name, field.name))
            elif isinstance(field, models.BigIntegerField) and name.endswith("_id"):
                label = f"{name.removesuffix('_id')}_model"
                if label in columns:
                    found.append(Reference(other, name, name, label))
                elif name == PARTY_COLUMN and model._meta.label_lower == PARTY:
                    found.append(Reference(other, name, name))
    return tuple(sorted(found, key=lambda one: (one.model._meta.label_lower, one.column)))


@dataclass(frozen=True)
class Unique:
    """What may stand only once: with these other columns, where the condition holds; `flag` is the one that makes it hold."""

    others: tuple[str, ...]
    condition: Q | None = None
    flag: str = ""


def unique_with(reference: Reference) -> Iterator[Unique]:
    """The rules by which two rows cannot refer to the same record."""
    meta = reference.model._meta
    if meta.get_field(reference.name).unique:
        yield Unique(())
    for together in meta.unique_together:
        if reference.name in together:
            yield Unique(tuple(name for name in together if name != reference.name))
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and reference.name in constraint.fields:
            others = tuple(name for name in constraint.fields if name not in (reference.name, reference.label_column))
            yield Unique(others, constraint.condition, _flag(constraint.condition))


def _flag(condition: Q | None) -> str:
    """`is_main` of Q(is_main=True)."""
    children = list(condition.children) if condition is not None and not condition.negated else []
    return str(children[0][0]) if len(children) == 1 and isinstance(children[0], tuple) and children[0][1] is True else ""


def never_equal(reference: Reference) -> Iterator[str]:
    """Columns that a rule of the database keeps different from this one: the other end of a relation, the record's own id."""
    for constraint in reference.model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            for name, other in _unequal(constraint.condition):
                if reference.name in (name, other):
                    yield other if name == reference.name else name


def _unequal(condition: Any) -> Iterator[tuple[str, str]]:
    for child in condition.children:
        if isinstance(child, Q):
            yield from _unequal(child)
        elif condition.negated and isinstance(child[1], F):
            yield child[0], child[1].name  # type: ignore[attr-defined]
