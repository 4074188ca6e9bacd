"""The parameters of an operation as columns: one signature is the form, the REST body and the documentation."""

import dataclasses
import inspect
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from guanxi.kernel.columns.column import Column
from guanxi.kernel.records.record import Record

_PLAIN = {str: "text", int: "integer", Decimal: "decimal", date: "date", datetime: "moment", bool: "boolean"}


class BadSignature(TypeError):
    """An operation's parameter has a type that no form can ask for."""


def parameters_of(function: Callable, labels: Mapping[str, Any]) -> list[Column]:
    """Columns for the keyword parameters, in order; the first (the target) and `actor` are left out."""
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())
    return [
        _column(p.name, hints[p.name], p.default, labels)
        for p in parameters
        if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name != "actor"
    ]


def _column(name: str, hint: Any, default: Any, labels: Mapping[str, Any]) -> Column:
    inner, optional = _without_none(hint)
    required = default is inspect.Parameter.empty and not optional
    plain = {
        "name": name, "label": labels.get(name, name.replace("_", " ").capitalize()), "writable": True, "required": required,
        "source": "parameter", "sortable": False, "filterable": False,
        "default": None if default in (inspect.Parameter.empty, None) else default,
    }
    if get_origin(inner) is Annotated:
        kind, said = get_args(inner)[:2]
        if isinstance(kind, type) and issubclass(kind, Record):
            return Column(kind="reference", relation=kind, only=said, **plain)
        return Column(kind=said, **plain)
    if get_origin(inner) is Literal:
        choices = tuple((value, labels.get(value, value)) for value in get_args(inner))
        return Column(kind="choice", choices=choices, **plain)
    if get_origin(inner) is list:
        item = get_args(inner)[0]
        if isinstance(item, type) and issubclass(item, Record):
            return Column(kind="reference", relation=item, many=True, **plain)
        return Column(kind="lines", lines=_line_columns(item, labels), build=item, **plain)
    if isinstance(inner, type) and issubclass(inner, Record):
        return Column(kind="reference", relation=inner, **plain)
    if inner in _PLAIN:
        return Column(kind=_PLAIN[inner], **plain)
    raise BadSignature(f"parameter {name}: {hint!r} cannot be entered in a form")


def _line_columns(item: type, labels: Mapping[str, Any]) -> tuple[Column, ...]:
    if not dataclasses.is_dataclass(item):
        raise BadSignature(f"{item!r} is neither a record nor a dataclass")
    hints = get_type_hints(item, include_extras=True)
    return tuple(
        _column(f.name, hints[f.name], inspect.Parameter.empty if f.default is dataclasses.MISSING else f.default, labels)
        for f in dataclasses.fields(item)
    )


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [a for a in get_args(hint) if a is not type(None)]
        if len(rest) == 1:
            return rest[0], len(rest) < len(get_args(hint))
    return hint, False
