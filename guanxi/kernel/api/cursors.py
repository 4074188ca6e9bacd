"""Where a page of rows ended, as a text that only we can have written: the keys it was sorted by, and the row's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q
from django.utils.translation import gettext as _

from guanxi.kernel.api.problems import Problem

_WRITTEN: dict[type, tuple[str, Any]] = {Decimal: ("n", str), datetime: ("t", datetime.isoformat), date: ("d", date.isoformat)}
_READ: dict[str, Any] = {"n": Decimal, "t": datetime.fromisoformat, "d": date.fromisoformat}
NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Step:
    """One thing rows are sorted by, under a name of its own in the query."""

    name: str
    expression: Any
    is_falling: bool
    may_be_empty: bool

    def after(self, value: Any) -> Q:
        """Rows that come strictly later by this step alone; those with nothing come last, rising and falling."""
        if value is None:
            return NOTHING
        found = Q(**{f"{self.name}__{'lt' if self.is_falling else 'gt'}": value})
        return found | Q(**{f"{self.name}__isnull": True}) if self.may_be_empty else found

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


def steps_of(rows: Any) -> list[Step]:
    """How an ordered queryset is sorted; the last step is the id, so that no two rows are alike."""
    found = []
    for number, order in enumerate(rows.query.order_by):
        if isinstance(order, str):
            found.append(Step(f"_o{number}", F(order.removeprefix("-")), order.startswith("-"), False))
        else:
            found.append(Step(f"_o{number}", order.expression, order.descending, True))
    return found


def rows_after(rows: Any, steps: Sequence[Step], values: Sequence[Any]) -> Any:
    """Those of the ordered rows that come after the one with these values."""
    later = NOTHING
    for step, value in zip(reversed(steps), reversed(values), strict=True):
        later = step.after(value) | (step.same(value) & later)
    first = steps[0]
    # Said once more for the index: where it begins.
    if not first.may_be_empty:
        later &= Q(**{f"{first.name}__{'lte' if first.is_falling else 'gte'}": values[0]})
    return rows.alias(**{step.name: step.expression for step in steps}).filter(later)


class Cursors:
    """Writes and reads the cursors of one list, for one member of one account set, in one order."""

    def __init__(self, set_key: str, member_id: int, path: str, sort: str, steps: Sequence[Step]):
        self.steps = steps
        self.signer = Signer(salt=f"guanxi.api.after {set_key} {member_id} {path} {sort}")

    def written(self, row: dict[str, Any]) -> str:
        return self.signer.sign_object([_plain(row[step.name]) for step in self.steps])

    def read(self, text: str) -> list[Any]:
        """The values in it; Problem when it is somebody else's, another list's, or changed."""
        try:
            values = self.signer.unsign_object(text)
        except (BadSignature, ValueError):
            raise Problem(
                400, "bad_cursor", _("“after” is not what this list gave out in this order: take it from “next” of the last page, or begin anew.")
            ) from None
        return [_READ[value[0]](value[1]) if isinstance(value, list) else value for value in values]


def _plain(value: Any) -> Any:
    kind = _WRITTEN.get(type(value))
    return value if kind is None else [kind[0], kind[1](value)]
