"""The shapes in which the rows of a list are seen, and which of them a kind of record has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.screens.screen import Screen

LIST = "list"


@dataclass(frozen=True)
class Shape:
    """`fits` says whether the rows of a screen can be seen so; `rest` is its address below the list."""

    key: str
    label: Any
    icon: str
    fits: Callable[[type[Screen]], bool] = lambda screen: True

    @property
    def rest(self) -> str:
        return "" if self.key == LIST else f"{self.key}/"


SHAPES = {
    shape.key: shape
    for shape in (
        Shape(LIST, _("List"), "layout-list"),
        Shape("board", _("Board"), "layout-kanban", lambda screen: screen.board is not None),
        Shape("calendar", _("Calendar"), "calendar", lambda screen: screen.calendar is not None),
        Shape("pivot", _("Pivot"), "table"),
        Shape("chart", _("Chart"), "chart-bar"),
        Shape("funnel", _("Funnel"), "chart-funnel", lambda screen: bool(screen.funnel)),
        Shape("regions", _("Regions"), "map-pin", lambda screen: bool(screen.regions)),
    )
}
CHOICES = [(shape.key, shape.label) for shape in SHAPES.values()]


def shapes_of(screen: type[Screen]) -> list[Shape]:
    return [shape for shape in SHAPES.values() if shape.fits(screen)]
