"""Codes that customers give: read from what was typed, and what each of them opens."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from django.utils.translation import gettext as _

from guanxi.erp.pricing.models import Coupon, PromotionUse
from guanxi.kernel.columns.text import full_date

_BETWEEN = re.compile(r"[\s,;，；、]+")


def codes_of(typed: str) -> list[str]:
    """The codes in a text, in large letters, each once."""
    return list(dict.fromkeys(code.upper() for code in _BETWEEN.split(typed or "") if code))


def opened_by(
    codes: Sequence[str], customer_id: int, on: date, document: tuple[str, int] | None = None,
) -> tuple[dict[int, str], dict[str, str]]:
    """The promotions that the codes open, with the code; and what is wrong with the others, by code. No question without a code. What the document
    itself has used is open to it."""
    if not codes:
        return {}, {}
    found = {coupon.code: coupon for coupon in Coupon.objects.filter(code__in=codes)}
    mine: set[int] = set()
    if document is not None:
        uses = PromotionUse.objects.filter(source_model=document[0], source_id=document[1], given_back_at__isnull=True, coupon__isnull=False)
        mine = set(uses.values_list("coupon_id", flat=True))
    opened: dict[int, str] = {}
    wrong: dict[str, str] = {}
    for code in codes:
        coupon = found.get(code)
        if coupon is None or coupon.archived_at is not None or coupon.customer_id not in (None, customer_id):
            wrong[code] = _("There is no coupon “%(code)s” for this customer; look at the code again.") % {"code": code}
        elif coupon.valid_until is not None and coupon.valid_until < on:
            wrong[code] = _("The coupon “%(code)s” was valid until %(day)s.") % {"code": code, "day": full_date(coupon.valid_until)}
        elif coupon.max_uses is not None and coupon.used_count >= coupon.max_uses and coupon.pk not in mine:
            wrong[code] = _("The coupon “%(code)s” has been used already.") % {"code": code}
        else:
            opened.setdefault(coupon.promotion_id, code)
    return opened, wrong


def without_promotion(opened: dict[int, str], counting: Collection[int]) -> dict[str, str]:
    """What is wrong with coupons whose promotion does not count here."""
    return {
        code: _("The promotion of the coupon “%(code)s” is not for this customer, or not on this day.") % {"code": code}
        for promotion_id, code in opened.items() if promotion_id not in counting
    }
