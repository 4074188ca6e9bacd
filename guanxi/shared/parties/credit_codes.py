"""Unified social credit codes (统一社会信用代码): 18 signs, the last one a check sign, as GB 32100-2015 lays down."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capital letters without I, O, S, V and Z; a sign's value is its place."""
LENGTH = 18
WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))


def normalise(text: str) -> str:
    """Capital letters and digits without spaces or hyphens, full-width signs made narrow."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in plain if not sign.isspace() and sign != "-")


def check_sign(body: str) -> str:
    """The 18th sign for the first 17: (31 - Σ value × 3^place mod 31) mod 31."""
    total = sum(SIGNS.index(sign) * weight for sign, weight in zip(body, WEIGHTS, strict=True))
    return SIGNS[(31 - total % 31) % 31]


def check_credit_code(text: str) -> None:
    """ValidationError that says which sign is wrong."""
    code = normalise(text)
    if len(code) != LENGTH:
        raise ValidationError(
            _("A unified social credit code has 18 characters; this has %(length)s.") % {"length": len(code)}
        )
    wrong = sorted({sign for sign in code if sign not in SIGNS})
    if wrong:
        raise ValidationError(
            _("“%(signs)s” does not occur in a unified social credit code: it has digits and capital letters without I, O, S, V and Z.")
            % {"signs": "".join(wrong)}
        )
    if not code[2:8].isdecimal():
        raise ValidationError(_("Characters 3 to 8 of a unified social credit code are the digits of the registration area."))
    if code[-1] != check_sign(code[:-1]):
        raise ValidationError(
            _("This is not a valid unified social credit code: its last character does not fit the others. Compare it with the business licence.")
        )
