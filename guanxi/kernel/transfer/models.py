"""Files on their way in and out: kept in the account set, their contents for a day, what came of them for three months."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.records.record import Record


class Upload(Record):
    """An uploaded file, what its columns become, and what came of it. Only who uploaded it reaches it."""

    STATES = [
        ("open", _("being mapped")), ("checking", _("being tried")), ("taking", _("being taken in")), ("taken", _("taken in")),
        ("undoing", _("being undone")), ("undone", _("undone")),
    ]
    tracked = False
    untracked_because = "it only says what became of a file; the records that came of it have their history"
    access_paths = {"own": "member"}

    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="+")
    screen = models.CharField(max_length=80)
    name = models.CharField(_("File"), max_length=120)
    content = models.BinaryField(default=b"")
    """Empty once it was taken in, or after a day."""
    shape = models.CharField(max_length=64, blank=True)
    """The same for files with the same columns: such a one is mapped as the last one was."""
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    """Rows looked at so far, of `total`."""
    last_row = models.PositiveIntegerField(default=0)
    """The last row of the file that was committed, where it is taken batch by batch."""
    state = models.CharField(_("Status"), max_length=10, choices=STATES, default="open")
    problem = models.TextField(blank=True)
    """Why it could not be taken in at all, or be undone, in the member's language."""
    choices = models.JSONField(default=dict)
    report = models.JSONField(null=True)
    errors = models.BinaryField(default=b"")
    acts = models.JSONField(default=list)
    at = models.DateTimeField(db_index=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Uploaded file")
        verbose_name_plural = _("Uploaded files")
        indexes = [models.Index(fields=["member", "screen", "-at"], name="upload_of_member")]


class Download(Record):
    """A list that is made into a file in the background. Only who asked for it reaches it."""

    tracked = False
    untracked_because = "it is gone within a day"
    access_paths = {"own": "member"}

    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="+")
    screen = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    kind = models.CharField(max_length=4)
    name = models.CharField(_("File"), max_length=120)
    total = models.PositiveIntegerField(default=0)
    content = models.BinaryField(null=True)
    problem = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)
    made_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Exported file")
        verbose_name_plural = _("Exported files")
