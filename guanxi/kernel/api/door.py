"""The door of the API: the key, one transaction in its account set, and every failure as JSON."""

from __future__ import annotations

import time
import uuid
from functools import cached_property, lru_cache
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.keys import key_actor, split_token
from guanxi.kernel.acts.refused import note_refusal
from guanxi.kernel.api.admission import admit, headers_of
from guanxi.kernel.api.problems import Problem, refusal_answer
from guanxi.kernel.database import UnknownSet, in_set, inside_set
from guanxi.kernel.records.refusals import Forbidden, Refused

log = structlog.get_logger("guanxi.api")
TRIES = 3
AGAIN = ("40001", "40P01")
LONGEST_KEY = 100
SPOKEN = {"zh": "zh-hans", "en": "en"}
STAMP_SECONDS = 5.0
_open: dict[str, tuple[float, bool]] = {}


class Call:
    """One request to the API: who asks, of which account set, and what they sent."""

    def __init__(self, request: HttpRequest, set_key: str, rest: str, actor: Actor):
        self.request, self.set_key, self.rest, self.actor = request, set_key, rest, actor
        self.method: str = request.method or "GET"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query string; the last of several equal names counts."""
        given = self.request.GET.dict()
        if any("\x00" in text for pair in given.items() for text in pair):
            raise Problem(400, "bad_request", _("The address holds a character that cannot be stored."))
        return {name: str(value) for name, value in given.items()}

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; empty when there is none."""
        request = self.request
        kind = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        raw = request.body
        if not raw and kind in ("", "application/json"):
            return {}
        if kind != "application/json":
            raise Problem(415, "unsupported_media_type", _("Send JSON, with the header Content-Type: application/json."))
        found = read_json(raw)
        if not isinstance(found, dict):
            raise Problem(400, "bad_request", _("Send a JSON object: {…}."))
        return found

    @cached_property
    def key(self) -> str:
        """The idempotency key, which every write needs."""
        key = self.request.META.get("HTTP_IDEMPOTENCY_KEY", "").strip()
        if not key:
            raise Problem(
                400, "idempotency_key_missing",
                _("Every write needs the header Idempotency-Key with a text of its own (a UUID), so that sending it twice does it once."),
            )
        if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
            raise Problem(400, "bad_request", _("The Idempotency-Key has at most %(max)s printable ASCII characters.") % {"max": LONGEST_KEY})
        return key

    @property
    def minimal(self) -> bool:
        """`Prefer: return=minimal` (RFC 7240): the caller does not need the whole record back."""
        return "return=minimal" in self.request.META.get("HTTP_PREFER", "")


def read_json(raw: bytes) -> Any:
    """Any JSON value; Problem when it is none, or holds what no database can store."""
    try:
        found = msgspec.json.decode(raw)
    except RecursionError:
        raise Problem(400, "bad_request", _("The JSON is nested too deeply.")) from None
    except ValueError as error:
        raise Problem(400, "bad_request", _("The body is not JSON: %(reason)s.") % {"reason": error}) from None
    if b"\\u0000" in raw and _holds_nul(found):
        raise Problem(400, "bad_request", _("A text holds the character U+0000, which cannot be stored."))
    return found


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_holds_nul(k) or _holds_nul(v) for k, v in value.items())
    return isinstance(value, list) and any(_holds_nul(v) for v in value)


@lru_cache(512)
def language_of(header: str) -> str:
    """The first language of an Accept-Language header that Guanxi speaks, else the installation's."""
    for code, _weight in parse_accept_lang_header(header):
        if code[:2] in SPOKEN:
            return SPOKEN[code[:2]]
    return str(settings.LANGUAGE_CODE)


