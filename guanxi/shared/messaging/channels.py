"""Mail leaves through the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.events.publish import publish
from guanxi.kernel.outbox.channels import Delayed, Item, Outcome, Withdrawn, channel
from guanxi.kernel.values.sealed import Unreadable, unseal
from guanxi.shared.messaging import events
from guanxi.shared.messaging.addresses import on_the_wire, read_addresses
from guanxi.shared.messaging.letters import Enclosure, Letter, bounce_path, id_for
from guanxi.shared.messaging.models import MailPassword, MailServer, Message, MessageAttempt
from guanxi.shared.messaging.ports import FILLED_IN
from guanxi.shared.messaging.smtp import Envelope, Place, Taken, hand_over


@dataclass(frozen=True)
class Ready:
    """A mail that was read; without a place it is kept here."""

    place: Place | None
    envelope: Envelope


@channel("mail", pgettext_lazy("channel", "E-mail"), attempts=12, seconds=90)
class MailSender:
    """Reads a message, hands it to its server, and keeps what the server said."""

    def read(self, target_id: int, item: Item) -> Ready:
        message = Message.objects.filter(pk=target_id).select_related("sender").first()
        if message is None or message.status != "queued":
            raise Withdrawn(_("It need not be sent any more."))
        server = server_of(message)
        if message.server_id != server.pk or message.message_id != id_for(item.key, server.from_address):
            Message.objects.filter(pk=message.pk).updated(server=server, message_id=id_for(item.key, server.from_address))
        to, cc, bcc = (read_addresses(text, "to") for text in (message.to, message.cc, message.bcc))
        subject, body = _said(message)
        letter = Letter(
            id_for(item.key, server.from_address), message.at, _from_name(message, server), server.from_address, _reply_to(message, server),
            to, cc, subject, body, message.language, message.is_notice,
            [Enclosure(one.name, one.media_type, bytes(one.content)) for one in message.attachments.order_by("pk")],
        )
        recipients = list(dict.fromkeys(on_the_wire(address) for _name, address in [*to, *cc, *bcc]))
        sender = bounce_path(server.bounce_address, message.pk) if server.bounce_address else on_the_wire(server.from_address)
        return Ready(_place(server), Envelope(sender, recipients, letter.as_bytes()))

    def send(self, read: Ready) -> Taken | None:
        return hand_over(read.place, read.envelope) if read.place is not None else None

    def record(self, target_id: int, outcome: Outcome) -> None:
        message = Message.objects.select_for_update(of=("self",), no_key=True).filter(pk=target_id).first()
        if message is None:
            return
        _note_attempt(message, outcome)
        # Without an answer nobody was asked: the mail stays here.
        is_kept = outcome.status == "sent" and outcome.answer is None
        status = "kept" if is_kept else {"waiting": "queued"}.get(outcome.status, outcome.status)
        was = message.status
        if outcome.status == "cancelled" and was not in ("queued", "failed"):
            return
        message.assign(status=status, error=_error(outcome), **({"sent_at": outcome.at} if status == "sent" else {}))
        message.flush()
        facts = (message.pk, message.target_model, message.target_id)
        if status == "sent" and was != "sent":
            publish(events.MessageSent(*facts), subject=message, party_id=message.party_id)
        elif status == "failed" and was != "failed":
            publish(events.MessageFailed(*facts, outcome.error), subject=message, party_id=message.party_id)


def server_of(message: Message) -> MailServer:
    """The one it was given to while that is in use, else the default; Delayed when there is none."""
    given = MailServer.objects.filter(pk=message.server_id, is_active=True).first() if message.server_id else None
    server = given or MailServer.objects.filter(is_default=True, is_active=True).first()
    if server is None:
        raise Delayed(_("No mail server is switched on."))
    return server


def _said(message: Message) -> tuple[str, str]:
    """Subject and text; those of a notice are sealed."""
    if not message.is_notice:
        body = message.body
        for fill_in in FILLED_IN:
            body = fill_in(message, body)
        return message.subject, body
    try:
        subject, _line, body = unseal(message.body).partition("\n")
    except Unreadable:
        raise Withdrawn(_("It was written in another installation.")) from None
    return subject, body


def _place(server: MailServer) -> Place | None:
    if server.kind == "catch":
        return None
    password = ""
    if server.username:
        kept = MailPassword.objects.filter(server=server).first()
        try:
            way, _line, password = unseal(kept.sealed).partition("\n") if kept else (server.way, "", "")
        except Unreadable:
            raise Delayed(_("The password of the mail server cannot be read any more; set it again.")) from None
        if way != server.way:
            raise Delayed(_("The password was given for another host or user; set it again."))
    return Place(server.host, server.port, server.security, server.username, password)


def _from_name(message: Message, server: MailServer) -> str:
    if message.is_notice or message.sender.kind == "system":
        return server.from_name
    return f"{message.sender.name} ({server.from_name})" if server.from_name else message.sender.name


def _reply_to(message: Message, server: MailServer) -> tuple[str, str] | None:
    if message.is_notice or not message.sender.email or message.sender.email == server.from_address:
        return None
    return message.sender.name, message.sender.email


def _note_attempt(message: Message, outcome: Outcome) -> None:
    """Only what was tried: a decision to send again or not is an act, and stands in the log of acts."""
    answer: Any = outcome.answer
    if outcome.status == "sent" and answer is None:
        MessageAttempt.objects.create(message=message, at=message.at, outcome="kept")
    elif outcome.status == "sent":
        said = answer.answer if isinstance(answer, Taken) else ""
        MessageAttempt.objects.create(message=message, at=outcome.at, outcome="sent", answer=said)
        for address, why in (answer.refused if isinstance(answer, Taken) else {}).items():
            MessageAttempt.objects.create(message=message, at=outcome.at, outcome="failed", answer=f"{address}: {why}")
    elif outcome.error:
        MessageAttempt.objects.create(message=message, at=outcome.at, outcome=outcome.status, answer=outcome.error)


def _error(outcome: Outcome) -> str:
    """What went wrong; also of a mail that some of its recipients did not get."""
    if outcome.status == "sent" and isinstance(outcome.answer, Taken) and outcome.answer.refused:
        return _("Not taken for %(addresses)s.") % {"addresses": ", ".join(outcome.answer.refused)}
    return outcome.error
