"""Time-phased available-to-promise, as APICS describes it; nothing here asks the database.

Of one product in one warehouse, what comes by a day less what is claimed by that day is its net. What may be promised for a
day is the least net of that day and all later ones: so a new promise never takes from one that was given before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from guanxi.kernel.values import ZERO

Coming = tuple[date, Decimal, str]
"""Day, quantity, name of the document."""
Claim = tuple[date, Decimal]
"""What was promised, and until when."""


@dataclass
class Bucket:
    """What may be promised of one supply; an empty name stands for the goods on hand."""

    on: date
    quantity: Decimal
    name: str = ""


@dataclass(frozen=True)
class Taken:
    on: date
    quantity: Decimal
    name: str = ""


@dataclass
class Available:
    """The buckets of one product in one warehouse, earliest first; lines take from them one after the other."""

    buckets: list[Bucket] = field(default_factory=list)

    def by(self, day: date) -> Decimal:
        """How much may be promised for that day."""
        return sum((bucket.quantity for bucket in self.buckets if bucket.on <= day), ZERO)

    def look(self, wanted: Decimal) -> list[Taken]:
        """Where so much would come from; less of it when there is not enough."""
        found = []
        for bucket in self.buckets:
            part = min(wanted, bucket.quantity)
            if part > 0:
                wanted -= part
                found.append(Taken(bucket.on, part, bucket.name))
        return found

    def take(self, wanted: Decimal) -> list[Taken]:
        """The same, and it is gone for the lines that follow."""
        found = self.look(wanted)
        for taken in found:
            for bucket in self.buckets:
                if bucket.quantity > 0 and (bucket.on, bucket.name) == (taken.on, taken.name):
                    bucket.quantity -= taken.quantity
                    break
        return found


def available(free: Decimal, coming: Iterable[Coming], claims: Iterable[Claim], today: date) -> Available:
    """Buckets of what is free today and of what comes, less what is claimed. What is late counts as today."""
    supplies: list[Coming] = [(today, max(free, ZERO), "")]
    supplies += sorted(((max(on, today), quantity, name) for on, quantity, name in coming), key=lambda one: (one[0], one[2]))
    # On a day goods come before claims.
    points = [(on, 0, at, quantity) for at, (on, quantity, _name) in enumerate(supplies)]
    points += [(max(on, today), 1, 0, -quantity) for on, quantity in claims]
    points.sort()
    return Available(_buckets(supplies, _least(points)))


def _least(points: Sequence[tuple[date, int, int, Decimal]]) -> dict[int, Decimal]:
    """By supply: the least net from it onwards, and never below zero."""
    nets, net = [], ZERO
    for _on, _kind, _at, quantity in points:
        net += quantity
        nets.append(net)
    least: dict[int, Decimal] = {}
    lowest = None
    for (_on, kind, at, _quantity), net in zip(reversed(points), reversed(nets), strict=True):
        lowest = net if lowest is None else min(lowest, net)
        if kind == 0:
            least[at] = max(lowest, ZERO)
    return least


def _buckets(supplies: Sequence[Coming], least: dict[int, Decimal]) -> list[Bucket]:
    found, before = [], ZERO
    for at, (on, _quantity, name) in enumerate(supplies):
        more = least[at] - before
        if more > 0:
            found.append(Bucket(on, more, name))
            before = least[at]
    return found
