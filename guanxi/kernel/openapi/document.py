"""The OpenAPI 3.1 description of one account set, as far as its reader's rights go."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import Operation
from guanxi.kernel.api.problems import json_answer
from guanxi.kernel.api.reading import visible_operations, within_key
from guanxi.kernel.api.routes import free_operations
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.registry import columns_of, has_field
from guanxi.kernel.openapi.schemas import REFERENCE, Schema, object_schema, output_schema
from guanxi.kernel.printing.declared import forms_of
from guanxi.kernel.printing.speech import LANGUAGES
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.kernel.webhooks.description import told_to

WRITES = ("400", "401", "403", "404", "409", "413", "415", "422", "503")
READS = ("400", "401", "403", "404", "503")
PARTS_OF_ROWS: list[Callable[[type[Screen], Actor], Schema]] = []
"""What packages above this one say of their addresses below a row, and the schemas they name."""
PART_SCHEMAS: dict[str, Schema] = {}


def description(actor: Actor, set_key: str) -> HttpResponse:
    return json_answer(document(actor, set_key))


def screens_for(actor: Actor) -> list[type[Screen]]:
    """The screens whose rows the actor may view, by path."""
    return [screen for _path, screen in sorted(SCREENS.items()) if actor.may("view", screen.model)]


def document(actor: Actor, set_key: str) -> Schema:
    """The whole description; every address named is one that `routes` serves."""
    paths: dict[str, Schema] = {}
    schemas: dict[str, Schema] = {"Reference": REFERENCE, "Error": _error_schema(), **PART_SCHEMAS}
    for screen in screens_for(actor):
        name = schema_name(screen)
        schemas[name] = record_schema(screen, actor)
        paths[f"/{screen.path}"] = _list_path(screen, name, actor)
        paths[f"/{screen.path}/{{id}}"] = _record_path(screen, name, actor)
        for describe in PARTS_OF_ROWS:
            paths |= describe(screen, actor)
        if has_field(screen.model, "archived_at") and actor.may("change", screen.model):
            for verb, words in (("archive", _("Archive")), ("restore", _("Restore"))):
                paths[f"/{screen.path}/{{id}}/{verb}"] = endpoint("post", screen, verb, words, None, named_schema(name), targeted=True)
        for form in forms_of(screen.model):
            if form.is_for(actor):
                paths.setdefault(f"/{screen.path}/{{id}}/print", _print_path(screen))
        for found in visible_operations(screen, actor):
            paths[f"/{screen.path}/{{id}}/{found.key}"] = _operation_path(screen, found, targeted=True)
        for found in free_operations(screen):
            if actor.may(found.name) and within_key(found, actor):
                paths[f"/{screen.path}/{found.key}"] = _operation_path(screen, found, targeted=False)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Guanxi · {set_key}", "version": _version(), "description": _intro()},
        "servers": [{"url": f"/api/{set_key}"}],
        "security": [{"key": []}],
        "paths": paths,
        **told_to(actor),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "gx_<set>_<secret>"}},
            "responses": {status: _error_response(status) for status in sorted({*WRITES, "428"})},
            "parameters": _shared_parameters(),
        },
    }


def _version() -> str:
    try:
        return version("guanxi")
    except PackageNotFoundError:
        return "0"


def _intro() -> str:
    return _(
        "Rows, operations and rules are those of the pages. Money, prices and quantities are exact texts. A reference is sent as the id "
        "(a number) or the business key (a text). Every write needs an Idempotency-Key; sent again with the same values it answers as "
        "the first time. Errors and labels come in the language of Accept-Language."
    )


def schema_name(screen: type[Screen]) -> str:
    return screen.path.replace("/", ".")


def record_schema(screen: type[Screen], actor: Actor) -> Schema:
    """What GET gives for one record."""
    properties: dict[str, Schema] = {"id": {"type": "integer"}, "version": {"type": "integer"}}
    properties |= {c.name: output_schema(c) for c in screen.available(actor).values() if c.name != "id"}
    if screen.lines:
        own = columns_of(screen.lines.model)
        shown = [own[n] for n in screen.lines.names if n in own and actor.sees(own[n])]
        line: dict[str, Schema] = {"id": {"type": "integer"}, "version": {"type": "integer"}}
        properties["lines"] = {
            "type": "array", "items": {"type": "object", "properties": line | {c.name: output_schema(c) for c in shown}},
        }
    properties["operations"] = {
        "type": "array",
        "items": {"type": "object", "properties": {"name": {"type": "string"}, "label": {"type": "string"}}},
        "description": _("What this key may do with the record now."),
    }
    return {"type": "object", "title": str(screen.singular()), "properties": properties}


def input_of(screen: type[Screen], actor: Actor, *, changing: bool = False) -> Schema:
    """What POST (or, with nothing required but the version, PATCH) takes."""
    form = form_of(screen.model)
    found = object_schema(c for c in form.columns.values() if actor.writes(c))
    if form.lines:
        line = object_schema(c for c in form.lines.columns.values() if actor.sees(c))
        if changing:
            identity = {"type": "integer", "description": _("the line that is changed; without it, a new one")}
            line["properties"] = {"id": identity, **line["properties"]}
            line.pop("required", None)
        found["properties"]["lines"] = {"type": "array", "items": line}
    if changing:
        found.pop("required", None)
        found["properties"]["version"] = {"type": "integer"}
    return found


def _list_path(screen: type[Screen], name: str, actor: Actor) -> Schema:
    filters = [
        {"name": f"f.{c.name}", "in": "query", "schema": {"type": "string"}, "description": f"{c.label} ({c.kind})"}
        for c in screen.available(actor).values() if c.filterable
    ]
    shared = [{"$ref": f"#/components/parameters/{p}"} for p in ("q", "sort", "page", "limit", "fields", "key", "total", "view")]
    rows = {
        "type": "object",
        "properties": {
            "rows": {"type": "array", "items": named_schema(name)}, "page": {"type": "integer"}, "limit": {"type": "integer"},
            "total": {"type": "integer"}, "total_is_exact": {"type": "boolean"},
        },
        "required": ["rows", "page", "limit"],
    }
    found: Schema = {"get": {**head_of(screen, "list", screen.plural()), "parameters": [*shared, *filters],
                             "responses": responses("200", rows, READS)}}
    if screen.may_create and actor.may("add", screen.model) and actor.may_write:
        one = input_of(screen, actor)
        many = {"type": "object", "additionalProperties": False, "required": ["rows"],
                "properties": {"rows": {"type": "array", "items": one, "minItems": 1, "maxItems": 1000}}}
        found |= endpoint("post", screen, "create", _("Create"), {"anyOf": [one, many]}, named_schema(name), status="201")
    return found


def _record_path(screen: type[Screen], name: str, actor: Actor) -> Schema:
    found: Schema = {
        "parameters": [ROW_ID],
        "get": {**head_of(screen, "read", screen.singular()), "parameters": [{"$ref": "#/components/parameters/fields"}],
                "responses": responses("200", named_schema(name), READS)},
    }
    if screen.may_edit and actor.may("change", screen.model):
        found |= endpoint("patch", screen, "change", _("Change"), input_of(screen, actor, changing=True), named_schema(name), more=("428",))
    if screen.may_edit and actor.may("delete", screen.model):
        found |= endpoint("delete", screen, "delete", _("Delete"), None, None, status="204")
    return found


def _print_path(screen: type[Screen]) -> Schema:
    forms = forms_of(screen.model)
    asked = {name: column for form in forms for name, column in form.parameters.items()}
    choices = {"form": [form.key for form in forms], "language": list(LANGUAGES)}
    parameters = [{"name": name, "in": "query", "schema": {"type": "string", "enum": values}} for name, values in choices.items()]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}, "description": str(column.label)} for name, column in asked.items()]
    answer = {"description": _("Done"), "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
    return {"parameters": [ROW_ID], "get": {**head_of(screen, "print", _("Print")), "parameters": parameters,
                                         "responses": {**responses("200", None, READS), "200": answer}}}


def _operation_path(screen: type[Screen], found: Operation, *, targeted: bool) -> Schema:
    done = {"type": "object", "properties": {
        "act": {"type": "integer"}, "model": {"type": "string"}, "path": {"type": ["string", "null"]}, "record": {"type": "object"}, "result": {}}}
    path = endpoint("post", screen, found.name, found.label, object_schema(found.parameters.values()), done, targeted=targeted)
    path["post"]["description"] = found.summary
    path["post"]["responses"]["202"] = _content(_("It waits for approval."), {"type": "object", "properties": {
        "act": {"type": "integer"}, "awaiting": {"type": "object"}}})
    return path


ROW_ID: Schema = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def endpoint(
    method: str, screen: type[Screen], operation_id: str, summary: Any, body: Schema | None, result: Schema | None, *,
    status: str = "200", targeted: bool = False, more: tuple[str, ...] = (), sent: str = "application/json",
) -> Schema:
    found: Schema = {
        **head_of(screen, operation_id, summary),
        "parameters": [{"$ref": "#/components/parameters/Idempotency-Key"}, {"$ref": "#/components/parameters/Prefer"}],
        "responses": responses(status, result, (*WRITES, *more)),
    }
    if body is not None:
        found["requestBody"] = {"required": bool(body.get("required")), "content": {sent: {"schema": body}}}
    return {**({"parameters": [ROW_ID]} if targeted else {}), method: found}


def head_of(screen: type[Screen], operation_id: str, summary: Any) -> Schema:
    return {"tags": [str(screen.plural())], "operationId": f"{schema_name(screen)}.{operation_id}", "summary": str(summary)}


def named_schema(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(text: str, schema: Schema) -> Schema:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def responses(status: str, schema: Schema | None, errors: tuple[str, ...]) -> Schema:
    done = _content(_("Done"), schema) if schema is not None else {"description": _("Done")}
    return {status: done} | {code: {"$ref": f"#/components/responses/{code}"} for code in errors}


def _error_schema() -> Schema:
    messages = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
    text, values = {"type": "string"}, {"type": "object"}
    error = {"type": "object", "required": ["code", "message", "fields"],
             "properties": {"code": text, "message": text, "fields": messages, "theirs": values, "mine": values}}
    return {"type": "object", "required": ["error"], "properties": {"error": error}}


def _error_response(status: str) -> Schema:
    words = {
        "400": _("The request cannot be read, or the Idempotency-Key is missing"), "401": _("No valid key of this account set"),
        "403": _("No right to it"), "404": _("Nothing there, or not visible"), "409": _("A rule forbids it, or somebody changed it meanwhile"),
        "413": _("Too large"), "415": _("Not JSON"), "422": _("Values that cannot be taken, by field"),
        "428": _("The version that was read is missing"), "503": _("Busy or being updated: send it again"),
    }
    return _content(words[status], {"$ref": "#/components/schemas/Error"})


def _shared_parameters() -> Schema:
    def query(name: str, text: str, schema: Schema) -> Schema:
        return {"name": name, "in": "query", "schema": schema, "description": text}

    return {
        "q": query("q", _("words to search for"), {"type": "string"}),
        "sort": query("sort", _("columns, with - for falling: -total,number"), {"type": "string"}),
        "page": query("page", _("page, from 1"), {"type": "integer", "minimum": 1}),
        "view": query("view", _("a saved view’s id or a built-in one’s word (mine); the address itself comes first"), {"type": "string"}),
        "limit": query("limit", _("rows of a page"), {"type": "integer", "minimum": 1, "maximum": 500}),
        "fields": query("fields", _("columns to give, with commas"), {"type": "string"}),
        "key": query("key", _("the exact business key"), {"type": "string"}),
        "total": query("total", _("“no” leaves the total out and is quicker"), {"type": "string", "enum": ["no", "yes"]}),
        "Idempotency-Key": {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string", "maxLength": 100}},
        "Prefer": {"name": "Prefer", "in": "header", "schema": {"type": "string", "enum": ["return=minimal", "return=representation"]}},
    }
