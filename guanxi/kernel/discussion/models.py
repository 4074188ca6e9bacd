"""Comments on any record, and who follows it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.about.sight import about_visible
from guanxi.kernel.access.models import Member
from guanxi.kernel.records.record import Record, RecordQuerySet


class AboutQuerySet(RecordQuerySet):
    def visible_to(self, actor, verb="view"):
        """Whoever may see the record and has the right to read what is said; to change it, also within that right's scope."""
        if not actor.scopes(verb, self.model):
            return self.none()
        seen = self.filter(about_visible(actor, "target_model", "target_id", among=self.model._meta.label_lower))
        if verb == "view":
            return seen
        allowed = actor.row_filter(verb, self.model)
        return seen.filter(allowed) if isinstance(allowed, Q) else seen if allowed else self.none()


class Comment(Record):
    """What a member said about a record, to whoever may see it. Mentions stand in the text by id: see `text.py`."""

    title_field = "body"
    access_paths = {"own": "author", "team": "author__team"}
    about_another = True

    target_model = models.CharField(_("About (kind of record)"), max_length=60, editable=False)
    target_id = models.BigIntegerField(_("About (record)"), editable=False)
    party_id = models.BigIntegerField(null=True, editable=False)
    """The company or person to which the record belongs: on its page the comment stands too."""
    author = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Author"), related_name="+", editable=False)
    body = models.TextField(_("Text"))
    mentions = models.ManyToManyField(Member, blank=True, verbose_name=_("Mentioned"), related_name="+", editable=False)
    answers = models.ForeignKey("self", models.SET_NULL, null=True, verbose_name=_("Answer to"), related_name="+", editable=False)
    at = models.DateTimeField(_("At"), editable=False)
    edited_at = models.DateTimeField(_("Edited at"), null=True, editable=False)

    objects = AboutQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Comment")
        verbose_name_plural = _("Comments")
        indexes = [
            models.Index(fields=["target_id", "target_model", "-at"], name="comment_target"),
            models.Index(fields=["target_model"], name="comment_of_kind"),
            models.Index(fields=["party_id", "-at"], condition=Q(party_id__isnull=False), name="comment_party"),
            models.Index(fields=["author", "-at"], name="comment_author"),
        ]


class Follower(Record):
    """A member who wants to hear of a record, or no longer does though its owner. Owners and makers need no row."""

    access_paths = {"own": "member", "team": "member__team"}
    about_another = True

    target_model = models.CharField(_("About (kind of record)"), max_length=60, editable=False)
    target_id = models.BigIntegerField(_("About (record)"), editable=False)
    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="+")
    is_muted = models.BooleanField(_("Wants to hear nothing"), default=False)
    at = models.DateTimeField(_("Since"))

    objects = AboutQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Follower")
        verbose_name_plural = _("Followers")
        constraints = [
            models.UniqueConstraint(fields=["target_id", "target_model", "member"], name="one_follower_row"),
        ]
        indexes = [models.Index(fields=["member", "-at"], name="follower_member")]
