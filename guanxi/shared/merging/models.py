"""What became of a record that was merged into another, and which rows followed it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.models import record_choices
from guanxi.kernel.records.record import Record


class Merge(Record):
    """One record is gone: whoever asks for it is led to the one that stayed. Undoing takes the row away again."""

    title_field = "gone_title"
    access_paths = {"own": "member", "team": "member__team"}
    record_columns = {"survivor": _("Merged into")}
    unlisted = ("survivor_id", "gone_id", "act_id", "words")

    survivor_model = models.CharField(_("Kind of record"), max_length=60, choices=record_choices, editable=False)
    survivor_id = models.BigIntegerField(editable=False)
    gone_id = models.BigIntegerField(editable=False)
    gone_title = models.CharField(_("Merged record"), max_length=200, editable=False)
    gone_key = models.CharField(_("Its number"), max_length=80, blank=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Merged by"), related_name="+", editable=False)
    at = models.DateTimeField(_("At"), editable=False)
    act_id = models.BigIntegerField(editable=False)
    words = ArrayField(models.TextField(), default=list, editable=False)
    """By which the record that is gone was found: the one that stayed is found by them too."""
    keeps_references = True

    class Meta:
        verbose_name = _("Merge")
        verbose_name_plural = _("Merges")
        constraints = [models.UniqueConstraint(fields=["survivor_model", "gone_id"], name="one_merge_of_a_record")]
        indexes = [models.Index(fields=["survivor_id", "survivor_model"], name="merge_survivor"), models.Index(fields=["act_id"], name="merge_act")]


class MergeMove(Record):
    """Rows of one kind that followed a merge, so that undoing finds them; `kept` are rows whose figures were added to others."""

    part_of = "merge"
    title_field = "model"

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="moved", editable=False)
    model = models.CharField(max_length=60, editable=False)
    column = models.CharField(max_length=60, editable=False)
    ids = ArrayField(models.BigIntegerField(), editable=False)
    kept = models.JSONField(default=list, editable=False)
