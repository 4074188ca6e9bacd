"""Contents, each once; and files: a content under a name, on any record."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.about.sight import about_visible
from guanxi.kernel.access.models import Member
from guanxi.kernel.access.scopes import rows_in, scope
from guanxi.kernel.reading.kinds import ICONS, KINDS, PDF, RASTER
from guanxi.kernel.reading.names import LONGEST
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.record import Record, RecordQuerySet

LABEL = "files.attachment"
WAITING, DONE, NONE, FAILED = "waiting", "done", "none", "failed"
_STATES = [(WAITING, _("Not read yet")), (DONE, _("Read")), (NONE, _("Nothing to read")), (FAILED, _("Not readable"))]

scope("changeable", _("records one may change"), lambda path, actor: about_visible(actor, "target_model", "target_id", verb="change"))


class ContentQuerySet(RecordQuerySet):
    def visible_to(self, actor: Any, verb: str = "view") -> ContentQuerySet:
        """Nobody's by itself: contents are reached through the files that have them."""
        return self.none()


class Contents(models.Manager.from_queryset(ContentQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> Any:
        """Without the text, which may be long and is for searching only."""
        return super().get_queryset().defer("text")


class StoredContent(Record):
    """Bytes that lie in the storage under their hash, and what was found in them."""

    tracked = False
    untracked_because = "a content never changes, and what was found in it can be found again"
    business_key = "sha256"

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField(_("Size"))
    media_type = models.CharField(_("Type"), max_length=100)
    kind = models.CharField(_("Kind"), max_length=20, choices=KINDS, default="other")
    text = models.TextField(blank=True)
    text_state = models.CharField(max_length=10, choices=_STATES, default=WAITING)
    shown_state = models.CharField(max_length=10, choices=_STATES, default=NONE)
    """Whether small pictures of it can be made."""
    pages = models.PositiveIntegerField(default=0)
    stored_at = models.DateTimeField()
    unused_at = models.DateTimeField(null=True)
    """Since when no file has it; after a while it goes."""

    objects = Contents()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Content")
        verbose_name_plural = _("Contents")
        base_manager_name = "objects"

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def is_shown(self) -> bool:
        """Whether a small picture of it may be asked for."""
        return may_be_shown(self.media_type) and self.shown_state != FAILED


def may_be_shown(media_type: str) -> bool:
    return media_type == PDF or media_type in RASTER


class AttachmentQuerySet(RecordQuerySet):
    def visible_to(self, actor: Any, verb: str = "view") -> AttachmentQuerySet:
        """Whoever may see the record sees its files; to change one, it has to lie in the scope of that right too."""
        scopes = actor.scopes(verb, Attachment)
        if not scopes:
            return self.none()
        rows = self.filter(about_visible(actor, "target_model", "target_id", among=Attachment.label()))
        allowed = rows_in(Attachment, scopes, actor)
        return rows.filter(allowed if isinstance(allowed, Q) else Q() if allowed else Q(pk__in=[]))


def _about() -> JSONObject:
    entries = apps.get_model("search", "SearchEntry")._base_manager
    title = entries.filter(model=OuterRef("target_model"), object_id=OuterRef("target_id")).values("title")[:1]
    return JSONObject(model=F("target_model"), id=F("target_id"), title=Subquery(title))


class Attachment(Record):
    """A file of a record. A new version takes the place of the content; the one before is kept beside."""

    title_field = "name"
    about_another = True
    access_paths = {"own": "added_by", "team": "added_by__team", "changeable": "target_id"}

    target_model = models.CharField(max_length=60, editable=False)
    target_id = models.BigIntegerField(editable=False)
    party_id = models.BigIntegerField(null=True, editable=False, db_index=True)
    """The customer or company whose record it is, so that it stands on its page too."""
    name = models.CharField(_("Name"), max_length=LONGEST, editable=False)
    description = models.TextField(_("Description"), blank=True, editable=False)
    content = models.ForeignKey(StoredContent, models.PROTECT, verbose_name=_("Content"), related_name="+", editable=False)
    kind = models.CharField(_("Kind"), max_length=20, choices=KINDS, default="other", editable=False)
    size = models.BigIntegerField(_("Size"), default=0, editable=False)
    """Kind and size are those of the content, for lists."""
    number = models.PositiveIntegerField(_("Version"), default=1, editable=False)
    added_by = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Added by"), related_name="+", editable=False)
    added_at = models.DateTimeField(_("Added at"), editable=False)

    about = derived(_("Belongs to"), "json", _about)
    preview = derived(
        _("Preview"), "json", lambda: JSONObject(id=F("pk"), kind=F("kind"), type=F("content__media_type"), state=F("content__shown_state"))
    )

    objects = AttachmentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("File")
        verbose_name_plural = _("Files")
        indexes = [
            models.Index(fields=["target_id", "target_model"], name="attachment_target"),
            models.Index(fields=["target_model"], name="attachment_of_kind"),
            models.Index(fields=["-added_at"], name="attachment_added"),
        ]


class AttachmentVersion(Record):
    """What a file was before."""

    part_of = "attachment"

    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("Version"))
    name = models.CharField(_("Name"), max_length=LONGEST)
    content = models.ForeignKey(StoredContent, models.PROTECT, verbose_name=_("Content"), related_name="+")
    added_by = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Added by"), related_name="+")
    added_at = models.DateTimeField(_("Added at"))

    class Meta:
        verbose_name = _("Earlier version")
        verbose_name_plural = _("Earlier versions")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["attachment", "number"], name="one_attachment_version")]
