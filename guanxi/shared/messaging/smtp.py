"""Handing a mail over to an SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from guanxi.kernel.outbox.channels import Delayed, Undeliverable

ANSWER_SECONDS = 20
"""The longest one waits for an answer; the channel bounds the whole."""


@dataclass(frozen=True)
class Place:
    """Where the server is and how one signs in."""

    host: str
    port: int
    security: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Envelope:
    sender: str
    recipients: Sequence[str]
    mail: bytes = field(repr=False)


@dataclass(frozen=True)
class Taken:
    """The server's answer, and whom of several recipients it refused."""

    answer: str
    refused: Mapping[str, str]


def hand_over(place: Place, envelope: Envelope) -> Taken:
    """Taken by the server, else Delayed or Undeliverable with its answer in words."""
    try:
        server = _connected(place, envelope.sender)
        try:
            return _send(server, envelope)
        finally:
            _leave(server)
    except ssl.SSLCertVerificationError as error:
        raise Delayed(_("The certificate of %(host)s is not trusted: %(reason)s") % {"host": place.host, "reason": error.verify_message}) from error
    except smtplib.SMTPAuthenticationError as error:
        answer = shown(error.smtp_code, error.smtp_error)
        raise Delayed(_("%(host)s refused the sign-in: %(answer)s") % {"host": place.host, "answer": answer}) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Delayed(_("%(host)s does not offer what is set up: %(reason)s") % {"host": place.host, "reason": error}) from error
    except smtplib.SMTPResponseException as error:
        raise _said_no(error.smtp_code, shown(error.smtp_code, error.smtp_error)) from error
    except (OSError, smtplib.SMTPException) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__
        raise Delayed(
            _("%(host)s cannot be reached on port %(port)s: %(reason)s") % {"host": place.host, "port": place.port, "reason": reason}
        ) from error


def _connected(place: Place, sender: str) -> smtplib.SMTP:
    # Our own name for the greeting: finding out the machine's would ask the network, and tell what is nobody's business.
    name = sender.rpartition("@")[2] or "localhost"
    context = ssl.create_default_context()
    if place.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(place.host, place.port, local_hostname=name, timeout=ANSWER_SECONDS, context=context)
    else:
        server = smtplib.SMTP(place.host, place.port, local_hostname=name, timeout=ANSWER_SECONDS)
    try:
        if place.security == "starttls":
            server.starttls(context=context)
        if place.username:
            server.login(place.username, place.password)
    except BaseException:
        server.close()
        raise
    return server


def _leave(server: smtplib.SMTP) -> None:
    """What a server says at parting is no answer to the mail."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _send(server: smtplib.SMTP, envelope: Envelope) -> Taken:
    """By hand: `sendmail` would keep the answer to itself, which names the message in the server's own log."""
    server.ehlo_or_helo_if_needed()
    options = [f"size={len(envelope.mail)}"] if server.has_extn("size") else []
    code, answer = server.mail(envelope.sender, options)
    if code != 250:
        raise smtplib.SMTPSenderRefused(code, answer, envelope.sender)
    refused: dict[str, tuple[int, bytes]] = {}
    for recipient in envelope.recipients:
        code, answer = server.rcpt(recipient)
        if code not in (250, 251):
            refused[recipient] = (code, answer)
        if code == 421:
            raise smtplib.SMTPResponseException(code, answer)
    if len(refused) == len(envelope.recipients):
        server.rset()
        # Put off as long as one of them may still be taken.
        code, answer = min(refused.values())
        raise _said_no(code, "; ".join(f"{one}: {shown(*said)}" for one, said in refused.items()))
    code, answer = server.data(envelope.mail)
    if code != 250:
        raise smtplib.SMTPDataError(code, answer)
    return Taken(shown(code, answer), {one: shown(*said) for one, said in refused.items()})


def _said_no(code: int, answer: str) -> Delayed | Undeliverable:
    """5xx is final, 4xx is not."""
    if 500 <= code < 600:
        return Undeliverable(_("The mail server refused it: %(answer)s") % {"answer": answer})
    return Delayed(_("The mail server put it off: %(answer)s") % {"answer": answer})


def shown(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return f"{code} {' '.join(text.split())}"[:500].replace("\x00", "")
