"""Every key that does something, in one list: from it the `?` sheet is made, and in it frontend/src/shortcuts.js looks a key up.

A name is handled by `shortcut("name", …)` or asked for by `pressed(event, "name")`; keys of `HERE` press what says `data-key`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.screens.menu import all_items

_SIGNS = {"ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓"}


@dataclass(frozen=True)
class Shortcut:
    """`keys`: one or more ways, each a key, keys together (Ctrl+K) or keys after each other (g t)."""

    name: str
    keys: tuple[str, ...]
    label: Any
    url: str = ""

    @property
    def shown(self) -> list[list[str]]:
        return [[_SIGNS.get(part, part if len(part) > 1 else part.upper()) for part in way.replace("+", " ").split()] for way in self.keys]


HERE = "here"
EVERYWHERE: tuple[tuple[Any, tuple[Shortcut, ...]], ...] = (
    (_("Everywhere"), (
        Shortcut("palette", ("Ctrl+K",), _("Find anything, do anything")),
        Shortcut("actions", (".",), _("What can be done on this page")),
        Shortcut(HERE, ("n",), _("New")),
        Shortcut("keys", ("?",), _("These keys")),
        Shortcut(HERE, ("h",), _("Help on this page")),
        Shortcut("up", ("u",), _("One level up")),
        Shortcut("undo", ("Ctrl+Z",), _("Undo what was done last")),
    )),
    (_("In a list"), (
        Shortcut("next_row", ("j",), _("Next row")),
        Shortcut("previous_row", ("k",), _("Previous row")),
        Shortcut("open_row", ("o",), _("Open the row")),
        Shortcut("peek_row", ("p",), _("Peek at the row")),
        Shortcut("pick_row", ("x",), _("Select the row")),
        Shortcut(HERE, ("/",), _("Search in this list")),
        Shortcut(HERE, ("f",), _("Filter")),
        Shortcut(HERE, ("v",), _("Choose a view")),
    )),
    (_("In a calendar"), (
        Shortcut(HERE, ("t",), _("Today")),
    )),
    (_("In a table"), (
        Shortcut("cells", ("ArrowRight",), _("From the row into its cells")),
        Shortcut("edit_cell", ("Enter", "F2"), _("Change the cell")),
        Shortcut("save_cell", ("Enter",), _("Save the cell")),
        Shortcut("next_cell", ("Tab",), _("Save the cell and go to the next")),
    )),
    (_("On a record"), (
        Shortcut(HERE, ("e",), _("Edit")),
        Shortcut(HERE, ("c",), _("Write a note or comment")),
    )),
    (_("In a form"), (
        Shortcut("save", ("Ctrl+Enter",), _("Save the form")),
        Shortcut("today", ("t",), _("Today, in a date field")),
        Shortcut("next_line", ("Enter",), _("Next line, new line at the end")),
        Shortcut("add_section", ("Alt+Enter",), _("A section from this line on")),
        Shortcut("duplicate_line", ("Ctrl+D",), _("Duplicate the line")),
        Shortcut("move_line", ("Alt+ArrowUp", "Alt+ArrowDown"), _("Move the line up or down")),
        Shortcut("remove_line", ("Ctrl+Delete", "Ctrl+Backspace"), _("Remove the line")),
    )),
)
GO = {
    "today": "t", "customers": "c", "contacts": "p", "activities": "d", "leads": "l", "opportunities": "o", "sales/quotations": "q",
    "sales/orders": "s", "products": "r", "inventory/deliveries": "v", "inventory/stock": "k", "finance/invoices": "i", "approvals": "a",
}
"""The letter after G for places of the menu."""


def shortcuts_of(actor: Any, set_key: str) -> Iterator[tuple[Any, list[Shortcut]]]:
    """(heading, keys) as the sheet shows them, with the places that the actor may see."""
    for heading, keys in EVERYWHERE:
        yield heading, list(keys)
    items = {item.path: item for item in all_items() if item.path in GO and item.may_see(actor)}
    yield _("Go to"), [Shortcut("go", (f"g {letter}",), items[path].label, items[path].url(set_key)) for path, letter in GO.items() if path in items]
