"""Writing a message and putting it into the outbox: what operations of this and other modules do inside their act."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.kernel.about.sight import party_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.database.rows import insert_rows
from guanxi.kernel.events.publish import publish
from guanxi.kernel.outbox.queue import dispatch
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.search.index import index_records
from guanxi.kernel.values.sealed import seal
from guanxi.shared.messaging import events
from guanxi.shared.messaging.addresses import read_addresses, require_one_line, require_some, written
from guanxi.shared.messaging.letters import Enclosure
from guanxi.shared.messaging.models import MailServer, Message, MessageAttachment, MessageTemplate
from guanxi.shared.parties.models import Contact, Party

LARGEST = 20 * 1024 * 1024
"""Of all attached files together: more is refused by most mail servers."""
LONGEST_BODY = 100_000
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")


def queue_message(
    *, to: str, subject: str, body: str, actor: Actor, target: Record | None = None, party: Party | None = None,
    contact: Contact | None = None, cc: str = "", bcc: str = "", language: str = "", template: MessageTemplate | None = None,
    attachments: Sequence[Enclosure | MessageAttachment] = (), server: MailServer | None = None,
) -> Message:
    """Write a mail and let it be sent once this act commits. Refused, at a field, for what cannot be sent."""
    require_server()
    message = write_message(
        to=to, subject=subject, body=body, actor=actor, target=target, party=party, contact=contact, cc=cc, bcc=bcc, language=language,
        template=template, attachments=attachments, server=server,
    )
    return put_in_outbox(message)


def queue_notice_mail(address: str, subject: str, body: str, actor: Actor, language: str = "") -> Message | None:
    """A notice of the system to one person's own address; None where no mail server is switched on. Nobody else sees it."""
    if not MailServer.objects.filter(is_active=True, is_default=True).exists():
        return None
    # Sealed, for it may hold what its reader alone may know, or a link that lets in; nor do outputs of the set and the history hold it.
    sealed = seal(f"{' '.join(subject.split())[:250]}\n{body}")
    message = write_message(to=address, subject=_("Notice to a member"), body=sealed, actor=actor, language=language, is_notice=True)
    message.assign(status="queued")
    message.flush()
    dispatch("mail", message)
    return message


def require_server() -> None:
    """Refused while mail would only lie about."""
    if not MailServer.objects.filter(is_active=True, is_default=True).exists():
        raise Refused(_("No mail server is switched on. An administrator sets one up under Setup › Mail servers."))


def write_message(
    *, to: str, subject: str, body: str, actor: Actor, target: Record | None = None, party: Party | None = None,
    contact: Contact | None = None, cc: str = "", bcc: str = "", language: str = "", template: MessageTemplate | None = None,
    attachments: Sequence[Enclosure | MessageAttachment] = (), server: MailServer | None = None, is_notice: bool = False,
) -> Message:
    """A draft, checked."""
    found = {name: read_addresses(text, name) for name, text in (("to", to), ("cc", cc), ("bcc", bcc))}
    require_some(found["to"], found["cc"], found["bcc"])
    require_one_line(subject, "subject")
    if not subject.strip():
        raise Refused(_("This is needed."), field="subject")
    if not body.strip():
        raise Refused(_("Write at least a few words."), field="body")
    if len(body) > LONGEST_BODY:
        raise Refused(_("This text is too long for a mail; attach it as a file."), field="body")
    label, row_id = target.ref() if target is not None else ("", None)
    party_id = party_of(target) if target is not None else None
    message = Message.objects.create(
        subject=subject.strip()[:250], body=body.replace("\r\n", "\n").replace("\x00", ""), language=language, sender_id=actor.member_id,
        party_id=party.pk if party is not None else party_id, contact=contact, template=template, target_model=label, target_id=row_id,
        server=server, is_notice=is_notice, at=actor.now, **{name: written(addresses) for name, addresses in found.items()},
    )
    _attach(message, attachments, actor)
    if not is_notice:
        index_records(Message, [message.pk])
    return message


def put_in_outbox(message: Message) -> Message:
    """A draft leaves with this act."""
    message.assign(status="queued")
    message.flush()
    dispatch("mail", message)
    publish(
        events.MessageQueued(message.pk, message.target_model, message.target_id), subject=message, party_id=message.party_id
    )
    touch_target(message)
    return message


def touch_target(message: Message) -> None:
    """Open pages of the record look again."""
    scope = act_scope()
    if scope is not None and message.target_id is not None:
        scope.touched.append((message.target_model, message.target_id))


def _attach(message: Message, attachments: Sequence[Enclosure | MessageAttachment], actor: Actor) -> None:
    size = sum(one.size if isinstance(one, MessageAttachment) else len(one.content) for one in attachments)
    if size > LARGEST:
        raise Refused(_("All files together may have %(most)s MB.") % {"most": LARGEST // 1024 // 1024}, field="attachments")
    insert_rows([attachment_of(one, actor, message) for one in attachments if isinstance(one, Enclosure)])
    waiting = [one.pk for one in attachments if isinstance(one, MessageAttachment)]
    if waiting and MessageAttachment.objects.filter(pk__in=waiting, message__isnull=True).updated(message=message) < len(set(waiting)):
        raise Refused(_("One of the files belongs to another message already; attach it again."), field="attachments")


def attachment_of(file: Enclosure, actor: Actor, message: Message | None = None, key: str = "") -> MessageAttachment:
    """The file as a row, with a name and a kind that no mail program stumbles over."""
    name = harmless_name(file.name)
    media_type = file.media_type.lower()
    if not _MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("multipart/", "message/")):
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return MessageAttachment(
        message=message, owner_id=actor.member_id, name=name, media_type=media_type, size=len(file.content), key=key,
        digest=hashlib.sha256(file.content).hexdigest(), content=file.content,
    )


def harmless_name(name: str) -> str:
    """A file's name without its folders, signs that cannot be seen, and signs that turn the direction of writing."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Zl", "Zp", "Cs")).strip(" .")
    stem, dot, suffix = seen.rpartition(".")
    return (f"{stem[:140]}{dot}{suffix[:15]}" if dot and stem else seen[:155]) or _("file")
