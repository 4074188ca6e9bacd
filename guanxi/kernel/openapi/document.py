"""The OpenAPI 3.1 description of one account set, as far as its reader's rights go."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import Operation
from guanxi.kernel.api.many import WAYS, ways_of
from guanxi.kernel.api.problems import json_answer
from guanxi.kernel.api.reading import visible_operations, within_key
from guanxi.kernel.api.routes import free_operations
from guanxi.kernel.bulk.acts import MOST_IDS
from guanxi.kernel.bulk.rows import MOST_ROWS
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.columns.registry import columns_of, has_field
from guanxi.kernel.openapi.answers import (
    READS,
    WRITES,
    codes,
    content,
    entry_schema,
    error_responses,
    error_schema,
    headers,
    many_schema,
    parameters,
    responses,
)
from guanxi.kernel.openapi.examples import Examples
from guanxi.kernel.openapi.pivots import ANSWER, pivot_parameters
from guanxi.kernel.openapi.schemas import REFERENCE, Schema, object_schema, output_schema
from guanxi.kernel.printing.declared import forms_of
from guanxi.kernel.printing.speech import LANGUAGES
from guanxi.kernel.screens.screen import SCREENS, Screen

PARTS_OF_ROWS: list[Callable[[type[Screen], Actor], Schema]] = []
"""What packages above this one say of their addresses below a row, and the schemas they name."""
PART_SCHEMAS: dict[str, Schema] = {}
MORE_PARTS: list[Callable[[Actor], Schema]] = []
"""Whole parts of the document that packages above this one write."""


def description(actor: Actor, set_key: str) -> HttpResponse:
    return json_answer(document(actor, set_key))


def screens_for(actor: Actor) -> list[type[Screen]]:
    """The screens whose rows the actor may view, by path."""
    return [screen for _path, screen in sorted(SCREENS.items()) if actor.may("view", screen.model)]


def document(actor: Actor, set_key: str) -> Schema:
    """The whole description; every address named is one that `routes` serves."""
    paths: dict[str, Schema] = {}
    examples = Examples(actor)
    schemas: dict[str, Schema] = {
        "Reference": REFERENCE, "Error": error_schema(), "Entry": entry_schema(), "Many": many_schema(), **PART_SCHEMAS,
    }
    for screen in screens_for(actor):
        name = schema_name(screen)
        schemas[name] = record_schema(screen, actor)
        paths[f"/{screen.path}"] = _list_path(screen, name, examples)
        paths[f"/{screen.path}/pivot"] = _pivot_path(screen, actor)
        paths[f"/{screen.path}/{{id}}"] = _record_path(screen, name, examples)
        paths |= _many_paths(screen, examples)
        for describe in PARTS_OF_ROWS:
            paths |= describe(screen, actor)
        if has_field(screen.model, "archived_at") and actor.may("change", screen.model):
            for verb, words in (("archive", _("Archive")), ("restore", _("Restore"))):
                paths[f"/{screen.path}/{{id}}/{verb}"] = endpoint("post", screen, verb, words, None, named_schema(name), targeted=True)
        for form in forms_of(screen.model):
            if form.is_for(actor):
                paths.setdefault(f"/{screen.path}/{{id}}/print", _print_path(screen))
        for found in visible_operations(screen, actor):
            paths[f"/{screen.path}/{{id}}/{found.key}"] = _operation_path(screen, found, examples, targeted=True)
            paths[f"/{screen.path}/{found.key}"] = _operation_on_many(screen, found, examples)
        for found in free_operations(screen):
            if actor.may(found.name) and within_key(found, actor):
                paths[f"/{screen.path}/{found.key}"] = _operation_path(screen, found, examples, targeted=False)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Guanxi · {set_key}", "version": _version(), "description": _intro()},
        "servers": [{"url": f"/api/{set_key}"}],
        "security": [{"key": []}],
        "tags": [{"name": str(screen.plural()), "description": _about(screen)} for screen in screens_for(actor)],
        "paths": paths,
        **{name: part for more in MORE_PARTS for name, part in more(actor).items()},
        "x-error-codes": {code: {"status": int(status), "meaning": words} for code, (status, words) in codes().items()},
        "components": {
            "schemas": schemas | examples.schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "gx_<set>_<secret>"}},
            "responses": error_responses(),
            "parameters": parameters(),
            "headers": headers(),
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
        "the first time. Errors and labels come in the language of Accept-Language: ask for en or zh-Hans; “code” is the same in both."
    )


def _about(screen: type[Screen]) -> str:
    """The model's own words: what its docstring says first."""
    words = (screen.model.__doc__ or "").split("\n")[0]
    return "" if words.startswith(f"{screen.model.__name__}(") else words


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
    if screen.lines and screen.lines.section:
        section: dict[str, Schema] = {"title": {"type": "string"}, "lines": {"type": "integer"}}
        section |= {n: output_schema(own[n]) for n in [screen.lines.subtotal] if n}
        properties["sections"] = {"type": "array", "items": {"type": "object", "properties": section}}
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


