"""Many rows in one call: {"rows": […]} to create, change or take in, {"ids": […]} to do something to each."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import Operation
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import Problem, json_answer
from guanxi.kernel.api.reading import within_key
from guanxi.kernel.api.shapes import Json
from guanxi.kernel.api.writing import REPLAYED
from guanxi.kernel.bulk.acts import MOST_IDS, operate_rows, put_away_rows
from guanxi.kernel.bulk.report import MODES, counts
from guanxi.kernel.bulk.rows import MOST_ROWS, write_rows
from guanxi.kernel.columns.registry import has_field
from guanxi.kernel.records.refusals import Forbidden
from guanxi.kernel.screens.screen import Screen

WAYS = ("change", "upsert")
PUT_AWAY = ("archive", "restore", "delete")


def ways_of(screen: type[Screen]) -> list[str]:
    """What may be asked of many rows of the screen at once, beside operations."""
    found = ["change", *PUT_AWAY] if screen.may_edit else []
    found += ["upsert"] if screen.may_edit and screen.may_create and screen.model.business_key != "id" else []
    return [way for way in found if way not in ("archive", "restore") or has_field(screen.model, "archived_at")]


def wrote(call: Call, screen: type[Screen], how: str) -> HttpResponse:
    """201 when all were created, 200 when all was done, 207 when some were refused and the others done."""
    rows = _listed(call, "rows", MOST_ROWS)
    if not all(isinstance(row, dict) for row in rows):
        raise Problem(400, "bad_request", _("Send {“rows”: [{…}, …]}, and “mode” beside it if you like."))
    any_version = call.request.META.get("HTTP_IF_MATCH", "").strip() == "*"
    outcome, entries = write_rows(screen.model, rows, how, actor=call.actor, key=call.key, mode=_mode(call), any_version=any_version)
    answer = {"act": outcome.act_id, **_summed(entries)}
    return json_answer(answer, _status(entries, 201 if how == "create" else 200), REPLAYED if outcome.replayed else None)


def put_away(call: Call, screen: type[Screen], verb: str) -> HttpResponse:
    entries = put_away_rows(screen.model, _ids(call), verb, actor=call.actor, key=call.key, mode=_mode(call))
    return json_answer(_summed(entries), _status(entries, 200))


def operated(call: Call, screen: type[Screen], found: Operation) -> HttpResponse:
    """{"ids": […], "arguments": {…}}: the operation on each of the rows."""
    if not within_key(found, call.actor):
        raise Forbidden(_("This key may not “%(label)s”: it is limited to some kinds of records.") % {"label": found.label})
    arguments = call.body.get("arguments", {})
    if not isinstance(arguments, dict):
        raise Problem(400, "bad_request", _("“arguments” is an object: {…}."))
    entries = operate_rows(found, _ids(call, "arguments"), arguments, actor=call.actor, key=call.key, mode=_mode(call))
    return json_answer(_summed(entries), _status(entries, 200))


def _listed(call: Call, name: str, most: int, *others: str) -> list[Any]:
    found = call.body.get(name)
    unknown = [other for other in call.body if other not in (name, "mode", *others)]
    if unknown or not isinstance(found, list):
        words = _("Send a JSON object with “%(name)s”: […]; beside it there may be: %(others)s.")
        raise Problem(400, "bad_request", words % {"name": name, "others": ", ".join(["mode", *others])})
    if not 1 <= len(found) <= most:
        raise Problem(400, "too_many_rows", _("Send from 1 to %(max)s rows at a time.") % {"max": most})
    return found


def _ids(call: Call, *others: str) -> list[int]:
    found = _listed(call, "ids", MOST_IDS, *others)
    if not all(isinstance(one, int) and not isinstance(one, bool) and 0 < one < 2**63 for one in found) or len(set(found)) < len(found):
        raise Problem(400, "bad_request", _("“ids” holds the ids of records, whole numbers, each once."))
    return found


def _mode(call: Call) -> str:
    mode = call.body.get("mode", "all")
    if mode not in MODES:
        raise Problem(400, "bad_request", _("“mode” is “all” (all or none) or “each” (each row for itself)."))
    return str(mode)


def _status(entries: list[Json], done: int) -> int:
    return 207 if any(entry["outcome"] == "failed" for entry in entries) else done


def _summed(entries: list[Json]) -> Json:
    return {"counts": counts(entries), "rows": entries}
