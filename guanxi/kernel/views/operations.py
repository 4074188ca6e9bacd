"""Saving, sharing and marking views."""

from __future__ import annotations

from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.records.refusals import Missing, Refused
from guanxi.kernel.screens.screen import Screen
from guanxi.kernel.views.completion import problem_with, screen_at
from guanxi.kernel.views.models import SavedView, ViewMark
from guanxi.kernel.views.queries import ALL, View, view_named
from guanxi.kernel.views.shapes import CHOICES
from guanxi.kernel.views.state import read_state, written

_LABELS = {
    "screen": gettext_lazy("List of"), "name": gettext_lazy("Name"), "query": gettext_lazy("Filters, order and columns"),
    "shown_as": gettext_lazy("Shown as"), **dict(CHOICES),
    "is_pinned": gettext_lazy("Pin to the side bar"), "is_default": gettext_lazy("Open the list with it"),
    "sharing": gettext_lazy("Shared with"), "nobody": gettext_lazy("nobody"), "roles": gettext_lazy("certain roles"),
    "everybody": gettext_lazy("everybody"), "to_roles": gettext_lazy("Roles"), "view": gettext_lazy("View"),
}
_SAVED = gettext_lazy("The view is saved.")
LONGEST_NAME = 80
Shown = Literal["list", "board", "calendar", "pivot", "chart", "funnel", "regions"]


@operation(label=gettext_lazy("Save view"), icon="bookmark", labels=_LABELS, done=_SAVED)
def save_view(
    *, actor: Actor, screen: str, name: str, query: LongText = "", shown_as: Shown = "list", is_pinned: bool = False,
    is_default: bool = False,
) -> SavedView:
    """Keep what a list shows under a name of one's own."""
    found = _screen(screen, actor)
    view = SavedView(screen=found.path, owner_id=actor.member_id)
    view.name = _free_name(view, name)
    view.query, view.shown_as = _state(found, query, shown_as, actor), shown_as
    view.save()
    for mark, wanted in (("is_pinned", is_pinned), ("is_default", is_default)):
        if wanted:
            _mark(found, str(view.pk), actor, mark, True)
    return view


@operation(label=gettext_lazy("Save changes"), icon="device-floppy", labels=_LABELS, done=_SAVED)
def update_view(view: SavedView, *, actor: Actor, query: LongText = "", shown_as: Shown = "list") -> SavedView:
    """The view shows from now on what its owner's list shows."""
    screen = _screen(view.screen, actor)
    view.assign(query=_state(screen, query, shown_as, actor), shown_as=shown_as)
    return view


@operation(label=gettext_lazy("Rename"), icon="pencil", labels=_LABELS)
def rename_view(view: SavedView, *, actor: Actor, name: str) -> SavedView:
    """Another name for a view."""
    view.assign(name=_free_name(view, name))
    return view


@operation(label=gettext_lazy("Share"), icon="share", labels=_LABELS)
def share_view(
    view: SavedView, *, actor: Actor, sharing: Literal["nobody", "roles", "everybody"], to_roles: str = ""
) -> SavedView:
    """Show a view to nobody else, to holders of certain roles (their keys, with commas), or to everybody who may open the list."""
    keys = {key.strip() for key in to_roles.replace("，", ",").split(",") if key.strip()} if sharing == "roles" else set()
    roles = list(Role.objects.filter(key__in=keys))
    if missing := keys - {role.key for role in roles}:
        raise Refused(_("There is no role called %(names)s.") % {"names": ", ".join(sorted(missing))}, field="to_roles")
    if sharing == "roles" and not roles:
        raise Refused(_("Choose at least one role."), field="to_roles")
    view.assign(sharing=sharing)
    view.roles.set(roles)
    return view


@operation(label=gettext_lazy("Delete view"), icon="trash", tone="danger", done=gettext_lazy("The view is deleted."))
def delete_view(view: SavedView, *, actor: Actor) -> None:
    """Forget a view, with everybody's pins on it; the rows it showed stay."""
    view.delete()


@operation(label=gettext_lazy("Pin to the side bar"), icon="pin", labels=_LABELS, done=gettext_lazy("Pinned to the side bar."))
def pin_view(*, actor: Actor, screen: str, view: str) -> None:
    """Have a view one click away; `view` is its id, or the word of a built-in one."""
    found = _screen(screen, actor)
    _mark(found, _view(found, view, actor).key, actor, "is_pinned", True)


@operation(label=gettext_lazy("Take from the side bar"), icon="pinned", labels=_LABELS, done=gettext_lazy("Taken from the side bar."))
def unpin_view(*, actor: Actor, screen: str, view: str) -> None:
    """A pinned view leaves the side bar."""
    found = _screen(screen, actor)
    _mark(found, _view(found, view, actor).key, actor, "is_pinned", False)


@operation(label=gettext_lazy("Open the list with it"), icon="star", labels=_LABELS, done=gettext_lazy("From now on the list opens so."))
def choose_default_view(*, actor: Actor, screen: str, view: str = ALL) -> None:
    """The list opens with this view for the member who asks; with “all” as at first."""
    found = _screen(screen, actor)
    key = _view(found, view, actor).key
    if key == ALL:
        _open_as_at_first(found, actor)
    else:
        _mark(found, key, actor, "is_default", True)


def _screen(path: str, actor: Actor) -> type[Screen]:
    screen = screen_at(path, actor)
    if screen is None:
        raise Missing(_("There is no such list, or you may not see it."))
    return screen


def _view(screen: type[Screen], key: str, actor: Actor) -> View:
    view = view_named(screen, actor, key)
    if view is None:
        raise Missing(_("There is no such view, or you may not see it."))
    return view


def _free_name(view: SavedView, name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Refused(_("A name has from 1 to %(max)s characters.") % {"max": LONGEST_NAME}, field="name")
    if SavedView.objects.filter(owner_id=view.owner_id, screen=view.screen, name=name).exclude(pk=view.pk).exists():
        raise Refused(_("You have a view of this name already."), field="name")
    return name


def _state(screen: type[Screen], query: str, shown_as: str, actor: Actor) -> str:
    if problem := problem_with(screen, query, shown_as, actor):
        raise Refused(problem, field="query")
    return written(read_state(query))


def _open_as_at_first(screen: type[Screen], actor: Actor) -> None:
    ViewMark.objects.filter(member_id=actor.member_id, screen=screen.path, is_default=True).update(is_default=False)


def _mark(screen: type[Screen], key: str, actor: Actor, mark: str, wanted: bool) -> None:
    if mark == "is_default":
        _open_as_at_first(screen, actor)
    which = {"view_id": int(key), "built_in": ""} if key.isdecimal() else {"view_id": None, "built_in": key}
    ViewMark.objects.update_or_create(member_id=actor.member_id, screen=screen.path, **which, defaults={mark: wanted})
