"""From what people type, files hold and programs send to typed values; every refusal says what to write instead."""

import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext as _

from guanxi.kernel.values import Translated

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_HALF_SIGN = re.compile("[\ud800-\udfff]")
_USUAL_EMAIL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]{1,63}\.)+[A-Za-z]{2,63}")
"""Most addresses: good without a closer look."""
SHOWN_CHOICES, FIRST_CHOICES = 30, 10
"""Of more choices than can be told only the first are named."""
_TRUE = frozenset({"true", "t", "yes", "y", "1", "on", "是", "√", "对"})
_FALSE = frozenset({"false", "f", "no", "n", "0", "off", "否", "×", "错", ""})


class Unreadable(ValueError):
    """The value is not of the column's kind; the message says what is expected."""


def parse(column, raw, timezone: str = "UTC"):
    """A typed value for `column`, or None for nothing; Unreadable with a reason otherwise. References are not handled here."""
    if isinstance(raw, str):
        raw = raw.strip()
    if raw is None or (raw == "" and column.kind not in ("text", "longtext", "secret", "boolean")):
        return None
    reader = _READERS.get(column.kind)
    return reader(column, raw, timezone) if reader else raw


def _text(column, raw, _timezone):
    if isinstance(raw, bool | dict | list):
        raise Unreadable(_("Write a text here."))
    text = str(raw)
    if "\x00" in text or (not text.isascii() and _HALF_SIGN.search(text)):
        raise Unreadable(_("The text holds a character that cannot be stored."))
    if column.kind == "text":
        text = " ".join(text.split())
    if column.max_length and len(text) > column.max_length:
        raise Unreadable(_("At most %(max)s characters; this has %(length)s.") % {"max": column.max_length, "length": len(text)})
    return text


def number(raw) -> Decimal:
    """`1,234.50`, full-width digits and currency signs are understood; never a float's noise."""
    if isinstance(raw, bool):
        raise Unreadable(_("Write a number here."))
    text = unicodedata.normalize("NFKC", str(raw)).replace(",", "").strip().lstrip("¥$€£").strip()
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Unreadable(_("“%(value)s” is not a number.") % {"value": str(raw)[:40]}) from None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 13:
        raise Unreadable(_("This number is too large."))
    return value


def _decimal(column, raw, _timezone):
    value = number(raw)
    places = {"money": 4, "quantity": 6, "price": 6, "percent": 6}.get(column.kind, 6)
    if value != round(value, places):
        raise Unreadable(_("At most %(places)s decimal places.") % {"places": places})
    return value


def _percent(column, raw, timezone):
    if isinstance(raw, str):
        text = unicodedata.normalize("NFKC", raw)
        if text.endswith("%"):
            return _decimal(column, number(text[:-1]) / 100, timezone)
        value = _decimal(column, text, timezone)
        if abs(value) > 1:
            raise Unreadable(_("Write %(value)s%% or a fraction such as 0.13.") % {"value": raw})
        return value
    value = _decimal(column, raw, timezone)
    if abs(value) >= 1000:
        raise Unreadable(_("This percentage is too large."))
    return value


def _integer(column, raw, _timezone):
    value = number(raw)
    if value != int(value) or abs(value) > 2**31 - 1:
        raise Unreadable(_("Write a whole number."))
    return int(value)


def _date(column, raw, timezone):
    if isinstance(raw, datetime):
        return raw.astimezone(ZoneInfo(timezone)).date() if raw.tzinfo else raw.date()
    if isinstance(raw, date):
        return raw
    found = _DATE.match(unicodedata.normalize("NFKC", str(raw)))
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Unreadable(_("“%(value)s” is not a date; write it as 2026-01-31.") % {"value": str(raw)[:40]})


def _moment(column, raw, timezone):
    if isinstance(raw, datetime):
        value = raw
    else:
        try:
            value = datetime.fromisoformat(str(raw).replace("/", "-"))
        except ValueError:
            raise Unreadable(_("“%(value)s” is not a time; write it as 2026-01-31 14:30.") % {"value": str(raw)[:40]}) from None
    return (value if value.tzinfo else value.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)


def _boolean(column, raw, _timezone):
    if isinstance(raw, bool):
        return raw
    text = str(raw).strip().lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise Unreadable(_("Write yes or no."))


def _choice(column, raw, _timezone):
    wanted = str(raw).strip()
    if any(wanted == code for code, _label in column.choices):
        return wanted
    for code, label in column.choices:
        if wanted.casefold() in (str(label).casefold(), str(code).casefold()):
            return code
    named = [f"{label} ({code})" for code, label in column.choices if code]
    names = ", ".join(named if len(named) <= SHOWN_CHOICES else [*named[:FIRST_CHOICES], "…"])
    raise Unreadable(_("“%(value)s” is not one of: %(names)s.") % {"value": wanted[:40], "names": names})


def _choices(column, raw, timezone):
    """Several of them, as a list or one after another: `east, north`, `华东、华北`."""
    given = raw if isinstance(raw, list | tuple) else re.split(r"[,;，；、\n]", str(raw))
    found = [_choice(column, one, timezone) for one in given if str(one).strip()]
    return list(dict.fromkeys(found)) or None


def _phone(column, raw, timezone):
    text = _text(column, raw, timezone)
    if text and not any(letter.isdecimal() for letter in text):
        raise Unreadable(_("“%(value)s” has no digit; write a telephone number such as +44 20 7946 0018, or leave it empty.") % {"value": text[:40]})
    return text


def _email(column, raw, timezone):
    text = _text(column, raw, timezone)
    if len(text) < 200 and _USUAL_EMAIL.fullmatch(text):
        return text
    try:
        validate_email(text)
    except ValidationError:
        raise Unreadable(_("“%(value)s” is not an e-mail address.") % {"value": text[:60]}) from None
    return text


def _url(column, raw, timezone):
    text = _text(column, raw, timezone)
    text = text if "//" in text else f"https://{text}"
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        raise Unreadable(_("“%(value)s” is not a web address.") % {"value": text[:60]}) from None
    return text


def _translated(column, raw, _timezone):
    if not isinstance(raw, str | dict):
        raise Unreadable(_("Write a text here."))
    return Translated.of(raw) or None


_READERS = {
    "text": _text, "longtext": _text, "secret": _text, "phone": _phone, "decimal": _decimal, "money": _decimal, "price": _decimal,
    "quantity": _decimal, "percent": _percent, "integer": _integer, "date": _date, "moment": _moment, "boolean": _boolean,
    "choice": _choice, "choices": _choices, "status": _choice, "email": _email, "url": _url, "translated": _translated,
}
