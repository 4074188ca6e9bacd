"""Lists: the page, its sums, and which of its rows were chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import operation_named
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.periods import PERIODS, period_text
from guanxi.kernel.lists.query import EXACT, MOST_STEPS, PAGE, ListQuery
from guanxi.kernel.pivot.groups import Groups
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.forms import FieldMaker
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.views.queries import marks_of
from guanxi.kernel.views.shapes import LIST, SHAPES, shapes_of
from guanxi.web.templatetags.rows import OnPhone
from guanxi.web.views.acting import Button
from guanxi.web.views.by_hand import editable_names, offered_to_many
from guanxi.web.views.groupings import grouping_of
from guanxi.web.views.print_links import listed_forms

_NOT_CHOOSABLE = ("json", "lines")
_KEYS = ("number", "code")


@dataclass
class Header:
    """A column's heading with the address that sorts by it, and the one that sorts by it after what is sorted by already."""

    column: Column
    url: str = ""
    sorted: str = ""
    also: str = ""
    rank: int = 0
    width: int = 0


@dataclass
class Sorted:
    """One step of the order, with the addresses that turn it round and take it away."""

    column: Column
    falling: bool
    flipped: str
    without: str


def query_of(visit: Visit, params: Any = None) -> ListQuery:
    assert visit.screen is not None
    return ListQuery(visit.screen, visit.actor, visit.request.GET if params is None else params, set_key=visit.set_key)


def headers_of(query: ListQuery) -> list[Header]:
    order = [(column.name, falling) for column, falling in query.sort]
    now = dict(order)
    headers = []
    for column in query.shown:
        width = query.widths.get(column.name, 0)
        if not column.sortable or column.many:
            headers.append(Header(column, width=width))
            continue
        falls = now.get(column.name)
        falling = _falls_first(column) if falls is None else not falls
        also = [(name, falling if name == column.name else down) for name, down in order] + [(column.name, falling)] * (falls is None)
        headers.append(Header(
            column, query.address(sort=_order([(column.name, falling)])), "" if falls is None else ("descending" if falls else "ascending"),
            query.address(sort=_order(also)), list(now).index(column.name) + 1 if falls is not None and len(now) > 1 else 0, width,
        ))
    return headers


def _falls_first(column: Column) -> bool:
    """Figures and days are asked for largest and latest first."""
    return column.numeric or column.kind in ("date", "moment")


def _order(steps: list[tuple[str, bool]]) -> str:
    return ",".join(("-" if falling else "") + name for name, falling in steps)


def bar_of(query: ListQuery, shape: str = LIST) -> dict[str, Any]:
    """What the bar over a list, in whichever shape, says of its state."""
    screen, actor = query.screen, query.actor
    return {
        "here": query.address(), "removals": [(f, query.address(**{f"f.{f.column.name}": None})) for f in query.filters],
        "where_away": query.address(where=None), "shape": SHAPES[shape], "shapes": shapes_of(screen),
        "is_filtered": bool(query.filters or query.text or query.where), "asked_count": len(query.filters) + bool(query.where),
        "transfers": apps.is_installed("guanxi.kernel.transfer"),
        "can_add": screen.may_create and actor.may("add", screen.model),
        "begins": [Button.of(operation_named(name)) for name in screen.begins if actor.may(name)],
    }


PHONE_FACTS = 4


def on_phone(query: ListQuery) -> OnPhone:
    """What a phone shows of each row: the amount that its cards or its page name first, and a few of the other columns."""
    screen, shown = query.screen, query.shown
    numbers = {column.name: column for column in shown if column.numeric}
    board = screen.board
    amounts = [name for name, column in numbers.items() if column.kind == "money"]
    named = [*(board.amounts[:1] if board else ()), *screen.totals[-1:], *screen.facts, *amounts, *numbers]
    telling = [*(board.card if board else ()), *(name for name in screen.subtitle if name not in _KEYS), board.day if board else ""]
    others = [c.name for c in shown if not c.numeric and c.kind not in ("status", "longtext", "json") and c.name != screen.title]
    others.sort(key=lambda name: telling.index(name) if name in telling else len(telling) + (name in _KEYS))
    return OnPhone(next((name for name in named if name in numbers), ""), frozenset(others[:PHONE_FACTS]))


