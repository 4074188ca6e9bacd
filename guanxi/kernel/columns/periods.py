"""Periods by their name: words that mean other days every day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PERIODS: dict[str, Any] = {
    "today": gettext_lazy("today"), "yesterday": gettext_lazy("yesterday"), "tomorrow": gettext_lazy("tomorrow"),
    "this_week": gettext_lazy("this week"), "this_month": gettext_lazy("this month"),
    "this_quarter": gettext_lazy("this quarter"), "this_year": gettext_lazy("this year"), "last_week": gettext_lazy("last week"),
    "last_month": gettext_lazy("last month"), "last_quarter": gettext_lazy("last quarter"), "last_year": gettext_lazy("last year"),
    "next_week": gettext_lazy("next week"), "next_month": gettext_lazy("next month"), "next_7_days": gettext_lazy("the next 7 days"),
    "last_7_days": gettext_lazy("the last 7 days"), "last_30_days": gettext_lazy("the last 30 days"), "past": gettext_lazy("before today"),
    "until_today": gettext_lazy("until today"),
    "future": gettext_lazy("after today"),
}
"""Words that mean other days every day; beside them `last_90_days` and `next_45_days` with any number."""
_ROUND_TODAY = re.compile(r"(last|next)_([1-9][0-9]{0,3})_days")


def period_bounds(name: str, today: date) -> tuple[date | None, date | None]:
    """First and last day of a named period; None is open."""
    month = today.replace(day=1)
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    def after(day: date, months: int) -> date:
        number = day.year * 12 + day.month - 1 + months
        return date(number // 12, number % 12 + 1, 1)

    week = today - timedelta(days=today.weekday())
    day = timedelta(days=1)
    if counted := _ROUND_TODAY.fullmatch(name):
        days = int(counted[2]) * day
        return (today - days, today) if counted[1] == "last" else (today, today + days)
    return {
        "today": (today, today), "yesterday": (today - day, today - day), "tomorrow": (today + day, today + day),
        "this_week": (week, week + 6 * day), "last_week": (week - 7 * day, week - day), "next_week": (week + 7 * day, week + 13 * day),
        "this_month": (month, after(month, 1) - day), "next_month": (after(month, 1), after(month, 2) - day),
        "this_quarter": (quarter, after(quarter, 3) - day), "this_year": (date(today.year, 1, 1), date(today.year, 12, 31)),
        "last_month": (after(month, -1), month - day), "last_quarter": (after(quarter, -3), quarter - day),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)), "past": (None, today - day),
        "until_today": (None, today), "future": (today + day, None),
    }[name]  # type: ignore[return-value]


def period_text(name: str) -> str:
    """The words for a period; empty when there is none of this name."""
    if name in PERIODS:
        return str(PERIODS[name])
    if counted := _ROUND_TODAY.fullmatch(name):
        words = _("the last %(n)s days") if counted[1] == "last" else _("the next %(n)s days")
        return words % {"n": counted[2]}
    return ""
