"""A message as it goes over the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from html import escape

from django.utils.html import urlize

from guanxi.shared.messaging.addresses import Address, header, on_the_wire

DOMAIN = "guanxi.invalid"
"""Of a message ID, where a sender's address has no domain of its own."""


@dataclass(frozen=True)
class Enclosure:
    """One attached file."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Letter:
    """All that a mail consists of."""

    message_id: str
    at: datetime
    from_name: str
    from_address: str
    reply_to: Address | None
    to: Sequence[Address]
    cc: Sequence[Address]
    subject: str
    body: str
    language: str = ""
    is_automatic: bool = False
    enclosures: Sequence[Enclosure] = ()

    def as_bytes(self) -> bytes:
        """With plain text and the same as simple HTML; all headers encoded, so that no text begins another one."""
        mail = EmailMessage(policy=SMTP)
        mail["Message-ID"] = self.message_id
        mail["Date"] = format_datetime(self.at)
        mail["From"] = formataddr((self.from_name, on_the_wire(self.from_address)))
        if self.reply_to is not None:
            mail["Reply-To"] = header([self.reply_to])
        if self.to:
            mail["To"] = header(self.to)
        elif not self.cc:
            mail["To"] = "undisclosed-recipients:;"
        if self.cc:
            mail["Cc"] = header(self.cc)
        mail["Subject"] = self.subject
        if self.language:
            mail["Content-Language"] = "zh-CN" if self.language.startswith("zh") else self.language
        if self.is_automatic:
            mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self.body, cte="base64" if not self.body.isascii() else "quoted-printable")
        mail.add_alternative(as_html(self.body, self.language), subtype="html", cte="base64" if not self.body.isascii() else "quoted-printable")
        for enclosure in self.enclosures:
            main, _slash, sub = enclosure.media_type.partition("/")
            mail.add_attachment(enclosure.content, maintype=main, subtype=sub, filename=enclosure.name)
        return mail.as_bytes()


def as_html(body: str, language: str = "") -> str:
    """Paragraphs, line ends and links of a plain text; everything else is escaped."""
    paragraphs = [part.strip("\n") for part in body.replace("\r\n", "\n").split("\n\n")]
    made = "".join(f"<p>{urlize(part, nofollow=True, autoescape=True).replace(chr(10), '<br>')}</p>" for part in paragraphs if part.strip())
    lang = f' lang="{escape(language)}"' if language else ""
    return f'<!DOCTYPE html><html{lang}><head><meta charset="utf-8"></head><body>{made}</body></html>'


def id_for(key: str, from_address: str) -> str:
    """The Message-ID of a dispatch: the same at every attempt."""
    return f"<{key}@{on_the_wire(from_address).rpartition('@')[2] or DOMAIN}>"


def bounce_path(bounce_address: str, message_pk: int) -> str:
    """The envelope's sender: where returned mail says which message it is about."""
    local, _at, domain = on_the_wire(bounce_address).rpartition("@")
    return f"{local}+{message_pk}@{domain}"
