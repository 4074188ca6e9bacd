"""What people did and have to do: notes, calls, visits and tasks, on any record."""

from typing import Any

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.about.sight import about_kept, about_visible, reach, reached, seen_among
from guanxi.kernel.access.models import Member
from guanxi.kernel.access.scopes import owner_scopes, owners_in, rows_in
from guanxi.kernel.database.known import known
from guanxi.kernel.records.customisable import Customisable
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.record import RecordQuerySet
from guanxi.kernel.search.text import of_owner, of_target
from guanxi.shared.parties.models import Contact, Party

KINDS = [("note", _("Note")), ("call", _("Call")), ("visit", _("Visit")), ("task", _("Task"))]
ICONS = {"note": "note", "call": "phone", "visit": "map-pin", "task": "checkbox"}
LABEL = "activities.activity"


class ActivityQuerySet(RecordQuerySet):
    def visible_to(self, actor, verb="view"):
        """Whoever may see the record it is about; one's own and one's team's beside, but none of a party out of sight.

        To change or delete one it has to be visible, and within the scopes of that right.
        """
        scopes = actor.scopes(verb, Activity)
        if not scopes:
            return self.none()
        if verb != "view":
            return self.visible_to(actor).filter(_within(rows_in(Activity, scopes, actor)))
        return self.filter(seen_by(actor)) if actor.row_filter("view", Party) is True else self.filter(_at_most(actor), seen_by(actor))

    def within_reach(self, actor):
        if not actor.scopes("view", Activity) or actor.row_filter("view", Party) is True:
            return None
        owned, others = about_kept(actor, "target_model", "target_id", "target_owner", among=LABEL, without=(LABEL,))
        # What is kept comes first: it decides nearly every row, and the parties that may be seen are gathered only for the rest.
        seen = owned | others | beside(actor)
        return self.filter(_at_most(actor), seen), [self.filter(owned), self.filter(others), self.filter(_written_at_most(actor), seen)]

    def told_apart(self):
        return self.values_list("pk", "target_model", "target_id")

    def seen_of(self, actor, rows):
        about = seen_among(actor, [(label, row_id) for _pk, label, row_id in rows], among=LABEL, without=(LABEL,))
        others = [pk for pk, label, row_id in rows if (label, row_id) not in about]
        aside = set(_beside(others, eyes=actor.eyes)) if others else set()
        return [pk for pk, label, row_id in rows if (label, row_id) in about or pk in aside]

    def each_visible_to(self, actor, verb="view"):
        return self.filter(seen_by(actor)) if verb == "view" and actor.scopes(verb, Activity) else self.visible_to(actor, verb)


def seen_by(actor) -> Q:
    """The condition under which somebody who may view activities sees one."""
    return about_visible(actor, "target_model", "target_id", among=LABEL, without=(LABEL,)) | beside(actor)


def beside(actor) -> Q:
    """What is seen without the record it is about: what one, or somebody whose work one sees, wrote about a party in sight, or about nothing."""
    scopes = actor.scopes("view", Activity)
    parties = Party.objects.visible_to(actor).order_by().filter(pk=OuterRef("party_id"))
    unhidden = Q() if actor.row_filter("view", Party) is True else Q(party__isnull=True) | Q(Exists(parties))
    written = _within(rows_in(Activity, scopes - {"company"}, actor))
    return (written & unhidden) | (Q(target_model="") & _within(rows_in(Activity, scopes, actor)))


@known
def _beside(ids: list[int], *, eyes: Any) -> Any:
    return Activity.objects.filter(beside(eyes.actor), pk__any=ids).values_list("pk", flat=True)


def _at_most(actor) -> Q:
    """No more than these are seen, as an index tells: their owner's, those about records of owners whose records are seen."""
    return reach(actor, "target_model", "target_owner", among=LABEL, without=(LABEL,)) | _written_at_most(actor)


def _written_at_most(actor) -> Q:
    scopes, by_owner = actor.scopes("view", Activity), owner_scopes(Activity, actor)
    if by_owner is not None:
        return Q(owner__in=owners_in(by_owner, actor))
    return _within(rows_in(Activity, scopes - {"company"}, actor)) | Q(target_model="")


def words_within_reach(actor) -> set[str] | None:
    """The same, as the search knows it."""
    by_owner = owner_scopes(Activity, actor)
    if by_owner is None or actor.row_filter("view", Party) is True:
        return None
    members, others = reached(actor, LABEL, (LABEL,))
    return {*map(of_owner, members | owners_in(by_owner, actor)), *map(of_target, others)}


def _within(rows: Q | bool) -> Q:
    return rows if isinstance(rows, Q) else (Q() if rows else Q(pk__in=[]))


class Activity(Customisable):
    """Something done, or to be done, by a member; it stands in the timeline of its target and of its party."""

    title_field = "subject"
    handed_over = Q(kind="task", done_at__isnull=True)
    access_paths = {"own": "owner", "team": "owner__team", "party": "party"}
    tones = {"kind": {"note": "grey", "call": "green", "visit": "blue", "task": "orange"}}

    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="note")
    subject = models.CharField(_("Subject"), max_length=160, blank=True)
    body = models.TextField(_("Text"), blank=True)
    at = models.DateTimeField(_("When"), blank=True)
    """When it took place; of a task, when it was entered, then when it was finished."""
    minutes = models.PositiveIntegerField(_("Minutes"), null=True, blank=True)
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    done_at = models.DateTimeField(_("Finished at"), null=True, blank=True, editable=False)
    outcome = models.TextField(_("Outcome"), blank=True)
    owner = models.ForeignKey(Member, models.PROTECT, blank=True, db_index=False, verbose_name=_("Owner"), related_name="+")
    party = models.ForeignKey(
        Party, models.CASCADE, null=True, blank=True, db_index=False, verbose_name=_("Customer or company"), related_name="activities"
    )
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, verbose_name=_("Contact"), related_name="activities")
    target_model = models.CharField(max_length=60, blank=True, editable=False)
    target_id = models.BigIntegerField(null=True, editable=False)
    target_owner = models.ForeignKey(Member, models.PROTECT, null=True, editable=False, db_index=False, related_name="+")
    """Whose that record is; kept by the database (kernel/about)."""

    is_open = derived(
        _("To do"), "boolean", lambda: ExpressionWrapper(Q(kind="task", done_at__isnull=True), output_field=BooleanField())
    )

    objects = ActivityQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Activity")
        verbose_name_plural = _("Activities")
        indexes = [
            models.Index(fields=["target_id", "target_model", "-at"], name="activity_target"),
            models.Index(fields=["party", "-at"], name="activity_party"),
            models.Index(fields=["owner", "due_on"], condition=Q(kind="task", done_at__isnull=True), name="activity_to_do"),
            models.Index(fields=["owner", "-at"], name="activity_owner"),
            models.Index(fields=["target_owner", "-at"], name="activity_of_owner"),
            models.Index(fields=["target_model"], name="activity_of_kind"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(target_model="", target_id__isnull=True) | Q(target_id__isnull=False) & ~Q(target_model=""),
                name="activity_target_whole", violation_error_message=_("An activity is about one record, or about none."),
            )
        ]

    @property
    def icon(self) -> str:
        return ICONS[self.kind]
