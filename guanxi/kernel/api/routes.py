"""From an address to a screen, a row and an operation; the addresses are those of the pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import Operation, operations_of
from guanxi.kernel.api import many, paper, pivots, reading, writing
from guanxi.kernel.api.door import Call
from guanxi.kernel.api.problems import Problem
from guanxi.kernel.printing.declared import forms_of
from guanxi.kernel.screens.screen import SCREENS, Screen

Handler = Callable[[], HttpResponseBase]
OF_THE_SET: dict[str, Callable[[Call], HttpResponseBase]] = {}
"""What packages above this one serve of the account set itself, by address."""
PARTS_OF_LISTS: dict[str, Callable[[Call, type[Screen]], dict[str, Handler]]] = {}
"""What packages above this one serve below a list: `…/duplicates` by that name; no handlers where there is nothing."""
PARTS_OF_ROWS: dict[str, Callable[[Call, type[Screen], int, list[str]], dict[str, Handler]]] = {}
"""What packages above this one serve below a row: `…/<id>/files/…` by the name “files”, given the rest of the address."""


def dispatch(call: Call) -> HttpResponseBase:
    """Serve the call; Problem when there is nothing at its address or not by its method."""
    if call.rest in OF_THE_SET:
        handlers: dict[str, Handler] = {"GET": lambda: OF_THE_SET[call.rest](call)}
    else:
        screen, rest = screen_at(call.rest)
        handlers = _of_screen(call, screen) if not rest else _of_row(call, screen, rest)
    if call.method == "HEAD" and "GET" in handlers:
        return handlers["GET"]()
    if call.method not in handlers:
        allowed = ", ".join(sorted(handlers))
        if call.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": allowed})
        message = _("%(method)s is not possible here; possible is: %(allowed)s.") % {"method": call.method, "allowed": allowed}
        raise Problem(405, "method_not_allowed", message, headers={"Allow": allowed})
    return handlers[call.method]()


def screen_at(rest: str) -> tuple[type[Screen], list[str]]:
    """The screen with the longest path that begins the address, and what follows it."""
    parts = rest.strip("/").split("/")
    for count in range(len(parts), 0, -1):
        screen = SCREENS.get("/".join(parts[:count]))
        if screen is not None:
            return screen, parts[count:]
    raise nothing_here()


def nothing_here() -> Problem:
    return Problem(404, "not_found", _("There is nothing at this address."))


def _of_screen(call: Call, screen: type[Screen]) -> dict[str, Handler]:
    handlers: dict[str, Handler] = {"GET": lambda: reading.listed(call, screen)}
    if screen.may_create:
        handlers["POST"] = lambda: many.wrote(call, screen, "create") if "rows" in call.body else writing.created(call, screen)
    return handlers


def _of_row(call: Call, screen: type[Screen], rest: list[str]) -> dict[str, Handler]:
    if rest == ["pivot"]:
        return {"GET": lambda: pivots.told(call, screen)}
    if len(rest) == 1 and not rest[0].isdecimal():
        if rest[0] in PARTS_OF_LISTS and (handlers := PARTS_OF_LISTS[rest[0]](call, screen)):
            return handlers
        if rest[0] in many.ways_of(screen):
            return {"POST": lambda: many.wrote(call, screen, rest[0]) if rest[0] in many.WAYS else many.put_away(call, screen, rest[0])}
        found = _named(rest[0], [*free_operations(screen), *operations_of(screen.model)])
        if found.target is not None:
            return {"POST": lambda: many.operated(call, screen, found)}
        return {"POST": lambda: writing.done(call, screen, found, None)}
    row_id = whole_id(rest[0])
    if len(rest) == 1:
        handlers = {"GET": lambda: reading.shown(call, screen, row_id)}
        if screen.may_edit:
            handlers["PATCH"] = lambda: writing.changed(call, screen, row_id)
            handlers["DELETE"] = lambda: writing.deleted(call, screen, row_id)
        return handlers
    if rest[1] in PARTS_OF_ROWS:
        return PARTS_OF_ROWS[rest[1]](call, screen, row_id, rest[2:])
    if len(rest) > 2:
        raise nothing_here()
    if rest[1] in ("archive", "restore"):
        return {"POST": lambda: writing.archived(call, screen, row_id, restore=rest[1] == "restore")}
    if rest[1] == "print" and forms_of(screen.model):
        return {"GET": lambda: paper.printed(call, screen, row_id)}
    found = _named(rest[1], operations_of(screen.model))
    return {"POST": lambda: writing.done(call, screen, found, row_id)}


def whole_id(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise nothing_here()
    return int(text)


def free_operations(screen: type[Screen]) -> list[Operation]:
    """Operations without a target are found at the screens of their module."""
    label = screen.model._meta.app_label
    own = [found for found in operations_of(None) if found.name.partition(".")[0] == label]
    return [found for found in own if found.key not in screen.hidden_operations]


def _named(name: str, operations: tuple[Operation, ...] | list[Operation]) -> Operation:
    for found in operations:
        if name in (found.key, found.name):
            return found
    raise nothing_here()
