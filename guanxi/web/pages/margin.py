"""Margin in one look: a waterfall from full price to what was earned, by whatever it concerns, open down to the journal lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from guanxi.erp.finance.models import AccountUse, JournalLine
from guanxi.erp.finance.queries import books_currency
from guanxi.erp.sales.models import Order
from guanxi.erp.sales.pricing.margins import DIMENSIONS, Margin, Part, Scope, discount_of, lines_in, margin_of, margins_by
from guanxi.kernel.access.models import Member
from guanxi.kernel.columns.column import title_of
from guanxi.kernel.columns.periods import PERIODS, period_bounds, period_text
from guanxi.kernel.records.refusals import Forbidden, Missing
from guanxi.kernel.screens.menu import menu_page
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money, format_percent
from guanxi.shared.catalog.models import Category, Product
from guanxi.shared.parties.models import Channel, Party, Region

PATH = "sales/margin"
SPANS = ("this_month", "this_quarter", "this_year", "last_month", "last_quarter", "last_year", "last_365_days")
MODELS: dict[str, Any] = {
    "customer": Party, "salesperson": Member, "product": Product, "order": Order, "category": Category, "region": Region,
    "channel": Channel,
}
NARROWED = ("customer", "channel", "salesperson", "product", "order")
_ADDS, _TAKES = "any(credit:0.01..;debit:..-0.01)", "any(debit:0.01..;credit:..-0.01)"


def _may_see(actor: Any) -> bool:
    return bool(actor.rights.sees_right("see_margin")) and actor.may("view", Party)


menu_page(PATH, gettext_lazy("Margin"), "chart-bar", "sales", 60, may_see=_may_see)


@dataclass(frozen=True)
class Bar:
    """One step of the waterfall; `x` and `width` in hundredths of the longest."""

    label: str
    amount: str
    x: float
    width: float
    tone: str = ""
    is_total: bool = False
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Line:
    """One row of the table below."""

    label: str
    url: str
    margin: Margin
    revenue: str
    cost: str
    earned: str
    rate: str
    width: float


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what cannot be read is left out."""

    scope: Scope
    dimension: str
    period: str
    names: dict[str, str]
    """Of what the scope is narrowed to."""
    currency: str = ""
    """Of the books, where it was chosen."""

    def address(self, **changes: Any) -> str:
        given = {name: getattr(self.scope, name) for name in NARROWED} | {"by": self.dimension, "period": self.period, "currency": self.currency}
        given |= changes
        return "?" + urlencode({name: value for name, value in given.items() if value})


@page(MEMBER)
def margin_page(visit: Visit) -> HttpResponse:
    """Whoever sees margins, of the customers they see."""
    if not _may_see(visit.actor):
        raise Forbidden(_("You may not see margins. Ask an administrator for the right."), right="see_margin")
    asked = _asked(visit)
    lines = lines_in(asked.scope, visit.actor)
    margin = margin_of(lines)
    discount = discount_of(lines, asked.scope.currency)
    return visit.render("pages/margin.html", {
        "bars": _waterfall(margin, discount, asked, visit), "rows": _rows(margins_by(lines, asked.dimension), asked, visit),
        "margin": margin, "dimension": DIMENSIONS[asked.dimension], "is_empty": margin == Margin(),
        "dimensions": [(label, asked.address(by=name), name == asked.dimension) for name, label in DIMENSIONS.items()],
        "periods": [(period_text(name), asked.address(period=name), name == asked.period) for name in SPANS],
        "all_time": (asked.address(period="ever"), asked.period == "ever"),
        "currencies": [(one, asked.address(currency=one), one == asked.scope.currency) for one in _currencies(visit)],
        "has_currencies": len(_currencies(visit)) > 1 and asked.scope.order is None,
        "chips": [(DIMENSIONS[name], text, asked.address(**{name: None})) for name, text in asked.names.items()],
    })


def margin_address(set_key: str, **scope: Any) -> str:
    return f"/{set_key}/{PATH}/?{urlencode(scope)}"


def _asked(visit: Visit) -> Asked:
    given = visit.request.GET
    ids: dict[str, int] = {}
    names: dict[str, str] = {}
    for name in NARROWED:
        text = given.get(name, "")
        if not text:
            continue
        found = _titles(MODELS[name], [int(text)] if text.isdecimal() and len(text) < 19 else [], visit)
        if not found:
            raise Missing(_("There is no such record, or you may not see it."))
        [(ids[name], names[name])] = found.items()
    usual = "product" if "customer" in ids or "order" in ids else "customer"
    dimension = given.get("by", "") if given.get("by", "") in DIMENSIONS else usual
    period = given.get("period", "")
    if period not in PERIODS and not period_text(period) and period != "ever":
        period = "ever" if "order" in ids else "this_year"
    since, until = (None, None) if period == "ever" else period_bounds(period, visit.actor.today)
    currency = visit.actor.currency
    chosen = given.get("currency", "") if given.get("currency", "") in _currencies(visit) and "order" not in ids else ""
    if chosen:
        currency = chosen
    elif "customer" in ids:
        currency = books_currency(Party.objects.values_list("currency", flat=True).get(pk=ids["customer"]), visit.actor)
    elif "order" in ids:
        currency = Order.objects.values_list("entity__currency", flat=True).get(pk=ids["order"])
    return Asked(Scope(currency=currency, since=since, until=until, **ids), dimension, period, names, chosen)


