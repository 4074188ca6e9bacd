"""What went wrong, as JSON: `{"error": {"code", "message", "fields"}}` in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpResponse

from guanxi.kernel.records.refusals import Conflict, Invalid, Moved, Refused
from guanxi.kernel.values.plain import plain


class Problem(Exception):
    """The request cannot be served; raising it rolls everything back."""

    def __init__(
        self, status: int, code: str, message: object, *, fields: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(message)
        self.status, self.code, self.message = status, code, str(message)
        self.fields, self.headers = dict(fields or {}), dict(headers or {})

    def answer(self) -> HttpResponse:
        return error_answer(self.status, self.code, self.message, self.fields, headers=self.headers)


def refusal_answer(refusal: Refused) -> HttpResponse:
    """A refusal of the business, with the messages of each field and, for a conflict, both values."""
    fields = refusal.errors if isinstance(refusal, Invalid) else {refusal.field: [str(refusal)]} if refusal.field else {}
    more = {"theirs": plain(refusal.theirs), "mine": plain(refusal.mine)} if isinstance(refusal, Conflict) else {}
    if isinstance(refusal, Moved):
        more = {"survivor": {"model": refusal.label, "id": refusal.row_id}}
    return error_answer(refusal.status, refusal.code, str(refusal), fields, **more)


def error_answer(
    status: int, code: str, message: str, fields: Mapping[str, list[str]] | None = None, *,
    headers: Mapping[str, str] | None = None, **more: Any,
) -> HttpResponse:
    return json_answer({"error": {"code": code, "message": message, "fields": dict(fields or {}), **more}}, status, headers)


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json", headers=headers)
