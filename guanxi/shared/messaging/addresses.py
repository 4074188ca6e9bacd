"""Addresses as people write them: several in a line, with or without names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from email.utils import formataddr

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from guanxi.kernel.records.refusals import Refused

MOST_RECIPIENTS = 50
LONGEST = 254
# What stands between separators of either keyboard; in quotes they separate nothing.
_PART = re.compile(r'(?:"[^"]*"|[^",;，；、\r\n])+')
_NAMED = re.compile(r"([^<>]*)<([^<>]*)>")
Address = tuple[str, str]
"""(name, address)."""


def read_addresses(text: str, field: str) -> list[Address]:
    """What stands in `text`, each address once; Refused, at `field`, with what cannot be an address."""
    require_one_line(text, field)
    plain = text.replace("＜", "<").replace("＞", ">").replace("＠", "@")
    unique: dict[str, Address] = {}
    for part in _PART.findall(plain):
        if part.strip():
            name, address = _divided(part.strip())
            unique.setdefault(address.lower(), (" ".join(name.split())[:120], _checked(address, field)))
    return list(unique.values())


def _divided(part: str) -> Address:
    """`"Name" <a@b.c>` or `a@b.c`."""
    found = _NAMED.fullmatch(part)
    if found is None:
        return "", part
    return found[1].strip().strip('"').strip(), found[2].strip()


def _checked(address: str, field: str) -> str:
    local, _at, domain = address.rpartition("@")
    try:
        validate_email(f"{local}@{domain.encode('idna').decode()}" if not domain.isascii() else address)
    except (ValidationError, UnicodeError):
        raise Refused(_("“%(value)s” is not an e-mail address.") % {"value": address[:60]}, field=field) from None
    if not local.isascii() or len(address) > LONGEST:
        raise Refused(_("Mail cannot be sent to “%(value)s”: use letters of the Latin alphabet before the @.") % {"value": address[:60]}, field=field)
    return address


def require_one_line(text: str, field: str) -> None:
    """A line end in a header would begin another header."""
    allowed = "\t" if field == "subject" else "\t\n\r"
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text if sign not in allowed):
        raise Refused(_("This holds a character that cannot stand in one line."), field=field)


def written(addresses: Iterable[Address]) -> str:
    """As it is kept and shown: `李敏 <li@example.com>, b@example.com`."""
    return ", ".join(f"{_quoted(name)} <{address}>" if name else address for name, address in addresses)


def _quoted(name: str) -> str:
    return '"' + re.sub(r'["\\\\]', "", name) + '"' if re.search(r'[",;:<>()@\\\\\[\]，；、]', name) else name


def header(addresses: Iterable[Address]) -> str:
    """For a header field: names quoted, domains in the form of the network."""
    return ", ".join(formataddr((name, on_the_wire(address))) for name, address in addresses)


def on_the_wire(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def require_some(to: list[Address], cc: list[Address], bcc: list[Address]) -> None:
    """Somebody to send it to, and not too many."""
    if not (to or cc or bcc):
        raise Refused(_("Say to whom it goes."), field="to")
    if len(to) + len(cc) + len(bcc) > MOST_RECIPIENTS:
        raise Refused(_("At most %(count)s recipients; send the others a message of their own.") % {"count": MOST_RECIPIENTS}, field="to")
