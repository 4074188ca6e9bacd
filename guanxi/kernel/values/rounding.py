"""Rounding, once and half up (away from zero), as invoices are rounded in China and in most trade."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from guanxi.kernel.values.currencies import digits_of

ZERO = Decimal(0)


@cache
def _step(digits: int) -> Decimal:
    return Decimal(1).scaleb(-digits)


def round_half_up(value: Decimal, digits: int) -> Decimal:
    return value.quantize(_step(digits), ROUND_HALF_UP)


def round_money(value: Decimal, currency: str = "CNY") -> Decimal:
    """`value` in units of `currency`, to the digits that currency has."""
    return value.quantize(_step(digits_of(currency)), ROUND_HALF_UP)


def round_quantity(value: Decimal) -> Decimal:
    """Quantities are kept to six places of the base unit."""
    return value.quantize(_step(6), ROUND_HALF_UP)
