"""A file on its way in: kept in the account set between the steps of an import, for a day at most."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.records.record import Record


class Upload(Record):
    """An uploaded file, what its columns become, and what came of it. Only who uploaded it reaches it."""

    tracked = False
    untracked_because = "it is gone within a day"
    access_paths = {"own": "member"}

    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="+")
    screen = models.CharField(max_length=80)
    name = models.CharField(_("File"), max_length=120)
    content = models.BinaryField(default=b"")
    """Empty once it was taken in."""
    choices = models.JSONField(default=dict)
    report = models.JSONField(null=True)
    errors = models.BinaryField(default=b"")
    at = models.DateTimeField(db_index=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Uploaded file")
        verbose_name_plural = _("Uploaded files")
