"""Amounts in the capital characters that Chinese documents ask for (大写金额), which cannot be altered by adding a stroke."""

from decimal import Decimal

from django.utils.translation import override

from guanxi.kernel.values.currencies import CURRENCIES, digits_of
from guanxi.kernel.values.rounding import round_half_up

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_PARTS = ("角", "分", "厘")


def in_capitals(amount: Decimal, currency: str = "CNY") -> str:
    """`人民币壹仟肆佰零玖元伍角整`, after the rules for filling in bills (《正确填写票据和结算凭证的基本规定》).

    An amount that ends before the fen ends with 整; a zero before later figures is written once, and always after 元 when there are fen
    but no jiao, or when the yuan end with a zero.
    """
    digits = digits_of(currency)
    rounded = round_half_up(amount, digits)
    whole, _point, fraction = f"{abs(rounded):f}".partition(".")
    parts = _once("".join(_DIGITS[int(d)] + unit if d != "0" else "零" for d, unit in zip(fraction, _PARTS, strict=False)))
    yuan = int(whole)
    if yuan == 0 and parts:
        text = parts.lstrip("零")
    elif parts:
        gap = "零" if yuan % 10 == 0 and not parts.startswith("零") else ""
        text = f"{_whole(yuan)}元{gap}{parts}"
    else:
        text = f"{_whole(yuan) or '零'}元"
    ending = "" if parts.endswith(_PARTS[1:]) else "整"
    return f"{_name(currency)}{'负' if rounded < 0 else ''}{text}{ending}"


def _whole(number: int) -> str:
    """Thousands by 万, these by 亿: 12345 亿 is spelled as a number of its own before 亿."""
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        high, low = divmod(number, size)
        if high:
            gap = "零" if 0 < low < size // 10 else ""
            return _whole(high) + unit + gap + _whole(low)
    return _below_ten_thousand(number)


def _below_ten_thousand(number: int) -> str:
    text = ""
    for place, digit in enumerate(reversed(str(number))):
        text = (_DIGITS[int(digit)] + _PLACES[place] if digit != "0" else "零") + text
    return _once(text)


def _once(text: str) -> str:
    """Zeros beside each other as one, none at the end."""
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.rstrip("零")


def _name(currency: str) -> str:
    known = CURRENCIES.get(currency)
    with override("zh-hans"):
        return str(known.name) if known else currency
