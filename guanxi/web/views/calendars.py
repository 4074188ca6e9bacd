"""Calendars: rows on their days, moved by hand as a value in a list is changed, with the same rights and the same undo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models.functions import Coalesce, Greatest
from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.acts.operation import Operation, operations_of, perform
from guanxi.kernel.acts.undo import is_invertible
from guanxi.kernel.acts.writer import change_record, lock_records
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.parse import Unreadable, parse
from guanxi.kernel.columns.text import full_date, text_of
from guanxi.kernel.lists.asking import path_of
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.axes import last_day, period_label
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.kernel.screens.cells import Cell, Row, rows_of
from guanxi.kernel.screens.screen import Calendar
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.by_hand import editable_names, require_by_hand
from guanxi.web.views.lists import bar_of, query_of
from guanxi.web.views.say import offer_undo, say_now

SPANS = {
    "month": pgettext_lazy("calendar", "Month"), "week": pgettext_lazy("calendar", "Week"), "day": pgettext_lazy("calendar", "Day"),
    "agenda": pgettext_lazy("calendar", "Agenda"),
}
FARTHEST = 200
"""Years from today."""
AGENDA = 30
"""Days of an agenda."""
MOST = 600
SHOWN = 4
"""Rows in a day of a month; the others stand in the day itself."""
USUAL_MINUTES, LEAST_MINUTES = 60, 15


@dataclass
class Entry:
    """A row on a day. `first` and `last` say whether it begins and ends there; minutes count from midnight."""

    row: Row
    title: str
    detail: str
    tone: str
    begins: date
    ends: date
    clock: str = ""
    top: int = 0
    minutes: int = 0
    lane: int = 0
    lanes: int = 1
    is_movable: bool = False
    is_sizable: bool = False


@dataclass
class Day:
    date: date
    is_today: bool
    is_outside: bool
    entries: list[Entry] = field(default_factory=list)
    new_url: str = ""
    url: str = ""

    @property
    def label(self) -> str:
        return _("%(date)s, %(weekday)s") % {"date": full_date(self.date), "weekday": date_format(self.date, "l")}

    @property
    def short(self) -> str:
        return f"{self.date.day} {date_format(self.date, 'D')}"

    @property
    def hidden(self) -> int:
        return max(0, len(self.entries) - SHOWN)


def _declared(query: ListQuery) -> Calendar:
    if query.screen.calendar is None:
        raise Missing(_("There is no calendar of these."))
    return query.screen.calendar


def days_of(query: ListQuery) -> list[Column]:
    """The columns by which the reader may have a calendar."""
    return query.screen.seen(_declared(query).days, query.actor)


def mover_of(query: ListQuery, day: str) -> Operation | None:
    """The operation by which the reader may change this day."""
    found = next((one for one in operations_of(query.screen.model) if one.key == _declared(query).moves.get(day)), None)
    return found if found is not None and query.actor.may(found.name) else None


class Sheet:
    """What a calendar's address asks for: by which day, which span, around which date."""

    def __init__(self, query: ListQuery):
        self.query, self.actor, self.calendar = query, query.actor, _declared(query)
        offered = days_of(query)
        if not offered:
            raise Missing(_("You may not see the days of these."))
        self.by = next((column for column in offered if column.name == query.params.get("by")), offered[0])
        span = query.params.get("span") or ""
        self.span = span if span in SPANS else "month"
        self.day = self._day()
        self.first, self.last = self._bounds()

    def _day(self) -> date:
        try:
            found = date.fromisoformat(self.query.params.get("day") or "")
        except ValueError:
            return self.actor.today
        return found if abs(found.year - self.actor.today.year) <= FARTHEST else self.actor.today

    def _bounds(self) -> tuple[date, date]:
        """The days that are drawn: of a month whole weeks."""
        monday = self.day - timedelta(days=self.day.weekday())
        if self.span == "month":
            first = self.day.replace(day=1)
            last = last_day(first, "month")
            return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
        length = {"week": 7, "day": 1, "agenda": AGENDA}[self.span]
        first = monday if self.span == "week" else self.day
        return first, first + timedelta(days=length - 1)

    @property
    def until_name(self) -> str:
        return self.calendar.until.get(self.by.name, "")

    @property
    def minutes_name(self) -> str:
        return self.calendar.minutes.get(self.by.name, "")

    @property
    def is_timed(self) -> bool:
        """Whether hours are drawn."""
        return self.by.kind == "moment" and self.span in ("week", "day")

    @property
    def title(self) -> str:
        if self.span == "month":
            return period_label(self.day.replace(day=1), "month")
        return full_date(self.first) if self.span == "day" else f"{full_date(self.first)} – {full_date(self.last)}"

    def around(self, step: int) -> str:
        """The address one span earlier or later."""
        if self.span == "month":
            first = self.day.replace(day=1)
            there = last_day(first, "month") + timedelta(days=1) if step > 0 else (first - timedelta(days=1)).replace(day=1)
        else:
            there = self.first + step * (self.last - self.first + timedelta(days=1))
        return self.query.address(day=there.isoformat())

    def days(self, visit: Visit) -> list[Day]:
        """Every day that is drawn, with what stands on it."""
        screen = self.query.screen
        may_add = screen.may_create and self.actor.may("add", screen.model)
        more = self.calendar.begins.get(self.by.name, "")
        days = {}
        for number in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=number)
            value = f"{day}T09:00" if self.by.kind == "moment" else day
            new = screen.url(visit.set_key, rest=f"new/?{self.by.name}={value}{more and '&' + more}") if may_add else ""
            is_outside = self.span == "month" and day.month != self.day.month
            days[day] = Day(day, day == self.actor.today, is_outside, [], new, self.query.address(span="day", day=day.isoformat()))
        for entry in self.entries(visit):
            day = max(entry.begins, self.first)
            while day <= min(entry.ends, self.last):
                days[day].entries.append(entry)
                day += timedelta(days=1)
        if self.is_timed:
            for one in days.values():
                _share_lanes(one.entries)
        return list(days.values())

    def entries(self, visit: Visit) -> Iterator[Entry]:
        screen = self.query.screen
        until, minutes = self.query.available.get(self.until_name), self.query.available.get(self.minutes_name)
        named = [screen.title, self.by.name, *(c.name for c in (until, minutes) if c), "status", "kind", *screen.subtitle]
        columns = screen.seen(dict.fromkeys(named), self.actor)
        rows = rows_of(self._rows(until)[:MOST], columns, self.actor, visit.set_key)
        editable = editable_names(visit)
        mover = mover_of(self.query, self.by.name)
        may_move = self.by.name in editable
        for row in rows:
            entry = self._entry(row, until, minutes, may_move, editable)
            if mover is not None and not may_move:
                state: Any = SimpleNamespace(status=row["status"].value)
                entry.is_movable = mover.is_possible(state)
            yield entry

    def _rows(self, until: Column | None) -> Any:
        """The rows of the drawn days, in their order: one query."""
        path, alias = path_of(self.by, self.actor)
        low, high = self._ends()
        rows = self.query.rows.alias(**alias)
        if until is None:
            return rows.filter(**{f"{path}__gte": low, f"{path}__lt": high}).order_by(path, "pk")
        end, more = path_of(until, self.actor)
        rows = rows.alias(**more).alias(_last=Greatest(Coalesce(end, path), path))
        return rows.filter(**{f"{path}__lt": high, "_last__gte": low}).order_by(path, "pk")

    def _ends(self) -> tuple[Any, Any]:
        after = self.last + timedelta(days=1)
        if self.by.kind == "date":
            return self.first, after
        zone = ZoneInfo(self.actor.timezone)
        return datetime.combine(self.first, time(), zone), datetime.combine(after, time(), zone)

    def _entry(self, row: Row, until: Column | None, minutes: Column | None, may_move: bool, editable: frozenset[str]) -> Entry:
        value = row[self.by.name].value
        status = row.get("status") or row.get("kind")
        lifecycle = getattr(self.query.screen.model, "lifecycle", None)
        is_open = lifecycle is None or row.get("status") is None or row["status"].value in lifecycle.editable
        title = row.get(self.query.screen.title)
        others = [cell for name in self.query.screen.subtitle if (cell := row.get(name)) is not None and _names_another(cell.column)]
        detail = next((text for cell in others if (text := _said(cell, self.actor))), "")
        entry = Entry(
            row, _said(title, self.actor) or self.query.screen.singular(), detail, status.tone if status else "", value, value,
            is_movable=may_move and is_open,
        )
        if self.by.kind == "moment":
            local = value.astimezone(ZoneInfo(self.actor.timezone))
            length = row[minutes.name].value if minutes is not None else None
            entry.begins = entry.ends = local.date()
            entry.clock, entry.top = f"{local:%H:%M}", local.hour * 60 + local.minute
            entry.minutes = max(LEAST_MINUTES, length or USUAL_MINUTES)
            entry.is_sizable = entry.is_movable and minutes is not None and minutes.name in editable
        elif until is not None:
            entry.ends = max(value, row[until.name].value or value)
            entry.is_sizable = entry.is_movable and until.name in editable
        return entry


