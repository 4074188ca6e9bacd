"""Events and their deliveries."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.record import AppendOnly, Record


class Event(AppendOnly):
    """One announcement: also a line of the timeline of its subject and its party."""

    name = models.CharField(_("Event"), max_length=60)
    payload = models.JSONField(default=dict)
    subject_model = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    title = models.CharField(max_length=200)
    """How the subject was called then."""
    party_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    act_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(_("At"))

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "subject_model", "at"], name="event_subject"),
            models.Index(fields=["subject_model"], name="event_of_kind"),
            models.Index(fields=["party_id", "at"], condition=models.Q(party_id__isnull=False), name="event_party"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def holds(cls, act_id: int) -> bool:
        """What was announced stands, but where the event says that nobody acts upon it."""
        from guanxi.kernel.events.publish import EVENTS

        harmless = [name for name, declared in EVENTS.items() if declared.may_be_undone]
        return cls._base_manager.filter(act_id=act_id).exclude(name__in=harmless).exists()


class EventDelivery(Record):
    """An event on its way to one reaction; gone when done, kept with its error when it fails."""

    tracked = False
    MAX_ATTEMPTS = 10

    event = models.ForeignKey(Event, models.CASCADE)
    reaction = models.CharField(max_length=100)
    subject = models.CharField(max_length=90)
    """Deliveries with the same reaction and subject are made in order."""
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["reaction", "subject", "id"], name="delivery_order")]