def _filters(screen: type[Screen], actor: Actor) -> list[Schema]:
    return [
        {"name": f"f.{c.name}", "in": "query", "schema": {"type": "string"}, "description": f"{c.label} ({c.kind})"}
        for c in screen.available(actor).values() if c.filterable
    ]


def _pivot_path(screen: type[Screen], actor: Actor) -> Schema:
    asked = [*pivot_parameters(screen, actor), {"$ref": "#/components/parameters/q"}, *_filters(screen, actor)]
    return {"get": {**head_of(screen, "pivot", _("Pivot")), "parameters": asked, "responses": responses("200", ANSWER, READS)}}


def _list_path(screen: type[Screen], name: str, examples: Examples) -> Schema:
    actor = examples.actor
    names = ("q", "where", "sort", "page", "after", "limit", "fields", "key", "total", "view")
    asked = [*({"$ref": f"#/components/parameters/{one}"} for one in names), *_filters(screen, actor)]
    rows = {
        "type": "object",
        "properties": {
            "rows": {"type": "array", "items": named_schema(name)}, "page": {"type": "integer"}, "limit": {"type": "integer"},
            "total": {"type": "integer"}, "total_is_exact": {"type": "boolean"}, "view": {"type": "object"},
            "next": {"type": ["string", "null"], "description": _("the address of the next page, also as the header Link; null after the last")},
        },
        "required": ["rows", "limit", "next"],
    }
    example = {"rows": [examples.record(screen.available(actor).values())], "page": 1, "limit": 50, "next": None, "total": 1, "total_is_exact": True}
    found: Schema = {"get": {**head_of(screen, "list", screen.plural()), "parameters": asked,
                             "responses": responses("200", rows, READS, example)}}
    if screen.may_create and actor.may("add", screen.model) and actor.may_write:
        one = examples.shared(f"{name}.new", input_of(screen, actor))
        answer = {"anyOf": [named_schema(name), named_schema("Many")]}
        found |= endpoint("post", screen, "create", _("Create"), {"anyOf": [one, _rows_of(one)]}, answer, status="201")
        new = examples.new(screen)
        found["post"]["requestBody"]["content"]["application/json"]["examples"] = {
            "one": {"summary": _("one"), "value": new}, "many": {"summary": _("many at once"), "value": {"rows": [new], "mode": "each"}}}
        found["post"]["responses"]["207"] = content(_("Some rows were refused, the others done."), named_schema("Many"))
    return found


def _rows_of(one: Schema) -> Schema:
    rows = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_ROWS}
    return {"type": "object", "additionalProperties": False, "required": ["rows"], "properties": {"rows": rows, "mode": MODE}}


def _record_path(screen: type[Screen], name: str, examples: Examples) -> Schema:
    actor = examples.actor
    asked = [{"$ref": f"#/components/parameters/{name}"} for name in ("fields", "If-None-Match")]
    found: Schema = {
        "parameters": [ROW_ID],
        "get": {**head_of(screen, "read", screen.singular()), "parameters": asked,
                "responses": responses("200", named_schema(name), READS, examples.record(screen.available(actor).values()))},
    }
    found["get"]["responses"]["304"] = {"description": _("The same as you have")}
    if screen.may_edit and actor.may("change", screen.model):
        changes = examples.shared(f"{name}.changes", input_of(screen, actor, changing=True))
        found |= endpoint("patch", screen, "change", _("Change"), changes, named_schema(name), more=("428",))
        found["patch"]["parameters"].append({"$ref": "#/components/parameters/If-Match"})
        title = examples.new(screen)
        found["patch"]["requestBody"]["content"]["application/json"]["example"] = {"version": 1, **dict(list(title.items())[:1])}
    if screen.may_edit and actor.may("delete", screen.model):
        found |= endpoint("delete", screen, "delete", _("Delete"), None, None, status="204")
    return found


MODE: Schema = {"type": "string", "enum": ["all", "each"], "default": "all"}


