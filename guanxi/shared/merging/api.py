"""What is there already, asked by a program for a draft record: `POST …/<path>/duplicates`."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.writer import require
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import Problem, json_answer
from guanxi.kernel.api.routes import Handler
from guanxi.kernel.likeness.declared import alike_of
from guanxi.kernel.likeness.finding import Likely, alike_to
from guanxi.kernel.openapi.document import endpoint, input_of
from guanxi.kernel.screens.screen import Screen, screen_of

NAME = "duplicates"


def duplicates(call: Call, screen: type[Screen]) -> dict[str, Handler]:
    """Nothing is written; the looks beyond one's sight are, as on the pages."""
    return {"POST": lambda: _found(call, screen)} if alike_of(screen.model) else {}


def _found(call: Call, screen: type[Screen]) -> HttpResponse:
    require(call.actor, "add", screen.model)
    known = {*screen.form_names(), "lines"}
    unknown = [name for name in call.body if name not in known]
    if unknown:
        raise Problem(400, "bad_request", _("There is no column “%(name)s” here.") % {"name": unknown[0][:60]})
    found, masked = alike_to(screen.model, call.body, call.actor)
    return json_answer({
        "duplicates": [_shown(one) for one in found],
        "masked": [{"kind": str(one.kind), "owner": one.owner, "ticket": one.ticket} for one in masked],
    })


def _shown(one: Likely) -> dict[str, Any]:
    screen = screen_of(type(one.record))
    return {
        "model": one.record.label(), "path": screen.path if screen else None, "id": one.record.pk, "title": str(one.record), "score": one.score,
        "reasons": [{"what": what, "percent": percent} for what, percent in one.reasons], "why": one.why,
    }


def described(screen: type[Screen], actor: Actor) -> dict[str, Any]:
    """For the OpenAPI description."""
    declared = alike_of(screen.model)
    if declared is None or not (screen.may_create and actor.may("add", screen.model)):
        return {}
    text, number = {"type": "string"}, {"type": "integer"}
    one = {"model": text, "path": {"type": ["string", "null"]}, "id": number, "title": text, "score": number, "why": text,
           "reasons": {"type": "array", "items": {"type": "object", "properties": {"what": text, "percent": number}}}}
    hidden = {"kind": text, "owner": text, "ticket": text}
    answer = {"type": "object", "properties": {
        NAME: {"type": "array", "items": {"type": "object", "properties": one}},
        "masked": {"type": "array", "items": {"type": "object", "properties": hidden}},
    }}
    draft = {**input_of(screen, actor), "required": []}
    found = endpoint("post", screen, NAME, _("What is there already and looks like this draft"), draft, answer)
    found["post"]["parameters"] = []
    found["post"]["requestBody"]["content"]["application/json"]["example"] = {(declared.names or declared.people)[0]: "Acme"}
    return {f"/{screen.path}/{NAME}": found}
