"""When the lines of a quotation or an order can be delivered, why, and what else could be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.erp.promising.models import WaitingLine
from guanxi.erp.promising.queries import Alternative, Promise
from guanxi.erp.sales.models import OrderLine, QuotationLine
from guanxi.erp.sales.promising.promises import promises_of
from guanxi.erp.sales.queries import lines_over, standing_of
from guanxi.kernel.acts.operation import may_perform, operation_named
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.cells import Cell, Row
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.screen import record_url
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.records import DRESSED, record_of

CHIP = "pages/promise_chip.html"


@dataclass(slots=True)
class Chip(Cell):
    """What is true of a line now, in place of the reason for which its day was promised."""

    words: Any = ""
    colour: str = ""

    @property
    def label(self) -> Any:
        return self.words

    @property
    def tone(self) -> str:
        return self.colour


def _dress(rows: list[Row], standing: Mapping[int, str]) -> frozenset[str]:
    """The day of each line is a chip with its reason, which opens what else could be done; where goods are held by now, or are missing again,
    or have left, it says that. Where nothing is to come any more, the day stands alone."""
    for row in rows:
        day, source, now = row.get("promised_on"), row.get("promised_from"), standing.get(row.pk, "")
        if day is None or source is None or not source.value or now == "over":
            continue
        chip = source
        if now == "delivered":
            chip = Chip(source.column, now, words=_("Delivered"))
        elif now == "reserved" and source.value in ("receipt", "lead_time", "unknown"):
            chip = Chip(source.column, now, words=_("Reserved"), colour="green")
        elif now == "waiting" and source.value == "stock":
            chip = Chip(source.column, now, words=_("Waits for goods"), colour="amber")
        day.template, day.url, day.parts = CHIP, f"promise/?line={row.pk}" if now != "delivered" else "", [chip]
    return frozenset({"promised_from"})


def _dress_order(visit: Visit, rows: list[Row]) -> frozenset[str]:
    return _dress(rows, standing_of([row.pk for row in rows]))


def _dress_quotation(visit: Visit, rows: list[Row]) -> frozenset[str]:
    return _dress(rows, dict.fromkeys(lines_over([row.pk for row in rows]), "over"))


DRESSED[OrderLine.label()] = _dress_order
DRESSED[QuotationLine.label()] = _dress_quotation


@dataclass(frozen=True)
class Choice:
    """An alternative, and the operation that takes it with one click."""

    text: str
    note: str
    operation: str = ""
    label: Any = ""
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Line:
    """What stands of one line."""

    row: Any
    promise: Promise
    choices: list[Choice]
    waiting_url: str
    promised_on: Any
    """What was promised, where that is another day than is possible now."""


@page("view")
def promise_page(visit: Visit, pk: int) -> HttpResponse:
    """All lines, or the one named in the address."""
    assert visit.screen is not None
    document = record_of(visit, pk)
    promises = promises_of(document, visit.actor)
    asked = visit.request.GET.get("line", "")
    model: Any = visit.screen.lines.model if visit.screen.lines else None
    rows = list(model.objects.filter(**{visit.screen.lines.parent: pk}).select_related("product__unit", "unit").order_by("position"))  # type: ignore[union-attr]
    chosen = [row for row in rows if row.pk in promises and asked in ("", str(row.pk))]
    if asked and not any(str(row.pk) == asked for row in rows):
        raise Missing(_("This line is no longer there; load the page again."))
    waiting = _waiting(visit, document)
    lines = [
        Line(
            row, promises[row.pk], _choices(visit, document, row, promises[row.pk]), waiting.get(row.pk, ""),
            row.promised_on if row.promised_on != promises[row.pk].on else None,
        )
        for row in chosen
    ]
    return visit.render("pages/promise.html", {
        "record": document, "lines": lines, "asked": asked, "url": visit.screen.url(visit.set_key, pk), "key": new_key(),
        "is_over": not promises, "several": len(rows) > 1,
    })


def _waiting(visit: Visit, document: Any) -> dict[int, str]:
    if not visit.actor.may("view", WaitingLine):
        return {}
    rows = WaitingLine.objects.visible_to(visit.actor).filter(order_model=document.label(), order_id=document.pk)
    return {source: record_url(visit.set_key, WaitingLine, pk) for pk, source in rows.values_list("pk", "source_id")}


def _choices(visit: Visit, document: Any, row: Any, promise: Promise) -> list[Choice]:
    kind = "order" if isinstance(row, OrderLine) else "quotation"
    found = []
    for one in promise.alternatives:
        name, values = _taking(one, kind, row)
        operation = operation_named(name) if name else None
        if operation is not None and visit.actor.may(name) and operation.is_possible(document) and may_perform(operation, document, visit.actor):
            found.append(Choice(one.text(), one.note, name, operation.label, values))
        else:
            found.append(Choice(one.text(), one.note))
    return found


def _taking(one: Alternative, kind: str, row: Any) -> tuple[str, tuple[tuple[str, Any], ...]]:
    """The operation that takes an alternative, and what it is given; none for what needs none."""
    if one.kind == "split" and row.configuration_id is None:
        quantity = one.quantity / row.factor
        if row.factor != 1 or row.quantity == row.quantity.to_integral_value():
            quantity = quantity.to_integral_value(ROUND_FLOOR)
        if Decimal(0) < quantity < row.quantity:
            return f"sales.split_{kind}_line", (("line", row.pk), ("quantity", f"{quantity.normalize():f}"))
    if one.kind == "warehouse" and one.warehouse is not None:
        return f"sales.change_{kind}_warehouse", (("warehouse", one.warehouse.pk),)
    if one.kind == "substitute" and one.product is not None:
        return f"sales.substitute_{kind}_line", (("line", row.pk), ("product", one.product.pk))
    return "", ()
