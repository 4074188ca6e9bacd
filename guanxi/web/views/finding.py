"""What the command palette offers: records, places to go to, and the records where one was last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import override as in_language

from guanxi.kernel.about.sight import title_in_language
from guanxi.kernel.acts.operation import operation_named
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.notices.queries import titles_of
from guanxi.kernel.records.record import model_named
from guanxi.kernel.screens.menu import makeable, menu_of
from guanxi.kernel.screens.screen import SCREENS, Screen, screen_of
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.kernel.search import find
from guanxi.kernel.search.queries import Hit
from guanxi.kernel.search.registry import searched
from guanxi.kernel.search.text import pinyin
from guanxi.web.templatetags.ui import in_sentence

FOUND = 24
RECENT = 8


@page(MEMBER)
def search(visit: Visit) -> HttpResponse:
    """Records of every kind, or of the screen named by `in`, grouped; the best fitting first."""
    typed = visit.request.GET.get("q", "").strip()[:100]
    inside = visit.request.GET.get("in", "")
    models = None if not inside else [SCREENS[inside].model.label()] if inside in SCREENS else []
    groups: dict[str, dict[str, Any]] = {}
    hits = find(typed, visit.actor, models, limit=FOUND) if typed else []
    about = _about(visit, hits)
    # Of what fits alike, a record stands before what is only about one, such as its printed form.
    hits.sort(key=lambda hit: (-hit.score, "about" in columns_of(model_named(hit.model))))
    for hit in hits:
        screen = screen_of(hit.model)
        if screen is None:
            continue
        group = groups.setdefault(hit.model, {"label": str(screen.plural()), "icon": screen.icon, "items": []})
        group["items"].append({"label": hit.title, "detail": about.get((hit.model, hit.id), hit.subtitle), "url": screen.url(visit.set_key, hit.id)})
    return JsonResponse({"groups": list(groups.values())})


def _about(visit: Visit, hits: list[Hit]) -> dict[tuple[str, int], str]:
    """Of what is about another record, such as a file, which one."""
    found: dict[tuple[str, int], str] = {}
    for label in {hit.model for hit in hits}:
        model: Any = model_named(label)
        if "about" in columns_of(model):
            ids = [hit.id for hit in hits if hit.model == label]
            rows = model._base_manager.filter(pk__in=ids).annotate(_about=columns_of(model)["about"].sql(visit.actor))
            found |= {(label, pk): title_in_language(about) for pk, about in rows.values_list("pk", "_about")}
    return found


@page(MEMBER)
def places(visit: Visit) -> HttpResponse:
    """Where one can go, what one can make, in which kinds of record one can search, and where one was.

    The browser remembers only addresses of records; how they are called is asked here each time, as far as the asker may see them.
    """
    go = [
        {"detail": str(group["label"]), "icon": item.icon, "url": item.url(visit.set_key), **_names(partial(str, item.label))}
        for group in menu_of(visit.actor) for item in group["items"]
    ]
    scopes = [
        {"label": str(s.plural()), "icon": s.icon, "path": s.path, "keys": f"{s.path.rpartition('/')[2]} {_keys(partial(str, s.plural()))}"}
        for s in sorted(SCREENS.values(), key=_in_menu(visit)) if searched(s.model.label()) and visit.actor.may("view", s.model)
    ]
    return JsonResponse({
        "places": [*go, *_own_pages(visit)], "new": list(_new(visit)), "imports": list(_imports(visit)), "scopes": scopes,
        "recent": list(_recent(visit)),
    })


def _in_menu(visit: Visit) -> Callable[[type[Screen]], int]:
    """Where a screen stands among the groups of the side bar; what stands above them and what is not there come after."""
    groups = sorted(menu_of(visit.actor), key=lambda group: not group["key"])
    paths = [item.path for group in groups for item in group["items"]]
    return lambda screen: paths.index(screen.path) if screen.path in paths else len(paths)


def _new(visit: Visit) -> Iterator[dict[str, Any]]:
    """What the actor may make, on whichever page; `more`: offered only once something is typed."""
    first = makeable(visit.actor)
    for screen in (*first, *(s for s in _added(visit) if s not in first)):
        more = {} if screen in first else {"more": True}
        name = _names(partial(_made, screen))
        yield {"icon": screen.icon, "url": screen.url(visit.set_key, rest="new/"), **more, **name}
    for begun in dict.fromkeys(name for screen in SCREENS.values() for name in screen.begins):
        if visit.actor.may(begun):
            found = operation_named(begun)
            yield {"icon": found.icon, "url": visit.url(f"act/{begun}/"), "more": True, **_names(partial(str, found.label))}


def _imports(visit: Visit) -> Iterator[dict[str, Any]]:
    for screen in _added(visit) if apps.is_installed("guanxi.kernel.transfer") else ():
        name = _names(partial(_brought, screen))
        yield {"icon": "upload", "url": screen.url(visit.set_key, rest="import/"), **name}


def _made(screen: type[Screen]) -> str:
    return _("New %(what)s") % {"what": in_sentence(screen.singular())}


def _brought(screen: type[Screen]) -> str:
    return _("Import %(what)s") % {"what": in_sentence(screen.plural())}


def _added(visit: Visit) -> list[type[Screen]]:
    return [s for s in SCREENS.values() if s.may_create and visit.actor.may("add", s.model)]


def _own_pages(visit: Visit) -> Iterator[dict[str, str]]:
    for label, icon, url in (
        (_("My account"), "user-circle", visit.url("me/")), (_("Language and time zone"), "language", "/account/"),
        (_("Notification settings"), "bell", visit.url("bell/settings/")), (_("All notices"), "bell", visit.url("bell/")),
        (_("Where I am signed in"), "device-desktop", "/account/sessions/"), (_("Passkeys and two-step sign-in"), "shield-lock", "/accounts/2fa/"),
    ):
        yield {"label": label, "detail": "", "icon": icon, "url": url, "keys": _keys(partial(str, label))}


def _names(label: Callable[[], str]) -> dict[str, Any]:
    """A name with what finds it; who types one of its `names` means just that."""
    return {"label": label(), "keys": _keys(label), "names": sorted({name.lower() for name in _in_languages(label)})}


def _keys(label: Callable[[], str]) -> str:
    """What finds a name beside itself: the same in the other languages, Chinese by pinyin and initials."""
    return " ".join(dict.fromkeys(key for text in _in_languages(label) for key in (text, *pinyin(text)))).lower()


def _in_languages(label: Callable[[], str]) -> list[str]:
    found = []
    for code, _name in settings.LANGUAGES:
        with in_language(code):
            found.append(label())
    return found


def _recent(visit: Visit) -> Iterator[dict[str, str]]:
    """The records of `recent=customers/7,sales/orders/12` that may still be seen, in this order; one query for each kind."""
    asked: list[tuple[type[Screen], int]] = []
    for address in visit.request.GET.get("recent", "").split(",")[:RECENT]:
        path, _slash, number = address.rpartition("/")
        if path in SCREENS and number.isascii() and number.isdecimal() and len(number) < 19 and visit.actor.may("view", SCREENS[path].model):
            asked.append((SCREENS[path], int(number)))
    titles = titles_of({(screen.model.label(), pk) for screen, pk in asked}, visit.actor)
    for screen, pk in asked:
        if title := titles.get((screen.model.label(), pk)):
            yield {
                "label": title, "detail": str(screen.singular()), "icon": screen.icon, "url": screen.url(visit.set_key, pk),
            }
