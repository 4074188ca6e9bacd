"""What is the same everywhere: answers, errors with their codes, parameters."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel.openapi.schemas import Schema
from guanxi.kernel.records.refusals import Refused

READS = ("400", "401", "403", "404", "410", "429", "503")
WRITES = ("400", "401", "403", "404", "409", "410", "413", "415", "422", "429", "503")


def responses(status: str, schema: Schema | None, errors: tuple[str, ...], example: Any = None) -> Schema:
    done = content(_("Done"), schema, example) if schema is not None else {"description": _("Done")}
    done = {**done, "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in ("RateLimit", "RateLimit-Policy")}}
    return {status: done} | {code: {"$ref": f"#/components/responses/{code}"} for code in errors}


def content(text: str, schema: Schema, example: Any = None) -> Schema:
    return {"description": text, "content": {"application/json": {"schema": schema, **({"example": example} if example else {})}}}


def codes() -> dict[str, tuple[str, str]]:
    """Every error by its code: status and meaning. Codes never change; programs go by them, not by the message."""
    return _codes_of_the_kernel() | {one.code: (str(one.status), str(one.meaning)) for one in kinds_of_refusal() if one.meaning}


def kinds_of_refusal(kind: type[Refused] = Refused) -> list[type[Refused]]:
    """`Refused` and all that modules have made of it, by code."""
    below = [one for found in kind.__subclasses__() for one in kinds_of_refusal(found)]
    return sorted([kind, *below], key=lambda one: one.code)


def _codes_of_the_kernel() -> dict[str, tuple[str, str]]:
    return {
        "bad_request": ("400", _("The request cannot be read.")),
        "bad_query": ("400", _("A parameter of the address is unknown or cannot be read.")),
        "bad_cursor": ("400", _("“after” was not given out by this list in this order.")),
        "too_many_rows": ("400", _("More rows than one call takes, or none.")),
        "idempotency_key_missing": ("400", _("A write came without an Idempotency-Key.")),
        "unauthorized": ("401", _("No valid key of this account set")),
        "forbidden": ("403", _("No right to it")),
        "not_found": ("404", _("Nothing there, or not visible")),
        "method_not_allowed": ("405", _("Nothing is done by this method here; “Allow” says by which.")),
        "refused": ("409", _("A rule of the business forbids it; the message says what to do.")),
        "changed_meanwhile": ("409", _("Somebody changed the record; “theirs” and “mine” hold both values.")),
        "idempotency_key_reused": ("409", _("The Idempotency-Key was used for something else.")),
        "merged": ("410", _("Merged into another record, whose id is in “survivor”")),
        "too_large": ("413", _("Too large")),
        "unsupported_media_type": ("415", _("Not JSON")),
        "invalid": ("422", _("Values that cannot be taken, by field")),
        "version_missing": ("428", _("The version that was read is missing")),
        "too_many_requests": ("429", _("More requests than this key or its member may send; “Retry-After” says when to go on.")),
        "failed": ("500", _("A fault on our side; nothing was changed.")),
        "too_slow": ("503", _("The question would take too long; narrow it, or wait=yes.")),
        "closed": ("503", _("The account set is being updated: send it again")),
        "unavailable": ("503", _("The database is busy: send it again")),
    }


def error_schema() -> Schema:
    messages = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
    text, values = {"type": "string"}, {"type": "object"}
    error = {"type": "object", "required": ["code", "message", "fields"],
             "properties": {"code": {"type": "string", "enum": list(codes())}, "message": text, "fields": messages,
                            "theirs": values, "mine": values, "survivor": values}}
    return {"type": "object", "required": ["error"], "properties": {"error": error}}


def error_responses() -> dict[str, Schema]:
    """One for each status, with an example for each of its codes."""
    found: dict[str, Schema] = {}
    for code, (status, words) in codes().items():
        one = found.setdefault(status, content(words, {"$ref": "#/components/schemas/Error"}))
        fields = {"name": [_("This is needed.")]} if code == "invalid" else {}
        example = {"summary": words, "value": {"error": {"code": code, "message": words, "fields": fields}}}
        one["content"]["application/json"].setdefault("examples", {})[code] = example
        if status in ("429", "503"):
            one["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": _("seconds to wait")}}
    for one in found.values():
        one["description"] = " · ".join(example["summary"] for example in one["content"]["application/json"]["examples"].values())
    return found


def entry_schema() -> Schema:
    """What became of one of many rows."""
    whole = {"type": "integer"}
    outcomes = ["created", "changed", "unchanged", "done", "waiting", "failed"]
    return {
        "type": "object", "required": ["index", "outcome"],
        "properties": {
            "index": {**whole, "description": _("its place among the rows sent, from 0")}, "outcome": {"type": "string", "enum": outcomes},
            "id": whole, "version": whole, "act": whole, "error": {"type": "object", "required": ["code", "message", "fields"]},
        },
    }


def many_schema() -> Schema:
    return {
        "type": "object", "required": ["counts", "rows"],
        "properties": {
            "act": {"type": "integer"}, "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Entry"}},
        },
    }


def headers() -> dict[str, Schema]:
    text: Schema = {"type": "string"}
    return {
        "RateLimit": {"schema": text, "description": _("requests left (r) and seconds until counting begins anew (t), for key and member")},
        "RateLimit-Policy": {"schema": text, "description": _("how many requests (q) in how many seconds (w)")},
    }


def parameters() -> dict[str, Schema]:
    def query(name: str, text: str, schema: Schema, example: Any = None) -> Schema:
        return {"name": name, "in": "query", "schema": schema, "description": text, **({"example": example} if example else {})}

    text: Schema = {"type": "string"}
    return {
        "q": query("q", _("words to search for"), text),
        "where": query("where", _("conditions within conditions: any(status:draft;all(total:100..;owner:me))"), text),
        "sort": query("sort", _("up to four columns, with - for falling: -total,number"), text, "-id"),
        "page": query("page", _("page, from 1"), {"type": "integer", "minimum": 1}),
        "after": query("after", _("the cursor of a page’s “next”: quick however far, and rows added meanwhile move no other"), text),
        "view": query("view", _("a saved view’s id or a built-in one’s word (mine); the address itself comes first"), text),
        "limit": query("limit", _("rows of a page"), {"type": "integer", "minimum": 1, "maximum": 500}, 20),
        "fields": query("fields", _("columns to give, with commas"), text, "id"),
        "key": query("key", _("the exact business key"), text),
        "total": query("total", _("“no” leaves the total out and is quicker"), {"type": "string", "enum": ["no", "yes"]}, "no"),
        "Idempotency-Key": {
            "name": "Idempotency-Key", "in": "header", "required": True, "example": "7f0c1c52-1d4f-4c1e-9f6b-2f7c5d1c9a10",
            "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"},
        },
        "If-Match": {"name": "If-Match", "in": "header", "schema": text, "description": _("the version that was read, or * to overwrite any")},
        "If-None-Match": {
            "name": "If-None-Match", "in": "header", "schema": text, "description": _("the ETag of what you have: 304 when it is the same"),
        },
        "Prefer": {"name": "Prefer", "in": "header", "schema": {"type": "string", "enum": ["return=minimal", "return=representation"]}},
    }