def answer(request: HttpRequest) -> HttpResponseBase:
    """The answer to one call; whatever was sent, never an exception."""
    language = language_of(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
    limits: dict[str, str] = {}
    with translation.override(language):
        try:
            response: HttpResponseBase = _steadily(request, language, limits)
        except Problem as problem:
            response = problem.answer()
        except Refused as refusal:
            response = refusal_answer(refusal)
        except Exception as error:
            response = _unforeseen(request, error)
    headers = response.headers
    for name, value in limits.items():
        headers[name] = value
    headers["Cache-Control"] = "no-store"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    headers["Content-Language"] = language
    headers["Vary"] = "Authorization, Accept-Language"
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return response


def _unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to what the database refused or nobody foresaw; the log says more than the caller is told."""
    if isinstance(error, RequestDataTooBig):
        return Problem(413, "too_large", _("This is too large; send it in parts.")).answer()
    if isinstance(error, SuspiciousOperation | BadRequest):
        return Problem(400, "bad_request", _("The request cannot be understood.")).answer()
    if isinstance(error, DataError):
        return Problem(422, "invalid", _("A value is out of the range that can be stored.")).answer()
    if isinstance(error, IntegrityError):
        return Problem(409, "refused", _("The database refused these values: they contradict another record.")).answer()
    if isinstance(error, OperationalError | InterfaceError):
        log.warning("database", error=type(error).__name__, sqlstate=getattr(error.__cause__, "sqlstate", None))
        again = _("The database is busy or being restarted. Send the same request again, with the same Idempotency-Key.")
        return Problem(503, "unavailable", again, headers={"Retry-After": "1"}).answer()
    number = uuid.uuid4().hex[:12]
    log.error("failed", incident=number, method=request.method, exc_info=error)
    got_request_exception.send(sender=None, request=request)
    return Problem(500, "failed", _("Something went wrong on our side (incident %(number)s). Nothing was changed.") % {"number": number}).answer()


def _steadily(request: HttpRequest, language: str, limits: dict[str, str]) -> HttpResponseBase:
    """One transaction; deadlocks and serialisation failures are tried again, as they have left nothing behind."""
    from guanxi.kernel.api.routes import dispatch

    request.get_host()
    set_key, _slash, rest = request.path_info.removeprefix("/api/").strip("/").partition("/")
    secret = _secret_of(request, set_key)
    _require_open(set_key)
    try:
        limits |= headers_of(admit(request, set_key, secret))
    except UnknownSet:
        raise _no_entry() from None
    actor: Actor | None = None
    for turn in range(TRIES):
        try:
            with in_set(set_key):
                actor = key_actor(secret, language=language)
                if actor is None:
                    raise _no_entry()
                return dispatch(Call(request, set_key, rest, actor))
        except Forbidden as refusal:
            if actor is not None:
                note_refusal(refusal, set_key, actor.member_id, channel="api", address=request.path, access_key_id=actor.access_key_id)
            raise
        except UnknownSet:
            raise _no_entry() from None
        except OperationalError as error:
            sqlstate = getattr(error.__cause__, "sqlstate", None)
            if sqlstate not in AGAIN or turn == TRIES - 1 or connections["default"].in_atomic_block:
                raise
            log.info("again", sqlstate=sqlstate, turn=turn + 1)
    raise AssertionError


def _secret_of(request: HttpRequest, set_key: str) -> str:
    scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    found = split_token(token.strip()) if scheme.lower() == "bearer" else None
    # The same answer for a set that is not there, another set's key and an ended key: none of them is told apart.
    if found is None or found[0] != set_key:
        raise _no_entry()
    return found[1]


def _no_entry() -> Problem:
    return Problem(
        401, "unauthorized", _("This needs a key of this account set: Authorization: Bearer gx_<set>_<secret>."),
        headers={"WWW-Authenticate": 'Bearer realm="guanxi"'},
    )


def _require_open(set_key: str) -> None:
    """A set whose tables are behind this version is closed; asked once in a few seconds."""
    from guanxi.kernel.sets.lifecycle import wanted_stamp
    from guanxi.kernel.sets.models import AccountSet

    if inside_set():
        return
    until, is_open = _open.get(set_key, (0.0, False))
    if time.monotonic() > until or not is_open:
        try:
            stamp = AccountSet.objects.filter(key=set_key).values_list("stamp", flat=True).first()
        except DatabaseError as error:
            raise OperationalError(*error.args) from error
        if stamp is None:
            raise _no_entry()
        is_open = stamp == wanted_stamp()
        _open[set_key] = (time.monotonic() + STAMP_SECONDS, is_open)
    if not is_open:
        raise Problem(503, "closed", _("This account set is being updated. Try again in a moment."), headers={"Retry-After": "5"})
