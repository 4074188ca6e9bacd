"""What stands around every page. What is alike there for the same eyes is drawn once. `{% load shell %}`"""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from guanxi.kernel.access.actor import once
from guanxi.kernel.database import current_set
from guanxi.kernel.screens.menu import makeable, menu_of
from guanxi.kernel.screens.screen import SCREENS
from guanxi.kernel.views.queries import marks_of
from guanxi.web.shortcuts import shortcuts_of
from guanxi.web.templatetags.ui import is_here

register = template.Library()


@register.simple_tag(takes_context=True)
def keys_sheet(context) -> SafeString:
    return _keys_sheet(context["actor"])


@once
def _keys_sheet(actor) -> SafeString:
    return mark_safe(render_to_string("components/keys.html", {"groups": list(shortcuts_of(actor, current_set()))}))


@register.simple_tag(takes_context=True)
def new_menu(context) -> SafeString:
    return _new_menu(context["actor"]) if context.get("makeable") else mark_safe("")


@once
def _new_menu(actor) -> SafeString:
    made = [(screen.url(current_set(), rest="new/"), screen.icon, screen.singular()) for screen in makeable(actor)]
    return mark_safe(render_to_string("components/new_menu.html", {"made": made}))


@register.simple_tag(takes_context=True)
def side_groups(context) -> SafeString:
    """The groups of the menu: where each leads, and which of them is the page one is on; a pinned view that is shown stands out in its place."""
    visit, marks = context["visit"], marks_of(context["visit"])
    opens = {path: marks.default_of(SCREENS[path]) for path in {row.screen for row in marks.rows if row.is_default} if path in SCREENS}
    pinned = {pin["path"] for pin in visit.kept.get("pins", ()) if pin["here"]}
    items = (item for group in context.get("menu") or () for item in group["items"] if item.path not in pinned)
    here = frozenset(item.path for item in items if is_here(context, item))
    addresses = tuple(sorted((path, view.address(visit.set_key)) for path, view in opens.items() if view is not None))
    return _side_groups(context["actor"], here, addresses)


@once
def _side_groups(actor, here: frozenset[str], addresses: tuple[tuple[str, str], ...]) -> SafeString:
    opens, groups = dict(addresses), []
    for group in menu_of(actor):
        items = [{"item": item, "link": opens.get(item.path) or item.url(current_set()), "here": item.path in here} for item in group["items"]]
        groups.append({**group, "items": items, "inside": any(item["here"] for item in items)})
    return mark_safe(render_to_string("components/side_groups.html", {"groups": groups}))
