"""What stands about mail on other records: a tab on the customer's page, lines of timelines, and the way to write one."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from guanxi.kernel.about.links import RecordLink, record_link
from guanxi.kernel.about.timeline import Entry, timeline_source
from guanxi.kernel.database import current_set
from guanxi.kernel.database.known import known
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens.panels import Panel, panel
from guanxi.kernel.screens.screen import record_url, screen_of
from guanxi.shared.messaging.models import UNSAID, MailServer, Message, MessageTemplate
from guanxi.shared.messaging.ports import mailing_of
from guanxi.shared.messaging.screens import MessageScreen
from guanxi.shared.parties.models import Party

DETAIL = 280
_COLUMNS = ("subject", "status", "to", "sender", "at", "sent_at")


@panel(Party, gettext_lazy("E-mail messages"), order=62, key="messages")
def messages_of_party(party: Party, actor) -> Panel:
    return Panel(MessageScreen, Message.objects.filter(party=party), _COLUMNS, sort="-at")


@panel(MailServer, gettext_lazy("E-mail messages"), order=10, key="messages")
def messages_of_server(server: MailServer, actor) -> Panel:
    return Panel(MessageScreen, Message.objects.filter(server=server, is_notice=False), _COLUMNS, sort="-at")


@timeline_source
def timeline_messages(record: Record, actor, limit: int) -> list[Entry]:
    """Mail about the record; on the page of a party its events tell of all mail to that party."""
    if isinstance(record, Party | Message | MessageTemplate) or not actor.may("view", Message):
        return []
    label, row_id = record.ref()
    return [_entry_of(message) for message in _sent(row_id, label=label, limit=limit)]


@known
def _sent(row_id: int, *, label: str, limit: int) -> Any:
    rows = Message.objects.filter(target_model=label, target_id=row_id).exclude(status="draft").select_related("sender")
    return rows.order_by("-at", "-pk")[:limit]


def _entry_of(message: Message) -> Entry:
    body = message.body.strip()
    return Entry(
        message.at, _("wrote the e-mail “%(title)s”"), "mail", message.subject, record_url(current_set(), Message, message.pk),
        (message.sender_id, message.sender.name), tag=str(message.lifecycle.labels[message.status]), tone=message.lifecycle.tones[message.status],
        detail=f"{pgettext('mail', 'To')}: {message.to or message.cc}\n\n{body[:DETAIL]}{'…' if len(body) > DETAIL else ''}", subject=message.ref(),
    )


@record_link
def write_link(record: Record, actor) -> RecordLink | None:
    """The way to the composer, on every record that mail can be about; at its head where no operation of its own stands there."""
    screen, mailing = screen_of(record), mailing_of(record)
    if record.about_another or record.label() in UNSAID or screen is None or not screen.menu or screen.menu[0] in ("", "setup"):
        return None
    if not actor.may(mailing.operation.name if mailing is not None else "messaging.send_message"):
        return None
    return RecordLink(
        f"mail/{record.label()}/{record.pk}/", gettext_lazy("Write an e-mail"), "mail", in_head=mailing is None, in_composer=True
    )
