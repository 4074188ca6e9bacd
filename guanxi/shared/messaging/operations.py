"""Writing, sending and taking back mail; the servers that send it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from guanxi.kernel.about.sight import party_of, target_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText, Secret
from guanxi.kernel.events.publish import publish
from guanxi.kernel.outbox.operations import cancel_dispatch, retry_dispatch
from guanxi.kernel.outbox.queue import dispatch, dispatch_of
from guanxi.kernel.printing.printing import print_document
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.values.sealed import seal
from guanxi.shared.messaging import events
from guanxi.shared.messaging.addresses import read_addresses, written
from guanxi.shared.messaging.letters import Enclosure
from guanxi.shared.messaging.merge import BadText, merged
from guanxi.shared.messaging.models import UNSAID, MailPassword, MailServer, Message, MessageAttachment, MessageTemplate
from guanxi.shared.messaging.queue import put_in_outbox, queue_message, queue_notice_mail, require_server, touch_target, write_message
from guanxi.shared.parties.models import Contact, Party

__all__ = [
    "MAIL_LABELS", "Enclosure", "cancel_message", "choose_mail_server", "note_bounce", "printed_pdf", "queue_message",
    "queue_notice_mail", "resend_message", "send_draft", "send_message", "set_mail_password", "target_named",
    "test_mail_server", "texts_of", "written_about", "written_language",
]

MAIL_LABELS = {
    "target_model": gettext_lazy("About (kind of record)"), "target_id": gettext_lazy("About (record)"),
    "contacts": gettext_lazy("Contacts"), "to": pgettext_lazy("mail", "To"), "cc": gettext_lazy("Copy to"), "bcc": gettext_lazy("Blind copy to"),
    "subject": gettext_lazy("Subject"), "body": gettext_lazy("Text"), "language": gettext_lazy("Language"),
    "template": gettext_lazy("Message template"), "attachments": gettext_lazy("Attached files"),
    "as_draft": gettext_lazy("Keep as a draft"), "zh-hans": gettext_lazy("Chinese"), "en": pgettext_lazy("language", "English"),
}


@operation(label=gettext_lazy("Send e-mail"), icon="mail", labels=MAIL_LABELS)
def send_message(
    *, actor: Actor, target_model: str, target_id: int, to: str = "", contacts: list[Contact] | None = None, subject: str = "", body: LongText = "",
    cc: str = "", bcc: str = "", language: Literal["zh-hans", "en"] | None = None, template: MessageTemplate | None = None,
    attachments: list[MessageAttachment] | None = None, as_draft: bool = False,
) -> Message:
    """Write an e-mail about a record, to addresses or to people of the customer, and send it; a template fills in what is left out."""
    write = write_message if as_draft else queue_message
    return write(
        **written_about(
            target_named(target_model, target_id, actor), actor=actor, to=to, contacts=contacts, subject=subject, body=body, cc=cc, bcc=bcc,
            language=language, template=template, attachments=attachments,
        )
    )


@operation(label=gettext_lazy("Send"), moves=Message.lifecycle.to("queued"), states=("draft",), icon="send")
def send_draft(message: Message, *, actor: Actor) -> Message:
    """Send what was kept as a draft."""
    require_server()
    return put_in_outbox(message)


@operation(label=gettext_lazy("Send again"), states=("failed", "bounced", "cancelled", "kept"), icon="refresh")
def resend_message(message: Message, *, actor: Actor) -> Message:
    """Try once more: under the same number when it never left, under a new one when it came back or was kept here."""
    require_server()
    last = dispatch_of(message)
    if message.status in ("bounced", "kept") or last is None:
        message.assign(status="queued", error="", sent_at=None)
        dispatch("mail", message)
    else:
        retry_dispatch(last, actor=actor)
        message.assign(status="queued", error="")
    touch_target(message)
    return message


@operation(label=gettext_lazy("Do not send"), states=("queued",), icon="x", tone="danger")
def cancel_message(message: Message, *, actor: Actor) -> Message:
    """Take it back while it has not left."""
    last = dispatch_of(message)
    if last is None or last.status not in ("waiting", "failed"):
        raise Refused(_("It is being sent this moment and can no longer be taken back."))
    cancel_dispatch(last, actor=actor)
    message.assign(status="cancelled", error="")
    touch_target(message)
    return message


@operation(
    label=gettext_lazy("It came back"), moves=Message.lifecycle.to("bounced"), icon="arrow-back-up", labels={"reason": gettext_lazy("Reason")}
)
def note_bounce(message: Message, *, actor: Actor, reason: LongText) -> Message:
    """The mail was returned: note it with the reason."""
    message.assign(error=reason)
    publish(
        events.MessageBounced(message.pk, message.target_model, message.target_id, reason[:500]), subject=message, party_id=message.party_id
    )
    touch_target(message)
    return message


@operation(
    label=gettext_lazy("Set password"), icon="lock", labels={"password": gettext_lazy("Password")},
    unless=lambda server: server.kind != "smtp" and _("This server sends nothing and needs no password."),
)
def set_mail_password(server: MailServer, *, actor: Actor, password: Secret = "") -> MailServer:
    """Kept sealed and never shown again; empty to forget it."""
    if password and server.security == "none":
        raise Refused(_("Without encryption anybody on the way could read the password: choose STARTTLS or TLS."), field="password")
    MailPassword.objects.filter(server=server).delete()
    if password:
        MailPassword.objects.create(server=server, sealed=seal(f"{server.way}\n{password}"))
    server.assign(has_password=bool(password))
    return server


def _why_not_chosen(server: MailServer) -> str:
    if not server.is_active:
        return _("This server is switched off; switch it on first.")
    return _("All new mail goes through this server already.") if server.is_default else ""


@operation(label=gettext_lazy("Make default"), icon="check", unless=_why_not_chosen)
def choose_mail_server(server: MailServer, *, actor: Actor) -> MailServer:
    """Send all new mail through this server."""
    MailServer.objects.filter(is_default=True).updated(is_default=False)
    server.assign(is_default=True)
    return server


@operation(label=gettext_lazy("Send a test message"), icon="mail-forward", labels={"to": pgettext_lazy("mail", "To")})
def test_mail_server(server: MailServer, *, actor: Actor, to: str = "") -> Message:
    """A mail through this server, to yourself unless another address is given; its page shows what the server says."""
    if not server.is_active:
        raise Refused(_("This server is switched off; switch it on first."))
    address = to or Member.objects.values_list("email", flat=True).get(pk=actor.member_id)
    if not address:
        raise Refused(_("You have no e-mail address yourself; give one here."), field="to")
    message = write_message(
        to=address, subject=_("Test of the mail server %(name)s") % {"name": server}, actor=actor, server=server, target=server,
        body=_("This mail shows that Guanxi can send mail through %(name)s.") % {"name": server.host or server.name},
    )
    return put_in_outbox(message)


def target_named(label: str, row_id: int, actor: Actor) -> Record:
    """The record a mail is about: one with a page, that the actor may see; never another mail."""
    return target_of("" if label in UNSAID else label, row_id, actor)


def written_about(
    target: Record, *, actor: Actor, to: str, contacts: list[Contact] | None, subject: str, body: str, cc: str, bcc: str,
    language: str | None, template: MessageTemplate | None, attachments: list[MessageAttachment] | None, enclosed: Sequence[Enclosure] = (),
) -> dict[str, Any]:
    """What an operation was given, as `queue_message` takes it: people as addresses, what was left out from the template."""
    contact = contacts[0] if contacts else None
    language = language or written_language(target)
    if template is not None and not (subject and body):
        try:
            texts = texts_of(template, target, actor=actor, language=language or actor.language, contact=contact)
        except BadText as error:
            raise Refused(str(error), field="template") from None
        subject, body = subject or texts["subject"], body or texts["body"]
    return {
        "to": with_contacts(to, contacts), "cc": cc, "bcc": bcc, "subject": subject, "body": body, "language": language,
        "template": template, "target": target, "contact": contact, "actor": actor, "attachments": [*enclosed, *(attachments or ())],
    }


def written_language(target: Record) -> str:
    """The language in which the customer of a record is written to, where that is known."""
    party_id = party_of(target)
    party = Party.objects.filter(pk=party_id).first() if party_id else None
    return party.written_language if party is not None else ""


def printed_pdf(record: Record, actor: Actor, language: str | None) -> Enclosure:
    """The record on paper, to go with its mail."""
    document = print_document(record, actor=actor, language=language)
    return Enclosure(document.name, "application/pdf", document.pdf)


def texts_of(template: MessageTemplate, target: Record, *, actor: Actor, language: str, contact: Contact | None) -> dict[str, str]:
    """Subject and body of a template for a record; BadText when the actor may not see what it reads."""
    if template.target_model not in ("", target.label()):
        raise BadText(_("The template “%(name)s” is for another kind of record.") % {"name": template})
    texts = {"subject": template.subject.in_language(language), "body": template.body.in_language(language)}
    filled = merged(texts, target, actor=actor, language=language, contact=contact)
    return {"subject": " ".join(filled["subject"].split()), "body": filled["body"].strip()}


def with_contacts(to: str, contacts: list[Contact] | None) -> str:
    """Addresses as typed, and those of the people chosen."""
    without = [one.name for one in contacts or () if not one.email]
    if without:
        raise Refused(_("%(names)s has no e-mail address.") % {"names": ", ".join(without)}, field="contacts")
    chosen = written((one.name, one.email) for one in contacts or ())
    return ", ".join(part for part in (chosen, written(read_addresses(to, "to"))) if part)
