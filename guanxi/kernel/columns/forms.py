"""What may be entered for a model: its columns, its lines, and how a module completes what was entered."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from guanxi.kernel.columns.added import added_columns
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.registry import columns_of, declared_columns, has_field
from guanxi.kernel.columns.validate import Draft

Complete = Callable[[list[Draft], object], None]


@dataclass(frozen=True)
class Advice:
    """What stands under a field while it is being filled in: sentences, and words that may be used there with their meaning."""

    lines: tuple[str, ...] = ()
    terms: tuple[tuple[str, Any], ...] = ()
    is_wrong: bool = False


@dataclass(frozen=True)
class LineForm:
    """Lines of a document: their model, the columns entered, and their relation to the document."""

    model: Any
    fields: tuple[str, ...]
    parent: str
    label: object = ""
    required: bool = True

    @cached_property
    def columns(self) -> dict[str, Column]:
        own = columns_of(self.model)
        return {name: own[name] for name in self.fields}


@dataclass(frozen=True)
class Form:
    """All that can be written to a model by page, API and import."""

    model: Any
    fields: tuple[str, ...]
    lines: LineForm | None = None
    complete: Complete | None = None
    without: frozenset[str] = frozenset()
    """Names of added columns that are left out."""

    @cached_property
    def declared(self) -> dict[str, Column]:
        """What the program itself has of it."""
        own = declared_columns(self.model)
        return {name: own[name] for name in self.fields if own[name].writable}

    @property
    def columns(self) -> dict[str, Column]:
        """That, and what the account set added."""
        added = {name: column for name, column in added_columns(self.model).items() if column.writable and name not in self.without}
        return {**self.declared, **added} if added else self.declared


_FORMS: dict[str, Form] = {}


def register_form(form: Form) -> None:
    _FORMS[form.model._meta.label_lower] = form


def form_of(model) -> Form:
    """The registered form, or one over every writable column."""
    label = model._meta.label_lower
    if label not in _FORMS:
        _FORMS[label] = Form(model, tuple(name for name, column in declared_columns(model).items() if column.writable))
    return _FORMS[label]


def usual_of(model, actor) -> dict[str, int]:
    """Who makes a row owns it, and it belongs to the entity at hand, unless said otherwise; a visitor owns nothing."""
    usual = {"owner": None if actor.kind == "visitor" else actor.member_id, "entity": actor.entity_id}
    return {f"{name}_id": value for name, value in usual.items() if value is not None and has_field(model, name)}
