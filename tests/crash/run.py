"""One run: an installation, clients that tell stories, somebody who kills, and a look at the end."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from tests.crash.client import Client, Misled
from tests.crash.company import Company, found_company
from tests.crash.found import Found, look, prove, wait_for_quiet
from tests.crash.outside import Outside
from tests.crash.parts import Installation
from tests.crash.story import Story, tell

AIMS = ("mail at the door", "mail in hand", "webhook at the door", "webhook in hand")
"""Half of the worker's kills wait for one of the moments that matter: a receiver has something, and has not said so."""
LONGEST_AIM = 8.0


@dataclass
class Run:
    """What a run has at its disposal, and what came of it."""

    installation: Installation
    outside: Outside
    environment: dict[str, str]
    seed: int
    company: Company
    stories: list[Story] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    """What clients met that no decent client should meet."""
    died_at: float = 0.0

    def client(self, number: int, **habits: Any) -> Client:
        return Client(self.installation.url, self.company.keys, Random(f"{self.seed} client {number}"), counts=self.counts, **habits)

    def tell_under_fire(self, *, kills: int, clients: int, pace: float, say: Callable[[str], None] = lambda words: None) -> None:
        """Stories by several clients at once, for as long as somebody kills; each that was begun is told to its end."""
        over, numbers = threading.Event(), count(1)

        def go_on(number: int) -> None:
            client = self.client(number)
            while not over.is_set():
                self.tell_one(next(numbers), client)

        threads = [threading.Thread(target=go_on, args=(number,), name=f"client {number}", daemon=True) for number in range(clients)]
        for thread in threads:
            thread.start()
        try:
            self.kill_at_random(kills, pace, say)
        finally:
            over.set()
            for thread in threads:
                thread.join(300)
        self.complaints += [f"{thread.name} did not come to an end" for thread in threads if thread.is_alive()]

    def tell_one(self, number: int, client: Client) -> Story:
        story = Story(number)
        self.stories.append(story)
        try:
            tell(story, client, self.company)
        except Misled as misled:
            self.complaints.append(f"{story.name}: {misled}")
        except Exception as error:
            self.complaints.append(f"{story.name}: {type(error).__name__}: {error}")
        return story

    def kill_at_random(self, kills: int, pace: float, say: Callable[[str], None]) -> None:
        """The points are drawn from the seed; what happens at them, from the load."""
        random, webs = Random(f"{self.seed} kills"), [name for name in self.installation.parts if name != "worker"]
        for number in range(1, kills + 1):
            # While nobody can be served, a kill meets nothing.
            self.installation.wait_until_answering()
            time.sleep(random.uniform(0.1, 2 * pace))
            name = random.choice((random.choice(webs), "worker"))
            aim = random.choice(AIMS) if name == "worker" and random.random() < 0.5 else ""
            if not (aim and self.kill_in_the_act(aim)):
                self.kill(name)
            say(f"{number}. {name} {aim}".rstrip() + f"; {sum(story.is_told for story in self.stories)} of {len(self.stories)} stories told")

    def kill(self, name: str, how: str = "", then: tuple[str, ...] | None = None) -> None:
        self.installation.kill(name, how, then)
        if name == "worker":
            self.died_at = time.time()

    def kill_in_the_act(self, aim: str, name: str = "worker", then: tuple[str, ...] | None = None) -> bool:
        """Whether that moment came, and whoever sends was killed at it."""
        struck = self.aim(aim, name, then)
        if struck.wait(LONGEST_AIM):
            return True
        # Taken back; if it is too late for that, it is under way.
        return self.outside.at_next.pop(aim, None) is None and struck.wait(30)

    def aim(self, aim: str, name: str = "worker", then: tuple[str, ...] | None = None) -> threading.Event:
        """Kill at the next such moment; the event is set when that has happened."""
        struck = threading.Event()

        def strike() -> None:
            self.kill(name, aim, then)
            struck.set()

        self.outside.at_next[aim] = strike
        return struck

    def come_to_rest(self, *, patience: float, is_hurried: bool, is_proved: bool = True) -> tuple[Found, float]:
        """Wait until the worker has done everything; what is there then, and how many seconds that took."""
        self.installation.wait_until_answering()
        seconds = wait_for_quiet(patience, self.died_at if is_hurried else None, self.installation.require_life)
        return look(self.outside, prove(self.environment) if is_proved else ""), seconds


@contextmanager
def begun(outside: Outside, environment: dict[str, str], seed: int, log: Path, **parts: Any) -> Iterator[Run]:
    """The company is founded and the processes answer; they are stopped at the end of the block."""
    company = found_company(outside)
    installation = Installation(environment, log, **parts)
    try:
        installation.wait_until_answering()
        yield Run(installation, outside, environment, seed, company)
    finally:
        installation.stop()
