"""People and their places in an account set."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.records.record import Record
from guanxi.kernel.values import TranslatedField
from guanxi.kernel.values.currencies import CURRENCY_CHOICES


class Entity(Record):
    """A legal person with its own books inside the account set."""

    business_key = "code"
    title_field = "name"

    code = models.CharField(_("Code"), max_length=20, unique=True)
    name = models.CharField(_("Name"), max_length=160)
    tax_number = models.CharField(_("Tax number"), max_length=30, blank=True)
    address = models.CharField(_("Address"), max_length=200, blank=True)
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
    """A group of members; `path` lists its ancestors and itself (`/1/4/`), so that a subtree is one prefix."""

    business_key = "name"

    name = models.CharField(_("Name"), max_length=80, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("Part of"))
    path = models.CharField(max_length=200, editable=False, default="", db_index=True)

    class Meta:
        verbose_name = _("Team")
        verbose_name_plural = _("Teams")
        ordering = ["name"]

    def save(self, *args, **options):
        super().save(*args, **options)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != self.path:
            self.path = path
            type(self).objects.filter(pk=self.pk).update(path=path)


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

    class Meta:
        verbose_name = _("Role")
        verbose_name_plural = _("Roles")
        ordering = ["key"]


class Member(Record):
    """A person's (or key's, or the system's) place in this set: owner, actor and approver of everything."""

    business_key = "code"
    title_field = "name"
    KINDS = [("staff", _("Staff")), ("portal", _("Portal")), ("key", _("Interface")), ("system", _("System"))]

    code = models.CharField(_("Code"), max_length=30, unique=True)
    name = models.CharField(_("Name"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=10, choices=KINDS, default="staff")
    user_id = models.BigIntegerField(null=True, blank=True, unique=True, editable=False)
    party_id = models.BigIntegerField(null=True, blank=True, editable=False)
    email = models.EmailField(_("E-mail"), blank=True)
    phone = models.CharField(_("Telephone"), max_length=40, blank=True)
    title = models.CharField(_("Job title"), max_length=80, blank=True)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, verbose_name=_("Team"))
    reports_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("Reports to"))
    roles = models.ManyToManyField(Role, blank=True, verbose_name=_("Roles"))
    is_active = models.BooleanField(_("Active"), default=True)

    class Meta:
        verbose_name = _("Member")
        verbose_name_plural = _("Members")
        ordering = ["name"]


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

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
