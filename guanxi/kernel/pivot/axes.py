"""Axes: the columns, or the periods of a day, by which rows are put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, DateField, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, NullIf, Trunc, Upper
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from guanxi.kernel.columns.column import Column, title_of
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.lists.conditions import Group, Node, Term, read, written
from guanxi.kernel.lists.filters import NONE, BadFilter
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.record import has_own_sight
from guanxi.kernel.screens.screen import Screen, screen_of

STEPS = {
    "day": gettext_lazy("day"), "week": gettext_lazy("week"), "month": gettext_lazy("month"), "quarter": gettext_lazy("quarter"),
    "year": gettext_lazy("year"),
}
USUAL_STEP = "month"
DAYS, TEXTS = ("date", "moment"), ("text", "email", "phone", "url", "translated")
KINDS = ("status", "choice", "reference", "boolean", "integer", *DAYS, *TEXTS)


@dataclass(frozen=True)
class Axis:
    """One question “by what”: `status`, `ordered_on.quarter`, `customer__region`."""

    column: Column
    step: str = ""
    expression: Any = None
    """SQL of the value that rows have in common."""
    text: Any = None
    """SQL of the value as it stands in the row."""
    is_guarded: bool = False
    """Whether it is read from a row that not everybody may see: then nothing is known where nothing stands."""

    @property
    def word(self) -> str:
        return f"{self.column.name}.{self.step}" if self.step else self.column.name

    @property
    def label(self) -> Any:
        return format_lazy("{} ({})", self.column.label, STEPS[self.step]) if self.step else self.column.label

    @property
    def is_text(self) -> bool:
        return self.column.kind in TEXTS


@dataclass(frozen=True)
class Mark:
    """One value of an axis: how people read it, its place among the others, and the filter that finds its rows (empty: none does)."""

    value: Any
    label: str
    place: Any = 0
    raw: str = ""
    tone: str = ""

    @property
    def is_blank(self) -> bool:
        return self.value is None

    @property
    def order(self) -> tuple[bool, Any]:
        return self.is_blank, 0 if self.is_blank else self.place


def axis_of(query: ListQuery, word: str) -> Axis | None:
    """The axis that a word asks for; None where the actor knows no such column, or it cannot be grouped by."""
    name, _dot, step = word.partition(".")
    found = query.available.get(name)
    axis = Axis(found) if found is not None else _related(query, name)
    if axis is None or not _fits(axis.column) or (step and (step not in STEPS or axis.column.kind not in DAYS)):
        return None
    column = axis.column
    step = (step or USUAL_STEP) if column.kind in DAYS else ""
    value = axis.text or (column.title_sql(query.actor) if column.kind == "translated" else column.sql(query.actor))
    return replace(axis, step=step, expression=_sql(value, column, step, query.actor), text=value)


def _fits(column: Column) -> bool:
    return column.kind in KINDS and not column.many and column.filterable and not column.costly and column.name != "id"


def _related(query: ListQuery, name: str) -> Axis | None:
    """A column of a row that the rows refer to, of those that the actor may see."""
    head, _dots, rest = name.partition("__")
    reference = query.available.get(head)
    if not rest or reference is None or reference.kind != "reference" or reference.many or reference.source != "field":
        return None
    target = screen_of(reference.relation)
    if target is None or not query.actor.may("view", target.model):
        return None
    inner = target.available(query.actor).get(rest)
    if inner is None or inner.source != "field" or inner.kind == "translated":
        return None
    column = replace(inner, name=name, label=format_lazy("{} · {}", reference.label, inner.label), source="related")
    is_open = query.actor.row_filter("view", target.model) is True and not has_own_sight(target.model)
    path: Any = F(name)
    if not is_open:
        path = Case(When(Q(**{f"{head}__in": target.model.objects.visible_to(query.actor).order_by().values("pk")}), then=F(name)))
    may_lack = query.screen.model._meta.get_field(head).null
    return Axis(column, text=path, is_guarded=not is_open or bool(may_lack))


def _sql(value: Combinable, column: Column, step: str, actor: Any) -> Any:
    if step:
        zone = {"tzinfo": ZoneInfo(actor.timezone)} if column.kind == "moment" else {}
        return Cast(Trunc(value, step, output_field=DateField(), **zone), DateField())
    # As filters compare them: without a difference between small and capital letters.
    if column.kind in TEXTS:
        return NullIf(Upper(value), Value(""))
    return NullIf(value, Value("")) if column.kind == "choice" else value


def offered(query: ListQuery) -> list[Axis]:
    """What may be asked for, of the columns of the screen; those it filters by come first."""
    names = dict.fromkeys([*query.screen.filters, *query.screen.all_columns(), *query.screen.regions, *query.available])
    found = [axis_of(query, name) for name in names if name not in query.available or not query.screen.is_idle(query.available[name], query.actor)]
    # Each row its own group says nothing.
    return [axis for axis in found if axis is not None and not axis.column.unique]


def marks_of(axis: Axis, values: dict[Any, str], actor: Any) -> dict[Any, Mark]:
    """The values found, as marks; `values` gives texts as they are written. For references two queries."""
    blank = Mark(None, _("empty"), raw="" if axis.is_guarded else NONE)
    present = [value for value in values if value is not None]
    if axis.column.kind == "reference":
        found = _references(axis.column, present, actor)
    else:
        found = {value: _mark(axis, value, values[value]) for value in present}
    return found | ({None: blank} if None in values else {})


def _references(column: Column, ids: list[int], actor: Any) -> dict[Any, Mark]:
    model: Any = column.relation
    kept = model.sorted_as.get(model.title_field)
    order = [kept] if kept else list(model._meta.ordering) or [title_of(model, actor)]
    rows = model._base_manager.filter(pk__in=ids).order_by(*order).values_list("pk", title_of(model, actor))
    seen = set(model.objects.visible_to(actor).order_by().filter(pk__in=ids).values_list("pk", flat=True))
    found = {pk: Mark(pk, str(title), place, str(pk) if pk in seen else "") for place, (pk, title) in enumerate(rows)}
    # What an added column refers to may be gone.
    return {pk: found.get(pk) or Mark(pk, _("nothing"), len(found)) for pk in ids}


def _mark(axis: Axis, value: Any, text: str) -> Mark:
    column = axis.column
    if axis.step:
        return Mark(value, period_label(value, axis.step), value, f"{value}..{last_day(value, axis.step)}")
    if column.kind == "boolean":
        return Mark(value, _("yes") if value else _("no"), not value, "yes" if value else "no")
    if column.kind == "integer":
        return Mark(value, str(value), value, str(value))
    if axis.is_text:
        return Mark(value, text or value, value, f"={value}")
    codes = [code for code, _label in column.choices]
    known = value in codes
    return Mark(value, str(column.label_of(value)), codes.index(value) if known else len(codes), value if known else "", column.tones.get(value, ""))


def last_day(first: date, step: str) -> date:
    """The last day of the period that begins on `first`."""
    if step in ("day", "week"):
        return first + timedelta(days=6 if step == "week" else 0)
    months = {"month": 1, "quarter": 3, "year": 12}[step]
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1) - timedelta(days=1)


def period_label(first: date, step: str) -> str:
    if step == "day":
        return full_date(first)
    if step == "week":
        year, number, _weekday = first.isocalendar()
        return _("week %(n)s of %(year)s") % {"n": number, "year": year}
    if step == "month":
        return date_format(first, pgettext("date format", "M Y"))
    if step == "quarter":
        return _("Q%(n)s %(year)s") % {"n": (first.month + 2) // 3, "year": first.year}
    return str(first.year)


def narrowed(query: ListQuery, asked: list[tuple[Axis, Mark]]) -> dict[str, str] | None:
    """Changes of the list's address so that it shows the rows with these values; None where no filter finds just them."""
    changes: dict[str, str] = {}
    beside: list[Node] = []
    for axis, mark in asked:
        if not mark.raw:
            return None
        name = f"f.{axis.column.name}"
        if name in changes or query.params.get(name):
            beside.append(Term(axis.column.name, mark.raw))
        else:
            changes[name] = mark.raw
    if beside:
        changes["where"] = written(Group("all", (*_conditions(query), *beside)))
    return changes


def _conditions(query: ListQuery) -> tuple[Node, ...]:
    try:
        given = read(query.params["where"])
    except (BadFilter, KeyError):
        return ()
    return given.parts if isinstance(given, Group) and given.mode == "all" else (given,)


def usual_axis(screen: type[Screen], query: ListQuery) -> Axis | None:
    """What a screen is divided by when nothing is asked: its board's steps; months, where the last days come first; its states; a choice."""
    first = screen.default_sort.partition(",")[0]
    by_board = [screen.board.by] if screen.board else []
    by_day = [f"{first[1:]}.month"] if first.startswith("-") else []
    named = [n for n in (*screen.filters, *query.available) if n in query.available and query.available[n].kind in ("status", "choice", "reference")]
    named.sort(key=lambda name: query.available[name].kind != "status")
    return next((axis for name in (*by_board, *by_day, *named) if name and (axis := axis_of(query, name)) and not _is_idle(query, axis)), None)


def _is_idle(query: ListQuery, axis: Axis) -> bool:
    return query.screen.is_idle(axis.column, query.actor)
