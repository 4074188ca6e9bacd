"""The spine: one row per act; approval rules and requests."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.access.scopes import scope
from guanxi.kernel.access.standing import roles_decided
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.record import Record
from guanxi.kernel.values import TranslatedField

scope("decided", _("what one decides on"), lambda path, actor: Q(**{f"{path}__in": roles_decided(actor)}))


class Act(Record):
    """Who did what, when, to what, with which arguments, and what came of it."""

    tracked = False
    access_paths = {"own": "member", "team": "member__team"}

    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Member"), related_name="+")
    done_by = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("Done by"), related_name="+")
    """The deputy who did it in the member's name; empty when they did it themselves."""
    operation = models.CharField(_("Operation"), max_length=100)
    target_model = models.CharField(max_length=60, blank=True)
    target_id = models.BigIntegerField(null=True)
    arguments = models.JSONField(_("Values"), null=True)
    key = models.CharField(max_length=100, null=True)
    """The idempotency key under which a face sent it."""
    digest = models.CharField(max_length=64, blank=True)
    outcome = models.JSONField(null=True)
    """{"model", "id", "title"} of the result, {"awaiting": id}, or {"undone_by": id}."""
    at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("Act")
        verbose_name_plural = _("Acts")
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], condition=models.Q(key__isnull=False), name="one_act_per_key")
        ]
        indexes = [models.Index(fields=["target_id", "target_model"], name="act_target"), models.Index(fields=["at"], name="act_at")]

    def __str__(self) -> str:
        return self.operation


class ApprovalRule(Record):
    """Acts of `operation` whose target and arguments fulfil `condition` wait for a holder of the role."""

    name = TranslatedField(_("Name"))
    operation = models.CharField(_("Operation"), max_length=100, db_index=True)
    condition = models.TextField(_("Condition"))
    """In the rules language, over the target's columns and the parameters: `total > 100000`."""
    approvers = models.ForeignKey(Role, models.PROTECT, verbose_name=_("Approvers"))
    is_active = models.BooleanField(_("Active"), default=True)

    title_field = "name"

    class Meta:
        verbose_name = _("Approval rule")
        verbose_name_plural = _("Approval rules")


class ApprovalRequest(Record):
    """An act that waits; on approval the same operation runs as the requester."""

    lifecycle = Lifecycle(
        {"waiting": _("Waiting"), "approved": _("Approved"), "declined": _("Declined"), "withdrawn": _("Withdrawn")},
        waiting=["approved", "declined", "withdrawn"],
        tones={"waiting": "orange", "approved": "green", "declined": "red"},
        editable=(),
    )
    access_paths = {"own": "requester", "decided": "rule__approvers"}

    status = lifecycle.field()
    rule = models.ForeignKey(ApprovalRule, models.PROTECT, verbose_name=_("Rule"))
    operation = models.CharField(_("Operation"), max_length=100, editable=False)
    target_model = models.CharField(max_length=60, editable=False)
    target_id = models.BigIntegerField(editable=False)
    title = models.CharField(_("Subject"), max_length=200, editable=False)
    arguments = models.JSONField(_("Values"), default=dict, editable=False)
    facts = models.JSONField(_("Facts"), default=dict, editable=False)
    """What the rule looked at, as it was; when it differs at the decision, the request asks again."""
    requester = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Requested by"), related_name="+")
    asked_by = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("Asked by"), related_name="+", editable=False)
    """The deputy who asked in the requester's name."""
    requested_at = models.DateTimeField(_("Requested at"))
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("Decided by"), related_name="+")
    decided_at = models.DateTimeField(_("Decided at"), null=True)
    note = models.TextField(_("Note"), blank=True)

    title_field = "title"

    class Meta:
        verbose_name = _("Approval request")
        verbose_name_plural = _("Approval requests")
        indexes = [models.Index(fields=["target_id", "target_model"], name="approval_target")]
