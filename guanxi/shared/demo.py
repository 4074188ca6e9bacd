"""What the modules' demo.py files share: the company, its people, the calendar, and what was made so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import import_module
from importlib.util import find_spec
from random import Random
from types import ModuleType
from typing import Any

from guanxi.kernel.access.actor import Actor

FIRST = "zh"
"""The language of the words in each module's demo.py; those of another one stand beside it: demo_en.py."""


@dataclass(frozen=True)
class Person:
    """Who signs in; `entity` is the code of the legal entity they work for, the default one when empty."""

    username: str
    name: str
    title: str
    team: str
    roles: tuple[str, ...]
    language: str
    entity: str = ""


@dataclass(frozen=True)
class Company:
    """An invented company: one account set with its legal entities, its people, and who does what in the story."""

    key: str
    name: str
    about: str
    """One line for the terminal."""
    tongue: str
    """Whose words its story is told in: "zh", "en"."""
    language: str
    currency: str
    country: str
    timezone: str
    domain: str
    entities: tuple[Mapping[str, str], ...]
    """The first one is the default."""
    teams: tuple[tuple[str, str | None], ...]
    people: tuple[Person, ...]
    administrator: str
    director: str
    sellers: tuple[str, ...]
    """Who follows the leads."""
    exporter: str
    accountant: str
    keepers: Mapping[str, str]
    """The storekeeper of each legal entity, by its code."""


@dataclass
class Demo:
    """A year that ends `today`, told by the same random numbers each time."""

    company: Company
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

    def owner_of(self, record: Any) -> str:
        """Who looks after it; the director where nobody of the story does."""
        return next((name for name, actor in self.actors.items() if actor.member_id == record.owner_id), self.company.director)

    def words(self, story: str) -> Any:
        """The module that has the words of a demo.py (named by its `__name__`) in the company's tongue."""
        found = words_of(story, self.company.tongue)
        if found is None:
            raise LookupError(f"{story} has no words in {self.company.tongue}")
        return found


def words_of(story: str, tongue: str) -> ModuleType | None:
    """`….demo` itself, or `….demo_en`; None where the story is not told in that tongue."""
    name = story if tongue == FIRST else f"{story}_{tongue}"
    return import_module(name) if find_spec(name) is not None else None
