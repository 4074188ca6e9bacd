"""What is compared of each record, which pairs a scan found, what people said of them, and who asked about what they may not see."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.access.scopes import scope
from guanxi.kernel.records.record import Record

MASKED = "masked"
scope(MASKED, _("only that it is there, and whose"), None)


class LikeEntry(Record):
    """One record as it is compared. Derived: it is made anew wherever it is older than its record."""

    tracked = False
    untracked_because = "it is made anew from the records"

    model = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    row_version = models.IntegerField()
    keys = ArrayField(models.BigIntegerField())
    facts = models.JSONField(default=dict)
    is_compared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "object_id"], name="one_like_entry")]
        indexes = [
            GinIndex(fields=["keys"], name="like_keys"),
            models.Index(fields=["model", "object_id"], condition=Q(is_compared=False), name="like_waiting"),
        ]


class LikePair(Record):
    """Two records that are perhaps the same, as the last scan found them; the lower id first."""

    tracked = False
    untracked_because = "it is made anew from the records"

    model = models.CharField(max_length=60)
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "first_id", "second_id"], name="one_like_pair"),
            models.CheckConstraint(condition=Q(first_id__lt=F("second_id")), name="like_pair_in_order"),
        ]
        indexes = [
            models.Index(fields=["model", "-score", "first_id"], name="like_pair_score"), models.Index(fields=["second_id"], name="like_pair_second"),
        ]


class NotAlike(Record):
    """Somebody has said of two records that they are not the same: no scan proposes them again."""

    model = models.CharField(max_length=60)
    first_id = models.BigIntegerField()
    second_id = models.BigIntegerField()
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "first_id", "second_id"], name="not_alike_once")]


class LikeCheck(Record):
    """A look whether something is there already among what one may not see; with what it told, if anything."""

    tracked = False
    untracked_because = "it is a log"
    keeps_references = True

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    model = models.CharField(max_length=60)
    ticket = models.CharField(max_length=32, unique=True)
    """By which who looked may ask the owner: a page holds no other name of the record."""
    hidden_model = models.CharField(max_length=60, blank=True)
    hidden_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["member", "at"], name="like_check_member")]
