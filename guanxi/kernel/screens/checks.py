"""Names that do not resolve are errors at start-up, with the names that would have been right."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

from django.core.checks import Error, register

from guanxi.kernel.columns.registry import column_of
from guanxi.kernel.screens.menu import GROUPS
from guanxi.kernel.screens.screen import SCREENS, Screen

RESERVED = frozenset({"search", "choices", "act", "counts", "today", "events"})


def _names(screen: type[Screen]) -> Iterator[tuple[str, str]]:
    for where in ("columns", "sorts", "filters", "search", "subtitle", "facts", "totals", "unsummed", "quick", "peek", "regions"):
        for name in getattr(screen, where):
            yield where, name
    if screen.calendar:
        for name in (*screen.calendar.days, *screen.calendar.minutes.values(), *screen.calendar.until.values()):
            yield "calendar", name
    for label, names in screen.sections.items():
        for name in names:
            yield f"sections[{label}]", name
    for name in (screen.default_sort or "").split(","):
        if name:
            yield "default_sort", name.removeprefix("-")
    for key, (_label, query) in screen.views.items():
        for name, value in parse_qsl(query):
            for column in [name[2:]] if name.startswith("f.") else value.split(",") if name in ("sort", "columns") else []:
                yield f"views[{key}]", column.removeprefix("-")
    yield "title", screen.title


@register("guanxi")
def check_screens(**_options) -> list[Error]:
    """Every name of every screen stands for a column."""
    errors = []

    def wrong(screen: type[Screen], text: str) -> None:
        errors.append(Error(f"{screen.__module__}.{screen.__name__}: {text}", id="guanxi.screens"))

    for screen in SCREENS.values():
        for where, name in _names(screen):
            try:
                column_of(screen.model, name)
            except LookupError as problem:
                wrong(screen, f"{where}: {problem}")
        if screen.lines:
            for name in screen.lines.names:
                try:
                    column_of(screen.lines.model, name)
                except LookupError as problem:
                    wrong(screen, f"lines: {problem}")
        if screen.menu and screen.menu[0] not in GROUPS:
            wrong(screen, f"menu: there is no group {screen.menu[0]!r}; there are: {', '.join(filter(None, GROUPS))}")
        if screen.path.split("/")[0] in RESERVED:
            wrong(screen, f"path: {screen.path!r} is taken by the shell")
    return errors
