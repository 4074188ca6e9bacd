"""The side bar: groups of screens and hand-made pages, as far as this member may see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.actor import once
from guanxi.kernel.screens.screen import SCREENS, Screen

GROUPS: dict[str, Any] = {
    "": "", "customers": _("Customers"), "sales": _("Sales"), "prices": _("Prices"), "service": _("Marketing and service"), "erp": _("Operations"),
    "finance": _("Finance"), "insight": _("Analysis"), "setup": _("Setup"),
}


@dataclass(frozen=True)
class Item:
    label: Any
    icon: str
    path: str
    place: int
    group: str
    may_see: Callable[[Any], bool]
    query: str = ""
    badge: bool = False
    model: Any = None

    def url(self, set_key: str) -> str:
        return f"/{set_key}/{self.path}/" + (f"?{self.query}" if self.query else "")


_PAGES: list[Item] = []


def menu_page(path: str, label: Any, icon: str, group: str = "", place: int = 50, may_see: Callable[[Any], bool] = lambda actor: True) -> None:
    """Put a hand-made page at `/<set>/<path>/` into the menu; groups that are new are appended."""
    GROUPS.setdefault(group, group)
    _PAGES.append(Item(label, icon, path, place, group, may_see))


def _may_view(screen: type[Screen], actor: Any) -> bool:
    return bool(actor.may("view", screen.model))


def all_items() -> list[Item]:
    taken = {item.path for item in _PAGES}
    screens = [
        Item(
            s.plural(), s.icon, s.path, s.menu[1], s.menu[0], partial(_may_view, s), s.default_filters,
            bool(s.badge), s.model,
        )
        for s in SCREENS.values()
        if s.menu and s.path not in taken
    ]
    return sorted([*_PAGES, *screens], key=lambda item: (item.place, item.path))


@once
def menu_of(actor) -> list[dict[str, Any]]:
    """[{"key", "label", "items"}] in the order of GROUPS, without empty groups."""
    shown = [item for item in all_items() if item.may_see(actor)]
    groups = [{"key": key, "label": label, "items": [i for i in shown if i.group == key]} for key, label in GROUPS.items()]
    return [group for group in groups if group["items"]]


@once
def makeable(actor) -> list[type[Screen]]:
    """Screens of the “+ New” menu."""
    screens = [s for s in SCREENS.values() if s.menu and s.may_create and s.menu[0] != "setup" and actor.may("add", s.model)]
    order = list(GROUPS)

    def place(screen: type[Screen]) -> tuple[int, int]:
        group, number = screen.menu or ("", 0)
        return order.index(group) if group in order else 99, number

    return sorted(screens, key=place)
