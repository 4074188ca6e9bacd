"""Figures as people read them, in one place for pages, mail and print."""

from collections.abc import Iterable
from decimal import Decimal

from guanxi.kernel.values.currencies import CURRENCIES, digits_of
from guanxi.kernel.values.rounding import round_half_up


def format_money(value: Decimal | None, currency: str = "CNY", *, symbol: bool = True) -> str:
    """`-¥1,234.50`; an empty string for None."""
    if value is None:
        return ""
    rounded = round_half_up(value, digits_of(currency))
    mark = (CURRENCIES[currency].symbol if currency in CURRENCIES else currency + " ") if symbol else ""
    return f"{'-' if rounded < 0 else ''}{mark}{abs(rounded):,}"


def format_quantity(value: Decimal | None) -> str:
    """`1,200` or `0.75`: no trailing zeros."""
    if value is None:
        return ""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_price(value: Decimal | None, currency: str = "CNY", places: int = 4) -> str:
    """At least the currency's digits, more where the price has them, at most `places`; what is smaller than those can show is shown whole."""
    if value is None:
        return ""
    digits = digits_of(currency)
    value = round_half_up(value, max(places, digits)) or value
    whole, _, fraction = f"{value:,f}".partition(".")
    fraction = fraction.rstrip("0").ljust(digits, "0")
    return f"{whole}.{fraction}" if fraction else whole


def format_percent(value: Decimal | None, places: int = 1) -> str:
    """A fraction as per cent: 0.125 is `12.5%`."""
    if value is None:
        return ""
    # Adding nothing takes the sign from a rounded -0.
    return format_quantity(round_half_up(Decimal(value) * 100, places) + 0) + "%"


def format_column(values: Iterable[Decimal], least: int = 0) -> list[str]:
    """Figures that stand under each other, all with as many decimals as the longest of them needs (at least `least`)."""
    texts = [format_quantity(value).partition(".") for value in values]
    digits = max([least, *(len(fraction) for _whole, _point, fraction in texts)])
    return [f"{whole}.{fraction.ljust(digits, '0')}" if digits else whole for whole, _point, fraction in texts]
