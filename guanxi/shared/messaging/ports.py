"""Which operation sends a kind of record by mail, and with which text it begins; texts that come ready-made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import Operation
from guanxi.kernel.records.record import Record
from guanxi.kernel.values import Translated
from guanxi.shared.messaging.merge import BadText as BadText  # texts with merge fields, for whoever writes more than mails
from guanxi.shared.messaging.merge import Names as Names
from guanxi.shared.messaging.merge import fields_of as fields_of
from guanxi.shared.messaging.merge import merged as merged
from guanxi.shared.messaging.models import Message, MessageTemplate
from guanxi.shared.parties.models import Contact, Party


@dataclass(frozen=True)
class Mailing:
    operation: Operation
    template: str
    enclosed: Any
    """What goes with the mail of itself, in words; empty for nothing."""


@dataclass(frozen=True)
class ReadyText:
    code: str
    target_model: str
    name: Any
    subject: Any
    body: Any


MAILINGS: dict[str, Mailing] = {}
FILLED_IN: list[Callable[[Message, str], str]] = []
"""What replaces words of a mail as it leaves, so that the mail that is kept does not hold it: a link that lets its reader in."""
READY: dict[str, ReadyText] = {}


def mailed_by(model: type[Record], operation: Operation, *, template: str, enclosed: Any = "") -> None:
    """Let the composer on such a record use `operation`, whose parameters are those of `send_message` without its target."""
    MAILINGS[model.label()] = Mailing(operation, template, enclosed)


def mailing_of(record: Record) -> Mailing | None:
    return MAILINGS.get(record.label())


def ready_text(code: str, model: type[Record] | None, *, name: Any, subject: Any, body: Any) -> None:
    """Declare a template that every account set has from the start; a company changes it as it likes."""
    READY[code] = ReadyText(code, model.label() if model else "", name, subject, body)


def sync_ready_texts() -> None:
    """Add the ready-made templates that the current set has not had yet."""
    known = set(MessageTemplate.objects.filter(code__in=READY).values_list("code", flat=True))
    for text in READY.values():
        if text.code not in known:
            MessageTemplate.objects.create(
                code=text.code, target_model=text.target_model, name=Translated.of(text.name), subject=Translated.of(text.subject),
                body=Translated.of(text.body),
            )


def templates_for(record: Record, actor: Actor) -> Sequence[MessageTemplate]:
    """Those in use that fit the kind of record, its own before the general ones."""
    rows = MessageTemplate.objects.visible_to(actor).filter(Q(target_model=record.label()) | Q(target_model=""), is_active=True)
    return list(rows.order_by("-target_model", "code"))


def people_of(party: Party | None, contact_id: int | None, actor: Actor) -> list[Contact]:
    """Whom at the customer one can write to: whoever the record names first, then the main contact."""
    if party is None:
        return []
    rows = Contact.objects.visible_to(actor).filter(party=party, archived_at__isnull=True).exclude(email="")
    return sorted(rows.order_by("-is_main", "name_sort", "pk")[:30], key=lambda one: one.pk != contact_id)
