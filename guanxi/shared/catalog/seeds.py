"""Units and taxes a new account set starts with; what a company changed or put away stays as it is."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.values import Translated
from guanxi.shared.catalog.models import Tax, Unit

UNITS: list[tuple[str, object]] = [
    ("pc", _("piece")), ("set", _("set")), ("pair", _("pair")), ("box", _("box")), ("case", _("case")), ("pack", _("pack")),
    ("bag", _("bag")), ("bottle", _("bottle")), ("roll", _("roll")), ("sheet", _("sheet")), ("unit", _("unit of equipment")),
    ("kg", _("kilogram")), ("g", _("gram")), ("t", _("tonne")), ("m", _("metre")), ("mm", _("millimetre")), ("m2", _("square metre")),
    ("m3", _("cubic metre")), ("l", _("litre")), ("ml", _("millilitre")), ("hour", _("hour")), ("day", _("day")), ("month", _("month")),
    ("year", _("year")), ("time", _("time")), ("item", _("item")),
]
# Rates of the value-added tax of China since April 2019; the first one is the default.
CHINA: list[tuple[str, object, str]] = [
    ("VAT13", _("VAT 13%"), "0.13"), ("VAT9", _("VAT 9%"), "0.09"), ("VAT6", _("VAT 6%"), "0.06"), ("VAT0", _("VAT 0%"), "0"),
]
ELSEWHERE: list[tuple[str, object, str]] = [("TAX20", _("VAT 20%"), "0.20"), ("TAX0", _("Tax-free"), "0")]


def seed(country: str) -> None:
    """Add what is missing, by code."""
    Unit.add_missing([Unit(code=code, name=Translated.of(name)) for code, name in UNITS])
    taxes = CHINA if country == "CN" else ELSEWHERE
    has_default = Tax.objects.filter(is_default=True).exists()
    Tax.add_missing(
        [
            Tax(code=code, name=Translated.of(name), rate=Decimal(rate), is_default=not has_default and place == 0)
            for place, (code, name, rate) in enumerate(taxes)
        ]
    )
