"""Panels: tabs that a module adds to the page of another module's records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Subquery, Value
from django.db.models.functions import Coalesce

from guanxi.kernel.records.record import RecordQuerySet
from guanxi.kernel.screens.screen import Screen


@dataclass(frozen=True)
class Panel:
    """Rows of another screen that belong to a record. `new` are the values a new row starts with."""

    screen: type[Screen]
    rows: RecordQuerySet
    columns: tuple[str, ...] = ()
    new: dict[str, Any] | None = None
    sort: str = ""


@dataclass(frozen=True)
class DeclaredPanel:
    key: str
    label: Any
    order: int
    make: Callable[..., Panel | None]
    template: str = ""


_PANELS: dict[str, list[DeclaredPanel]] = {}
_EVERYWHERE: list[DeclaredPanel] = []


def panel(model, label: Any, *, order: int = 50, key: str = "") -> Callable:
    """`@panel(Party, _("Orders"), order=20)` over a function (record, actor) that gives a Panel, or None."""

    def declare(make: Callable[..., Panel | None]):
        found = _PANELS.setdefault(model._meta.label_lower, [])
        found.append(DeclaredPanel(key or make.__name__.replace("_", "-"), label, order, make))
        found.sort(key=lambda declared: declared.order)
        return make

    return declare


def panel_everywhere(label: Any, *, order: int, key: str, template: str = "") -> Callable:
    """The same for the page of every record: `@panel_everywhere(_("Files"), order=95, key="files")`."""

    def declare(make: Callable[..., Panel | None]):
        _EVERYWHERE.append(DeclaredPanel(key, label, order, make, template))
        return make

    return declare


def panels_of(record, actor) -> list[tuple[DeclaredPanel, Panel]]:
    """The panels whose kind of record the actor may view at all; their rows are limited to what the actor may see."""
    shown = []
    for declared in sorted([*_PANELS.get(record._meta.label_lower, []), *_EVERYWHERE], key=lambda one: one.order):
        made = declared.make(record, actor)
        if made is not None and actor.may("view", made.screen.model):
            shown.append((declared, made))
    return shown


def counts_of(record, panels: list[tuple[DeclaredPanel, Panel]], actor) -> dict[str, int]:
    """How many rows each panel has, in one query for all."""
    if not panels:
        return {}
    counted = {}
    for number, (_declared, made) in enumerate(panels):
        rows = made.rows.visible_to(actor).order_by().annotate(_all=Value(1)).values("_all").annotate(_n=Count("pk", distinct=True))
        counted[f"p{number}"] = Coalesce(Subquery(rows.values("_n")), 0)
    row = type(record)._base_manager.filter(pk=record.pk).values_list(*counted.values()).first() or ()
    return {declared.key: count for (declared, _made), count in zip(panels, row, strict=True)}
