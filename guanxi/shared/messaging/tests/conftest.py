"""A real SMTP server on this machine, and a mail server of the set that leads to it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller

from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.outbox.models import Dispatch
from guanxi.shared.messaging.models import MailServer
from guanxi.shared.parties.models import Contact, Party


class Mailbox:
    """What has arrived. `answers` are given first, one for each mail; `unknown` addresses are refused."""

    def __init__(self) -> None:
        self.envelopes: list = []
        self.answers: list[str] = []
        self.unknown: dict[str, str] = {}

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

    handle_DATA = take  # noqa: N815

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(one.content, policy=policy.default) for one in self.envelopes]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    made.port = free_port()
    controller = Controller(made, hostname="127.0.0.1", port=made.port, enable_SMTPUTF8=False)
    controller.start()
    yield made
    controller.stop()


@pytest.fixture
def server(alpha, mailbox) -> MailServer:
    given = {
        "name": "Test", "host": "127.0.0.1", "port": mailbox.port, "security": "none", "from_address": "sales@hengchuan.example",
        "from_name": "Hengchuan", "bounce_address": "bounce@hengchuan.example",
    }
    return create_record(MailServer, given, actor=alpha).result


@pytest.fixture
def customer(alpha) -> SimpleNamespace:
    """A customer with two people, one of them without an address."""
    party = create_record(Party, {"name": "北辰机械", "email": "office@beichen.example"}, actor=alpha).result
    wang = create_record(Contact, {"party": party.pk, "name": "王芳", "email": "wang@beichen.example"}, actor=alpha).result
    zhou = create_record(Contact, {"party": party.pk, "name": "周明"}, actor=alpha).result
    return SimpleNamespace(party=party, wang=wang, zhou=zhou)


@pytest.fixture
def make_due():
    """All pauses are over."""
    return lambda: Dispatch.objects.filter(status="waiting").update(due_at="2020-01-01T00:00:00Z")
