"""What an act holds, as its page shows it, and the way from a record to its acts. `{% load acts %}`"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext as _

from guanxi.kernel.acts.approval import condition_columns
from guanxi.kernel.acts.models import Act, ApprovalRequest
from guanxi.kernel.acts.operation import operation_named
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.conditions import unknown_in
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import model_named
from guanxi.kernel.screens.cells import Cell, link_records
from guanxi.kernel.screens.screen import screen_of
from guanxi.kernel.values.shown import format_money, format_percent, format_quantity

register = template.Library()
MASK = "•••"
PERSONAL = frozenset({"email", "phone"})
SECRET = re.compile(r"password|secret|token|digest|phone|mobile|e_?mail|birth|identity|(^|_)(pin|key)(_|$)", re.IGNORECASE)
"""Names of what is masked whatever its kind: secrets, and what identifies a person."""
ADDRESS = re.compile(r"[^\s<>,;\"]+@[^\s<>,;\"]+")
LONGEST = 200
MOST = 50


@register.simple_tag(takes_context=True)
def act_values(context: Any, act: Act) -> list[tuple[Any, str]]:
    """(label, value) of what was entered; secret, personal and hidden values are masked."""
    known = _columns_of_act(act)
    others = {"address": _("Address"), "rows": _("Rows"), "ids": _("Rows"), "file": _("File")}
    given = act.arguments if isinstance(act.arguments, Mapping) else {}
    return [
        (known[name].label if name in known else others.get(name, name), _shown(name, value, known.get(name), context["actor"]))
        for name, value in given.items()
        if value not in (None, "", [], {})
    ]


def _columns_of_act(act: Act) -> Mapping[str, Column]:
    try:
        return operation_named(act.operation).parameters
    except LookupError:
        pass
    try:
        return columns_of(model_named(act.operation.rpartition(".")[0]))
    except (LookupError, ValueError):
        return {}


def _shown(name: str, value: Any, column: Column | None, actor: Any) -> str:
    if SECRET.search(name) or column is not None and (column.kind in PERSONAL or not actor.sees(column)):
        return MASK
    if column is not None and column.kind in ("choice", "status"):
        return str(column.label_of(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        return _("%(n)s lines") % {"n": len(value)}
    if isinstance(value, Mapping):
        value = ", ".join(str(one) for one in value.values())
    if isinstance(value, list):
        value = ", ".join(str(one) for one in value[:MOST])
    text = ADDRESS.sub(MASK, str(value))
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


@register.simple_tag(takes_context=True)
def request_values(context: Any, request: ApprovalRequest) -> list[tuple[Any, str]]:
    """What was entered for an act that waits."""
    return act_values(context, Act(operation=request.operation, arguments=request.arguments))


@register.simple_tag(takes_context=True)
def request_facts(context: Any, request: ApprovalRequest) -> list[tuple[Any, str]]:
    """(label, value) of what the rule looked at, as far as the reader may see it."""
    try:
        known = condition_columns(operation_named(request.rule.operation))
    except LookupError:
        return []
    actor = context["actor"]
    row = model_named(request.target_model)._base_manager.filter(pk=request.target_id).first()
    found = []
    for name, value in (request.facts or {}).items():
        column = known.get(name)
        if column is None or not actor.sees(column) or value is None:
            continue
        found.append((column.label, _fact(name, value, column, row, actor)))
    return [*found, *((_("Not known"), words) for words in (unknown_in(request.facts or {}, row) if row is not None else ()))]


def _fact(name: str, value: Any, column: Column, row: Any, actor: Any) -> str:
    if column.kind == "percent":
        return format_percent(Decimal(value))
    currency = getattr(row, column.currency if isinstance(column.currency, str) else "currency", "")
    if column.kind == "money" and currency:
        return format_money(Decimal(value), currency)
    return format_quantity(Decimal(value)) if column.numeric else _shown(name, value, column, actor)


@register.simple_tag(takes_context=True)
def act_rows(context: Any, act: Act) -> list[tuple[str, Cell]]:
    """(what happened, the record) of the rows that an act wrote, as far as the history keeps them."""
    words = {"created": _("created"), "changed": _("changed"), "deleted": _("deleted")}
    column = Column("row", "", "record")
    steps = History.objects.filter(act_id=act.pk).order_by("pk").values_list("kind", "model", "row_id")[:MOST]
    found = [(words[kind], Cell(column, f"{model}:{row_id}")) for kind, model, row_id in steps if screen_of(model) is not None]
    link_records([cell for _word, cell in found], context["actor"], context["visit"].set_key)
    return found


@register.simple_tag(takes_context=True)
def acts_address(context: Any, record: Any = None) -> str:
    """Where the acts on a record are listed; empty for those who may not see the log."""
    visit, screen = context["visit"], screen_of(Act)
    if screen is None or not visit.actor.may("view", Act):
        return ""
    return screen.url(visit.set_key, rest=f"?f.target={record.label()}:{record.pk}" if record is not None else "")
