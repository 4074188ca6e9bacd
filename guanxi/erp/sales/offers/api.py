"""Two versions of a quotation compared, for programs: `GET …/sales/quotations/<id>/compare?from=1&to=2`."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.erp.sales.models import Quotation
from guanxi.erp.sales.offers.models import QuotationVersion
from guanxi.erp.sales.offers.versions import Change, LineChange, compared, versions_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.writer import require
from guanxi.kernel.api import routes
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import Problem, json_answer
from guanxi.kernel.api.shapes import amount, simple
from guanxi.kernel.columns.column import Column
from guanxi.kernel.openapi import document
from guanxi.kernel.openapi.answers import READS, responses
from guanxi.kernel.openapi.document import ROW_ID, head_of
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.screen import Screen

Json = dict[str, Any]


def routes_below(call: Call, screen: type[Screen], row_id: int, rest: list[str]) -> dict[str, routes.Handler]:
    if screen.model is not Quotation or rest:
        raise routes.nothing_here()
    return {"GET": lambda: told(call, row_id)}


def told(call: Call, row_id: int) -> HttpResponse:
    """`from` and `to` are version numbers; the last two when neither is given."""
    for name in call.parameters:
        if name not in ("from", "to"):
            raise Problem(400, "bad_query", _("There is no parameter “%(name)s”.") % {"name": name[:60]})
    before, after = pair_of(row_id, call.parameters.get("from", ""), call.parameters.get("to", ""), call.actor)
    found = compared(before, after, call.actor)
    return json_answer({
        "from": _version(before), "to": _version(after), "changes": [_change(one, after.currency) for one in found.head],
        "lines": [_line(one, after.currency) for one in found.lines],
    })


def pair_of(quotation_id: int, first: str, second: str, actor: Actor) -> tuple[QuotationVersion, QuotationVersion]:
    """Two versions by their numbers, the last two when they are not said; Missing when there are none."""
    require(actor, "view", QuotationVersion)
    if not Quotation.objects.visible_to(actor).filter(pk=quotation_id).exists():
        raise Missing(_("There is no such quotation, or you may not see it."))
    rows = {version.edition: version for version in versions_of(quotation_id).visible_to(actor)}
    last, newest = ([0, 0] + sorted(rows))[-2:]
    before, after = rows.get(_number(first, last or newest)), rows.get(_number(second, newest))
    if before is None or after is None:
        raise Missing(_("There is no such version: this quotation has been sent %(n)s times.") % {"n": newest})
    return before, after


def _number(text: str, usual: int) -> int:
    if not text:
        return usual
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _version(version: QuotationVersion) -> Json:
    return {"id": version.pk, "edition": version.edition, "number": version.number, "at": simple("moment", version.at)}


def _value(column: Column | None, value: Any, currency: str) -> Any:
    if column is not None and column.kind in ("money", "price"):
        return amount(value, currency)
    if isinstance(value, Record):
        return {"id": value.pk, "title": str(value)}
    return dict(value) if isinstance(value, dict) else simple("", value)


def _change(change: Change, currency: str) -> Json:
    return {
        "column": change.column.name, "from": _value(change.column, change.before, currency), "to": _value(change.column, change.after, currency),
    }


def _line(change: LineChange, currency: str) -> Json:
    line = change.line
    return {
        "kind": change.kind, "product": _value(None, line.product, currency), "description": line.description,
        "quantity": simple("", line.quantity), "net": amount(line.net, currency), "changes": [_change(one, currency) for one in change.changes],
    }


def described(screen: type[Screen], actor: Actor) -> Json:
    """The same for the description of the API."""
    if screen.model is not Quotation or not actor.may("view", QuotationVersion):
        return {}
    whole = {"schema": {"type": "integer", "minimum": 1}, "in": "query", "required": False}
    changes = {"type": "array", "items": {"type": "object"}}
    answer = {"type": "object", "properties": {"from": {"type": "object"}, "to": {"type": "object"}, "changes": changes, "lines": changes}}
    return {f"/{screen.path}/{{id}}/compare": {
        "parameters": [ROW_ID, {"name": "from", **whole}, {"name": "to", **whole}],
        "get": {**head_of(screen, "compare_versions", _("Compare two versions")), "responses": responses("200", answer, READS)},
    }}


routes.PARTS_OF_ROWS["compare"] = routes_below
document.PARTS_OF_ROWS.append(described)
