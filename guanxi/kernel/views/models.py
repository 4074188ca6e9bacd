"""A view that somebody saved, and what each member did with it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.access.scopes import scope
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.views.shapes import CHOICES, LIST


def _shared_with(path: str, actor: Any) -> Q:
    """Views shared with everybody or with a role of the actor, over lists that the actor may open at all."""
    open_lists = [name for name, screen in SCREENS.items() if actor.may("view", screen.model)]
    shared = SavedView._base_manager.filter(Q(sharing="everybody") | Q(sharing="roles", roles__in=actor.role_ids), screen__in=open_lists)
    return Q(**{f"{path}__in": shared.values("pk")})


scope("shared", _("what is shared with one"), _shared_with)


def screen_choices() -> list[tuple[str, Any]]:
    """Every list there is, by its path."""
    return [(path, screen.plural()) for path, screen in sorted(SCREENS.items())]


class SavedView(Record):
    """A name for the state of a list's address: filters, search, sorting, columns."""

    SHARING = [("nobody", _("nobody")), ("roles", _("certain roles")), ("everybody", _("everybody"))]
    title_field = "name"
    access_paths = {"own": "owner", "shared": "pk"}
    tones = {"sharing": {"roles": "blue", "everybody": "green"}}

    screen = models.CharField(_("List of"), max_length=60, choices=screen_choices)
    name = models.CharField(_("Name"), max_length=80)
    query = models.TextField(_("Filters, order and columns"), blank=True)
    """As in the address; relative words (`me`, `this_month`) stay words."""
    shown_as = models.CharField(_("Shown as"), max_length=10, choices=CHOICES, default=LIST)
    owner = models.ForeignKey(Member, models.CASCADE, blank=True, verbose_name=_("Owner"), related_name="+")
    sharing = models.CharField(_("Shared with"), max_length=10, choices=SHARING, default="nobody")
    roles = models.ManyToManyField(Role, blank=True, verbose_name=_("Roles"))

    class Meta:
        verbose_name = _("Saved view")
        verbose_name_plural = _("Saved views")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "screen", "name"], name="one_view_of_a_name", violation_error_message=_("You have a view of this name already.")
            )
        ]
        indexes = [models.Index(fields=["screen"], name="view_screen")]


class ViewMark(Record):
    """What one member did with a view: pinned it to the side bar, made it the one their list opens with."""

    tracked = False
    untracked_because = "a bookmark of one member, of interest to nobody else"
    access_paths = {"own": "member"}

    member = models.ForeignKey(Member, models.CASCADE, verbose_name=_("Member"), related_name="+", db_index=False)
    screen = models.CharField(max_length=60)
    view = models.ForeignKey(SavedView, models.CASCADE, null=True, verbose_name=_("Saved view"), related_name="+")
    built_in = models.CharField(max_length=40, blank=True)
    """The key of a view that the screen declares, in the place of a saved one."""
    is_pinned = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("Marked view")
        verbose_name_plural = _("Marked views")
        constraints = [
            models.UniqueConstraint(fields=["member", "screen", "view", "built_in"], nulls_distinct=False, name="one_mark_per_view"),
            models.UniqueConstraint(fields=["member", "screen"], condition=Q(is_default=True), name="one_default_view"),
        ]
