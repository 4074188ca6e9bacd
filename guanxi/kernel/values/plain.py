"""Values as JSON can hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: decimals and dates as text, rows as their id."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, str):
        return _storable(value)
    return value if isinstance(value, int | float | bool) or value is None else str(value)


def _storable(text: str) -> str:
    """The log is written before what was sent is looked at, so it may hold what the database cannot."""
    return text if text.isascii() and "\x00" not in text else text.replace("\x00", "\ufffd").encode(errors="replace").decode()
