"""The API's documentation as a page: drawn here from the same description, with nothing loaded from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse

from guanxi.kernel.openapi.document import description, document
from guanxi.kernel.screens.visit import MEMBER, Visit, page

VERBS = ("get", "post", "patch", "delete")
EXAMPLE = """curl %(base)s/customers \\
  -H "Authorization: Bearer gx_%(set)s_…" \\
  -H "Idempotency-Key: 7f0c1c52-…" -H "Content-Type: application/json" \\
  -d '{"name": "Acme"}'"""


@dataclass
class Endpoint:
    """One method at one address."""

    method: str
    path: str
    summary: str
    description: str
    anchor: str
    parameters: list[dict[str, Any]] = field(default_factory=list)
    body: list[dict[str, Any]] = field(default_factory=list)


def described_endpoints(found: dict[str, Any]) -> dict[str, list[Endpoint]]:
    """The endpoints of an OpenAPI document by tag."""
    groups: dict[str, list[Endpoint]] = {}
    for path, item in found["paths"].items():
        for verb in VERBS:
            if verb not in item:
                continue
            what = item[verb]
            body = what.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            groups.setdefault(what["tags"][0], []).append(
                Endpoint(
                    verb.upper(), path, what["summary"], what.get("description", ""), what["operationId"],
                    [p for p in what.get("parameters", ()) if "name" in p], _fields(body),
                )
            )
    return groups


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    required = schema.get("required", ())
    return [
        {"name": name, "type": _type(sub), "required": name in required, "text": sub.get("description", ""), "fields": _fields(sub.get("items", {}))}
        for name, sub in schema.get("properties", {}).items()
    ]


def _type(schema: dict[str, Any]) -> str:
    """`string | integer`, for people."""
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"] if one.get("type") != "null"))
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "any")


@page(MEMBER)
def docs(visit: Visit) -> HttpResponse:
    """Every address this member may use, with what goes in."""
    found = document(visit.actor, visit.set_key)
    return visit.render("pages/api_docs.html", {
        "document": found, "groups": described_endpoints(found), "standard": f"OpenAPI {found['openapi']}",
        "example": EXAMPLE % {"base": visit.request.build_absolute_uri(f"/api/{visit.set_key}"), "set": visit.set_key},
    })


@page(MEMBER)
def openapi(visit: Visit) -> HttpResponse:
    """The description for tools, as far as this member's rights go."""
    return description(visit.actor, visit.set_key)
