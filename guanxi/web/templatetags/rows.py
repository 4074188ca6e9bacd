"""Rows of tables, drawn without a template: a list of fifty rows has five hundred cells, and each template node costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from guanxi.kernel.columns.column import Column
from guanxi.kernel.screens.cells import Cell, Row
from guanxi.web.templatetags.ui import NONE, cell_class, classes_of, value

register = template.Library()


@dataclass(frozen=True)
class Heading:
    """The title over some rows, and their sum in its column: so many columns lie before and after it."""

    title: str
    before: int
    subtotal: Cell | None
    after: int


@dataclass(frozen=True)
class OnPhone:
    """What a phone shows of a row beside its title and state: one figure, and a line of columns."""

    figure: str
    facts: frozenset[str]


@register.simple_tag(takes_context=True)
def table_rows(
    context, rows: list[Row], title: str = "", phone: OnPhone | None = None, pick: bool = False, numbered: bool = False,
    editable: frozenset[str] = frozenset(), headings: Mapping[int, Heading] | None = None,
) -> SafeString:
    """`title` is the column that leads to the row's page, `phone` what a phone shows; `pick` puts a box before each row.

    `editable` are the columns that may be written where they stand, `headings` stand above rows by their keys.
    """
    parts = []
    styles = [_Style.of(cell.column, title, phone, editable) for cell in rows[0].cells] if rows else []
    picking = escape(_("Select %(row)s"))
    for at, row in enumerate(rows, start=1):
        if headings and row.pk in headings:
            parts.append(_heading(context, headings[row.pk]))
        parts.append(_row(context, row, at, styles, title, picking if pick else "", numbered))
    return mark_safe("".join(parts))


def _heading(context: Any, heading: Heading) -> str:
    if not heading.title:
        return ""
    parts = [f'<tr class="heading"><th scope="rowgroup" colspan="{heading.before}">{escape(heading.title)}</th>']
    if heading.subtotal is not None:
        parts.append(f'<td class="{cell_class(heading.subtotal, "")}">{value(context, heading.subtotal, "list")}</td>')
    if heading.after > 0:
        parts.append(f'<td colspan="{heading.after}"></td>')
    return "".join(parts) + "</tr>\n"


@dataclass(frozen=True, slots=True)
class _Style:
    """What is alike in all cells of a column."""

    filled: str
    blank: str
    is_title: bool
    is_figure: bool

    @staticmethod
    def of(column: Column, title: str, phone: OnPhone | None, editable: frozenset[str]) -> _Style:
        edit = f' data-edit="{column.name}"' if column.name in editable else ""
        more = ""
        if phone and column.name == phone.figure:
            more, edit = " c-figure", f'{edit} data-label="{escape(str(column.label))}"'
        elif column.name in phone.facts if phone else not column.numeric and column.kind != "status" and column.name != title:
            more = " c-fact"
        filled, blank = (f'<td class="{classes_of(column, title, is_blank=is_blank)}{more}"{edit}>' for is_blank in (False, True))
        return _Style(filled, blank, column.name == title, phone is not None and column.name == phone.figure)


def _row(context, row: Row, at: int, styles: list[_Style], title: str, picking: str, numbered: bool) -> str:
    parts = [f'<tr data-id="{row.pk}">' if picking else "<tr>"]
    if picking:
        named = row.get(title)
        label = picking % {"row": escape(str((named.title or named.value) if named else at))}
        parts.append(f'<td class="k-select"><input type="checkbox" data-pick value="{row.pk}" aria-label="{label}"></td>')
    if numbered:
        parts.append(f'<td class="faint k-number">{at}</td>')
    for cell, style in zip(row.cells, styles, strict=True):
        is_blank = cell.is_blank
        # A figure of nothing says nothing on a phone.
        parts.append(style.blank if is_blank or style.is_figure and not cell.value else style.filled)
        if style.is_title and row.url:
            parts.append(_link(context, cell, row.url))
        else:
            parts.append(NONE if is_blank else value(context, cell, "list"))
        parts.append("</td>")
    parts.append("</tr>\n")
    return "".join(parts)


def _link(context: Any, cell: Cell, url: str) -> str:
    # A title that is a reference, or an address, leads to this row, not to the other one.
    plain = escape(cell.title) if cell.column.kind == "reference" else value(context, cell, "list")
    if cell.column.kind in ("email", "phone", "url"):
        plain = escape(cell.value or "")
    named = plain or escape("#" + url.split("/")[-2])
    return f'<a class="open" href="{escape(url)}">{named}</a>'
