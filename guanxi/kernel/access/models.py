"""People and their places in an account set."""

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.derived import derived
from guanxi.kernel.records.record import AppendOnly, Record, RecordQuerySet
from guanxi.kernel.values import TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES

LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]


class Entity(Record):
    """A legal person with its own books inside the account set."""

    business_key = "code"
    title_field = "name"

    code = models.CharField(_("Code"), max_length=20, unique=True)
    name = models.CharField(_("Name"), max_length=160)
    english_name = models.CharField(_("Name in English"), max_length=160, blank=True)
    tax_number = models.CharField(_("Tax number"), max_length=30, blank=True)
    address = models.CharField(_("Address"), max_length=200, blank=True)
    english_address = models.CharField(_("Address in English"), max_length=200, blank=True)
    phone = models.CharField(_("Telephone"), max_length=40, blank=True)
    bank_account = models.CharField(_("Bank account"), max_length=120, blank=True)
    currency = models.CharField(_("Currency"), max_length=3, choices=CURRENCY_CHOICES, default="CNY")
    country = models.CharField(_("Country"), max_length=2, default="CN")
    timezone = models.CharField(_("Time zone"), max_length=40, default="Asia/Shanghai")
    is_default = models.BooleanField(_("Default"), default=False)

    class Meta:
        verbose_name = _("Legal entity")
        verbose_name_plural = _("Legal entities")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="one_default_entity")
        ]


class Team(Record):
    """A group of members with a lead, part of a larger one. `path` lists its ancestors and itself (`/1/4/`), so that a team and all
    below it is one prefix; a trigger keeps it, whoever writes (`teams_sql.py`)."""

    business_key = "name"

    name = models.CharField(_("Name"), max_length=80, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("Part of"), related_name="children")
    lead = models.ForeignKey("Member", models.PROTECT, null=True, blank=True, verbose_name=_("Team lead"), related_name="led_teams")
    path = models.CharField(max_length=200, editable=False, default="", db_index=True)

    class Meta:
        verbose_name = _("Team")
        verbose_name_plural = _("Teams")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=F("id")), name="team_no_cycle",
                violation_error_message=_("A team cannot be part of itself or of a team below it; choose another."),
            )
        ]


class Role(Record):
    """A set of rights: per model four verbs with a scope, per operation a scope, and field rights."""

    business_key = "key"
    title_field = "name"

    key = models.SlugField(_("Key"), max_length=40, unique=True)
    name = TranslatedField(_("Name"))
    grants = models.JSONField(_("Rights"), default=dict, blank=True)
    """{"sales.order": "view:team add change:own", "sales.confirm_order": "own"}; a scope left out is the company."""
    sees = models.JSONField(_("Field rights"), default=list, blank=True)
    home = models.CharField(_("Home page"), max_length=60, blank=True)
    is_builtin = models.BooleanField(_("Ready-made"), default=False, editable=False)
    is_two_step_needed = models.BooleanField(_("Two-step sign-in needed"), default=False)
    """Whoever holds the role signs in with a passkey or a code beside the password."""
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, verbose_name=_("Copied from"), related_name="copies"
    )

    class Meta:
        verbose_name = _("Role")
        verbose_name_plural = _("Roles")
        ordering = ["key"]


