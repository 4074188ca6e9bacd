"""Global tables: who may sign in, which account sets there are, who has a place in which. No business data."""

from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who signs in. What they may do is said by their member rows inside each set, never here."""

    LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("Name"), max_length=120)
    email = models.EmailField(_("E-mail"), unique=True)
    language = models.CharField(_("Language"), max_length=10, choices=LANGUAGES, default="zh-hans")
    timezone = models.CharField(_("Time zone"), max_length=40, blank=True)
    """In which moments are shown to this person; the company's when empty."""
    last_set = models.CharField(max_length=31, blank=True)
    REQUIRED_FIELDS = ["email", "name"]

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()


class AccountSet(models.Model):
    """An account set (账套). `stamp` names the migrations it has; a set that is behind is closed, not broken.

    `definitions` is another one whenever what an administrator defined inside the set has changed.
    """

    key = models.CharField(_("Key"), max_length=31, unique=True, validators=[RegexValidator(r"^[a-z][a-z0-9_]{0,30}$")])
    name = models.CharField(_("Name"), max_length=120)
    language = models.CharField(_("Language"), max_length=10, choices=User.LANGUAGES, default="zh-hans")
    currency = models.CharField(_("Currency"), max_length=3, default="CNY")
    country = models.CharField(_("Country"), max_length=2, default="CN")
    timezone = models.CharField(_("Time zone"), max_length=40, default="Asia/Shanghai")
    is_two_step_needed = models.BooleanField(_("Two-step sign-in needed"), default=False)
    """Everybody in the set signs in with a passkey or a code beside the password."""
    stamp = models.CharField(max_length=64, blank=True)
    definitions = models.UUIDField(default=uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user's place in a set; the member row inside the set says what they may do there."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    account_set = models.ForeignKey(AccountSet, models.CASCADE, related_name="memberships")
    member_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "account_set"], name="one_place_in_a_set")]
