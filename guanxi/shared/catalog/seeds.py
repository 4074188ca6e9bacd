"""Units and taxes a new account set starts with; what a company changed or put away stays as it is."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.values import Translated
from guanxi.shared.catalog.models import Tax, Unit

UNITS: list[tuple[str, object]] = [
    ("pc", pgettext_lazy("unit", "piece")), ("set", pgettext_lazy("unit", "set")), ("pair", pgettext_lazy("unit", "pair")),
    ("box", pgettext_lazy("unit", "box")), ("case", pgettext_lazy("unit", "case")), ("pack", pgettext_lazy("unit", "pack")),
    ("bag", pgettext_lazy("unit", "bag")), ("bottle", pgettext_lazy("unit", "bottle")), ("roll", pgettext_lazy("unit", "roll")),
    ("sheet", pgettext_lazy("unit", "sheet")), ("unit", pgettext_lazy("unit", "unit of equipment")), ("kg", pgettext_lazy("unit", "kilogram")),
    ("g", pgettext_lazy("unit", "gram")), ("t", pgettext_lazy("unit", "tonne")), ("m", pgettext_lazy("unit", "metre")),
    ("mm", pgettext_lazy("unit", "millimetre")), ("m2", pgettext_lazy("unit", "square metre")), ("m3", pgettext_lazy("unit", "cubic metre")),
    ("l", pgettext_lazy("unit", "litre")), ("ml", pgettext_lazy("unit", "millilitre")), ("hour", pgettext_lazy("unit", "hour")),
    ("day", pgettext_lazy("unit", "day")), ("month", pgettext_lazy("unit", "month")), ("year", pgettext_lazy("unit", "year")),
    ("time", pgettext_lazy("unit", "time")), ("item", pgettext_lazy("unit", "item")),
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
