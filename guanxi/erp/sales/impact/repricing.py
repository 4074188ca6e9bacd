"""Another cost or price on one line, with all that follows for its document, and nothing for its other lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.configurator.operations import configure_anew
from guanxi.erp.pricing.queries import step
from guanxi.erp.sales.completion import line_amounts
from guanxi.erp.sales.impact.kinds import Affair
from guanxi.erp.sales.impact.todays_prices import prices_of_today
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values import ZERO, round_half_up, round_money


def take_cost(document: Any, line: Any, cost: Decimal) -> None:
    """The line is costed with another amount; its price stays."""
    _write(document, line, unit_cost=cost)


def take_price(affair: Affair, keep: str, document: Any = None, line: Any = None) -> None:
    """A new price on the line, or on the one given that takes its place elsewhere, with what it costs now."""
    _write(document or affair.document, line or affair.line, **new_terms(affair, keep))


def new_terms(affair: Affair, keep: str) -> dict[str, Any]:
    """Price, discount, cost, explanation and configuration that the line gets."""
    row, line = affair.row, affair.line
    cost = row.unit_cost if row.cost_now is None else row.cost_now
    terms: dict[str, Any] = {"unit_cost": cost}
    if line.configuration is not None and row.reason == "model":
        terms["configuration"] = configure_anew(line.configuration, affair.actor)
    if keep == "price_list":
        return _unlike({**terms, **_price_of_today(affair)}, line)
    if not row.unit_cost:
        raise Refused(_("“%(line)s” had no cost before, so that there is no margin rate to keep; take today's prices.") % {"line": line})
    price = round_money(line.unit_price * cost / row.unit_cost, affair.document.currency)
    before, after = (round_half_up(one * (1 - line.discount) / line.factor, 6) for one in (line.unit_price, price))
    return _unlike({**terms, "unit_price": price, "discount": line.discount, "price_steps": [*line.price_steps, step("hand", before, after)]}, line)


def _unlike(terms: dict[str, Any], line: Any) -> dict[str, Any]:
    """Nothing is quoted anew at the price that it has."""
    if (terms["unit_price"], terms["discount"]) == (line.unit_price, line.discount):
        words = _("Nothing would change: “%(line)s” would be quoted at the price that it has. Choose other new prices, or accept the change.")
        raise Refused(words % {"line": line})
    return terms


def _price_of_today(affair: Affair) -> dict[str, Any]:
    lines = list(type(affair.line).objects.filter(**{affair.kind.parent: affair.document.pk}).select_related("product", "configuration"))
    [prices] = prices_of_today([(affair.document, lines)], affair.kind, affair.actor)
    priced = next(one for line, one in zip(lines, prices, strict=True) if line.pk == affair.line.pk)
    if priced is None or priced.price is None:
        raise Refused(_("There is no price for “%(line)s” today; keep its margin rate, or add it to a price list.") % {"line": affair.line})
    return {"unit_price": priced.price * affair.line.factor, "discount": priced.discount, "price_steps": priced.steps}


def _write(document: Any, line: Any, **values: Any) -> None:
    """Write the line and add its document up again, from all lines that count."""
    for name, value in values.items():
        setattr(line, name, value)
    if "unit_price" in values:
        line.net, line.tax_amount = line_amounts(line.quantity, line.unit_price, line.discount, line.tax_rate, document.currency)
        line.total = line.net + line.tax_amount
        values |= dict.fromkeys(("net", "tax_amount", "total"))
    line.version += 1
    type(line)._base_manager.bulk_update([line], [*values, "version"])
    parent = type(line).part_of
    counted = [one for one in type(line).objects.filter(**{parent: document.pk}) if getattr(one, "inclusion", "firm") != "optional"]
    net, tax = sum((one.net for one in counted), ZERO), sum((one.tax_amount for one in counted), ZERO)
    cost = sum((round_money(one.quantity * one.unit_cost, document.currency) for one in counted), ZERO)
    document.assign(net=net, tax=tax, total=net + tax, cost=cost)
    document.flush()
