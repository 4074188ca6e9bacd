"""What the modules' demo.py files share: the people, the calendar, and what was made so far."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from guanxi.kernel.access.actor import Actor


@dataclass
class Demo:
    """A year that ends `today`, told by the same random numbers each time."""

    actors: dict[str, Actor]
    today: date
    rng: Random = field(default_factory=lambda: Random(20260705))
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def first_on(self) -> date:
        return self.today - timedelta(days=365)

    def days(self) -> list[date]:
        """The working days, Monday to Friday, up to yesterday."""
        every = (self.first_on + timedelta(days=n) for n in range(365))
        return [day for day in every if day.weekday() < 5]

    def acting(self, who: str, day: date) -> Actor:
        """The person on that day, at some hour of work."""
        return self.actors[who].on(day, 8 + self.rng.randrange(9))
