"""A mail server of the set that leads to a real one on this machine."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.outbox.models import Dispatch
from guanxi.shared.messaging.models import MailServer
from guanxi.shared.parties.models import Contact, Party


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
