"""What one does about a cost that changed: take it as it is, or quote anew. Holding is `withdraw_quotation` and `hold_order`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.sales.impact.queries import changed_lines
from guanxi.erp.sales.models import Order, OrderLine, Quotation, QuotationLine, SalesLine
from guanxi.erp.sales.operations import revise_quotation
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import update
from guanxi.kernel.columns.forms import form_of
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO, round_money


@operation(label=gettext_lazy("Accept new costs"), states=("draft", "sent", "change_asked", "accepted"), icon="checks")
def accept_quotation_costs(quotation: Quotation, *, actor: Actor) -> Quotation:
    """The price stays; the margin is reckoned with what the products cost now."""
    _take_costs(quotation, QuotationLine, "quotation", quotation.lines.exclude(inclusion="optional"))
    return quotation


@operation(label=gettext_lazy("Accept new costs"), states=("draft", "confirmed"), icon="checks")
def accept_order_costs(order: Order, *, actor: Actor) -> Order:
    """The price stays; the margin is reckoned with what the products cost now."""
    _take_costs(order, OrderLine, "order", order.lines)
    return order


def _take_costs(document: Any, model: type[SalesLine], parent: str, counted: Any) -> None:
    lines = _changed(document, model)
    for line in lines:
        line.unit_cost, line.version = line.now, line.version + 1
    model._base_manager.bulk_update(lines, ["unit_cost", "version"])
    rows = counted.values_list("quantity", "unit_cost")
    document.assign(cost=sum((round_money(quantity * cost, document.currency) for quantity, cost in rows), ZERO))


@operation(
    label=gettext_lazy("Quote anew"), states=("draft", "sent", "change_asked"), icon="refresh",
    labels={
        "keep": gettext_lazy("New prices"), "margin_rate": gettext_lazy("Keep the margin rate"), "price_list": gettext_lazy("Take today's prices"),
    },
)
def requote_quotation(quotation: Quotation, *, actor: Actor, keep: Literal["margin_rate", "price_list"] = "margin_rate") -> Quotation:
    """New prices for the lines whose cost changed, at the margin rate that they had or as the prices of today are.

    What was sent becomes a draft again, to be looked at and sent as the next version.
    """
    prices = {
        line.pk: None if keep == "price_list" else _price_with(line, quotation) for line in _changed(quotation, QuotationLine)
    }
    if quotation.status != "draft":
        revise_quotation(quotation, actor=actor)
        quotation.refresh_from_db()
    lines = [
        {"id": line.pk, **({"unit_price": prices[line.pk]} if line.pk in prices else {})} for line in quotation.lines.order_by("position", "pk")
    ]
    update(form_of(Quotation), [quotation], [{"lines": lines}], actor, by_id=True)
    return quotation


def _price_with(line: Any, quotation: Quotation) -> Decimal:
    """The unit price by which the line keeps its margin rate."""
    if not line.unit_cost:
        raise Refused(_("“%(line)s” had no cost before, so that there is no margin rate to keep; take today's prices.") % {"line": line})
    return round_money(line.unit_price * line.now / line.unit_cost, quotation.currency)


def _changed(document: Any, model: type[SalesLine]) -> list[Any]:
    found = list(changed_lines(model, document).annotate(now=F("_now")))
    if not found:
        raise Refused(_("Nothing here costs another amount now."))
    return found
