"""What a cell says in plain text, by kind: the only place that knows; pages wrap it, previews and tooltips send it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.kernel.values.shown import format_money, format_percent, format_price, format_quantity

if TYPE_CHECKING:
    from guanxi.kernel.screens.cells import Cell

NOTHING = "—"


def is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def full_date(day: date) -> str:
    """2026年11月19日 · 19 Nov 2026"""
    return f"{day.year}年{day.month}月{day.day}日" if is_chinese() else f"{day.day} {date_format(day, 'M Y')}"


def short_date(day: date, today: date) -> str:
    """Words for the days next to today, no year within half a year of it."""
    apart = (day - today).days
    if -1 <= apart <= 1:
        return (_("today"), _("tomorrow"), _("yesterday"))[apart]
    if abs(apart) > 183:
        return full_date(day)
    return f"{day.month}月{day.day}日" if is_chinese() else f"{day.day} {date_format(day, 'M')}"


def short_moment(moment: datetime, today: date) -> str:
    local = localtime(moment)
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return clock
    return f"{short_date(local.date(), today)} {clock}" if abs((local.date() - today).days) < 7 else short_date(local.date(), today)


def full_moment(moment: datetime) -> str:
    local = localtime(moment)
    return f"{full_date(local.date())} {local:%H:%M}"


def as_date(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


_NAMES = ("id", "year")
"""Whole numbers that name something and count nothing: they are not grouped."""


def text_of(cell: Cell, actor, *, symbol: bool = True) -> str:
    """The whole value as text; an empty text for nothing."""
    kind, value = cell.column.kind, cell.value
    if cell.column.many:
        return ", ".join(part.title for part in cell.parts)
    if value is None or value == "":
        return ""
    if kind == "money":
        is_foreign = cell.currency != actor.currency or len(set(actor.entity_currencies)) > 1
        return format_money(Decimal(value), cell.currency or actor.currency, symbol=symbol or is_foreign)
    if kind == "price":
        return format_price(Decimal(value), cell.currency or actor.currency)
    if kind in ("quantity", "decimal", "integer"):
        return format_quantity(Decimal(value)) if cell.column.name not in _NAMES else str(value)
    if kind == "percent":
        return format_percent(Decimal(value))
    if kind == "date":
        return full_date(value)
    if kind == "moment":
        return full_moment(value)
    if kind == "boolean":
        return _("yes") if value else _("no")
    if kind in ("choice", "status"):
        return str(cell.label)
    if kind == "choices":
        return ", ".join(str(cell.column.label_of(code)) for code in value)
    if kind in ("reference", "record"):
        return cell.title or str(value)
    return str(value)
