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

from guanxi.erp.credit.queries import Check
from guanxi.erp.finance.models import AccountUse, Invoice, JournalLine
from guanxi.erp.finance.queries import books_currency
from guanxi.erp.sales.pricing.margins import COSTS
from guanxi.kernel.columns import text
from guanxi.kernel.database.known import known
from guanxi.kernel.screens.cells import Cell, Row
from guanxi.kernel.screens.visit import Visit
from guanxi.kernel.values import ZERO
from guanxi.kernel.values.shown import format_money, format_percent
from guanxi.shared.parties.models import Party
from guanxi.web.pages.margin import margin_address

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


def figures_of(visit: Visit, party: Party, row: Row, before: Decimal, credit: Check | None = None) -> list[Figure]:
    """As far as the reader's field rights go; money in the books' currency. `before`: sales on the same days of last year."""
    actor = visit.actor
    cells = {name: cell for name in (
        "sales_of_year", "margin_rate_of_year", "margin_of_year", "receivable", "overdue", "open_orders", "last_contact", "credit_limit", "next_task",
    ) if (cell := row.get(name)) is not None}
    found: list[Figure] = []
    if party.is_customer and "sales_of_year" in cells:
        found.append(Figure(cells["sales_of_year"].column.label, cells["sales_of_year"], note=_growth(before, cells["sales_of_year"].value)))
    if party.is_customer and "margin_rate_of_year" in cells:
        margin = cells.get("margin_of_year")
        note = _earned(visit, party, margin) if margin is not None and margin.value else ""
        found.append(Figure(cells["margin_rate_of_year"].column.label, cells["margin_rate_of_year"], note=note))
    if party.is_customer and "receivable" in cells:
        found += _owed(cells, credit)
    if party.is_customer and "open_orders" in cells:
        found.append(Figure(cells["open_orders"].column.label, cells["open_orders"]))
    if "last_contact" in cells:
        found.append(Figure(cells["last_contact"].column.label, cells["last_contact"], note=_next(cells.get("next_task"), actor)))
    return found


def _earned(visit: Visit, party: Party, margin: Cell) -> SafeString:
    address = margin_address(visit.set_key, customer=party.pk)
    return format_html('<a class="ref" href="{}">{}</a>', address, format_money(margin.value, margin.currency))


def _owed(cells: dict[str, Cell], credit: Check | None) -> list[Figure]:
    overdue = cells["overdue"].value if "overdue" in cells else ZERO
    amount = format_money(overdue, cells["overdue"].currency) if overdue else ""
    late = format_html('<span class="bad">{}</span>', _("overdue %(amount)s") % {"amount": amount}) if overdue else ""
    found = [Figure(cells["receivable"].column.label, cells["receivable"], note=late)]
    if credit is not None and credit.limit is not None and credit.free is not None:
        limit = _("limit %(amount)s") % {"amount": credit.money(credit.limit)}
        found.append(Figure(_("Credit available"), text=credit.money(credit.free), note=limit, tone="bad" if credit.free < 0 else ""))
    return found


def _next(cell: Cell | None, actor) -> str:
    if cell is None or cell.value is None:
        return ""
    return _("next task %(day)s") % {"day": text.short_date(cell.value, actor.today)}


@dataclass
class Sold:
    """What a party bought by month, what was earned by it, and what it bought on the same days of last year."""

    sales: dict[date, Decimal] = field(default_factory=dict)
    margins: dict[date, Decimal] = field(default_factory=dict)
    before: Decimal = ZERO


def sold_to(party: Party, actor) -> Sold:
    """From the lines of the ledger that concern the party: one question."""
    today = actor.today
    until = today.replace(year=today.year - 1, day=min(today.day, 28) if today.month == 2 else today.day)
    found = Sold()
    currency = books_currency(party.currency, actor) if actor.has_several_entities else ""
    for month, sales, costs, before in _by_month(party.pk, date(today.year - 1, 1, 1), until, currency, is_narrowed=bool(currency)):
        found.sales[month], found.margins[month] = sales or ZERO, (sales or ZERO) + (costs or ZERO)
        found.before += before or ZERO
    return found


@known
def _by_month(party_id: int, since: date, until: date, currency: str, *, is_narrowed: bool) -> Any:
    sold, cost = (Q(account_id__in=AccountUse.objects.filter(use__in=uses).values("account_id")) for uses in (("revenue",), COSTS))
    lines = JournalLine.objects.filter(sold | cost, party_id=party_id, entry__posted_on__gte=since).order_by()
    if is_narrowed:
        lines = lines.filter(entity__currency=currency)
    amount = F("credit") - F("debit")
    sums = {"sales": Sum(amount, filter=sold), "costs": Sum(amount, filter=cost), "before": Sum(amount, filter=sold & Q(entry__posted_on__lte=until))}
    return lines.values(month=TruncMonth("entry__posted_on")).annotate(**sums).values_list("month", *sums)


def _growth(before: Decimal, this_year: Decimal | None) -> str | SafeString:
    """Against the same days of last year."""
    if before <= 0:
        return ""
    change = (this_year or ZERO) / before - 1
    sign, tone = ("▲", "good") if change >= 0 else ("▼", "bad")
    words = _("on the same days last year")
    return format_html('<span class="{}">{} {}</span> {}', tone, sign, format_percent(abs(change)), words)


def months_of(visit: Visit, party: Party, sold: Sold) -> Chart | None:
    """Sales and margin of the last twelve months; nothing when there were none."""
    actor, first = visit.actor, visit.actor.today.replace(day=1)
    currency = books_currency(party.currency, actor)
    starts = [first]
    while len(starts) < MONTHS:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    starts.reverse()
    sees_margin = actor.rights.sees_right("see_margin")
    sales, margins = ({month: found.get(month, ZERO) for month in starts} for found in (sold.sales, sold.margins if sees_margin else {}))
    if not any(sales.values()):
        return None
    top = max([*sales.values(), *margins.values(), Decimal(1)])
    step, chart = WIDTH / MONTHS, Chart()
    for place, month in enumerate(starts):
        amount = sales[month]
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


def ageing_of(visit: Visit, party: Party) -> list[Part]:
    """How long overdue it is what the customer owes, in the books' currency."""
    actor = visit.actor
    if not (party.is_customer and actor.rights.sees_right("see_receivables")):
        return []
    month_ago = actor.today - timedelta(days=30)
    currency = books_currency(party.currency, actor)
    found = _owed_by(party.pk, actor.today, month_ago, currency, is_narrowed=actor.has_several_entities)
    sums = [amount or ZERO for amount in (found[0] if found else ())]
    labels = (_("not due"), _("1–30 days"), _("over 30 days"))
    whole = sum(sums, ZERO)
    parts: list[Part] = []
    for place, (label, amount) in enumerate(zip(labels, sums, strict=False), start=1):
        x = parts[-1].x + parts[-1].width if parts else 0.0
        if whole:
            parts.append(Part(label, format_money(amount, currency), round(x, 1), round(float(amount / whole) * WIDTH, 1), place))
    return parts


@known
def _owed_by(party_id: int, today: date, month_ago: date, currency: str, *, is_narrowed: bool) -> Any:
    owed = Invoice.objects.filter(customer_id=party_id, open_amount__gt=0).order_by()
    if is_narrowed:
        owed = owed.filter(entity__currency=currency)
    parts = {"not_due": Q(due_on__gte=today), "late": Q(due_on__lt=today, due_on__gte=month_ago), "very_late": Q(due_on__lt=month_ago)}
    return owed.values("customer_id").annotate(**{name: Sum("open_base", filter=part) for name, part in parts.items()}).values_list(*parts)
