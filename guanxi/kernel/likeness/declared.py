"""What makes two records of a kind alike, said once by its module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.core.checks import Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, OuterRef, Q
from django.db.models.expressions import Combinable

from guanxi.kernel.records.record import Record

DECLARED: dict[str, Alike] = {}
KINDS = ("names", "people", "phones", "emails", "websites", "codes", "addresses")


@dataclass(frozen=True)
class Alike:
    """Paths to what is compared: columns of the record, or of rows that belong to it (`phones__number`)."""

    model: type[Record]
    names: tuple[str, ...] = ()
    """Of companies and things."""
    people: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    within: str = ""
    """A relation: people of the same name at the same company are the same."""
    apart: tuple[str, ...] = ()
    """Columns in which the same one would not differ, where both have a value: a credit code, a specification."""
    only: Q = Q()
    """The rows that count."""
    beside: tuple[str, ...] = ()
    """Other kinds among which a new one is looked for, by label."""

    @property
    def label(self) -> str:
        return self.model.label()

    @property
    def typed(self) -> tuple[str, ...]:
        """The record's own columns that a form sends while one types."""
        own = [name for kind in KINDS for name in getattr(self, kind) if "__" not in name]
        return tuple(dict.fromkeys([*own, *self.apart, *([self.within] if self.within else [])]))

    def paths(self) -> dict[str, list[str]]:
        """By kind the paths that everybody may read: of what stands under a field right nothing is compared."""
        return {kind: [path for path in getattr(self, kind) if _is_open(self.model, path)] for kind in KINDS}

    def expressions(self) -> dict[str, Combinable]:
        """SQL of each path; of rows that belong to the record, an array."""
        paths = [path for found in self.paths().values() for path in found] + [path for path in self.apart if _is_open(self.model, path)]
        return {path: _sql(self.model, path) for path in dict.fromkeys(paths)}


def alike(model: type[Record], **what: Any) -> None:
    """`alike(Party, names=("name",), phones=("phone", "phones__number"))`, in a module's screens."""
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in what.items()}
    found = Alike(model, **given)
    DECLARED[found.label] = found


def alike_of(model: Any) -> Alike | None:
    """What was declared for a model or label."""
    return DECLARED.get(model if isinstance(model, str) else model._meta.label_lower)


@cache
def parts_of(label: str) -> tuple[tuple[str, str], ...]:
    """(kind, relation to it) of records that are compared by what stands on rows of `label`."""
    found = []
    for declared in DECLARED.values():
        for head in {path.partition("__")[0] for kind in KINDS for path in getattr(declared, kind) if "__" in path}:
            field: Any = declared.model._meta.get_field(head)
            if field.related_model._meta.label_lower == label:
                found.append((declared.label, field.field.attname))
    return tuple(found)


def _sql(model: Any, path: str) -> Combinable:
    head, _mark, rest = path.partition("__")
    if not rest:
        return F(path)
    field = model._meta.get_field(head)
    rows = field.related_model._base_manager.filter(**{field.field.attname: OuterRef("pk")})
    return ArraySubquery(rows.order_by("pk").values(rest))


def _is_open(model: Any, path: str) -> bool:
    for name in path.split("__"):
        if any(name in names for names in model.restricted.values()):
            return False
        model = model._meta.get_field(name).related_model or model
    return True


@register("guanxi")
def check_alike(**_options: Any) -> list[Error]:
    """Every path leads somewhere, and every other kind is declared."""
    errors = []
    for declared in DECLARED.values():
        for path in [*(p for kind in KINDS for p in getattr(declared, kind)), *declared.apart, *filter(None, [declared.within])]:
            try:
                _is_open(declared.model, path)
            except FieldDoesNotExist:
                errors.append(Error(f"alike({declared.label}): {path!r} leads nowhere", id="guanxi.likeness"))
        errors += [
            Error(f"alike({declared.label}): {label!r} is not compared itself", id="guanxi.likeness")
            for label in declared.beside if label not in DECLARED or not apps.get_model(label)
        ]
    return errors
