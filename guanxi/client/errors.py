"""What the API answers when it does not do something, as exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """`code` never changes; `message` is in the client's language; `fields` has the messages by column."""

    def __init__(self, status: int, code: str, message: str, fields: Mapping[str, list[str]] | None = None, **more: Any):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.fields = dict(fields or {})
        self.more = more

    def __str__(self) -> str:
        told = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in self.fields.items())
        return f"{self.message} ({told})" if told and told not in self.message else self.message


class BadRequest(ApiError):
    """The request cannot be read (400, 405, 413, 415, 428)."""


class Unauthorized(ApiError):
    """No key that opens this account set (401)."""


class Forbidden(ApiError):
    """The key's member has no right to it (403)."""


class NotFound(ApiError):
    """Nothing there, or not visible (404)."""


class Refused(ApiError):
    """A rule forbids it (409)."""


class ChangedMeanwhile(Refused):
    """Somebody changed the record since it was read; `theirs` and `mine` hold both values."""

    @property
    def theirs(self) -> dict[str, Any]:
        return dict(self.more.get("theirs") or {})

    @property
    def mine(self) -> dict[str, Any]:
        return dict(self.more.get("mine") or {})


class KeyReused(Refused):
    """The idempotency key was used for something else."""


class Invalid(ApiError):
    """Values that cannot be taken; `fields` says which (422)."""


class TooManyRequests(ApiError):
    """Over the limit, and still so after waiting (429)."""


class Unavailable(ApiError):
    """Busy or being updated, and still so after trying again (503)."""


class ServerFailed(ApiError):
    """Something went wrong on the other side (500 and above)."""


class Unreachable(Exception):
    """No answer: the network, the address, or the certificate."""


_BY_CODE: dict[str, type[ApiError]] = {"changed_meanwhile": ChangedMeanwhile, "idempotency_key_reused": KeyReused}
_BY_STATUS: dict[int, type[ApiError]] = {
    401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Refused, 422: Invalid, 429: TooManyRequests, 503: Unavailable,
}


def error_from(status: int, body: Any) -> ApiError:
    """The exception for an answer; also when it is not from Guanxi but from something on the way."""
    found = body.get("error") if isinstance(body, dict) else None
    told: dict[str, Any] = dict(found) if isinstance(found, dict) else {}
    code, message, fields = str(told.pop("code", "unknown")), str(told.pop("message", f"HTTP {status}")), told.pop("fields", {})
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status) or (ServerFailed if status >= 500 else BadRequest)
    return kind(status, code, message, fields, **told)
