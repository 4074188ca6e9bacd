"""Defects that the program does not have, one at a time: the control. A proof that does not find them would prove nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_DOWN, Decimal
from typing import Any
from unittest.mock import patch

from guanxi.erp.sales.billing import invoicing as billing

_links_from = billing.links_from


def _rounded_down(value: Decimal, _currency: str) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_DOWN)


def _deliveries_twice(*asked: Any) -> list[Any]:
    return [link for link in _links_from(*asked) for _n in range(1 + (link.kind == "delivery"))]


PLACED = ("place", 0, [(0, 6, 0), (1, 2, 10)])
DEFECTS: dict[str, tuple[str, Any, list[tuple]]] = {
    "a cost rounded away": (
        "guanxi.erp.inventory.operations.stock.round_money", _rounded_down, [("receive", 0, 1, 500), PLACED, ("deliver", 1, [1])],
    ),
    "a delivery counted twice": ("guanxi.erp.sales.billing.invoicing.links_from", _deliveries_twice, [PLACED, ("deliver", 1, [2]), ("bill", 1)]),
    "goods that come back for nothing": (
        "guanxi.erp.inventory.operations.returns._worth", lambda *_: Decimal(0), [PLACED, ("deliver", 1, []), ("return", 1, 0, 1)],
    ),
    "what came back is given to nobody": (
        "guanxi.erp.promising.reactions.give_out_arrived", lambda *_: [],
        [("place", 0, [(0, 7, 0)]), ("place", 1, [(0, 3, 0)]), ("deliver", 4, []), ("return", 1, 0, 2)],
    ),
    "parts of a line that do not add up": (
        "guanxi.erp.sales.billing.invoicing._amounts", lambda ids: dict.fromkeys(ids, (Decimal(0), Decimal(0))),
        [PLACED, ("deliver", 1, [2]), ("bill", 1), ("deliver", 1, []), ("bill", 1)],
    ),
    "an invoice that its prepayment does not pay": (
        "guanxi.erp.sales.operations.settle_prepayments", lambda *_: None, [PLACED, ("prepay", 1, 500), ("deliver", 1, []), ("bill", 1)],
    ),
    "money that stays spent": (
        "guanxi.erp.finance.operations.allocations._CHANGE_RECEIPTS", "SELECT unnest(%s::bigint[]), unnest(%s::numeric[]), unnest(%s::numeric[])",
        [PLACED, ("deliver", 1, []), ("bill", 1), ("pay", 0, 300), ("credit", 1)],
    ),
    "an order on hold that keeps its goods": ("guanxi.erp.sales.credit.holds.release_stock", lambda *_: None, [PLACED, ("hold", 1)]),
}
"""What is wrong: the place, what stands there instead, and a story that meets it."""


@contextmanager
def planted(name: str) -> Iterator[None]:
    place, wrong, _story = DEFECTS[name]
    with patch(place, wrong):
        yield
