"""Rows of tables, drawn without a template: a list of fifty rows has five hundred cells, and each template node costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from guanxi.kernel.screens.cells import Cell, Row
from guanxi.web.templatetags.ui import cell_class, value

register = template.Library()


@dataclass(frozen=True)
class Heading:
    """The title over some rows, and their sum in its column: so many columns lie before and after it."""

    title: str
    before: int
    subtotal: Cell | None
    after: int


@register.simple_tag(takes_context=True)
def table_rows(
    context, rows: list[Row], title: str = "", figure: str = "", pick: bool = False, numbered: bool = False, editable: frozenset[str] = frozenset(),
    headings: Mapping[int, Heading] | None = None,
) -> SafeString:
    """`title` is the column that leads to the row's page, `figure` the one a phone shows; `pick` puts a box before each row.

    `editable` are the columns that may be written where they stand, `headings` stand above rows by their keys.
    """
    parts = []
    for at, row in enumerate(rows, start=1):
        if headings and row.pk in headings:
            parts.append(_heading(context, headings[row.pk]))
        parts.append(_row(context, row, at, title, figure, pick, numbered, editable))
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


def _row(context, row: Row, at: int, title: str, figure: str, pick: bool, numbered: bool, editable: frozenset[str]) -> str:
    parts = [f'<tr data-id="{row.pk}">' if pick else "<tr>"]
    if pick:
        named = row.get(title)
        label = escape(_("Pick %(row)s") % {"row": (named.title or named.value) if named else at})
        parts.append(f'<td class="k-select"><input type="checkbox" data-pick value="{row.pk}" aria-label="{label}"></td>')
    if numbered:
        parts.append(f'<td class="faint k-number">{at}</td>')
    parts += [_cell(context, cell, row.url, title, figure, editable) for cell in row.cells]
    parts.append("</tr>\n")
    return "".join(parts)


def _cell(context: Any, cell: Cell, url: str, title: str, figure: str, editable: frozenset[str]) -> str:
    name = cell.column.name
    edit = f' data-edit="{name}"' if name in editable else ""
    classes = cell_class(cell, title) + (" c-figure" if name == figure else "")
    if name == title and url:
        # A title that is a reference, or an address, leads to this row, not to the other one.
        plain = escape(cell.title) if cell.column.kind == "reference" else value(context, cell, "list")
        if cell.column.kind in ("email", "phone", "url"):
            plain = escape(cell.value or "")
        named = plain or escape("#" + url.split("/")[-2])
        return f'<td class="{classes}"{edit}><a class="open" href="{escape(url)}">{named}</a></td>'
    return f'<td class="{classes}"{edit}>{value(context, cell, "list")}</td>'
