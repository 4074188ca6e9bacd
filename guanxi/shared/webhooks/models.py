"""Who is told of what, and what became of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.access.models import Member
from guanxi.kernel.events.models import Event
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import Record
from guanxi.kernel.values.sealed import SealedField
from guanxi.shared.webhooks.catalogue import event_choices


class WebhookEndpoint(Record):
    """An address of another system that is told of chosen events, as far as its owner may see their records."""

    business_key = "name"
    access_paths = {"own": "owner", "team": "owner__team"}
    lifecycle = Lifecycle(
        {"off": _("Switched off"), "on": _("Switched on")}, off=["on"], on=["off"], tones={"on": "green"}, editable=("off", "on")
    )

    name = models.CharField(_("Name"), max_length=80, unique=True)
    url = models.URLField(_("URL"), max_length=500, help_text=_("Where events are sent, beginning with https://"))
    owner = models.ForeignKey(
        Member, models.PROTECT, blank=True, verbose_name=_("Sees what this member sees"), related_name="+",
        help_text=_("An event about a record that this member may not see is not sent. Left empty, that is you."),
    )
    status = lifecycle.field()
    first_event_id = models.BigIntegerField(default=0, editable=False)
    """Only events after this one are sent: what happened while it was switched off is not made up for."""
    failing_since_at = models.DateTimeField(_("Failing since"), null=True, blank=True, editable=False)
    stop_reason = models.TextField(_("Why it was switched off"), blank=True, editable=False)

    class Meta:
        verbose_name = _("Webhook")
        verbose_name_plural = _("Webhooks")
        ordering = ["name"]


class WebhookEvent(Record):
    """One choice of events: a type, all of a kind (`order.*`), or all (`*`)."""

    part_of = "endpoint"

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, verbose_name=_("Webhook"), related_name="events")
    event = models.CharField(_("Event"), max_length=80, choices=event_choices)

    class Meta:
        verbose_name = _("Chosen event")
        verbose_name_plural = _("Chosen events")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="event_chosen_once", violation_error_message=_("Choose each event once."))
        ]

    def __str__(self) -> str:
        return self.event


class WebhookSecret(Record):
    """What requests are signed with. Two are valid for a while after a new one was made."""

    part_of = "endpoint"
    tracked = False
    untracked_because = "the history keeps no secrets; that a new one was made is an act"

    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, verbose_name=_("Webhook"), related_name="secrets")
    sealed = SealedField()
    valid_until_at = models.DateTimeField(null=True, editable=False)
    """Null for the present one."""

    def __str__(self) -> str:
        return "whsec_…"


class WebhookDelivery(Record):
    """One event on its way to one endpoint, and what the other side answered last."""

    title_field = "type"
    keeps_references = True
    access_paths = {"own": "endpoint__owner", "team": "endpoint__owner__team"}
    restricted = {"see_webhook_contents": ("record_title", "answer")}
    tracked = False
    untracked_because = "its row is its own log: attempts, status, answer; sending it again is an act"
    lifecycle = Lifecycle(
        {"waiting": _("On its way"), "delivered": pgettext_lazy("webhooks", "Received"), "failed": _("Not received"), "withheld": _("Withheld")},
        waiting=["delivered", "failed", "withheld"], delivered=["waiting"], failed=["waiting"], withheld=["waiting"],
        tones={"waiting": "orange", "delivered": "green", "failed": "red"}, editable=(),
    )

    status = lifecycle.field()
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, verbose_name=_("Webhook"), related_name="deliveries")
    event = models.ForeignKey(Event, models.PROTECT, null=True, verbose_name=_("Event"), related_name="+", editable=False)
    """Null for a test."""
    type = models.CharField(_("Type"), max_length=80, editable=False)
    message_id = models.CharField(_("Message"), max_length=60, unique=True, editable=False)
    """The `webhook-id`: the same at every attempt, also when it is sent again by hand."""
    record_model = models.CharField(max_length=60, blank=True, editable=False)
    record_id = models.BigIntegerField(null=True, editable=False)
    record_title = models.CharField(_("Record"), max_length=200, blank=True, editable=False)
    happened_at = models.DateTimeField(_("Happened at"), editable=False)
    attempts = models.PositiveIntegerField(_("Attempts"), default=0, editable=False)
    attempted_at = models.DateTimeField(_("Last attempt"), null=True, editable=False)
    response_status = models.PositiveSmallIntegerField(_("Response status"), null=True, editable=False)
    milliseconds = models.PositiveIntegerField(_("Milliseconds"), null=True, editable=False)
    answer = models.TextField(_("Response"), blank=True, editable=False)
    """Its first 2 KB."""
    error = models.TextField(_("Error"), blank=True, editable=False)

    class Meta:
        verbose_name = _("Webhook delivery")
        verbose_name_plural = _("Webhook deliveries")
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="event_told_once")]
        indexes = [models.Index(fields=["endpoint", "-happened_at"], name="webhook_delivery_latest")]


class WebhookPosition(Record):
    """How far the events have been looked through. One row; the worker's own."""

    tracked = False
    untracked_because = "the place where the worker goes on"

    before_id = models.BigIntegerField(default=0)
    """All events up to this one are dealt with."""
    looked_at = models.JSONField(default=list)
    """Ids above it that are dealt with too."""
    mark_id = models.BigIntegerField(default=0)
    mark_xid = models.BigIntegerField(default=0)
    """When no transaction before `mark_xid` is open any more, no event up to `mark_id` can still appear."""
