"""A customer's credit for programs: `GET …/customers/<id>/credit`, and what it says to an order or a quotation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.erp.credit.queries import Asked, look_at
from guanxi.erp.sales.changes.effects import SHOWN, try_act
from guanxi.erp.sales.credit.crediting import check_of
from guanxi.erp.sales.models import Order, Quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import Operation, operations_of
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import json_answer
from guanxi.kernel.api.routes import Handler, nothing_here
from guanxi.kernel.openapi.answers import READS, responses
from guanxi.kernel.openapi.document import ROW_ID, endpoint, head_of
from guanxi.kernel.records.refusals import no_such
from guanxi.kernel.screens.screen import Screen
from guanxi.shared.parties.models import Party

NAME = "credit"
KINDS = (Party, Order, Quotation)
_TEXT, _WHOLE, _YES = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_AMOUNT = {"type": ["string", "null"]}
AMOUNTS = ("limit", "allowed", "exposure", "adds", "free", "excess", "most", "to_prepay", "to_pay", "overdue")


def routes_below(call: Call, screen: type[Screen], row_id: int, rest: list[str]) -> dict[str, Handler]:
    if screen.model not in KINDS or rest:
        raise nothing_here()
    return {"GET": lambda: _told(call, screen, row_id)}


def effects_below(call: Call, screen: type[Screen], row_id: int, rest: list[str]) -> dict[str, Handler]:
    """`POST …/orders/<id>/effects/<operation>`: what the act would do, with its own body; nothing of it stays."""
    found = next((o for o in operations_of(Order) if rest == [o.key] and o.name in SHOWN), None) if screen.model is Order else None
    if found is None:
        raise nothing_here()
    return {"POST": lambda: _tried(call, found, row_id)}


def _tried(call: Call, found: Operation, row_id: int) -> HttpResponse:
    order = Order.objects.visible_to(call.actor).filter(pk=row_id).select_related(*Order.loaded_with).first()
    if order is None:
        raise no_such(Order, row_id, call.actor)
    tried = try_act(found, order, call.body, call.actor)
    if tried.refused is not None:
        raise tried.refused
    effects = [{"name": e.name, "label": e.label, "before": e.before, "after": e.after} for e in tried.effects if e.is_changed]
    return json_answer({"effects": effects, "awaits": tried.rule})


def _told(call: Call, screen: type[Screen], row_id: int) -> HttpResponse:
    model: Any = screen.model
    found = model.objects.visible_to(call.actor).filter(pk=row_id).first()
    if found is None:
        raise no_such(model, row_id, call.actor)
    return json_answer(credit_of(found, call.actor))


def credit_of(record: Any, actor: Actor) -> dict[str, Any]:
    """Figures only for who may see what customers owe."""
    check = look_at(Asked(record), actor, "order") if isinstance(record, Party) else check_of(record, actor)
    more = {"hold": record.hold, "is_cleared": record.is_cleared} if isinstance(record, Order) else {}
    if check is None:
        return {"is_limited": False, **more}
    sees = actor.rights.sees_right("see_receivables")
    said: dict[str, Any] = {
        "is_limited": True, "step": check.step, "action": check.action, "is_passed": check.is_passed, "reason": check.reason, **more,
        "sentences": check.sentences(with_figures=sees), "ways": list(check.ways),
    }
    if sees:
        amounts = {
            "limit": check.limit, "allowed": check.allowed, "exposure": check.exposure.total, "adds": check.adds, "free": check.free,
            "excess": check.excess, "most": check.most, "to_prepay": check.to_prepay, "to_pay": check.to_pay,
            "overdue": check.exposure.overdue,
        }
        said |= {
            "currency": check.currency, **{name: _text(amount) for name, amount in amounts.items()}, "overdue_days": check.overdue_days,
            "parts": {part: _text(amount) for part, amount in check.exposure.parts.items()}, "uncounted": list(check.uncounted),
        }
    return said


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"


def described(screen: type[Screen], actor: Actor) -> dict[str, Any]:
    """For the OpenAPI description."""
    if screen.model not in KINDS:
        return {}
    shape = {"type": "object", "required": ["is_limited"], "properties": {
        "is_limited": _YES, "step": _TEXT, "action": _TEXT, "is_passed": _YES, "reason": _TEXT, "hold": _TEXT, "is_cleared": _YES,
        "sentences": {"type": "array", "items": _TEXT}, "ways": {"type": "array", "items": _TEXT}, "currency": _TEXT,
        **dict.fromkeys(AMOUNTS, _AMOUNT), "overdue_days": _WHOLE, "parts": {"type": "object", "additionalProperties": _AMOUNT},
        "uncounted": {"type": "array", "items": _TEXT},
    }}
    words, more = _("What the customer's credit says"), {}
    if screen.model is Order:
        effect = {"type": "object", "properties": dict.fromkeys(("name", "label", "before", "after"), _TEXT)}
        answer = {"type": "object", "properties": {"effects": {"type": "array", "items": effect}, "awaits": _TEXT}}
        for found in operations_of(Order):
            if found.name in SHOWN and actor.may(found.name):
                summary = _("What this would do: %(label)s") % {"label": found.label}
                path = endpoint("post", screen, f"effects_{found.key}", summary, {"type": "object", "properties": {}}, answer, targeted=True)
                path["post"]["requestBody"]["content"]["application/json"]["example"] = {}
                more[f"/{screen.path}/{{id}}/effects/{found.key}"] = path
    return {**more, f"/{screen.path}/{{id}}/{NAME}": {
        "parameters": [ROW_ID], "get": {**head_of(screen, "credit", words), "responses": responses("200", shape, READS)},
    }}
