"""Figures on the customer's page, from the ledgers: the strip under the name, twelve months, the age of what is owed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guanxi.erp.finance.models import AccountUse, Invoice, JournalLine
from guanxi.erp.finance.queries import books_currency
from guanxi.kernel.columns import text
from guanxi.kernel.screens.cells import Cell, Row
from guanxi.kernel.screens.visit import Visit
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money, format_percent
from guanxi.shared.parties.models import Party

WIDTH, HEIGHT, MONTHS = 260, 90, 12


@dataclass
class Figure:
    """One figure at a glance: its value as a cell or as text, and a small line below it."""

    label: Any
    cell: Cell | None = None
    text: str = ""
    note: str | SafeString = ""
    tone: str = ""


@dataclass
class Chart:
    """Bars for sales and a line for the margin, as numbers that an SVG takes."""

    bars: list[dict[str, Any]] = field(default_factory=list)
    line: str = ""
    width: int = WIDTH
    height: int = HEIGHT


@dataclass
class Part:
    """One stretch of a divided bar."""

    label: str
    amount: str
    x: float
    width: float
    place: int


def figures_of(visit: Visit, party: Party, row: Row) -> list[Figure]:
    """As far as the reader's field rights go; money in the books' currency."""
    actor = visit.actor
    cells = {name: cell for name in (
        "sales_of_year", "margin_rate_of_year", "margin_of_year", "receivable", "overdue", "open_orders", "last_contact", "credit_limit", "next_task",
    ) if (cell := row.get(name)) is not None}
    found: list[Figure] = []
    if party.is_customer and "sales_of_year" in cells:
        found.append(Figure(cells["sales_of_year"].column.label, cells["sales_of_year"], note=_growth(party, cells["sales_of_year"].value, actor)))
    if party.is_customer and "margin_rate_of_year" in cells:
        margin = cells.get("margin_of_year")
        note = format_money(margin.value, margin.currency) if margin is not None and margin.value else ""
        found.append(Figure(cells["margin_rate_of_year"].column.label, cells["margin_rate_of_year"], note=note))
    if party.is_customer and "receivable" in cells:
        found += _owed(party, cells, actor)
    if party.is_customer and "open_orders" in cells:
        found.append(Figure(cells["open_orders"].column.label, cells["open_orders"]))
    if "last_contact" in cells:
        found.append(Figure(cells["last_contact"].column.label, cells["last_contact"], note=_next(cells.get("next_task"), actor)))
    return found


def _owed(party: Party, cells: dict[str, Cell], actor) -> list[Figure]:
    owed, overdue = cells["receivable"].value or ZERO, cells["overdue"].value if "overdue" in cells else ZERO
    amount = format_money(overdue, cells["overdue"].currency) if overdue else ""
    late = format_html('<span class="bad">{}</span>', _("overdue %(amount)s") % {"amount": amount}) if overdue else ""
    found = [Figure(cells["receivable"].column.label, cells["receivable"], note=late)]
    if party.credit_limit is not None and party.currency == books_currency(party.currency, actor):
        free = party.credit_limit - owed
        limit = _("limit %(amount)s") % {"amount": format_money(party.credit_limit, party.currency)}
        found.append(Figure(_("Credit available"), text=format_money(free, party.currency), note=limit, tone="bad" if free < 0 else ""))
    return found


def _next(cell: Cell | None, actor) -> str:
    if cell is None or cell.value is None:
        return ""
    return _("next task %(day)s") % {"day": text.short_date(cell.value, actor.today)}


def _lines(party: Party, use: str, actor):
    """Lines of the ledger that concern the party on the accounts of one use."""
    accounts = AccountUse.objects.filter(use=use).values("account_id")
    lines = JournalLine.objects.filter(party=party, account_id__in=accounts).order_by()
    return lines.filter(entity__currency=books_currency(party.currency, actor)) if actor.has_several_entities else lines


def _growth(party: Party, this_year: Decimal | None, actor) -> str | SafeString:
    """Against the same days of last year."""
    today = actor.today
    until = today.replace(year=today.year - 1, day=min(today.day, 28) if today.month == 2 else today.day)
    lines = _lines(party, "revenue", actor).filter(entry__posted_on__range=(date(today.year - 1, 1, 1), until))
    before = lines.aggregate(total=Sum(F("credit") - F("debit")))["total"]
    if not before or before <= 0:
        return ""
    change = (this_year or ZERO) / before - 1
    sign, tone = ("▲", "good") if change >= 0 else ("▼", "bad")
    words = _("on the same days last year")
    return format_html('<span class="{}">{} {}</span> {}', tone, sign, format_percent(abs(change)), words)


def months_of(visit: Visit, party: Party) -> Chart | None:
    """Sales and margin of the last twelve months; nothing when there were none."""
    actor, first = visit.actor, visit.actor.today.replace(day=1)
    currency = books_currency(party.currency, actor)
    starts = [first]
    while len(starts) < MONTHS:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    starts.reverse()
    sees_margin = actor.rights.sees_right("see_margin")
    sales = _by_month(_lines(party, "revenue", actor), starts[0])
    costs = _by_month(_lines(party, "cost_of_sales", actor), starts[0]) if sees_margin and sales else {}
    if not any(sales.values()):
        return None
    margins = {month: sales.get(month, ZERO) + costs.get(month, ZERO) for month in starts}
    top = max([*sales.values(), *margins.values(), Decimal(1)])
    step, chart = WIDTH / MONTHS, Chart()
    for place, month in enumerate(starts):
        amount = sales.get(month, ZERO)
        height = _tall(amount, top)
        words = [_month_name(month), format_money(amount, currency)]
        if sees_margin:
            words.append(_("margin %(amount)s") % {"amount": format_money(margins[month], currency)})
        chart.bars.append({
            "x": round(place * step + 2, 1), "width": round(step - 4, 1), "y": round(HEIGHT - height, 1), "height": round(height, 1),
            "title": " · ".join(words),
        })
    if sees_margin:
        points = ((round(place * step + step / 2, 1), round(HEIGHT - _tall(margins[month], top), 1)) for place, month in enumerate(starts))
        chart.line = " ".join(f"{x},{y}" for x, y in points)
    return chart


def _month_name(month: date) -> str:
    return f"{month.year}年{month.month}月" if text.is_chinese() else date_format(month, "M Y")


def _tall(amount: Decimal, top: Decimal) -> float:
    return max(0.0, float(amount / top) * (HEIGHT - 6))


def _by_month(lines, since: date) -> dict[date, Decimal]:
    rows = lines.filter(entry__posted_on__gte=since).annotate(month=TruncMonth("entry__posted_on")).values("month")
    return {row["month"]: row["total"] for row in rows.annotate(total=Sum(F("credit") - F("debit")))}


def ageing_of(visit: Visit, party: Party) -> list[Part]:
    """How long overdue it is what the customer owes, in the books' currency."""
    actor = visit.actor
    if not (party.is_customer and actor.rights.sees_right("see_receivables")):
        return []
    month_ago = actor.today - timedelta(days=30)
    currency, owed = books_currency(party.currency, actor), Invoice.objects.filter(customer=party, open_amount__gt=0)
    if actor.has_several_entities:
        owed = owed.filter(entity__currency=currency)
    sums = owed.aggregate(
        not_due=Sum("open_base", filter=Q(due_on__gte=actor.today)),
        month=Sum("open_base", filter=Q(due_on__lt=actor.today, due_on__gte=month_ago)),
        older=Sum("open_base", filter=Q(due_on__lt=month_ago)),
    )
    labels = {"not_due": _("not due"), "month": _("1–30 days"), "older": _("over 30 days")}
    whole = sum((amount or ZERO for amount in sums.values()), ZERO)
    parts: list[Part] = []
    for place, (name, label) in enumerate(labels.items(), start=1):
        amount = sums[name] or ZERO
        x = parts[-1].x + parts[-1].width if parts else 0.0
        if whole:
            parts.append(Part(label, format_money(amount, currency), round(x, 1), round(float(amount / whole) * WIDTH, 1), place))
    return parts
