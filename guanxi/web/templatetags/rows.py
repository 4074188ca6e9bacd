"""Rows of tables, drawn without a template: a list of fifty rows has five hundred cells, and each template node costs."""

from __future__ import annotations

from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from guanxi.kernel.screens.cells import Cell, Row
from guanxi.web.templatetags.ui import cell_class, value

register = template.Library()


@register.simple_tag(takes_context=True)
def table_rows(
    context, rows: list[Row], title: str = "", figure: str = "", pick: bool = False, numbered: bool = False, editable: frozenset[str] = frozenset(),
) -> SafeString:
    """`title` is the column that leads to the row's page, `figure` the one a phone shows; `pick` puts a box before each row.

    `editable` are the columns that may be written where they stand.
    """
    return mark_safe("".join(_row(context, row, at, title, figure, pick, numbered, editable) for at, row in enumerate(rows, start=1)))


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
        # A title that is a reference leads to this row, not to the other one.
        plain = escape(cell.title) if cell.column.kind == "reference" else value(context, cell, "list")
        named = plain or escape("#" + url.split("/")[-2])
        return f'<td class="{classes}"{edit}><a class="open" href="{escape(url)}">{named}</a></td>'
    return f'<td class="{classes}"{edit}>{value(context, cell, "list")}</td>'
