"""The four kinds of value a rule knows, and the limits they keep in Python and in PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.rules.errors import RuleError

Value = Decimal | str | bool | date | None

MAX_LENGTH = 4_000
MAX_NODES = 400
MAX_DEPTH = 40
MAX_DIGITS = 40
MAX_TEXT = 10_000
PLACES = 12

UNIT = Decimal(1).scaleb(-PLACES)
LIMIT = Decimal(10) ** MAX_DIGITS
# Wide enough that no product of MAX_NODES numbers is ever rounded by Python before the language rounds it.
EXACT = Context(prec=MAX_NODES * (MAX_DIGITS + PLACES), rounding=ROUND_HALF_UP, Emax=10**6, Emin=-(10**6))


class Kind(StrEnum):
    number = "number"
    text = "text"
    boolean = "boolean"
    date = "date"


KIND_LABELS: Mapping[Kind, Any] = {
    Kind.number: gettext_lazy("a number"),
    Kind.text: gettext_lazy("a text"),
    Kind.boolean: gettext_lazy("a condition (yes or no)"),
    Kind.date: gettext_lazy("a date"),
}


def label(kind: Kind) -> str:
    return str(KIND_LABELS[kind])


def to_places(number: Decimal, places: int = PLACES) -> Decimal:
    """Half away from zero, never a negative zero."""
    return EXACT.add(number.quantize(Decimal(1).scaleb(-places), context=EXACT), Decimal(0))


def value_of(name: str, kind: Kind, value: object) -> Value:
    """The value as the language sees it; RuleError when it is of another kind or out of its limits."""
    match value:
        case None:
            return None
        case bool():
            fits: Value = value if kind is Kind.boolean else None
        case int() | Decimal() if kind is Kind.number:
            number = Decimal(value)
            fits = to_places(number) if number.is_finite() and abs(number) < LIMIT else None
        case str() if kind is Kind.text and len(value) <= MAX_TEXT:
            fits = str(value)
        case date() if kind is Kind.date and not isinstance(value, datetime):
            fits = value
        case _:
            fits = None
    if fits is None:
        raise RuleError(_("The value of “%(name)s” is not %(kind)s that a rule can use.") % {"name": name, "kind": label(kind)})
    return fits
