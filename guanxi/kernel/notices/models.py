"""What a member was told, and how each wants to be told."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.about.sight import about_visible
from guanxi.kernel.access.models import Member
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.records.record import Record, RecordQuerySet

REASONS = [
    ("mention", _("I am mentioned")), ("assigned", _("Something is given to me")), ("approval", _("Approvals")),
    ("comment", _("Comments on what I follow")), ("followed", _("News of what I follow")), ("due", _("Tasks that are due")),
    ("system", _("From the system")),
]
DELIVERIES = [
    ("page", _("On the page")), ("mail", _("Also by e-mail, at once")), ("digest", _("Also by e-mail, once a day")), ("off", _("Not at all")),
]
DEFAULTS = {"mention": "mail", "assigned": "mail", "approval": "mail", "comment": "page", "followed": "page", "due": "digest", "system": "page"}


class NotificationQuerySet(RecordQuerySet):
    def visible_to(self, actor, verb="view"):
        """One's own, whatever rights one has over others or in whose place one is, and only those about records that one may see now."""
        if not actor.scopes(verb, Notification) or actor.stand_in is not None:
            return self.none()
        mine = self.filter(member_id=actor.member_id).filter(Q(target_model="") | about_visible(actor, "target_model", "target_id"))
        return mine if actor.may("view", Comment) else mine.filter(comment=None)


class Notification(Record):
    """Something one member was told once. Its words are made when it is read, in the reader's language, from `kind` and `arguments`."""

    tracked = False
    untracked_because = "it tells of what has a history, and goes when it was read"
    about_another = True
    title_field = "kind"
    access_paths = {"own": "member"}

    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="+")
    reason = models.CharField(_("Reason"), max_length=10, choices=REASONS)
    kind = models.CharField(_("Kind"), max_length=100)
    """A name declared by `notice_kind`."""
    target_model = models.CharField(_("About (kind of record)"), max_length=60, blank=True)
    target_id = models.BigIntegerField(_("About (record)"), null=True)
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, verbose_name=_("Comment"), related_name="+")
    caused_by = models.ForeignKey(Member, models.CASCADE, null=True, verbose_name=_("Caused by"), related_name="+")
    arguments = models.JSONField(_("Values"), default=dict)
    key = models.CharField(max_length=120)
    """What it tells of (`event:12`): nobody is told twice."""
    delivery = models.CharField(_("How"), max_length=10, choices=DELIVERIES[:3])
    at = models.DateTimeField(_("At"))
    read_at = models.DateTimeField(_("Read at"), null=True)
    mailed_at = models.DateTimeField(_("Mailed at"), null=True)

    objects = NotificationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Notice")
        verbose_name_plural = _("Notices")
        constraints = [models.UniqueConstraint(fields=["member", "key"], name="one_notice_per_key")]
        indexes = [
            models.Index(fields=["member", "-at", "-id"], name="notice_member"),
            models.Index(fields=["member", "-at", "-id"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["read_at"], condition=Q(read_at__isnull=False), name="notice_read"),
        ]


class NotificationPreference(Record):
    """How a member wants to be told for one reason; without a row as in DEFAULTS."""

    access_paths = {"own": "member"}

    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="+")
    reason = models.CharField(_("Reason"), max_length=10, choices=REASONS)
    delivery = models.CharField(_("How"), max_length=10, choices=DELIVERIES)

    class Meta:
        verbose_name = _("Notice setting")
        verbose_name_plural = _("Notice settings")
        constraints = [models.UniqueConstraint(fields=["member", "reason"], name="one_preference_per_reason")]
