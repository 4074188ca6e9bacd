"""Mail: what was written to whom about which record, what became of it, the servers that send it, and texts to begin with."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.about.sight import about_visible
from guanxi.kernel.access.models import Member
from guanxi.kernel.access.scopes import rows_in
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import Record, RecordQuerySet
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.values import TranslatedField
from guanxi.kernel.values.sealed import SealedField
from guanxi.shared.parties.models import Contact, Party

KINDS = [("smtp", _("Sends by SMTP")), ("catch", _("Keeps mail here, sends nothing"))]
SECURITY = [("starttls", _("STARTTLS")), ("tls", _("TLS from the start")), ("none", _("None"))]
LANGUAGES = [("zh-hans", _("Chinese")), ("en", pgettext_lazy("language", "English"))]
OUTCOMES = [("sent", _("Sent")), ("kept", _("Kept here")), ("waiting", _("Put off")), ("failed", _("Failed")), ("cancelled", _("Cancelled"))]
LABEL = "messaging.message"
UNSAID = (LABEL, "activities.activity")
"""No mail is about these: sight of them follows from others', so that asking for it again would go round in circles."""


def target_choices() -> Iterator[tuple[str, Any]]:
    """Kinds of records that have a page and are not set up once and for all."""
    return ((s.model._meta.label_lower, s.singular()) for s in SCREENS.values() if s.menu and s.menu[0] not in ("", "setup"))


class MailServer(Record):
    """Where mail is handed over, and in whose name."""

    title_field = "name"
    business_key = "name"

    name = models.CharField(_("Name"), max_length=80, unique=True)
    kind = models.CharField(_("Kind"), max_length=5, choices=KINDS, default="smtp")
    host = models.CharField(_("Host"), max_length=200, blank=True, help_text=_("For example smtp.example.com."))
    port = models.PositiveIntegerField(_("Port"), default=587, help_text=_("587 with STARTTLS, 465 with TLS from the start."))
    security = models.CharField(_("Encryption"), max_length=8, choices=SECURITY, default="starttls")
    username = models.CharField(_("Sign-in name"), max_length=200, blank=True)
    has_password = models.BooleanField(_("Password is set"), default=False, editable=False)
    from_address = models.EmailField(_("Sender's address"))
    from_name = models.CharField(_("Sender's name"), max_length=120, blank=True, help_text=_("Stands beside the name of whoever writes."))
    bounce_address = models.EmailField(
        _("Address for returned mail"), blank=True,
        help_text=_("Mail that cannot be delivered comes back to it; the number of the message is put in after a +."),
    )
    is_active = models.BooleanField(_("Active"), default=True)
    is_default = models.BooleanField(_("Default"), default=False, editable=False)

    class Meta:
        verbose_name = _("Mail server")
        verbose_name_plural = _("Mail servers")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_mail_server",
                violation_error_message=_("Somebody has just chosen another default mail server; look again."),
            )
        ]

    @property
    def way(self) -> str:
        """Where a password goes: one given for another host or user is not sent there."""
        return f"{self.host.lower()}:{self.port} {self.security} {self.username}"


class MailPassword(Record):
    """The password of a mail server, sealed with the way for which it was given; on a table of its own, so that no history, page or
    export ever holds it."""

    tracked = False
    untracked_because = "it holds nothing but a sealed secret; that it was set is an act"

    server = models.OneToOneField(MailServer, models.CASCADE, related_name="password", verbose_name=_("Mail server"))
    sealed = SealedField()

    class Meta:
        verbose_name = _("Mail password")
        verbose_name_plural = _("Mail passwords")


class MessageTemplate(Record):
    """A text to begin with; what stands in double braces is filled in from the record."""

    business_key = "code"
    title_field = "name"

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    name = TranslatedField(_("Name"))
    target_model = models.CharField(
        _("For"), max_length=60, choices=target_choices, blank=True, help_text=_("Left empty, it can be used with every kind of record.")
    )
    subject = TranslatedField(_("Subject"), help_text=_("{{ number }} or {{ customer.name }} is filled in from the record."))
    body = TranslatedField(_("Text"), is_long=True)
    is_active = models.BooleanField(_("Active"), default=True)

    class Meta:
        verbose_name = _("Message template")
        verbose_name_plural = _("Message templates")
        ordering = ["code"]


class MessageQuerySet(RecordQuerySet):
    def visible_to(self, actor, verb="view"):
        """Whoever may see the record it is about, and whoever wrote it; the system's own notices nobody but their reader.

        To change, delete or send one again, it has to be visible, and within the scopes of that right.
        """
        scopes = actor.scopes(verb, Message)
        if not scopes:
            return self.none()
        if verb == "view":
            return self.filter(seen_by(actor))
        return self.visible_to(actor).filter(_within(rows_in(Message, scopes, actor)))


