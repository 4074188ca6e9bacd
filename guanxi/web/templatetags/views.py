"""Views of a list in its bar, and those pinned to the side bar. `{% load views %}`"""

from __future__ import annotations

from typing import Any

from django import template
from django.middleware.csrf import get_token

from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.views.queries import View, marks_of
from guanxi.web.views.saved_views import views_menu

register = template.Library()


@register.inclusion_tag("components/views.html", takes_context=True)
def views_of_list(context: Any) -> dict[str, Any]:
    """The menu of views, in the bar of a list or board."""
    visit, screen = context["visit"], context["screen"]
    shown_as = context["shape"].key
    return {
        "menu": views_menu(visit, screen, context["query"], shown_as), "shown_as": shown_as, "screen": screen, "visit": visit,
        "key": new_key(), "csrf_token": get_token(context["request"]),
    }


@register.simple_tag(takes_context=True)
def pinned_views(context: Any) -> list[dict[str, Any]]:
    visit = context["visit"]
    visit.kept["pins"] = [_pinned(view, visit) for view in marks_of(visit).pinned()]
    return visit.kept["pins"]


def _pinned(view: View, visit: Any) -> dict[str, Any]:
    here = visit.request.path.startswith(view.screen.url(visit.set_key)) and visit.request.GET.get("view") == view.key
    name = f"{view.name} · {view.screen.plural()}" if not view.is_saved else view.name
    return {"name": name, "icon": view.screen.icon, "url": view.address(visit.set_key), "here": here, "path": view.screen.path}


@register.filter
def address_of(view: View, visit: Any) -> str:
    return view.address(visit.set_key)