def editors_of(visit: Visit, query: ListQuery) -> list[dict[str, Any]]:
    """One editor for each filter: those the screen names first."""
    assert visit.screen is not None
    names = [*visit.screen.filters, *(n for n in query.available if n not in visit.screen.filters)]
    given = {f.column.name: f.raw for f in query.filters}
    maker = FieldMaker(visit.actor, visit.set_key)
    editors = []
    for name in dict.fromkeys(names):
        column = query.available.get(name)
        # One record is chosen on its own page, from where links lead here.
        is_chosen_here = column is not None and column.filterable and column.kind not in (*_NOT_CHOOSABLE, "record") and name != "id"
        if column is None or not is_chosen_here or visit.screen.is_idle(column, visit.actor):
            continue
        raw = given.get(name, "")
        low, _dots, high = raw.partition("..")
        wanted = [part for part in raw.split(",") if part]
        is_period = bool(period_text(raw))
        editors.append({
            "column": column, "raw": raw, "values": wanted, "low": low if ".." in raw or not is_period else "",
            "high": high if ".." in raw else (raw if not is_period else ""), "named": name in visit.screen.filters,
            "field": maker.field(
                Column(name, column.label, "reference", relation=column.relation, many=True), "value",
                [int(part) for part in wanted if part.isdecimal()],
            ) if column.kind == "reference" else None,
        })
    maker.name_references()
    return editors


@page("view")
def list_page(visit: Visit) -> HttpResponse:
    screen, actor = visit.screen, visit.actor
    assert screen is not None
    if not visit.request.GET and (opening := marks_of(visit).default_of(screen)) is not None:
        return visit.redirect(opening.address(visit.set_key))
    query = query_of(visit)
    groups = Groups(query)
    query.warn()
    rows = [] if groups.is_asked else query.fetch()
    return visit.render("screens/list.html", {
        "query": query, "rows": rows, "headers": headers_of(query), "sums": None if query.pages > 1 else query.sums(),
        "phone": on_phone(query), **bar_of(query),
        "can_change": screen.may_edit and actor.may("change", screen.model),
        "many": offered_to_many(visit), "prints": listed_forms(visit),
        "first": (query.page - 1) * PAGE + 1, "last": (query.page - 1) * PAGE + len(rows),
        "before": query.address(page=query.page - 1) if query.page > 1 else "",
        "after": query.address(page=query.page + 1) if query.page < query.pages else "",
        "pages": groups.pages if groups.is_asked else query.pages,
        "editable": editable_names(visit), **grouping_of(groups),
    })


@page("view")
def list_filters(visit: Visit) -> HttpResponse:
    """The filter popover, when it is opened."""
    query = query_of(visit)
    return visit.render("screens/filters.html", {"editors": editors_of(visit, query), "periods": PERIODS, "here": query.address()})


@page("view")
def list_columns(visit: Visit) -> HttpResponse:
    """The choice of columns, when it is opened: those shown first, in their order."""
    query = query_of(visit)
    chosen = [c.name for c in query.columns]
    offered = [c for c in query.available.values() if c.kind not in _NOT_CHOOSABLE and c.name != "id"]
    columns = [c for c in offered if c.name in chosen or not query.screen.is_idle(c, visit.actor)]
    columns.sort(key=lambda c: chosen.index(c.name) if c.name in chosen else len(chosen))
    return visit.render("screens/columns.html", {"columns": columns, "chosen": set(chosen), "widths": query.widths})


@page("view")
def list_sorting(visit: Visit) -> HttpResponse:
    """The order, step by step, and what it may be continued by."""
    query = query_of(visit)
    order = [(column.name, falling) for column, falling in query.sort]
    steps = []
    for at, (column, falling) in enumerate(query.sort):
        rest = order[:at] + order[at + 1 :]
        flipped = query.address(sort=_order([*order[:at], (column.name, not falling), *order[at + 1 :]]))
        steps.append(Sorted(column, falling, flipped, query.address(sort=_order(rest) or None)))
    offered = [
        (column, query.address(sort=_order([*order, (column.name, _falls_first(column))])))
        for column in query.available.values()
        if column.sortable and not column.many and column.kind not in _NOT_CHOOSABLE and column.name not in dict(order)
        and column.name != "id" and not query.screen.is_idle(column, visit.actor)
    ]
    return visit.render("screens/sorting.html", {"sorted": steps, "offered": offered if len(order) < MOST_STEPS else []})


@page("view")
def list_sums(visit: Visit) -> HttpResponse:
    """Sums of a large list, asked for when the page stands already."""
    return visit.render("screens/sums.html", {"sums": query_of(visit).sums()})


def chosen_rows(visit: Visit, most: int = EXACT) -> list[int]:
    """Ids that were ticked, or all that the list shows when everything was asked for."""
    sent = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    if sent.get("everything"):
        from django.http import QueryDict

        return list(query_of(visit, QueryDict(sent["everything"].lstrip("?"))).rows.values_list("pk", flat=True)[: most + 1])
    return [int(part) for part in sent.get("ids", "").split(",") if part.isdecimal() and len(part) < 19]


def at_most(most: int, ids: list[int]) -> list[int]:
    if not ids:
        raise Refused(_("Choose some rows first."))
    if len(ids) > most:
        raise Refused(_("At most %(n)s rows at a time: narrow the list with filters.") % {"n": f"{most:,}"})
    return ids