class Member(Record):
    """A person's (or key's, or the system's) place in this set: owner, actor and approver of everything."""

    business_key = "code"
    title_field = "name"
    KINDS = [("staff", _("Staff")), ("portal", _("Portal")), ("key", _("Interface")), ("system", _("System"))]
    not_offered: ClassVar = {"kind": "system"}
    """Nothing is given to them by hand."""

    code = models.CharField(_("Code"), max_length=30, unique=True)
    name = models.CharField(_("Name"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="staff")
    user_id = models.BigIntegerField(null=True, blank=True, unique=True, editable=False)
    party_id = models.BigIntegerField(null=True, blank=True, editable=False)
    email = models.EmailField(_("E-mail"), blank=True)
    phone = models.CharField(_("Telephone"), max_length=40, blank=True)
    title = models.CharField(_("Job title"), max_length=80, blank=True)
    language = models.CharField(_("Language"), max_length=10, choices=LANGUAGES, blank=True)
    """In which mail speaks to them; it follows the language of their pages."""
    signature = models.TextField(_("Signature"), blank=True)
    """Stands under the member's mails."""
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, verbose_name=_("Team"), related_name="members")
    reports_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("Reports to"))
    entity = models.ForeignKey(
        Entity, models.PROTECT, null=True, blank=True, verbose_name=_("Legal entity"), related_name="+",
        help_text=_("What the member makes belongs to it unless another is chosen; the default one when empty."),
    )
    roles = models.ManyToManyField(Role, blank=True, through="RoleAssignment", verbose_name=_("Roles"))
    is_active = models.BooleanField(_("Active"), default=True)
    left_on = models.DateField(_("Left on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("Member")
        verbose_name_plural = _("Members")
        ordering = ["name"]


class RoleAssignment(Record):
    """A member holds a role, for ever or between two days (both included)."""

    title_field = "role"

    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="assignments")
    role = models.ForeignKey(Role, models.PROTECT, verbose_name=_("Role"), related_name="assignments")
    valid_from = models.DateField(_("Valid from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("Role of a member")
        verbose_name_plural = _("Roles of members")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "role"], name="one_assignment_of_a_role",
                violation_error_message=_("This member holds this role already; change its days instead."),
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="assignment_ends_after_it_begins", violation_error_message=_("The last day lies before the first."),
            ),
        ]


class DeputyQuerySet(RecordQuerySet):
    def in_force(self, today: date) -> Self:
        return self.filter(ended_at__isnull=True, valid_from__lte=today, valid_until__gte=today, principal__is_active=True, deputy__is_active=True)


class Deputy(Record):
    """For some days a member stands in for another: works in their name with their rights, and decides in their place."""

    title_field = "deputy"
    access_paths = {"own": "principal", "team": "principal__team", "deputised": "deputy"}

    principal = models.ForeignKey(Member, models.PROTECT, verbose_name=_("In place of"), related_name="deputies")
    deputy = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Deputy"), related_name="deputised_for")
    valid_from = models.DateField(_("Valid from"))
    valid_until = models.DateField(_("Valid until"))
    reason = models.CharField(_("Reason"), max_length=160, blank=True)
    ended_at = models.DateTimeField(_("Ended at"), null=True, blank=True, editable=False)

    objects = DeputyQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("Deputy")
        verbose_name_plural = _("Deputies")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="deputy_ends_after_it_begins",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=~Q(principal=F("deputy")), name="deputy_of_another",
                violation_error_message=_("Nobody is their own deputy."),
            ),
        ]


class Look(Record):
    """Somebody with the right looks at the set as another member would see it: reading only, every page written down."""

    title_field = "member"
    access_paths = {"own": "viewer", "team": "viewer__team", "looked": "member"}

    viewer = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Who looked"), related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, verbose_name=_("Seen as"), related_name="+")
    reason = models.CharField(_("Reason"), max_length=160)
    begun_at = models.DateTimeField(_("Begun at"))
    ended_at = models.DateTimeField(_("Ended at"), null=True)

    class Meta:
        verbose_name = _("Look as another member")
        verbose_name_plural = _("Looks as other members")
        ordering = ["-begun_at"]


class LookedPage(AppendOnly):
    """One page opened during a look."""

    part_of = "look"
    title_field = "path"

    look = models.ForeignKey(Look, models.PROTECT, verbose_name=_("Look as another member"), related_name="pages")
    path = models.CharField(_("Page"), max_length=300)
    at = models.DateTimeField(_("At"))

    class Meta:
        verbose_name = _("Page looked at")
        verbose_name_plural = _("Pages looked at")


class AccessKey(Record):
    """An API key. Only the hash of its secret is kept; its rights are its member's, or reading alone."""

    name = models.CharField(_("Name"), max_length=80)
    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="keys")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    may_write = models.BooleanField(_("May write"), default=True)
    models_only = models.JSONField(_("Only these models"), default=list, blank=True)
    """Labels such as "sales.order"; empty for all that the member may reach."""
    expires_at = models.DateTimeField(_("Expires"), null=True, blank=True)
    is_active = models.BooleanField(_("Active"), default=True)

    business_key = "name"

    a_minute = derived(_("Requests a minute"), "integer", lambda: Value(settings.GUANXI_API_PER_KEY or None, models.IntegerField()))
    member_a_minute = derived(
        _("Requests a minute of all the member's keys"), "integer", lambda: Value(settings.GUANXI_API_PER_MEMBER or None, models.IntegerField())
    )

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
