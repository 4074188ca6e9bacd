"""A real SMTP server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller

from guanxi.kernel.database.processes import free_port


class Mailbox:
    """What has arrived. `answers` are given first, one for each mail; `unknown` addresses are refused."""

    def __init__(self) -> None:
        self.envelopes: list = []
        self.answers: list[str] = []
        self.unknown: dict[str, str] = {}
        self.parting = ""
        """What it says to QUIT, when not the usual."""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.unknown:
            return self.unknown[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def take(self, server, session, envelope):
        if self.answers:
            return self.answers.pop(0)
        self.envelopes.append(SimpleNamespace(sender=envelope.mail_from, recipients=envelope.rcpt_tos, content=envelope.content))
        return f"250 OK queued as {len(self.envelopes)}"

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        return self.parting or "221 Bye"

    handle_DATA = take  # noqa: N815

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(one.content, policy=policy.default) for one in self.envelopes]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    made.port = free_port()
    controller = Controller(made, hostname="127.0.0.1", port=made.port, enable_SMTPUTF8=False)
    controller.start()
    yield made
    controller.stop()
