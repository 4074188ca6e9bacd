"""Invitations that wait, and what was handed over to whom."""

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.access.models import LANGUAGES, Member
from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import Record


class Invitation(Record):
    """A place that waits for a person: whoever opens its link within the days makes it theirs, once."""

    title_field = "email"
    access_paths = {"own": "invited_by", "team": "invited_by__team"}
    lifecycle = Lifecycle(
        {"waiting": pgettext_lazy("invitation", "Waiting"), "accepted": _("Accepted"), "withdrawn": _("Withdrawn")},
        waiting=["accepted", "withdrawn"], tones={"waiting": "orange", "accepted": "green"}, editable=(),
    )

    status = lifecycle.field()
    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Member"), related_name="invitations", editable=False)
    email = models.EmailField(_("E-mail"), editable=False)
    language = models.CharField(_("Language"), max_length=10, choices=LANGUAGES, default="zh-hans", editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    """Of the link's secret, which is kept nowhere but, sealed, in the text of its mail."""
    invited_by = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Invited by"), related_name="+", editable=False)
    invited_at = models.DateTimeField(_("Invited at"), editable=False)
    expires_at = models.DateTimeField(_("Valid until"), editable=False)
    accepted_at = models.DateTimeField(_("Accepted at"), null=True, editable=False)

    is_expired = derived(
        _("Expired"), "boolean", lambda: ExpressionWrapper(Q(status="waiting", expires_at__lt=Now()), output_field=BooleanField())
    )

    class Meta:
        verbose_name = _("Invitation")
        verbose_name_plural = _("Invitations")
        ordering = ["-invited_at"]


class HandOver(Record):
    """Records of one kind that went from one member to another, or to nobody; those untouched since can be given back."""

    title_field = "kind_name"
    access_paths = {"own": "giver", "team": "giver__team"}

    giver = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Former owner"), related_name="hand_overs", editable=False)
    receiver = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("New owner"), related_name="+", editable=False)
    """Nobody: they lie in the pool."""
    kind = models.CharField(max_length=60, editable=False)
    kind_name = models.CharField(_("Kind of record"), max_length=120, editable=False)
    row_count = models.PositiveIntegerField(_("Records"), editable=False)
    handed_at = models.DateTimeField(_("Handed over at"), editable=False)
    handing_act_id = models.BigIntegerField(null=True, editable=False)
    returned_count = models.PositiveIntegerField(_("Given back"), default=0, editable=False)
    returned_at = models.DateTimeField(_("Given back at"), null=True, editable=False)

    class Meta:
        verbose_name = _("Hand-over")
        verbose_name_plural = _("Hand-overs")
        ordering = ["-handed_at", "kind"]
