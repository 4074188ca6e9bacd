"""Panels: tabs that a module adds to the page of another module's records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Subquery, Value
from django.db.models.functions import Coalesce

from guanxi.kernel.access.actor import once
from guanxi.kernel.database.known import known
from guanxi.kernel.records.record import Record, RecordQuerySet
from guanxi.kernel.screens.screen import Screen


@dataclass(frozen=True)
class Panel:
    """Rows of another screen that belong to a record. `new` are the values a new row starts with, `query` finds the same rows in the
    screen's own list, where several can be chosen."""

    screen: type[Screen]
    rows: RecordQuerySet
    columns: tuple[str, ...] = ()
    new: dict[str, Any] | None = None
    sort: str = ""
    query: str = ""


@dataclass(frozen=True, eq=False)
class DeclaredPanel:
    key: str
    label: Any
    order: int
    make: Callable[..., Panel | None]
    template: str = ""
    when: Callable[[Any], bool] | None = None


_PANELS: dict[str, list[DeclaredPanel]] = defaultdict(list)


def panel(
    model: type[Record] | None, label: Any, *, order: int = 50, key: str = "", when: Callable[[Any], bool] | None = None, template: str = "",
) -> Callable:
    """`@panel(Party, _("Orders"), order=20)` over a function (record, actor) that gives a Panel, or None for a whole kind of record;
    without a model it is for the page of every record.

    Its rows follow from the record's id alone: how many there are is asked by a question that is made once, for a record of which
    nothing else is known. Whether it stands on a record's page at all is for `when`.
    """

    def declare(make: Callable[..., Panel | None]):
        _PANELS[model.label() if model else ""].append(DeclaredPanel(key or make.__name__.replace("_", "-"), label, order, make, template, when))
        return make

    return declare


def panels_of(record: Record, actor) -> list[DeclaredPanel]:
    """The panels whose kind of record the actor may view at all; their rows are limited to what the actor may see."""
    return [declared for declared in offered(actor, type(record)) if declared.when is None or declared.when(record)]


@once
def offered(actor, model: type[Record]) -> list[DeclaredPanel]:
    declared = sorted([*_PANELS[model.label()], *_PANELS[""]], key=lambda one: one.order)
    return [one for one in declared if (made := one.make(bare(model, 0), actor)) is not None and actor.may("view", made.screen.model)]


def bare(model: type[Record], row_id: int) -> Record:
    """A record of which only the id is known."""
    return model.from_db("default", ["id"], [row_id])


def counts_of(record: Record, panels: list[DeclaredPanel], actor) -> dict[str, int]:
    """How many rows each panel has, in one query for all."""
    found = _counts(record.pk, model=type(record), panels=tuple(panels), eyes=actor.eyes)
    return {declared.key: count for row in found for declared, count in zip(panels, row, strict=False)}


@known
def _counts(row_id: int, *, model: Any, panels: tuple[DeclaredPanel, ...], eyes: Any) -> Any:
    counted = {}
    for number, declared in enumerate(panels):
        made: Any = declared.make(bare(model, row_id), eyes.actor)
        rows = made.rows.each_visible_to(eyes.actor).order_by().annotate(_all=Value(1)).values("_all").annotate(_n=Count("pk", distinct=True))
        counted[f"p{number}"] = Coalesce(Subquery(rows.values("_n")), 0)
    return model._base_manager.filter(pk=row_id).values_list(*counted.values())
