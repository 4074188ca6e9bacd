"""What is known to come: asked of every module that makes or buys goods, by an adapter that `config` chooses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Supply:
    """Goods that are to arrive in a warehouse on a day, in base units; `name` is how people call the document."""

    product_id: int
    warehouse_id: int
    on: date
    quantity: Decimal
    name: str


class ExpectedReceipts(Protocol):
    """Open receipts of some products in the warehouses of a legal entity, for all of them in one question."""

    def supplies(self, product_ids: Sequence[int], entity_id: int) -> Iterable[Supply]: ...


@cache
def expected_receipts() -> tuple[ExpectedReceipts, ...]:
    """The adapters that this installation was given."""
    return tuple(import_string(path)() for path in settings.EXPECTED_RECEIPTS)