def _names_another(column: Column) -> bool:
    """Whether it says with or for whom something is; whose work it is may be filtered by."""
    return column.kind == "reference" and column.relation._meta.label_lower != "access.member"


def _said(cell: Cell | None, actor: Any) -> str:
    if cell is None or cell.is_blank or cell.column.many:
        return ""
    return cell.title or text_of(cell, actor)


def _share_lanes(entries: Iterable[Entry]) -> None:
    """Entries of the same hour stand beside each other."""
    together: list[Entry] = []
    end = 0
    for entry in [*sorted(entries, key=lambda one: (one.top, -one.minutes)), None]:
        if entry is None or entry.top >= end:
            for one in together:
                one.lanes = max(other.lane for other in together) + 1
            together = []
        if entry is None:
            return
        taken = {one.lane for one in together if one.top + one.minutes > entry.top}
        entry.lane = next(lane for lane in range(len(together) + 1) if lane not in taken)
        together.append(entry)
        end = max(end if len(together) > 1 else 0, entry.top + entry.minutes)


@page("view")
def calendar_page(visit: Visit) -> HttpResponse:
    query = query_of(visit)
    sheet = Sheet(query)
    days = sheet.days(visit)
    today = visit.actor.today
    return visit.render("screens/calendar.html", {
        "query": query, "sheet": sheet, "days": days, "shown": SHOWN, "most": MOST, "is_empty": not any(day.entries for day in days),
        "weekdays": [date_format(days[0].date + timedelta(days=n), "D") for n in range(7)] if sheet.span == "month" else [],
        "spans": [(key, label, query.address(span=key)) for key, label in SPANS.items()],
        "ways": [(column, query.address(by=column.name), column.name == sheet.by.name) for column in days_of(query)],
        "before": sheet.around(-1), "after": sheet.around(1), "now": query.address(day=today.isoformat()),
        "hours": range(24), **bar_of(query, "calendar"),
    })


