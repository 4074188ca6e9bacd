"""A process that takes in a file is killed at a random point, and another goes on: every row is there once, with its history and its search entry."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest
from django.db import connections

from guanxi.kernel.access.models import Member
from guanxi.kernel.database import in_set
from guanxi.kernel.records.models import History
from guanxi.kernel.search.models import SearchEntry
from guanxi.kernel.transfer.models import Upload
from guanxi.shared.parties.models import Contact, Party
from tests.support.database import FreshDatabase
from tests.support.place import folder

ROWS, BATCH = 2_000, 200
MAPPING = {
    "screen": "customers", "key": [], "columns": {"name": "Company"}, "also": {"screen": "contacts", "by": "party", "columns": {"name": "Person"}},
}
TAKING = """
import django
django.setup()
from guanxi.kernel.importing import importer, jobs
importer.BATCH = {batch}
{defect}
jobs.take_upload("alpha", {member}, upload={upload})
"""
FORGETFUL = "jobs.Running._save = lambda self: None"
"""What was taken is committed, but not how far that was."""


class Taken:
    """A file in the set, and the processes that take it in."""

    def __init__(self, database: FreshDatabase, mode: str, defect: str = ""):
        self.database, self.defect = database, defect
        text = "Company,Person\n" + "".join(f"Company {n:06},Person {n:06}\n" for n in range(ROWS))
        with in_set("alpha"):
            self.member = Member.objects.get(code="admin").pk
            row = Upload.objects.create(
                member_id=self.member, screen="customers", name="people.csv", content=text.encode(), total=ROWS, state="taking",
                choices={"mode": mode, "mapping": MAPPING}, at="2026-01-05T08:00:00Z",
            )
        self.upload = row.pk

    def begin(self) -> subprocess.Popen[bytes]:
        program = TAKING.format(batch=BATCH, defect=self.defect, member=self.member, upload=self.upload)
        return subprocess.Popen([sys.executable, "-c", program], env=self.database.environment, cwd=folder())

    def kill_at(self, part: float, after: float) -> None:
        """As soon as so much of the file has got its numbers, and a moment later."""
        first, process = self._number(), self.begin()
        while self._number() - first < part * ROWS:
            assert process.poll() is None, "it had ended before"
            time.sleep(0.002)
        time.sleep(after)
        process.kill()
        assert process.wait(30) == -9, "it had ended before"

    def _number(self) -> int:
        """The last number a customer has been given, committed or not."""
        with in_set("alpha"), connections["default"].cursor() as cursor:
            cursor.execute("SELECT last_value FROM parties_party_id_seq")
            return int(cursor.fetchone()[0])

    def state(self) -> str:
        with in_set("alpha"):
            return Upload.objects.values_list("state", flat=True).get(pk=self.upload)

    def go_on(self) -> None:
        """As the worker does again and again: what the dead one held may be held for a moment yet."""
        for _turn in range(20):
            assert self.begin().wait(120) == 0
            if self.state() == "taken":
                return
            time.sleep(0.5)
        raise AssertionError("it was never taken in")

    def problems(self) -> list[str]:
        """What the set holds, against the file alone."""
        numbers = range(ROWS)
        with in_set("alpha"):
            row = Upload.objects.get(pk=self.upload)
            parties = dict(Party.objects.filter(name__startswith="Company 0").values_list("pk", "name"))
            contacts = dict(Contact.objects.filter(name__startswith="Person 0").values_list("pk", "name"))
            people = Contact.objects.filter(pk__in=contacts).values_list("party__name", "name")
            found = [_other("customer", parties.values(), (f"Company {n:06}" for n in numbers))]
            found.append(_other("contact", people, ((f"Company {n:06}", f"Person {n:06}") for n in numbers)))
            for model, there in (("parties.party", parties), ("parties.contact", contacts)):
                history = History.objects.filter(model=model, row_id__in=there, kind="created", act_id__in=row.acts)
                found.append(_other(f"history of {model}", history.values_list("row_id", flat=True), there))
                entries = SearchEntry.objects.filter(model=model, object_id__in=there)
                found.append(_other(f"search entry of {model}", entries.values_list("object_id", flat=True), there))
            found.append(_other("count", [(row.report or {}).get(name) for name in ("created", "also", "failed")], [ROWS, ROWS, 0]))
        return [one for one in found if one]


def _other(what: str, there: Iterable[Any], wanted: Iterable[Any]) -> str:
    there, wanted = Counter(iter(there)), Counter(iter(wanted))
    lost, more = wanted - there, there - wanted
    return f"{what}: {lost.total()} lost, {more.total()} too many" if lost or more else ""


@pytest.mark.parametrize(("mode", "seed"), [("good", 1), ("all", 2)])
def test_every_row_is_there_once_whenever_the_process_dies(fresh_database, mode, seed):
    rng, taken = Random(seed), Taken(fresh_database, mode)
    taken.kill_at(rng.uniform(0.1, 0.7), rng.uniform(0, 0.05))
    if mode == "all":
        with in_set("alpha"):
            assert Party.objects.filter(name__startswith="Company 0").count() in (0, ROWS)
    taken.go_on()
    assert taken.problems() == []


def test_a_run_that_forgets_how_far_it_was_is_found_out(fresh_database):
    taken = Taken(fresh_database, "good", FORGETFUL)
    taken.kill_at(0.5, 0)
    taken.go_on()
    assert any(problem.startswith("customer: 0 lost") for problem in taken.problems())
