"""Jobs: asked for inside a set, run for the member who asked, never for another set."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connections, transaction
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.jobs import Job as QueuedJob

from guanxi.kernel.access.models import Member, Team
from guanxi.kernel.database import OutsideSet, current_set, in_set
from guanxi.kernel.jobs import job
from guanxi.kernel.jobs.job import Patience
from guanxi.kernel.jobs.running import MOST_ATTEMPTS, pick_up_stalled, run_jobs
from guanxi.kernel.records.refusals import Refused

RAN: list[tuple[str, str, str]] = []
OURS = "(task_name LIKE 'tests.%' OR task_name = 'x')"


@job()
def name_team(*, name: str, actor) -> None:
    """Make a team, and note for whom."""
    Team.objects.create(name=name)
    RAN.append((current_set(), actor.name, actor.kind))


@job(attempts=3)
def fail(*, actor) -> None:
    """Write something, then fail."""
    Team.objects.create(name="half done")
    raise Refused("not today")


@job(whole=False)
def in_steps(set_key: str, member_id: int | None, *, names: list[str]) -> None:
    """One transaction for each name."""
    for name in names:
        with in_set(set_key):
            Team.objects.create(name=name)


def queued(where: str = "true") -> list[tuple]:
    """The jobs asked for here: a worker also puts those in the queue whose hour has just been."""
    with connections["default"].cursor() as cursor:
        columns = "task_name, args, queueing_lock, status, scheduled_at, id"
        cursor.execute(f"SELECT {columns} FROM procrastinate_jobs WHERE {OURS} AND {where} ORDER BY id")
        return [(row[0], json.loads(row[1]) if isinstance(row[1], str) else row[1], *row[2:]) for row in cursor.fetchall()]


def run_all(patience: float = 20) -> None:
    """A worker, until nothing waits any more."""
    stop = threading.Event()
    thread = threading.Thread(target=run_jobs, args=(stop, 2))
    thread.start()
    until = time.monotonic() + patience
    try:
        while queued("status IN ('todo', 'doing') AND scheduled_at IS NULL"):
            assert time.monotonic() < until, queued()
            time.sleep(0.05)
    finally:
        stop.set()
        thread.join(20)


class TestAsking:
    def test_a_job_carries_the_set_and_the_member_of_the_transaction(self, rolled_back) -> None:
        with in_set("alpha"):
            admin = Member.objects.get(code="admin").pk
        with in_set("alpha", member=admin):
            assert name_team.later(name="North") is not None
        task, arguments, lock, status, _at, _number = queued()[-1]
        assert (task, lock, status) == ("tests.name_team", None, "todo")
        assert arguments == {"set": "alpha", "member": admin, "arguments": {"name": "North"}}

    def test_what_is_asked_once_waits_once(self, rolled_back) -> None:
        with in_set("alpha"):
            assert name_team.later(name="North", once="north") is not None
            assert name_team.later(name="North", once="north") is None
        with in_set("beta"):
            assert name_team.later(name="North", once="north") is not None
        assert [row[2] for row in queued()] == ["alpha:north", "beta:north"]

    def test_a_later_moment_is_kept(self, rolled_back) -> None:
        moment = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
        with in_set("alpha"):
            name_team.later(name="North", at=moment)
        assert queued()[-1][4] == moment

    def test_nothing_is_queued_when_the_transaction_is_undone(self, rolled_back) -> None:
        with pytest.raises(RuntimeError), transaction.atomic(), in_set("alpha"):
            name_team.later(name="North")
            raise RuntimeError
        assert queued() == []

    def test_outside_a_set_there_is_nothing_to_work_on(self, rolled_back) -> None:
        with pytest.raises(OutsideSet):
            name_team.later(name="North")
        with pytest.raises(DatabaseError, match="only inside an account set"), connections["default"].cursor() as cursor:
            cursor.execute("SELECT guanxi.defer_job('jobs.name_team', 'default', '{}', NULL)")

    def test_a_set_can_neither_read_the_queue_nor_name_another_set(self, alpha) -> None:
        with pytest.raises(DatabaseError), transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("SELECT * FROM guanxi.procrastinate_jobs")
        with connections["default"].cursor() as cursor:
            cursor.execute("""SELECT guanxi.defer_job('x', 'default', '{"set": "beta", "arguments": {"set": "beta"}}', NULL)""")
            cursor.execute("SELECT set_config('role', 'none', true), set_config('search_path', 'guanxi', true)")
        assert queued()[-1][1]["set"] == "alpha"


class TestRunning:
    def test_a_job_runs_in_its_set_for_the_member_who_asked(self, fresh_database) -> None:
        RAN.clear()
        with in_set("alpha"):
            admin = Member.objects.get(code="admin")
        with in_set("alpha", member=admin.pk):
            name_team.later(name="North")
        with in_set("beta"):
            name_team.later(name="South")
            in_steps.later(names=["a", "b"])
        run_all()
        assert sorted(RAN) == [("alpha", "Admin", "staff"), ("beta", "Guanxi", "system")]
        with in_set("alpha"):
            assert set(Team.objects.values_list("name", flat=True)) == {"North"}
        with in_set("beta"):
            assert set(Team.objects.values_list("name", flat=True)) == {"South", "a", "b"}

    def test_a_refusal_ends_it_and_leaves_nothing(self, fresh_database) -> None:
        with in_set("alpha"):
            fail.later()
        run_all()
        assert [row[3] for row in queued()] == ["failed"]
        with in_set("alpha"):
            assert not Team.objects.filter(name="half done").exists()

    def test_a_member_who_left_asks_for_nothing_any_more(self, fresh_database) -> None:
        with in_set("alpha"):
            gone = Member.objects.create(code="gone", name="Gone").pk
        with in_set("alpha", member=gone):
            name_team.later(name="North")
            Member.objects.filter(pk=gone).update(is_active=False)
        run_all()
        with in_set("alpha"):
            assert not Team.objects.exists()


class TestPatience:
    def test_another_error_is_tried_again_after_longer_and_longer(self) -> None:
        tried = [Patience(4).get_retry_decision(exception=OSError(), job=at_attempt(number)) for number in range(4)]
        waits = [round((found.retry_at - datetime.now(UTC)) / timedelta(seconds=1)) for found in tried if found and found.retry_at]
        assert waits == [2, 4, 8]
        assert tried[3] is None

    def test_a_refusal_is_not(self) -> None:
        assert Patience(4).get_retry_decision(exception=Refused("no"), job=at_attempt(0)) is None

    def test_the_job_of_a_killed_worker_is_picked_up_and_one_that_kills_is_given_up(self, fresh_database) -> None:
        with in_set("alpha"):
            first, second = name_team.later(name="North"), name_team.later(name="South")
        with connections["default"].cursor() as cursor:
            cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id")
            (number,) = cursor.fetchone()
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id IN (%s, %s)", [number, first, second])
            cursor.execute("UPDATE procrastinate_jobs SET attempts = %s WHERE id = %s", [MOST_ATTEMPTS, second])

        async def pick_up() -> int:
            async with app.with_connector(PsycopgConnector(kwargs=connector_params("default"))).open_async() as opened:
                return await pick_up_stalled(opened.job_manager)

        # In a thread of its own: a browser of an earlier test may have left a running loop in this one.
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(lambda: asyncio.run(pick_up())).result() == 2
        assert [row[3] for row in queued()] == ["todo", "failed"]


def at_attempt(number: int) -> QueuedJob:
    return QueuedJob(id=1, queue="default", lock=None, queueing_lock=None, task_name="x", attempts=number, priority=0)
