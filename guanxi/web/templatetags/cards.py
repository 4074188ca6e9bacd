"""Cards of a board, drawn without a template, as rows of tables are: two hundred cards took half of the page's time."""

from __future__ import annotations

from html import escape
from typing import Any

from django import template
from django.template.defaultfilters import urlencode
from django.utils.safestring import SafeString, mark_safe

from guanxi.kernel.screens.cells import Cell, Row
from guanxi.web.templatetags.ui import avatar, icon, tag, title_of, value

register = template.Library()


@register.simple_tag(takes_context=True)
def board_cards(context: Any, cards: list[Row]) -> SafeString:
    """Those of one pile."""
    if not cards:
        return mark_safe("")
    back = escape(urlencode(context["request"].get_full_path()))
    return mark_safe("".join([_card(context, card, back) for card in cards]))


def _card(context: Any, card: Row, back: str) -> str:
    board, move = context["board"], context["move"]
    cells = {cell.column.name: cell for cell in card.cells}

    def shown(name: str, mode: str = "list") -> str:
        cell = cells.get(name)
        return "" if cell is None or cell.is_blank else value(context, cell, mode)

    url, title = escape(card.url), escape(title_of(card, context["screen"]))
    whole = f' title="{title}"' if len(title) > 40 else ""
    lines = [f'<div class="deal-line">{line}</div>\n' for name in board.card if (line := shown(name))]
    first = cells.get(board.amounts[0]) if board.amounts else None
    # A sum that nobody has said yet is no sum of nothing.
    amount = shown(board.amounts[0], "full") if first is not None and first.value else ""
    marks = "".join([tag(cell.column.label, "amber") for name in board.marks if (cell := cells.get(name)) and cell.value])
    day = shown(board.day)
    return (
        f'<li class="deal" data-card="{url}">\n'
        f'<a class="deal-title" href="{url}" draggable="false"{whole}>{title}</a>\n{"".join(lines)}'
        f'<div class="deal-row">{f"<b>{amount}</b>" if amount else ""}<span class="marks">{marks}</span></div>\n'
        f'<div class="deal-row deal-foot">{_day(day)}{_mover(move, url, title, back)}{_person(cells.get(board.person))}</div>\n</li>'
    )


def _day(shown: str) -> str:
    return f'<span class="day">{icon("calendar", "s")}{shown}</span>' if shown else ""


def _mover(move: Any, url: str, title: str, back: str) -> str:
    if not move:
        return ""
    label = escape(str(move.label))
    return (
        f'<button type="button" class="icon-button" data-sheet="{url}act/{move.name}/?back={back}" aria-label="{label}: {title}" title="{label}">'
        f"{icon('arrow-right', 's')}</button>"
    )


def _person(cell: Cell | None) -> str:
    return avatar(cell.value, cell.title) if cell is not None and not cell.is_blank else ""
