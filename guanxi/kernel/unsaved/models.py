"""What a form held when it was last typed in."""

from __future__ import annotations

from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member
from guanxi.kernel.records.record import Record, RecordQuerySet


class UnsavedQuerySet(RecordQuerySet):
    def visible_to(self, actor, verb="view"):
        """One's own, whatever rights one has over others; nothing in somebody else's place."""
        return self.none() if actor.stand_in is not None else self.filter(member_id=actor.member_id)


class UnsavedForm(Record):
    """One form of one member. It is no record of the business: without history, search or export, and gone when the form is saved."""

    tracked = False
    untracked_because = "it is gone within days"
    about_another = True
    access_paths = {"own": "member"}
    unlisted = ("fields", "form")

    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="+", db_index=False)
    form = models.CharField(max_length=120)
    """Its address below the account set: `sales/orders/new/`."""
    record_version = models.IntegerField(_("Version of the record"), null=True)
    """The version that was being changed: who saved since is seen as when nothing had been interrupted."""
    fields = models.JSONField(default=list)
    """[name, value] pairs as the form would have sent them."""
    at = models.DateTimeField(_("At"), db_index=True)

    objects = UnsavedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Unsaved form")
        verbose_name_plural = _("Unsaved forms")
        constraints = [models.UniqueConstraint(fields=["member", "form"], name="one_unsaved_per_form")]

    @property
    def sent(self) -> QueryDict:
        """As if the form had been sent."""
        given = QueryDict(mutable=True)
        for name, value in self.fields:
            given.appendlist(name, value)
        return given
