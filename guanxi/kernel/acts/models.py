"""The spine: one row per act; approval rules and requests."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Case, Q, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Concat
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import AccessKey, Member, Role
from guanxi.kernel.access.scopes import scope
from guanxi.kernel.access.standing import roles_decided
from guanxi.kernel.records.lifecycle import Lifecycle
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import Record, RecordQuerySet
from guanxi.kernel.values import TranslatedField

scope("decided", _("what one decides on"), lambda path, actor: Q(**{f"{path}__in": roles_decided(actor)}))


VERBS = {
    "view": _("see"), "add": _("create"), "change": _("change"), "delete": _("delete"), "archive": _("archive"), "restore": _("restore"),
    "import": _("import"), "take_back": _("undo an import"),
}


def operation_choices() -> list[tuple[str, Any]]:
    """All that an act can be: operations, and the verbs of every kind of record."""
    from guanxi.kernel.acts.operation import OPERATIONS
    from guanxi.kernel.acts.refused import OPENED

    found: list[tuple[str, Any]] = [(one.name, one.label) for one in OPERATIONS.values() if ".tests." not in one.function.__module__]
    for code, label in record_choices():
        found += [(f"{code}.{verb}", format_lazy(_("{}: {}"), label, word)) for verb, word in VERBS.items()]
    return [*sorted(found), (OPENED, _("Open a page"))]


def awaited_choices() -> list[tuple[str, Any]]:
    """Operations that a rule can let wait: those on a record."""
    from guanxi.kernel.acts.operation import OPERATIONS

    found = [(one.target, one) for one in OPERATIONS.values() if ".tests." not in one.function.__module__]
    return sorted((one.name, format_lazy(_("{}: {}"), target._meta.verbose_name, one.label)) for target, one in found if target is not None)


def record_choices() -> list[tuple[str, Any]]:
    """Kinds of records that people have a word for, by label."""
    kinds = [model for model in apps.get_models() if issubclass(model, Record) and ".tests." not in model.__module__]
    return sorted((model.label(), model._meta.verbose_name) for model in kinds if isinstance(model._meta.verbose_name, Promise))


class Act(Record):
    """Who did what, when, to what, with which arguments, and what came of it."""

    RESULTS = [
        ("done", _("done")), ("waiting", _("waits for approval")), ("refused", _("refused")), ("undone", _("undone")), ("running", _("at work")),
    ]
    CHANNELS = [("page", _("page")), ("api", _("interface")), ("job", _("background")), ("command", _("command line")), ("", _("program"))]
    title_field = "operation"
    tracked = False
    keeps_references = True
    access_paths = {"own": "member", "team": "member__team"}
    tones = {"result": {"waiting": "orange", "refused": "red", "undone": "grey", "running": "blue"}}
    record_columns = {"target": _("Record")}
    # What was entered may be secret or personal: pages show it masked, and nothing else does.
    unlisted = ("arguments", "outcome", "key", "digest", "target_id")

    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Member"), related_name="+", db_index=False)
    done_by = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("Done by"), related_name="+", db_index=False)
    """The deputy who did it in the member's name; empty when they did it themselves."""
    operation = models.CharField(_("Operation"), max_length=100, choices=operation_choices)
    target_model = models.CharField(_("Kind of record"), max_length=60, blank=True, choices=record_choices)
    target_id = models.BigIntegerField(null=True)
    arguments = models.JSONField(_("Values"), null=True)
    key = models.CharField(max_length=100, null=True)
    """The idempotency key under which a face sent it."""
    digest = models.CharField(max_length=64, blank=True)
    outcome = models.JSONField(null=True)
    """{"model", "id", "title"} of the result, {"awaiting": id}, or {"undone_by": id}."""
    at = models.DateTimeField(_("At"))
    result = models.CharField(_("Result"), max_length=10, choices=RESULTS, default="done")
    channel = models.CharField(_("Came by"), max_length=10, choices=CHANNELS, blank=True)
    access_key = models.ForeignKey(
        AccessKey, models.DO_NOTHING, null=True, verbose_name=_("API key"), related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        verbose_name = _("Act")
        verbose_name_plural = _("Acts")
        constraints = [
            models.UniqueConstraint(fields=["member", "key"], condition=models.Q(key__isnull=False), name="one_act_per_key")
        ]
        indexes = [
            models.Index(fields=["target_model", "target_id"], name="act_target"), models.Index(fields=["at"], name="act_at"),
            models.Index(fields=["member", "at"], name="act_member"), models.Index(fields=["operation", "at"], name="act_operation"),
            models.Index(fields=["result", "at"], condition=~models.Q(result="done"), name="act_result"),
        ]

    @classmethod
    def about(cls, name: str, label: str, row_id: int) -> Q:
        """Acts on a record, and those that wrote it on the way."""
        wrote = History.objects.filter(model=label, row_id=row_id, act_id__isnull=False).values("act_id")
        return Q(pk__in=cls._base_manager.filter(super().about(name, label, row_id)).values("pk").union(wrote))

    @classmethod
    def record_sql(cls, name: str) -> Combinable:
        """The record an act was performed on, or the one that came of it."""
        made = Concat(KeyTextTransform("model", "outcome"), models.Value(":"), KeyTextTransform("id", "outcome"), output_field=models.TextField())
        return Coalesce(super().record_sql(name), Case(When(outcome__has_key="id", then=made), output_field=models.TextField()))

    def __str__(self) -> str:
        return str(dict(operation_choices()).get(self.operation, self.operation))


class ApprovalRule(Record):
    """Acts of `operation` whose target and arguments fulfil `condition` wait for a holder of the role."""

    name = TranslatedField(_("Name"))
    operation = models.CharField(_("Operation"), max_length=100, db_index=True, choices=awaited_choices)
    condition = models.TextField(
        _("Condition"), help_text=_("When this holds, somebody has to approve first: total > 100000, or largest_discount > 15% and net > 5000."),
    )
    """In the rules language, over the target's columns and the parameters."""
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

    record_columns = {"target": _("Record")}
    # What a rule looked at may be kept from who asked: the page shows it under the reader's rights.
    unlisted = ("arguments", "facts", "target_model", "target_id", "asking")

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
    asking = models.BigIntegerField(null=True, editable=False)
    """The act by which it was asked first: requests of one act are answered together."""
    requested_at = models.DateTimeField(_("Requested at"))
    decided_by = models.ForeignKey(Member, models.PROTECT, null=True, verbose_name=_("Decided by"), related_name="+")
    decided_at = models.DateTimeField(_("Decided at"), null=True)
    note = models.TextField(_("Note"), blank=True)

    title_field = "title"

    class Meta:
        verbose_name = _("Approval request")
        verbose_name_plural = _("Approval requests")
        indexes = [models.Index(fields=["target_id", "target_model"], name="approval_target")]

    def beside(self) -> RecordQuerySet:
        """The other requests of the same asking."""
        return type(self).objects.filter(
            target_model=self.target_model, target_id=self.target_id, asking=self.asking, asking__isnull=False
        ).exclude(pk=self.pk).select_related("rule").order_by("pk")

    @property
    def reasons(self) -> str:
        """The names of all rules that wait for an answer before the act is done."""
        return "; ".join(dict.fromkeys(str(one.rule) for one in (self, *self.beside().filter(status="waiting"))))