@page("view")
def calendar_move(visit: Visit, pk: int) -> HttpResponse:
    """An entry was moved to another day or hour, or made longer: the same change as by hand, or the operation that is there for it."""
    screen, sent, actor = visit.screen, visit.request.POST, visit.actor
    assert screen is not None
    mover = next((found for name in sent if (found := mover_of(query_of(visit), name))), None)
    if mover is None:
        require_by_hand(screen)
        lock_records(screen.model, [pk], actor, "change")
    if visit.request.method != "POST" or not sent.get("key"):
        raise Refused(_("The page was too old; load it again and repeat."))
    query = query_of(visit)
    calendar = _declared(query)
    allowed = {*calendar.days, *calendar.until.values(), *calendar.minutes.values()}
    values = {name: sent[name] for name in allowed if sent.get(name) and name in query.available}
    if not values:
        raise Refused(_("Say where it is to be moved."))
    if mover is not None:
        outcome = perform(mover, pk, actor=actor, key=sent["key"], raw={name: raw for name, raw in values.items() if name in mover.parameters})
        answer = HttpResponse(status=204)
        if outcome.awaiting is not None:
            say_now(answer, _("“%(label)s” waits for approval: %(rule)s.") % {"label": mover.label, "rule": outcome.awaiting.reasons})
        elif is_invertible(outcome.act_id):
            offer_undo(visit, answer, _moved(query, values), outcome.act_id)
        else:
            say_now(answer, _moved(query, values))
        return answer
    version = sent.get("version", "")
    if outside := set(values) - editable_names(visit):
        raise Refused(_("“%(column)s” cannot be changed here.") % {"column": query.available[min(outside)].label})
    outcome = change_record(
        pk, values, model=screen.model, actor=actor, version=int(version) if version.isdecimal() else None, key=sent["key"],
    )
    answer = HttpResponse(status=204)
    offer_undo(visit, answer, _moved(query, values), outcome.act_id)
    return answer


def _moved(query: ListQuery, values: dict[str, str]) -> str:
    """“Due on: 3 Dec 2026”: what is so now."""
    said = []
    for name, raw in values.items():
        try:
            column = query.available[name]
            said.append(f"{column.label}: {text_of(Cell(column, parse(column, raw, query.actor.timezone)), query.actor)}")
        except Unreadable:
            continue
    return "; ".join(said)
