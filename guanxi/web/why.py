"""Why a line has its price: a button beside the price, and the steps that it opens (frontend/src/why.js)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from guanxi.erp.pricing.steps import DISCOUNT, PRICE, Step, decided, said
from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.screens.cells import Row
from guanxi.kernel.values.shown import format_price

STEPS = "price_steps"


def why(steps: Sequence[Step] | None, currency: str, icon: Any) -> SafeString:
    """The button with the steps behind it; nothing where none are known. Prices are those of one base unit, with the discount taken off."""
    if not steps:
        return mark_safe("")
    title = _("Why this price")
    rows = format_html_join(
        "", '<li><span>{}</span><span class="num">{}</span></li>', ((said(one), _moved(one, currency)) for one in steps)
    )
    return format_html(
        '<button type="button" class="icon-button why" data-why tabindex="-1" aria-label="{}" title="{}">{}</button>'
        '<template><header class="sheet-head"><div><h2>{}</h2><p>{}</p></div><button type="button" class="icon-button" data-close-dialog'
        ' aria-label="{}">{}</button></header><div class="sheet-body"><ol class="price-steps">{}</ol></div></template>',
        title, title, icon("help-circle", "s"), title, _("For one base unit, without tax, with the discount taken off"), _("Close"), icon("x"), rows,
    )


def _moved(one: Step, currency: str) -> str:
    """`100.00 → 95.00`, or the one price where it does not change."""
    before, after = (format_price(Decimal(given), currency) if (given := one.get(name)) is not None else "" for name in ("before", "after"))
    return f"{before} → {after}" if before and before != after else after


def explain_prices(rows: Iterable[Row], columns: Sequence[Column]) -> list[Column]:
    """Put the steps of each line behind its price; the columns that are left."""
    for row in rows:
        steps, price = row.get(STEPS), row.get(PRICE)
        if steps is not None:
            row.cells = [cell for cell in row.cells if cell is not steps]
            if price is not None and steps.value:
                price.parts = [steps]
    return [column for column in columns if column.name != STEPS]


def proposed_fields(model: Any, parent: str, record_id: int) -> dict[str, set[str]]:
    """What nobody decided on the lines of a document, by their ids: it goes on following the rules while the document is changed."""
    if STEPS not in columns_of(model):
        return {}
    rows = model.objects.filter(**{parent: record_id}).values_list("pk", STEPS)
    return {str(pk): {PRICE, DISCOUNT} - decided(steps) for pk, steps in rows}
