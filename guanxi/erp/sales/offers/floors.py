"""The least margin that a category of products should leave, and where an offer stays under it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from guanxi.kernel.columns.validate import Draft
from guanxi.kernel.database.known import known
from guanxi.kernel.values import ZERO
from guanxi.shared.catalog.models import Category

TONE = "margin_rate.tone"
"""Beside a draft's margin: how it is coloured while it is typed. Never written."""


def is_counted(line: Draft) -> bool:
    """Whether a line is part of what its document comes to: not an option that nobody has chosen."""
    return (line.values.get("inclusion") or getattr(line.instance, "inclusion", "firm")) != "optional"


@known
def _floors() -> Any:
    return Category.objects.filter(margin_floor__isnull=False).only("margin_floor", "version")


def margin_floors() -> dict[int, Decimal]:
    """By category; where none is said, the floor is zero: what costs more than it brings."""
    return {row.pk: row.margin_floor for row in _floors()}


def is_thin(net: Decimal, rate: Decimal | None, floor: Decimal) -> bool:
    return bool(net) and rate is not None and rate < floor


def mark_thin_margins(drafts: Sequence[Draft]) -> None:
    """Colour what stays under its floor: each line, and the whole against the floors of its lines by their weight."""
    if not any(draft.lines for draft in drafts):
        return
    floors = margin_floors()
    for draft in drafts:
        least = ZERO
        for line in draft.lines or ():
            net = line.values.get("net")
            if net is None:
                continue
            floor = floors.get(line.get("product").category_id, ZERO)
            if is_thin(net, line.values.get("margin_rate"), floor):
                line.values[TONE] = "bad"
            if is_counted(line):
                least += net * floor
        if draft.lines and draft.values.get("net") and draft.values["margin"] is not None and draft.values["margin"] < least:
            draft.values[TONE] = "bad"