def _currencies(visit: Visit) -> list[str]:
    """In which books are kept, the visitor's own first: amounts of several are never added up."""
    return sorted(set(visit.actor.entity_currencies), key=lambda one: (one != visit.actor.currency, one))


def _titles(model: Any, ids: list[int], visit: Visit) -> dict[int, str]:
    rows = model.objects.visible_to(visit.actor).order_by().filter(pk__in=ids)
    return {pk: str(title) for pk, title in rows.values_list("pk", title_of(model, visit.actor))}


def _waterfall(margin: Margin, discount: Decimal, asked: Asked, visit: Visit) -> list[Bar]:
    currency, full = asked.scope.currency, margin.sold + discount
    longest = max(full, margin.sold, margin.revenue, -margin.cost, ZERO) or Decimal(1)
    lowest = min(ZERO, margin.margin)
    span = longest - lowest

    def bar(label: str, start: Decimal, end: Decimal, amount: Decimal, **more: Any) -> Bar:
        low, high = min(start, end), max(start, end)
        return Bar(label, format_money(amount, currency), float(100 * (low - lowest) / span), float(100 * (high - low) / span), **more)

    def total(label: str, amount: Decimal, **more: Any) -> Bar:
        return bar(label, ZERO, amount, amount, is_total=True, tone="bad" if amount < 0 else "", **more)

    def step(label: str, start: Decimal, amount: Decimal, **more: Any) -> list[Bar]:
        return [bar(label, start, start + amount, amount, tone="good" if amount > 0 else "bad", **more)] if amount else []

    rate = margin.rate
    return [
        *([total(_("At full price"), full), *step(_("Discounts"), full, -discount)] if discount else []),
        total(pgettext("of the waterfall", "Invoiced"), margin.sold, url=_ledger("revenue", _ADDS, asked, visit)),
        *step(_("Credit notes and reversals"), margin.sold, margin.credited, url=_ledger("revenue", _TAKES, asked, visit)),
        *([total(pgettext("of the waterfall", "Revenue"), margin.revenue, url=_ledger("revenue", "", asked, visit))] if margin.credited else []),
        *step(_("Cost of what was delivered"), margin.revenue, margin.delivered, url=_ledger("cost_of_sales", _TAKES, asked, visit)),
        *step(_("Returned into stock"), margin.revenue + margin.delivered, margin.returned, url=_ledger("cost_of_sales", _ADDS, asked, visit)),
        *step(_("Scrapped of it"), margin.margin - margin.scrapped, margin.scrapped, url=_ledger("scrap", "", asked, visit)),
        total(_("Margin"), margin.margin, note=format_percent(rate) if rate is not None else ""),
    ]


def _ledger(use: str, side: str, asked: Asked, visit: Visit) -> str:
    """The journal lines behind a bar, for whoever may look at the journal."""
    scope = asked.scope
    if not visit.actor.may("view", JournalLine):
        return ""
    if scope.channel is not None:
        # A line of the journal names no channel: what stands behind the bar is reached through the channel's orders.
        return ""
    accounts = AccountUse.objects.filter(use=use, entity__currency=scope.currency).values_list("account_id", flat=True)
    days = f"{scope.since or ''}..{scope.until or ''}"
    given = {
        "f.account": ",".join(map(str, sorted(set(accounts)))), "f.party": scope.customer, "f.salesperson": scope.salesperson,
        "f.product": scope.product, "f.document": f"{Order.label()}:{scope.order}" if scope.order is not None else "",
        "f.entry__posted_on": days if days != ".." else "", "where": side,
    }
    return f"/{visit.set_key}/finance/lines/?" + urlencode({name: value for name, value in given.items() if value})


def _rows(parts: list[Part], asked: Asked, visit: Visit) -> list[Line]:
    dimension, currency = asked.dimension, asked.scope.currency
    ids = [part.key for part in parts if part.key is not None]
    titles: dict[Any, str] = {}
    if dimension == "month":
        titles = {day: date_format(day, pgettext("date format", "M Y")) for day in ids}
    elif ids:
        titles = _titles(MODELS[dimension], ids, visit)
    most = max((abs(part.margin.margin) for part in parts), default=ZERO) or Decimal(1)
    return [
        Line(
            titles.get(part.key) or (_("not named") if part.key is None else f"#{part.key}"), _narrower(part, titles, asked), part.margin,
            format_money(part.margin.revenue, currency), format_money(part.margin.cost, currency), format_money(part.margin.margin, currency),
            format_percent(part.margin.rate) if part.margin.rate is not None else "—", float(100 * abs(part.margin.margin) / most),
        )
        for part in parts
    ]


def _narrower(part: Part, titles: dict[Any, str], asked: Asked) -> str:
    """The same page for one of the rows."""
    if part.key is None or part.key not in titles:
        return ""
    if isinstance(part.key, date):
        return ""
    if asked.dimension not in NARROWED:
        return ""
    usual = {"customer": "order", "channel": "customer"}.get(asked.dimension, "product")
    return replace(asked, dimension=usual).address(**{asked.dimension: part.key})
