"""What waits to leave, and what became of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.outbox.channels import channel_choices
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import Record


class Dispatch(Record):
    """One effect outside, which happens once: a mail, a call of a webhook. Its channel knows how."""

    title_field = "title"
    tracked = False
    untracked_because = "its row is its own log: attempts, error and moment; retrying and cancelling it are acts"
    lifecycle = Lifecycle(
        {"waiting": pgettext_lazy("outbox", "Waiting"), "sending": _("Sending"), "sent": _("Sent"), "failed": _("Failed"),
         "cancelled": _("Cancelled")},
        waiting=["sending", "cancelled"], sending=["sent", "waiting", "failed", "cancelled"], failed=["waiting", "cancelled"],
        cancelled=["waiting"],
        tones={"waiting": "orange", "sending": "blue", "sent": "green", "failed": "red"}, editable=(),
    )

    status = lifecycle.field(db_index=False)
    channel = models.CharField(_("Channel"), max_length=20, choices=channel_choices, editable=False)
    title = models.CharField(_("Subject"), max_length=200, editable=False)
    """How the target was called then."""
    target_model = models.CharField(max_length=60, editable=False)
    target_id = models.BigIntegerField(editable=False)
    key = models.CharField(_("Key"), max_length=100, unique=True, editable=False)
    """The same at every attempt, so that a receiver can tell a repetition: Message-ID, webhook-id."""
    due_at = models.DateTimeField(_("Due"), editable=False)
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0, editable=False)
    error = models.TextField(_("Error"), blank=True, editable=False)
    leased_until_at = models.DateTimeField(null=True, editable=False)
    """While it is being sent: the moment from which somebody else may take it up."""
    sent_at = models.DateTimeField(_("Sent at"), null=True, editable=False)
    act_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("Dispatch")
        verbose_name_plural = _("Outbox")
        indexes = [
            models.Index(fields=["channel", "due_at"], condition=models.Q(status__in=("waiting", "sending")), name="dispatch_due"),
            models.Index(fields=["target_id", "target_model"], name="dispatch_target"),
            models.Index(fields=["-due_at"], name="dispatch_latest"),
        ]
