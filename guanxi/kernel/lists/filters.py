"""Filters of a list, as they stand in the address: `f.status=draft,confirmed`, `f.total=100..`, `f.ordered_on=this_month`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import NUMERIC, Column, title_of
from guanxi.kernel.columns.parse import SHOWN_CHOICES, Unreadable, parse
from guanxi.kernel.columns.periods import period_bounds, period_text
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.database.known import known
from guanxi.kernel.records.record import model_named
from guanxi.kernel.screens.screen import screen_of
from guanxi.kernel.values.shown import format_percent, format_quantity

NONE = "none"
ME, MY_TEAM = "me", "my_team"


@dataclass
class Filter:
    """One filter as given: its condition, and its words for the pill."""

    column: Column
    raw: str
    text: str
    condition: Q
    alias: dict[str, Any] = field(default_factory=dict)
    """Expressions that the condition names."""


class BadFilter(ValueError):
    """The filter cannot be read; the message says what is expected."""


def read_filter(column: Column, path: str, raw: str, actor) -> Filter:
    """The condition on `path` (a lookup or an alias of the column's SQL); BadFilter when the text cannot be read."""
    if raw == NONE:
        empty = Q(**{f"{path}__isnull": True})
        if column.kind in ("text", "longtext", "email", "url", "phone", "choice"):
            empty |= Q(**{path: ""})
        return Filter(column, raw, _("empty"), empty)
    for kinds, reader in _READERS:
        if column.kind in kinds:
            text, condition = reader(column, path, raw, actor)
            return Filter(column, raw, text, condition)
    raise BadFilter(_("“%(column)s” cannot be filtered.") % {"column": column.label})


def _choice(column, path, raw, _actor):
    codes = [code for code in raw.split(",") if code]
    known = {str(code): code for code, _label in column.choices}
    for code in codes:
        if code not in known:
            raise BadFilter(_("“%(value)s” is not one of: %(names)s.") % {"value": code[:40], "names": ", ".join(list(known)[:SHOWN_CHOICES])})
    text = ", ".join(str(column.label_of(known[code])) for code in codes)
    return text, Q(**{f"{path}__in": [known[code] for code in codes]})


_RELATIVE = {"access.member": (ME, MY_TEAM), "access.team": (MY_TEAM,)}


def _reference(column, path, raw, actor):
    model = column.relation
    ids: list[int] = []
    relative: list[str] = []
    for part in raw.split(","):
        if part in _RELATIVE.get(model._meta.label_lower, ()):
            relative.append(part)
        elif part.isdecimal() and len(part) < 19:
            ids.append(int(part))
        elif part:
            raise BadFilter(_("“%(value)s” does not name a row; choose one from the list.") % {"value": part[:40]})
    # What the actor may not see, they may not filter by either: it would tell that it is there.
    found = dict(_titles(ids, model=model, eyes=actor.eyes)) if ids else {}
    names = [str(found[i]) for i in ids if i in found] or ([] if relative else [_("nothing")])
    wanted: Any = [i for i in ids if i in found] + [actor.member_id] * (ME in relative)
    condition = Q(**{f"{path}__in": wanted})
    if MY_TEAM in relative:
        condition |= Q(**{f"{path}__in" if model._meta.label_lower == "access.team" else f"{path}__team__in": list(actor.team_ids)})
    words = {ME: _("me"), MY_TEAM: _("my team")}
    return ", ".join([words[one] for one in relative] + names), condition


@known
def _titles(ids: list[int], *, model: Any, eyes: Any) -> Any:
    return model.objects.each_visible_to(eyes.actor).filter(pk__any=ids).values_list("pk", title_of(model, eyes.actor))


def _number(column, path, raw, actor):
    low, high, exact = _ends(column, raw, actor)
    if exact is not None:
        return _shown(column, exact), Q(**{path: exact})
    return _range_text(column, low, high), _between(path, low, high)


def _ends(column, raw, actor) -> tuple[Any, Any, Any]:
    parts = raw.split("..", 1)
    try:
        values = [parse(column, part, actor.timezone) for part in parts]
    except Unreadable as problem:
        raise BadFilter(str(problem)) from problem
    return (values[0], values[1], None) if len(values) == 2 else (None, None, values[0])


def _between(path: str, low: Any, high: Any, before: bool = False) -> Q:
    condition = Q()
    if low is not None:
        condition &= Q(**{f"{path}__gte": low})
    if high is not None:
        condition &= Q(**{f"{path}__{'lt' if before else 'lte'}": high})
    return condition


def _shown(column, value) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return full_date(value)
    return format_percent(value) if column.kind == "percent" else format_quantity(value)


def _range_text(column, low, high) -> str:
    if low is None or high is None:
        return f"≥ {_shown(column, low)}" if high is None else f"≤ {_shown(column, high)}"
    return f"{_shown(column, low)} – {_shown(column, high)}"


def _day(column, path, raw, actor):
    day = Column(column.name, column.label, "date")
    if text := period_text(raw):
        low, high = period_bounds(raw, actor.today)
    else:
        low, high, exact = _ends(day, raw, actor)
        low, high = (exact, exact) if exact is not None else (low, high)
        text = _shown(day, exact) if exact is not None else _range_text(day, low, high)
    if column.kind == "date":
        return text, _between(path, low, high)
    zone = ZoneInfo(actor.timezone)
    start = datetime.combine(low, time(), zone) if low else None
    end = datetime.combine(high + timedelta(days=1), time(), zone) if high else None
    return text, _between(path, start, end, before=True)


def _boolean(column, path, raw, _actor):
    if raw not in ("yes", "no"):
        raise BadFilter(_("Write yes or no."))
    return (_("yes") if raw == "yes" else _("no")), Q(**{path: raw == "yes"})


def _text(column, path, raw, _actor):
    """Anywhere in it, any of several; `=` before it: exactly this; `^`: at its beginning."""
    for sign, lookup, shown in (("=", "iexact", _("is “%(text)s”")), ("^", "istartswith", _("begins with “%(text)s”"))):
        if raw.startswith(sign) and len(raw) > 1:
            return shown % {"text": raw[1:]}, Q(**{f"{path}__{lookup}": raw[1:]})
    words = [word for word in raw.split(",") if word.strip()] or [raw]
    return f"“{raw}”", reduce(or_, (Q(**{f"{path}__icontains": word.strip()}) for word in words))


def _choices(column, path, raw, actor):
    text, _one = _choice(column, path, raw, actor)
    return text, Q(**{f"{path}__has_any_keys": [code for code in raw.split(",") if code]})


def _record(column, path, raw, actor):
    """One record of any kind, `sales.order:12`; called by its title where the actor may see it."""
    label, _colon, pk = raw.partition(":")
    if screen_of(label) is None or not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        raise BadFilter(_("“%(value)s” does not name a row; choose one from the list.") % {"value": raw[:40]})
    model = model_named(label)
    title = model.objects.visible_to(actor).filter(pk=int(pk)).values_list(title_of(model, actor), flat=True).first()
    text = f"{model._meta.verbose_name} {title if title is not None else f'#{pk}'}"
    return text, column.about(label, int(pk))


_READERS = (
    (("status", "choice"), _choice), (("choices",), _choices), (("reference",), _reference), (("record",), _record),
    (tuple(NUMERIC), _number), (("date", "moment"), _day), (("boolean",), _boolean),
    (("text", "longtext", "email", "url", "phone", "translated"), _text),
)