def _many_paths(screen: type[Screen], examples: Examples) -> dict[str, Schema]:
    """Change, upsert, archive, restore and delete of many rows."""
    actor = examples.actor
    words = {"change": _("Change many"), "upsert": _("Take in many by their business key"), "archive": _("Archive many"),
             "restore": _("Restore many"), "delete": _("Delete many")}
    found: dict[str, Schema] = {}
    for way in ways_of(screen):
        if not actor.may("delete" if way == "delete" else "change", screen.model):
            continue
        body, example = _ids_body(None), {"ids": [1, 2], "mode": "each"}
        if way in WAYS:
            one = input_of(screen, actor, changing=True)
            new = examples.new(screen)
            if way == "change":
                one["properties"]["id"] = {"type": "integer", "minimum": 1}
                one["required"] = ["id"]
                new = {"id": 1, "version": 1, **dict(list(new.items())[:1])}
            else:
                key = screen.model.business_key
                one["properties"].pop("version")
                one["properties"].setdefault(key, {"type": "string"})
                one["required"] = [key]
                new = {key: "A-1", **new}
            body = _rows_of(examples.shared(f"{schema_name(screen)}.{way}", one))
            example = {"rows": [new], "mode": "each"}
        path = endpoint("post", screen, f"{way}_many", words[way], body, named_schema("Many"))
        path["post"]["requestBody"]["content"]["application/json"]["example"] = example
        path["post"]["responses"]["207"] = content(_("Some rows were refused, the others done."), named_schema("Many"))
        if way == "change":
            path["post"]["parameters"].append({"$ref": "#/components/parameters/If-Match"})
        found[f"/{screen.path}/{way}"] = path
    return found


def _ids_body(arguments: Schema | None) -> Schema:
    ids = {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": MOST_IDS, "uniqueItems": True}
    properties = {"ids": ids, "mode": MODE, **({"arguments": arguments} if arguments is not None else {})}
    return {"type": "object", "additionalProperties": False, "required": ["ids"], "properties": properties}


def _print_path(screen: type[Screen]) -> Schema:
    forms = forms_of(screen.model)
    asked = {name: column for form in forms for name, column in form.parameters.items()}
    choices = {"form": [form.key for form in forms], "language": list(LANGUAGES)}
    parameters = [{"name": name, "in": "query", "schema": {"type": "string", "enum": values}} for name, values in choices.items()]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}, "description": str(column.label)} for name, column in asked.items()]
    answer = {"description": _("Done"), "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
    return {"parameters": [ROW_ID], "get": {**head_of(screen, "print", _("Print")), "parameters": parameters,
                                         "responses": {**responses("200", None, (*READS, "409", "422")), "200": answer}}}


def _operation_path(screen: type[Screen], found: Operation, examples: Examples, *, targeted: bool) -> Schema:
    done = {"type": "object", "properties": {
        "act": {"type": "integer"}, "model": {"type": "string"}, "path": {"type": ["string", "null"]}, "record": {"type": "object"}, "result": {}}}
    needed = any(column.required for column in found.parameters.values())
    path = endpoint("post", screen, found.name, found.label, _arguments_of(found, examples), done, targeted=targeted, needed=needed)
    path["post"]["description"] = found.summary
    path["post"]["requestBody"]["content"]["application/json"]["example"] = examples.arguments(found.parameters.values())
    path["post"]["responses"]["202"] = content(_("It waits for approval."), {"type": "object", "properties": {
        "act": {"type": "integer"}, "awaiting": {"type": "object", "properties": {
            "id": {"type": "integer"}, "title": {"type": "string"}, "rule": {"type": "string"}, "status": {"type": "string"},
            "unknown": {"type": "array", "items": {"type": "string"}}}}}})
    return path


def _arguments_of(found: Operation, examples: Examples) -> Schema:
    return examples.shared(f"operation.{found.name}", object_schema(found.parameters.values()))


def _operation_on_many(screen: type[Screen], found: Operation, examples: Examples) -> Schema:
    body = _ids_body(_arguments_of(found, examples))
    path = endpoint("post", screen, f"{found.name}_many", _("%(what)s (many)") % {"what": found.label}, body, named_schema("Many"))
    arguments = examples.arguments(found.parameters.values())
    path["post"]["description"] = found.summary
    path["post"]["requestBody"]["content"]["application/json"]["example"] = {
        "ids": [1, 2], **({"arguments": arguments} if arguments else {}), "mode": "each"}
    path["post"]["responses"]["207"] = content(_("Some rows were refused, the others done."), named_schema("Many"))
    return path


ROW_ID: Schema = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def endpoint(
    method: str, screen: type[Screen], operation_id: str, summary: Any, body: Schema | None, result: Schema | None, *,
    status: str = "200", targeted: bool = False, more: tuple[str, ...] = (), sent: str = "application/json",
    needed: bool = True,
) -> Schema:
    found: Schema = {
        **head_of(screen, operation_id, summary),
        "parameters": [{"$ref": "#/components/parameters/Idempotency-Key"}, {"$ref": "#/components/parameters/Prefer"}],
        "responses": responses(status, result, (*WRITES, *more)),
    }
    if body is not None:
        found["requestBody"] = {"required": needed, "content": {sent: {"schema": body}}}
    return {**({"parameters": [ROW_ID]} if targeted else {}), method: found}


def head_of(screen: type[Screen], operation_id: str, summary: Any) -> Schema:
    return {"tags": [str(screen.plural())], "operationId": f"{schema_name(screen)}.{operation_id}", "summary": str(summary)}


def named_schema(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