def seen_by(actor) -> Q:
    """The condition under which somebody who may view messages sees one."""
    written = _within(rows_in(Message, actor.scopes("view", Message) - {"company"}, actor))
    about = about_visible(actor, "target_model", "target_id", among=LABEL, without=UNSAID)
    alone = Q(target_model="") & _within(rows_in(Message, actor.scopes("view", Message), actor))
    return (about | written | alone) & Q(is_notice=False)


def _within(rows: Q | bool) -> Q:
    return rows if isinstance(rows, Q) else (Q() if rows else Q(pk__in=[]))


class Message(Record):
    """A mail that a member wrote, about one record or about none."""

    title_field = "subject"
    access_paths = {"own": "sender", "team": "sender__team"}
    lifecycle = Lifecycle(
        {
            "draft": _("Draft"), "queued": _("Being sent"), "sent": _("Sent"), "kept": _("Kept here"), "failed": _("Failed"),
            "bounced": _("Returned"), "cancelled": _("Cancelled"),
        },
        draft=["queued"], queued=["sent", "kept", "failed", "cancelled"], sent=["bounced"], kept=["queued"], failed=["queued"],
        bounced=["queued"], cancelled=["queued"],
        tones={"queued": "orange", "sent": "green", "failed": "red", "bounced": "red"},
    )

    status = lifecycle.field()
    subject = models.CharField(_("Subject"), max_length=250)
    to = models.TextField(pgettext_lazy("mail", "To"), blank=True)
    """Addresses, each as `a@b.c` or `Name <a@b.c>`, separated by commas."""
    cc = models.TextField(_("Copy to"), blank=True)
    bcc = models.TextField(_("Blind copy to"), blank=True)
    body = models.TextField(_("Text"))
    language = models.CharField(_("Language"), max_length=10, choices=LANGUAGES, blank=True, editable=False)
    sender = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Written by"), related_name="+", editable=False)
    party = models.ForeignKey(
        Party, models.SET_NULL, null=True, verbose_name=_("Customer or company"), related_name="messages", editable=False
    )
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, verbose_name=_("Contact"), related_name="messages", editable=False)
    template = models.ForeignKey(
        MessageTemplate, models.SET_NULL, null=True, verbose_name=_("Message template"), related_name="+", editable=False
    )
    target_model = models.CharField(max_length=60, blank=True, editable=False)
    target_id = models.BigIntegerField(null=True, editable=False)
    server = models.ForeignKey(MailServer, models.SET_NULL, null=True, verbose_name=_("Mail server"), related_name="+", editable=False)
    is_notice = models.BooleanField(_("Notice of the system"), default=False, editable=False)
    at = models.DateTimeField(_("Written at"), editable=False)
    sent_at = models.DateTimeField(_("Sent at"), null=True, editable=False)
    message_id = models.CharField(_("Message ID"), max_length=200, blank=True, db_index=True, editable=False)
    error = models.TextField(_("Error"), blank=True, editable=False)

    objects = MessageQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("E-mail message")
        verbose_name_plural = _("E-mail messages")
        indexes = [
            models.Index(fields=["target_id", "target_model", "-at"], name="message_target"),
            models.Index(fields=["target_model"], name="message_of_kind"),
            models.Index(fields=["party", "-at"], name="message_party"),
            models.Index(fields=["-at", "-id"], name="message_latest"),
        ]


class ContentField(models.BinaryField):
    """Bytes: no column, never listed or sent with the row."""

    hidden_column = True


class AttachmentQuerySet(RecordQuerySet):
    def visible_to(self, actor, verb="view"):
        """With its message; before it has one, whoever brought it."""
        return self.filter(Q(message__in=Message.objects.visible_to(actor, verb)) | Q(message__isnull=True, owner_id=actor.member_id))


class MessageAttachment(Record):
    """A file that goes with a message, as it was then."""

    title_field = "name"
    access_paths = {"own": "owner"}
    tracked = False
    untracked_because = "it never changes: it is what was sent"

    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="attachments", verbose_name=_("E-mail message"))
    owner = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Owner"), related_name="+")
    name = models.CharField(_("File name"), max_length=160)
    media_type = models.CharField(_("Kind of file"), max_length=100)
    size = models.PositiveIntegerField(_("Size"))
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=100, blank=True)
    """Of the form it came with: sent twice, it is kept once."""
    content = ContentField()

    objects = AttachmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Attached file")
        verbose_name_plural = _("Attached files")
        indexes = [models.Index(fields=["owner", "key"], condition=~Q(key=""), name="attachment_form")]


class MessageAttempt(Record):
    """One try to hand a message over, and what the server said."""

    title_field = "answer"
    part_of = "message"
    tracked = False
    untracked_because = "it is a log: its rows are only added"

    message = models.ForeignKey(Message, models.CASCADE, related_name="log", verbose_name=_("E-mail message"))
    at = models.DateTimeField(_("At"))
    outcome = models.CharField(_("Outcome"), max_length=10, choices=OUTCOMES)
    answer = models.TextField(_("The server's answer"), blank=True)

    class Meta:
        verbose_name = _("Attempt to send")
        verbose_name_plural = _("Attempts to send")
        ordering = ["pk"]
