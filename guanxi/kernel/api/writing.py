"""Create, change, delete, archive and do: the acts of the pages, each under its idempotency key."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import Operation, perform
from guanxi.kernel.acts.scope import Outcome
from guanxi.kernel.acts.writer import archive_record, change_record, create_record, delete_record
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import Problem, json_answer
from guanxi.kernel.api.reading import record, within_key
from guanxi.kernel.api.shapes import Json, simple
from guanxi.kernel.bulk.report import named
from guanxi.kernel.columns.conditions import unknown_in
from guanxi.kernel.records.record import Record, model_named
from guanxi.kernel.records.refusals import Forbidden, Missing
from guanxi.kernel.screens.screen import Screen, screen_of
from guanxi.kernel.values.plain import plain

REPLAYED = {"Idempotency-Replayed": "true"}


def created(call: Call, screen: type[Screen]) -> HttpResponse:
    """A new record (201 with it)."""
    outcome = create_record(screen.model, call.body, actor=call.actor, key=call.key)
    headers = {"Location": f"/api/{call.set_key}/{screen.path}/{outcome.result.pk}"} if outcome.result is not None else {}
    return _answer(outcome, _shown(call, outcome.result, screen), 201, headers)


def changed(call: Call, screen: type[Screen], row_id: int) -> HttpResponse:
    """The record with the given columns changed, if it still has the version that the caller read."""
    values = dict(call.body)
    version = _version(call, values.pop("version", None))
    outcome = change_record(row_id, values, actor=call.actor, model=screen.model, version=version, key=call.key)
    return _answer(outcome, _shown(call, outcome.result, screen))


def _version(call: Call, given: Any) -> int | None:
    match = call.request.META.get("HTTP_IF_MATCH", "").strip()
    if match == "*":
        return None
    text = str(given) if given is not None else match.removeprefix("W/").strip('"').partition("-")[0]
    if not text:
        raise Problem(
            428, "version_missing",
            _("Say which version you read, by “version” in the body or the header If-Match; If-Match: * overwrites any."),
        )
    if isinstance(given, bool) or not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise Problem(400, "bad_request", _("“version” is the whole number that came with the record."))
    return int(text)


def deleted(call: Call, screen: type[Screen], row_id: int) -> HttpResponse:
    outcome = delete_record(_named(screen, row_id), actor=call.actor, key=call.key)
    return HttpResponse(status=204, headers=REPLAYED if outcome.replayed else None)


def archived(call: Call, screen: type[Screen], row_id: int, *, restore: bool) -> HttpResponse:
    outcome = archive_record(_named(screen, row_id), actor=call.actor, key=call.key, restore=restore)
    return _answer(outcome, _shown(call, outcome.result, screen))


def _named(screen: type[Screen], row_id: int) -> Record:
    """A row by its id alone: the act locks and reads it, or finds that it was done already."""
    model: Any = screen.model
    return model(pk=row_id)


def done(call: Call, screen: type[Screen], found: Operation, row_id: int | None) -> HttpResponse:
    """What came of an operation: {"act", "model", "path", "record"} or {"act", "result"}; 202 when it waits for approval."""
    if not within_key(found, call.actor):
        raise Forbidden(_("This key may not “%(label)s”: it is limited to some kinds of records.") % {"label": found.label})
    outcome = perform(found, row_id, actor=call.actor, key=call.key, raw=call.body)
    if outcome.awaiting is not None:
        request = outcome.awaiting
        waiting = {
            "id": request.pk, "title": request.title, "rule": request.reasons, "status": request.status,
            "unknown": unknown_in(request.facts, model_named(request.target_model)._base_manager.get(pk=request.target_id)),
        }
        return _answer(outcome, {"act": outcome.act_id, "awaiting": waiting}, 202)
    return _answer(outcome, {"act": outcome.act_id, **_result(call, outcome.result)})


def _result(call: Call, result: Any) -> Json:
    if not isinstance(result, Record):
        return {"result": _plain_result(result)}
    screen = screen_of(type(result))
    if screen is None:
        return {"model": result.label(), "path": None, "record": named(result)}
    return {"model": result.label(), "path": screen.path, "record": _shown(call, result, screen)}


def _plain_result(result: Any) -> Any:
    if isinstance(result, list | tuple):
        return [_plain_result(one) for one in result]
    if isinstance(result, Record):
        return named(result)
    if dataclasses.is_dataclass(result):
        return {f.name: _plain_result(getattr(result, f.name)) for f in dataclasses.fields(result)}
    return simple("", plain(result))


def _shown(call: Call, row: Any, screen: type[Screen]) -> Json:
    """The record as GET shows it; what names it alone when the caller wants no more, or may add but not see."""
    if row is None:
        raise Missing(_("It was saved, and is no longer there."))
    if call.minimal or not call.actor.may("view", screen.model):
        return named(row)
    try:
        return record(call.actor, screen, row.pk)
    except Missing:
        return named(row)


def _answer(outcome: Outcome, body: Json, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    more = dict(headers or {}) | (REPLAYED if outcome.replayed else {})
    if "version" in body:
        more["ETag"] = f'"{body["version"]}"'
    return json_answer(body, status, more)
