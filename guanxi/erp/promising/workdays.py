"""The working days of a legal entity: Monday to Friday, without days off, with days worked in exchange."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q

from guanxi.erp.promising.models import DayOff

SATURDAY = 5
FURTHEST = 3000
"""Days beyond which nobody looks, should every day be off."""


@dataclass
class Workdays:
    entity_id: int
    exceptions: dict[date, bool] | None = field(default=None)

    def is_worked(self, day: date) -> bool:
        if self.exceptions is None:
            # An entry of the entity counts more than one for all.
            rows = DayOff.objects.filter(Q(entity_id=self.entity_id) | Q(entity__isnull=True)).order_by("entity_id")
            mine = sorted(rows.values_list("entity_id", "falls_on", "is_worked"), key=lambda row: row[0] is not None)
            self.exceptions = {on: worked for _entity, on, worked in mine}
        return self.exceptions.get(day, day.weekday() < SATURDAY)

    def after(self, day: date, days: int) -> date:
        """The day after so many working days; a day of work itself when there are none to wait."""
        for _step in range(FURTHEST):
            if days <= 0 and self.is_worked(day):
                break
            day += timedelta(days=1)
            days -= self.is_worked(day)
        return day
