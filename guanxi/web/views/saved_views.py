"""Views of a list: the menu that offers them, and the dialogs in which they are saved and shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from guanxi.kernel.access.models import Role
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.screen import SCREENS, Screen
from guanxi.kernel.screens.visit import Visit, page
from guanxi.kernel.views.models import SavedView
from guanxi.kernel.views.operations import save_view, share_view
from guanxi.kernel.views.queries import ALL, Shown, View, marks_of, shown_view, view_named, views_of
from guanxi.kernel.views.state import read_state, state_of, written
from guanxi.web.views.records import record_of
from guanxi.web.views.say import tell


@dataclass(frozen=True)
class ViewsMenu:
    """What the menu of views needs: all of them by kind, and the one that is shown."""

    built_in: list[View]
    own: list[View]
    shared: list[View]
    shown: Shown
    back: str
    """The address of the list as it is."""
    may_save: bool
    may_share: bool
    may_pin: bool
    may_choose: bool

    @property
    def is_unnamed(self) -> bool:
        return self.shown.view is None and bool(self.shown.state)


def views_menu(visit: Visit, screen: type[Screen], query: ListQuery, shown_as: str) -> ViewsMenu:
    actor = visit.actor
    views = views_of(screen, actor, marks_of(visit))
    if (asked := visit.request.GET.get("view", "")) and asked not in {view.key for view in views}:
        # The bar with this menu stands above the notes.
        query.notes.append(
            _("This view is gone or no longer shared with you; the filters in the address still apply.") if state_of(query.params)
            else _("This view is gone or no longer shared with you: everything is shown.")
        )
    return ViewsMenu(
        [v for v in views if not v.is_saved], [v for v in views if v.is_own], [v for v in views if v.is_saved and not v.is_own],
        shown_view(screen, views, query.params, shown_as), visit.request.get_full_path(), actor.may("views.save_view"),
        actor.may("views.share_view"), actor.may("views.pin_view"), actor.may("views.choose_default_view"),
    )


# ---- saving ---------------------------------------------------------------------------------------------------------

def draw_saving(visit: Visit) -> HttpResponse:
    screen = visit.screen
    assert screen is not None
    sent = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    query = sent.get("query", "") if visit.request.method == "POST" else written(state_of(sent))
    listed = ListQuery(screen, visit.actor, QueryDict(written(read_state(query))), set_key=visit.set_key)
    return visit.render("screens/save_view.html", {
        "query": query, "filters": listed.filters, "text": listed.text, "sort": [column.label for column, _falls in listed.sort],
        "name": sent.get("name", ""), "shown_as": sent.get("shown_as", "list"), "key": sent.get("key") or new_key(),
        "is_pinned": sent.get("is_pinned"), "is_default": sent.get("is_default"), "refused": visit.refused,
    }, status=visit.refused.status if visit.refused else 200)


@page("view", on_refused=draw_saving)
def save_page(visit: Visit) -> HttpResponse:
    """What the list shows gets a name."""
    if visit.request.method != "POST":
        return draw_saving(visit)
    screen, sent = visit.screen, visit.request.POST
    assert screen is not None
    raw: dict[str, Any] = {name: sent.get(name, "") for name in ("name", "query")}
    raw |= {name: bool(sent.get(name)) for name in ("is_pinned", "is_default")}
    outcome = perform(
        save_view, actor=visit.actor, key=_key(sent), raw={**raw, "screen": screen.path, "shown_as": sent.get("shown_as") or "list"}
    )
    saved: SavedView = outcome.result
    tell(visit, _("The view “%(name)s” is saved.") % {"name": saved.name})
    return visit.redirect(_address(visit, screen, str(saved.pk)))


def _key(sent: Any) -> str:
    key = sent.get("key")
    if not key:
        raise Refused(_("The page was too old; load it again and repeat."))
    return key


def _address(visit: Visit, screen: type[Screen], key: str) -> str:
    view = view_named(screen, visit.actor, key) or view_named(screen, visit.actor, ALL)
    assert view is not None
    return view.address(visit.set_key)


# ---- sharing --------------------------------------------------------------------------------------------------------

def draw_sharing(visit: Visit, pk: int) -> HttpResponse:
    view = record_of(visit, pk)
    sent = visit.request.POST
    held = set(sent.getlist("roles")) if sent else set(view.roles.values_list("key", flat=True))
    return visit.render("screens/share_view.html", {
        "view": view, "sharing": sent.get("sharing") or view.sharing, "choices": SavedView.SHARING,
        "roles": [(role.key, role.name, role.key in held) for role in Role.objects.order_by("key")],
        "back": (sent or visit.request.GET).get("back", ""), "key": sent.get("key") or new_key(), "refused": visit.refused,
    }, status=visit.refused.status if visit.refused else 200)


@page("view", on_refused=draw_sharing)
def share_page(visit: Visit, pk: int) -> HttpResponse:
    """With whom a view is shared."""
    if visit.request.method != "POST":
        return draw_sharing(visit, pk)
    sent = visit.request.POST
    raw = {"sharing": sent.get("sharing", ""), "to_roles": ",".join(sent.getlist("roles"))}
    view: SavedView = perform(share_view, pk, actor=visit.actor, key=_key(sent), raw=raw).result
    tell(visit, _("“%(name)s” is shared with: %(whom)s.") % {"name": view.name, "whom": view.get_sharing_display()})
    screen = SCREENS.get(view.screen)
    back = sent.get("back", "")
    if back.startswith(f"/{visit.set_key}/"):
        return visit.redirect(back)
    return visit.redirect(_address(visit, screen, str(view.pk)) if screen else visit.url())
