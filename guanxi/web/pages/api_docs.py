"""The API's documentation as a page: drawn here from the same description, with nothing loaded from elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse

from guanxi.kernel.openapi.document import description, document
from guanxi.kernel.screens.visit import MEMBER, Visit, page

VERBS = ("get", "post", "patch", "delete")
MOST_FOUND = 60
START = """from guanxi.client import Client

crm = Client("{url}", "{key}")"""


@dataclass
class Endpoint:
    """One method at one address, with what goes in, what comes back, and how to call it."""

    method: str
    path: str
    tag: str
    summary: str
    description: str
    anchor: str
    address: str
    ways: list[tuple[str, str]]
    """The call, by the name of what makes it."""
    body: str
    parameters: list[dict[str, Any]] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)


class Drawn:
    """A description, ready to be drawn."""

    def __init__(self, found: dict[str, Any], base: str):
        self.found, self.base = found, base

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What a reference within the description stands for."""
        while "$ref" in schema:
            _hash, _components, kind, name = schema["$ref"].split("/")
            schema = self.found["components"][kind][name]
        return schema

    def endpoints(self) -> list[Endpoint]:
        return [self.endpoint(verb, path, item) for path, item in self.found["paths"].items() for verb in VERBS if verb in item]

    def endpoint(self, verb: str, path: str, item: dict[str, Any]) -> Endpoint:
        what = item[verb]
        content = what.get("requestBody", {}).get("content", {}).get("application/json", {})
        examples = [one["value"] for one in content.get("examples", {}).values()] or [content["example"]] if content else [None]
        body = "" if examples[0] is None else json.dumps(examples[0], ensure_ascii=False, indent=2)
        address = f"{self.base}{path}".replace("{id}", "1").replace("{file}", "1")
        return Endpoint(
            verb.upper(), path, what["tags"][0], what["summary"], what.get("description", ""), what["operationId"], address,
            [("curl", curl(verb, address, body)), ("Python", python(verb, path, what["operationId"], examples[0]))], body,
            [one for one in map(self.resolved, what.get("parameters", ())) if one["in"] == "query"], self.fields(content.get("schema", {})),
            [(status, self.resolved(answer)["description"]) for status, answer in what["responses"].items()],
        )

    def fields(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        schema = self.resolved(schema)
        if "anyOf" in schema:
            schema = self.resolved(schema["anyOf"][0])
        required = schema.get("required", ())
        return [
            {"name": name, "type": kind_of(sub), "required": name in required, "text": sub.get("description", ""),
             "fields": self.fields(sub.get("items", {})) or (self.fields(sub) if "$ref" in sub else [])}
            for name, sub in schema.get("properties", {}).items()
        ]


def kind_of(schema: dict[str, Any]) -> str:
    """`string | integer`, for people."""
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(kind_of(one) for one in schema["anyOf"] if one.get("type") != "null"))
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if schema.get("type") == "array":
        return f"[{kind_of(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "any")


def curl(verb: str, address: str, body: str) -> str:
    """The call for a terminal; the key comes from the environment."""
    lines = [f"curl -X {verb.upper()} '{address}'", "  -H \"Authorization: Bearer $GUANXI_API_KEY\""]
    if verb != "get":
        lines.append('  -H "Idempotency-Key: $(uuidgen)"')
    if body:
        lines += ["  -H 'Content-Type: application/json'", "  -d '{}'".format(body.replace("'", "'\\''"))]
    return " \\\n".join(lines)


def python(verb: str, path: str, operation: str, body: Any) -> str:
    """The same call by guanxi.client."""
    place, name = path.strip("/").partition("/{id}")[0], operation.rpartition(".")[2]
    given = "" if body is None else f", {body!r}"
    if name == "list":
        return f'for row in crm.list("{place}"):\n    print(row)'
    if name.endswith("_many") and body is not None:
        here = place.rpartition("/")[0]
        if "rows" in body:
            return f'crm.{"upsert" if name == "upsert_many" else "update_many"}("{here}", {body["rows"]!r}, mode="each")'
        more = f', {body["arguments"]!r}' if "arguments" in body else ""
        return f'crm.operate_many("{here}", {body["ids"]!r}, "{place.rpartition("/")[2]}"{more})'
    if name in ("read", "create", "delete", "archive", "restore"):
        row = "" if name == "create" else ", 1"
        return f'crm.{"get" if name == "read" else name}("{place}"{row}{given})'
    if name == "change":
        values = {key: value for key, value in (body or {}).items() if key != "version"}
        return f'crm.update("{place}", 1, {values!r}, version=1)'
    if verb == "post" and body is not None and "/files" not in path:
        here, row = (place, "1") if "{id}" in path else (place.rpartition("/")[0], "None")
        return f'crm.do("{here}", {row}, "{path.rpartition("/")[2]}"{given if body else ""})'
    return f'crm.request("{verb.upper()}", "{path.strip("/").replace("{id}", "1").replace("{file}", "1")}")'


@page(MEMBER)
def docs(visit: Visit) -> HttpResponse:
    """Every kind of record; the calls of one (`of`), or those that hold the words searched for (`q`)."""
    base = visit.request.build_absolute_uri(f"/api/{visit.set_key}")
    found = document(visit.actor, visit.set_key)
    endpoints = Drawn(found, base).endpoints()
    chosen, words = visit.request.GET.get("of", ""), visit.request.GET.get("q", "").strip().lower()
    kinds: dict[str, int] = {}
    for one in endpoints:
        kinds[one.tag] = kinds.get(one.tag, 0) + 1
    shown = [one for one in endpoints if one.tag == chosen]
    if words:
        shown = [one for one in endpoints if all(word in f"{one.path} {one.summary} {one.description} {one.tag}".lower() for word in words.split())]
    return visit.render("pages/api_docs.html", {
        "document": found, "kinds": kinds, "endpoints": shown[:MOST_FOUND], "chosen": chosen if chosen in kinds else "", "words": words[:100],
        "codes": found["x-error-codes"], "standard": f"OpenAPI {found['openapi']}", "base": base,
        "key_form": f"gx_{visit.set_key}_…",
        "start": START.format(url=visit.request.build_absolute_uri("/").rstrip("/"), key=f"gx_{visit.set_key}_…"),
    })


@page(MEMBER)
def openapi(visit: Visit) -> HttpResponse:
    """The description for tools, as far as this member's rights go."""
    return description(visit.actor, visit.set_key)
