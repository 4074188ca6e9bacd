"""The currencies people trade in, with the digits of ISO 4217."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Currency(NamedTuple):
    code: str
    digits: int
    symbol: str
    name: Any


_ROWS = (
    ("CNY", 2, "¥", _("Chinese yuan")), ("USD", 2, "$", _("US dollar")), ("EUR", 2, "€", _("Euro")),
    ("GBP", 2, "£", _("Pound sterling")), ("JPY", 0, "JP¥", _("Japanese yen")), ("HKD", 2, "HK$", _("Hong Kong dollar")),
    ("TWD", 2, "NT$", _("New Taiwan dollar")), ("KRW", 0, "₩", _("South Korean won")), ("SGD", 2, "S$", _("Singapore dollar")),
    ("AUD", 2, "A$", _("Australian dollar")), ("CAD", 2, "C$", _("Canadian dollar")), ("CHF", 2, "CHF", _("Swiss franc")),
    ("INR", 2, "₹", _("Indian rupee")), ("VND", 0, "₫", _("Vietnamese dong")), ("THB", 2, "฿", _("Thai baht")),
    ("MYR", 2, "RM", _("Malaysian ringgit")), ("KWD", 3, "KWD", _("Kuwaiti dinar")), ("SEK", 2, "kr", _("Swedish krona")),
)
CURRENCIES: dict[str, Currency] = {row[0]: Currency(*row) for row in _ROWS}
CURRENCY_CHOICES = [(c.code, c.name) for c in CURRENCIES.values()]


def digits_of(currency: str) -> int:
    """Decimal places of a currency; two for one that is not listed."""
    known = CURRENCIES.get(currency)
    return known.digits if known else 2
