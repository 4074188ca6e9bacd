"""Where modules above know prices that come before every list and rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class AgreedPrice:
    """What was agreed for one base unit, before its discount, and in which document."""

    price: Decimal
    discount: Decimal
    document: str


AGREED_PRICES: list[Callable[[tuple[str, int], Sequence[int], str], Mapping[int, AgreedPrice]]] = []
"""(model and id of the document that is priced, products, currency) → prices agreed for it, by product. Asked only where a document is
priced that is there already."""
