"""Columns as JSON Schema (2020-12, the dialect of OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column

Schema = dict[str, Any]
FIGURE = r"^-?\d+(\.\d+)?$"
REFERENCE: Schema = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "code": {"type": "string"}, "title": {"type": "string"}},
    "required": ["id", "title"],
}
_TEXTS: dict[str, Schema] = {
    "email": {"type": "string", "format": "email"}, "url": {"type": "string", "format": "uri"},
    "date": {"type": "string", "format": "date"}, "moment": {"type": "string", "format": "date-time"},
}
_LANGUAGES: Schema = {"type": "object", "additionalProperties": {"type": "string"}}


def output_schema(column: Column) -> Schema:
    """What a value looks like in answers."""
    return {"description": described(column), **_nullable(_output(column))}


def _output(column: Column) -> Schema:
    if column.kind in ("email", "url"):
        # Nothing may stand there, which is neither.
        return {"type": "string"}
    if column.kind == "reference":
        one: Schema = {"$ref": "#/components/schemas/Reference"}
        return {"type": "array", "items": one} if column.many else one
    if column.kind == "integer":
        return {"type": "integer"}
    if column.numeric:
        return {"type": "string", "pattern": FIGURE}
    if column.kind == "boolean":
        return {"type": "boolean"}
    if column.kind == "translated":
        return dict(_LANGUAGES)
    if column.kind in ("choice", "status"):
        codes = dict.fromkeys([*(str(code) for code, _label in column.choices), *([] if column.required else [""])])
        return {"type": "string", "enum": list(codes)} if column.choices else {"type": "string"}
    if column.kind == "choices":
        return {"type": "array", "items": {"type": "string", "enum": [str(code) for code, _label in column.choices]}}
    return dict(_TEXTS.get(column.kind, {} if column.kind == "json" else {"type": "string"}))


def input_schema(column: Column) -> Schema:
    """What may be sent: figures as texts or numbers, references as id or business key."""
    return {"description": described(column), **(_input(column) if column.required else _nullable(_input(column)))}


def _input(column: Column) -> Schema:
    if column.kind == "reference":
        one: Schema = {"anyOf": [{"type": "integer"}, {"type": "string"}, {"$ref": "#/components/schemas/Reference"}]}
        return {"type": "array", "items": one} if column.many else one
    if column.kind == "lines":
        return {"type": "array", "items": object_schema(column.lines)}
    if column.numeric:
        return {"anyOf": [{"type": "string"}, {"type": "integer" if column.kind == "integer" else "number"}]}
    if column.kind == "translated":
        return {"anyOf": [{"type": "string"}, dict(_LANGUAGES)]}
    if column.kind == "secret":
        return {"type": "string", "format": "password", "writeOnly": True}
    found = dict(_TEXTS[column.kind]) if column.kind in ("email", "url") else _output(column)
    if column.max_length:
        found["maxLength"] = column.max_length
    return found


def object_schema(columns: Iterable[Column]) -> Schema:
    columns = list(columns)
    found: Schema = {
        "type": "object", "additionalProperties": False, "properties": {c.name: input_schema(c) for c in columns},
    }
    required = [c.name for c in columns if c.required]
    return {**found, "required": required} if required else found


def _nullable(schema: Schema) -> Schema:
    if not schema:
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def described(column: Column) -> str:
    """Label, meaning of the kind, choices: in the reader's language."""
    words: list[str] = [str(column.label)]
    kinds: Mapping[str, str] = {
        "money": _("amount of money"), "price": _("price of one unit"), "quantity": _("quantity"), "percent": _("fraction: 0.13 is 13 %"),
        "moment": _("UTC"), "translated": _("by language; a plain text is taken in the language of the request"),
    }
    if column.kind in kinds:
        words.append(kinds[column.kind])
    if column.kind in ("choice", "choices", "status"):
        words.append(", ".join(f"{code} = {label}" for code, label in column.choices if code))
    if column.relation is not None:
        words.append(str(column.relation._meta.verbose_name))  # type: ignore[attr-defined]
    if column.help:
        words.append(str(column.help))
    return "; ".join(words)
