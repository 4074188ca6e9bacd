"""The sales-and-distribution load under fire: `python -m tests.crash --sd --kills 40 --seed 7`. See README.md."""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace

from django.db import connections

from guanxi.config.benchmarks.instance import prepare_set
from guanxi.kernel.database.embedded import EmbeddedServer
from tests.crash import postgres
from tests.crash.client import Misled
from tests.crash.company import SET
from tests.crash.found import prove
from tests.crash.parts import Installation
from tests.crash.postgres import Postgres
from tests.crash.rounds import PERSON, Buyer, Round, counted, look, percentile, pieces_at_first, problems, recoveries, wait_for_quiet
from tests.support import place

Say = Callable[[str], None]
STRUCK = ("backend", "postmaster", "postgres", "web", "worker")
BROKEN = "tests.crash.broken"


@dataclass
class Load:
    """Buyers who go round after round for as long as somebody kills."""

    installation: Installation
    database: Postgres
    token: str
    places: list[SimpleNamespace]
    seed: int
    name: str = "round"
    rounds: list[Round] = field(default_factory=list)
    buyers: list[Buyer] = field(default_factory=list)
    kills: list[tuple[float, str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def run(self, fire: Callable[[], None], *, loses_at: tuple[str, ...] = ()) -> None:
        over, begun = threading.Event(), len(self.buyers)
        threads = []
        for number, where in enumerate(self.places):
            random = Random(f"{self.seed} buyer {begun + number}")
            buyer = Buyer(self.installation.url, {PERSON: self.token}, random, loses_at=loses_at)
            self.buyers.append(buyer)
            threads.append(threading.Thread(target=self._go_on, args=(buyer, begun + number, where, over), name=f"buyer {number}", daemon=True))
        for thread in threads:
            thread.start()
        try:
            fire()
        finally:
            over.set()
            for thread in threads:
                thread.join(200)
        self.complaints += [f"{thread.name} did not come to an end" for thread in threads if thread.is_alive()]

    def _go_on(self, buyer: Buyer, number: int, where: SimpleNamespace, over: threading.Event) -> None:
        turn = 0
        while not over.is_set():
            turn += 1
            one = Round(f"{self.name}-{number}-{turn}")
            self.rounds.append(one)
            try:
                buyer.go_round(one, where)
            except Misled as misled:
                self.complaints.append(f"{one.name}: {misled}")
            except Exception as error:
                self.complaints.append(f"{one.name}: {type(error).__name__}: {error}")

    def kill_at_random(self, kills: int, pace: float, say: Say) -> None:
        """The points and what is struck are drawn from the seed; what happens there, from the load. Each kind comes before any comes twice."""
        random, kinds = Random(f"{self.seed} kills"), list[str]()
        for number in range(1, kills + 1):
            self.installation.wait_until_answering()
            time.sleep(random.uniform(0.1, 2 * pace))
            kinds = kinds or random.sample(STRUCK, len(STRUCK))
            self.kill(kinds.pop(), random)
            say(f"{number}. {self.kills[-1][1]}; {sum(one.is_over for one in self.rounds)} of {len(self.rounds)} rounds over")
        self.installation.wait_until_answering()
        time.sleep(1.0)

    def kill(self, kind: str, random: Random) -> None:
        at = time.monotonic()
        if kind in postgres.KINDS:
            while not self.database.kill(kind, random):
                time.sleep(0.05)
        else:
            webs = sorted(name for name in self.installation.parts if name != "worker")
            self.installation.kill(random.choice(webs) if kind == "web" else kind)
        self.kills.append((at, kind))

    def wrong(self, environment: dict[str, str] | None) -> list[str]:
        """When the worker has nothing left to do: everything that is not as it should be; `guanxi check` runs in the environment given."""
        self.installation.wait_until_answering()
        connections.close_all()
        wait_for_quiet(120, self.installation.require_life)
        return [*self.complaints, *problems(self.rounds, look(pieces_at_first(self.places), prove(environment) if environment else ""))]


def run(given: argparse.Namespace, server: EmbeddedServer, environment: dict[str, str], say: Say) -> int:
    """The load, the kills, the proof; then, when asked, the controls, each of which has to be found."""
    first = time.monotonic()
    token, places = prepare_set(SET, given.clients)
    connections.close_all()
    database = Postgres(server)
    unlimited = {"GUANXI_API_PER_KEY": "0", "GUANXI_API_PER_MEMBER": "0"}
    installation = Installation(environment, place.folder() / "guanxi.log", webs=given.webs, **unlimited)
    try:
        installation.wait_until_answering()
        load = Load(installation, database, token, places, given.seed)
        load.run(lambda: load.kill_at_random(given.kills, given.pace, say))
        wrong = load.wrong(environment)
        _tell(load, given.seed, time.monotonic() - first, wrong, say)
        missed = [] if wrong or not given.controls else [name for name, control in CONTROLS.items() if not control(load, say)]
        say("\n".join(f"NOT FOUND: {name}" for name in missed))
        return 1 if wrong or missed else 0
    finally:
        database.stop_watching()
        installation.stop()


def _tell(load: Load, seed: int, seconds: float, wrong: list[str], say: Say) -> None:
    found = recoveries(load.kills, load.buyers)
    say(f"\nseed {seed}; {len(load.kills)} kills in {seconds:.0f} s, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    say(f"rounds: {len(load.rounds)}; acknowledged writes: {sum(len(buyer.acknowledged) for buyer in load.buyers)}")
    say(f"requests: {dict(sorted(counted(load.buyers).items()))}")
    for kind in ("all", *STRUCK):
        times = [time_ for time_, what in found if kind in ("all", what)]
        if times:
            say(f"seconds to the next acknowledged write, {kind} ({len(times)}): p50 {percentile(times, 0.5):.2f}, "
                f"p95 {percentile(times, 0.95):.2f}, most {max(times):.2f}")
    say("\n".join(wrong[:60]) if wrong else "No acknowledged write was lost, none was done twice; guanxi check holds.")


# ---- controls: what has to be found ----------------------------------------------------------------------------------

def _answered_before_it_is_kept(load: Load, say: Say) -> bool:
    """A database that says yes before it has written down: what it has said is lost when it dies."""
    load.database.wait_for_disk(False)
    other = _another(load, "early")

    def fire() -> None:
        time.sleep(1.5)
        other.kill("postgres", Random(1))
        other.installation.wait_until_answering()

    other.run(fire)
    load.database.wait_for_disk(True)
    return _is_found("an answer before the commit", other, "acknowledged and lost", say)


def _keys_forgotten(load: Load, say: Say) -> bool:
    """Web servers that do not know a key again, and clients who lose their first answers: orders are doubled. The last control: they stay so."""
    other = _another(load, "again")
    for name in [name for name in other.installation.parts if name != "worker"]:
        other.installation.kill(name, then=(BROKEN, "forget_keys"))
    other.installation.wait_until_answering()
    other.run(lambda: time.sleep(1.0), loses_at=("place_order",))
    return _is_found("a key forgotten", other, "document 2 times", say)


def _another(load: Load, name: str) -> Load:
    return Load(load.installation, load.database, load.token, load.places, load.seed, name)


def _is_found(what: str, load: Load, words: str, say: Say) -> bool:
    found = [one for one in load.wrong(None) if words in one and load.name in one]
    say(f"control, {what}: {len(found)} found, as {found[0] if found else 'nothing'}")
    return bool(found)


CONTROLS = {"answered before it is kept": _answered_before_it_is_kept, "keys forgotten": _keys_forgotten}
