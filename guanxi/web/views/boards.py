"""The board: the rows of a list as cards in the columns of one of their relations, moved by an operation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import operations_of
from guanxi.kernel.columns.column import Column
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.cells import Cell, Row, rows_with
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.acting import Button
from guanxi.web.views.lists import bar_of, query_of

CARDS = 25


@dataclass
class Pile:
    """One column: its heading, how many cards it has, their sums by currency, and the first of them."""

    group: Any
    count: int | None = 0
    """None: it is counted and added up when the cards stand already."""
    sums: list[list[Cell]] = field(default_factory=list)
    cards: list[Row] = field(default_factory=list)
    asks: str = ""
    """The operation whose dialog a card asks for that is put here."""

    @property
    def part(self) -> int:
        """The second amount in per cent of the first, in the currency with the greatest sum: of what is sought, what is likely."""
        first = self.sums[0] if self.sums else []
        return round(100 * first[1].value / first[0].value) if len(first) > 1 and first[0].value else 0


@page("view")
def board_page(visit: Visit) -> HttpResponse:
    screen, actor = visit.screen, visit.actor
    assert screen is not None
    if screen.board is None:
        raise Missing(_("There is no board of these."))
    query = query_of(visit)
    board = screen.board
    piles = {group.pk: Pile(group, None if query.is_large else 0) for group in board.groups(query.params, actor)}
    query.warn()
    if not query.is_large:
        _count(query, piles)
    columns = screen.seen((screen.title, *board.shown), actor)
    _deal(query, piles, columns, visit.set_key)
    operations = {o.key: o for o in operations_of(screen.model) if actor.may(o.name)}
    move = operations.get(board.move)
    for pile in piles.values():
        if asked := operations.get(board.asks(pile.group)):
            pile.asks = asked.name
    return visit.render("screens/board.html", {
        "query": query, "piles": list(piles.values()), "board_sums": _together(piles.values()), "board": board, "most": CARDS,
        "is_blank": not query.is_large and not any(pile.count for pile in piles.values()),
        "move": Button.of(move) if move else None, **bar_of(query, "board"), "transfers": False,
    })


@page("view")
def board_sums(visit: Visit) -> HttpResponse:
    """The heads of a large board's columns, asked for when the page stands already."""
    screen = visit.screen
    assert screen is not None and screen.board is not None
    query = query_of(visit)
    piles = {group.pk: Pile(group) for group in screen.board.groups(query.params, visit.actor)}
    _count(query, piles)
    return visit.render("screens/board_sums.html", {
        "piles": list(piles.values()), "board": screen.board, "most": CARDS, "here": query.address(), "is_late": True,
    })


def _deal(query: ListQuery, piles: dict[int, Pile], columns: Sequence[Column], set_key: str) -> None:
    """The first cards of each column: one query finds them, each column by its index, one puts them in order and one reads them."""
    by = f"{query.screen.board.by}_id"  # type: ignore[union-attr]
    filled = tuple(pk for pk, pile in piles.items() if pile.count != 0)
    if not filled:
        return

    def firsts() -> Any:
        first, *others = (query.ordered.filter(**{by: pk}).values_list("pk", by)[:CARDS] for pk in filled)
        return first.union(*others, all=True) if others else first

    pile_of = dict(query.asked(("firsts", filled), firsts))
    ids = query.asked("in order", lambda some: query.ordered.filter(pk__any=some).values_list("pk", flat=True), list(pile_of))
    for row in rows_with(ids, query.screen, columns, query.actor, set_key):
        piles[pile_of[row.pk]].cards.append(row)


def _count(query: ListQuery, piles: dict[int, Pile]) -> None:
    """Number and sums of each column over all its rows, a line for each currency: one query."""
    board = query.screen.board
    assert board is not None
    columns = query.screen.seen(board.amounts, query.actor)
    keys = {f"_k{n}": found for n, column in enumerate(columns) if (found := column.currency_sql(query.actor)) is not None}
    values = {f"_x{n}": column.sql(query.actor) for n, column in enumerate(columns)}
    sums = {f"_s{n}": Sum(f"_x{n}") for n in range(len(columns))}

    def counted() -> Any:
        rows = query.rows.filter(**{f"{board.by}_id__in": list(piles)}).annotate(**keys, **values)
        return rows.order_by().values(f"{board.by}_id", *keys).annotate(_n=Count("pk"), **sums)

    for found in query.asked(("counted", tuple(piles)), counted):
        pile = piles[found[f"{board.by}_id"]]
        pile.count = (pile.count or 0) + found["_n"]
        cells = [
            Cell(column, found[f"_s{n}"] or 0, currency=found.get(f"_k{n}") or query.actor.currency) for n, column in enumerate(columns)
        ]
        if cells and cells[0].value:
            pile.sums.append(cells)
    for pile in piles.values():
        pile.sums.sort(key=lambda cells: -cells[0].value)


def _together(piles: Iterable[Pile]) -> list[list[Cell]]:
    """The sums of all columns of the board, by currency."""
    found: dict[str, list[Cell]] = {}
    for cells in (cells for pile in piles for cells in pile.sums):
        total = found.setdefault(cells[0].currency, [replace(cell, value=0) for cell in cells])
        for sum_, cell in zip(total, cells, strict=True):
            sum_.value += cell.value
    return sorted(found.values(), key=lambda cells: -cells[0].value)
