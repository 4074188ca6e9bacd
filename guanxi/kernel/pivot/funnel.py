"""Funnels: how many rows came at least how far, what they amount to, and which part went on from step to step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Max, OuterRef, Subquery, Value, When
from django.db.models.functions import Greatest

from guanxi.kernel.columns.column import Column
from guanxi.kernel.columns.registry import columns_of
from guanxi.kernel.lists.conditions import Group, Kin, Term, written
from guanxi.kernel.lists.query import ListQuery
from guanxi.kernel.pivot.axes import Axis
from guanxi.kernel.pivot.measures import Found, Measure, merged
from guanxi.kernel.pivot.pivot import Pivot
from guanxi.kernel.pivot.table import OWN
from guanxi.kernel.screens.cells import Cell
from guanxi.kernel.screens.screen import Funnel, screen_of

NEVER = -1


@dataclass(frozen=True)
class Step:
    """How many rows reached a step; `share` of all that began, `went_on` of those at the step before."""

    label: str
    count: int
    sums: list[Cell]
    share: float
    went_on: float | None
    url: str

    @property
    def width(self) -> int:
        return round(100 * self.share)


class FunnelOf:
    """The funnel of a list's rows: one statement, one more for the steps where they are rows."""

    def __init__(self, query: ListQuery):
        self.query, self.declared = query, query.screen.funnel
        self._whole: int | None = None
        self.names = self._names()
        self.measures = self._measures()
        self.pivot = Pivot(query, [Axis(Column("_reached", "", "integer"), expression=self._reached())], [Measure(), *self.measures]).ask()

    def _names(self) -> list[tuple[Any, str]]:
        if isinstance(self.declared, Funnel):
            steps = list(self.declared.steps(self.query.params, self.query.actor))
            self._whole = getattr(steps[0], f"{self.declared.within}_id") if steps else None
            return [(step.pk, str(step)) for step in steps]
        labels = dict(columns_of(self.query.screen.model)["status"].choices)
        return [(status, str(labels[status])) for status in self.declared]

    def _measures(self) -> list[Measure]:
        named = self.declared.amount if isinstance(self.declared, Funnel) else ""
        names = [named] if named else [n for n in self.query.screen.all_columns() if n in self.query.available]
        amounts = [c for n in names if (c := self.query.available.get(n)) and c.kind == "money" and not c.costly]
        return [Measure(amounts[-1], "sum")] if amounts else []

    def _reached(self) -> Any:
        """SQL of the number of the farthest step that a row reached: the one in which it is, or one of its entries; the first where it began."""
        if not isinstance(self.declared, Funnel):
            return self._place("status")
        entries: Any = self.declared.entries._base_manager.order_by()
        farthest = entries.filter(**{self.declared.parent: OuterRef("pk")}).values(self.declared.parent)
        entered = Subquery(farthest.annotate(_far=Max(self._place(f"{self.declared.by}_id"))).values("_far"))
        began = When(**{self.declared.within: self._whole}, then=Greatest(Value(0), self._place(f"{self.declared.by}_id"), entered))
        return Case(began, default=Value(NEVER), output_field=IntegerField())

    def _place(self, column: str) -> Any:
        steps = (When(**{column: key}, then=Value(at)) for at, (key, _label) in enumerate(self.names))
        return Case(*steps, default=Value(NEVER), output_field=IntegerField())

    def steps(self) -> list[Step]:
        counts = [0] * len(self.names)
        sums: list[dict[str, Found]] = [{} for _name in self.names]
        for (path, _across), place in self.pivot.places.items():
            if not path or path[0] is None or path[0] == NEVER:
                continue
            for at in range(path[0] + 1):
                counts[at] += place.count
                for currency, found in place.found.get(0, {}).items():
                    sums[at][currency] = merged(sums[at].get(currency), found)
        return [
            Step(
                label, counts[at], [cell for measure in self.measures for cell in measure.cells(counts[at], sums[at])],
                counts[at] / counts[0] if counts[0] else 0, counts[at] / counts[at - 1] if at and counts[at - 1] else None, self._address(at),
            )
            for at, (_key, label) in enumerate(self.names)
        ]

    def _address(self, at: int) -> str:
        """The list of the rows that came at least to a step."""
        keys = ",".join(str(key) for key, _label in self.names[at:])
        changes: dict[str, Any] = dict.fromkeys(OWN)
        if not isinstance(self.declared, Funnel):
            if self.query.params.get("f.status"):
                return ""
            changes["f.status"] = keys
        else:
            entries = screen_of(self.declared.entries)
            if self.query.where or entries is None or not self.query.actor.may("view", entries.model):
                return ""
            kin = Kin("with", f"{entries.model._meta.label_lower}.{self.declared.parent}", (Term(self.declared.by, keys),))
            changes[f"f.{self.declared.within}"] = str(self._whole)
            if at:
                changes["where"] = written(Group("any", (Term(self.declared.by, keys), kin)))
        return self.query.screen.url(self.query.set_key) + self.query.address(**changes)
