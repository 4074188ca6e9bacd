"""A job: a function that the worker runs later, inside the account set and for the member that asked for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import connections
from django.utils.translation import override
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job as QueuedJob

from guanxi.kernel.access.actor import Actor, actor_of, system_actor
from guanxi.kernel.database import UnknownSet, current_set, in_set
from guanxi.kernel.records.refusals import Refused

DEFAULT_QUEUE = "default"
JOBS: dict[str, Job] = {}
# Threads that are inside a job now: a worker that is told to stop waits for them, and for nothing else.
running: set[int] = set()
log = structlog.get_logger("guanxi.jobs")


class Patience(BaseRetryStrategy):
    """Try again after 2, 4, 8 … seconds; a refusal is an answer, not a failure to overcome."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        if isinstance(exception, (Refused, UnknownSet)) or job.attempts + 1 >= self.attempts:
            return None
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=2 ** (job.attempts + 1)))


class Job:
    """A function known to the worker; `later()` asks for one run of it."""

    def __init__(self, function: Callable[..., Any], name: str, queue: str, attempts: int, whole: bool) -> None:
        self.function = function
        self.name = name
        self.queue = queue
        self.whole = whole
        self.task = app.task(name=name, queue=queue, retry=Patience(attempts))(self.run)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.function(*arguments, **named)

    def later(self, *, once: str | None = None, at: datetime | None = None, **arguments: Any) -> int | None:
        """Ask for a run after this transaction commits; arguments are JSON values.

        `once` makes it one run however often it is asked for while it waits: then the answer is None.
        """
        current_set()
        given = {"arguments": arguments, "at": at.isoformat() if at else None}
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT guanxi.defer_job(%s, %s, %s::jsonb, %s)", [self.name, self.queue, json.dumps(given), once]
            )
            row = cursor.fetchone()
        return row[0] if row else None

    def run(self, *, set: str, member: int | None = None, arguments: dict[str, Any] | None = None, **_rest: Any) -> None:
        """What the worker does: enter the set as the member, and call the function."""
        running.add(threading.get_ident())
        try:
            if not self.whole:
                self.function(set, member, **(arguments or {}))
                return
            with in_set(set, member=member):
                actor: Actor | None = actor_of(member, channel="job") if member else replace(system_actor(), channel="job")
                if actor is None:
                    log.warning("job_without_member", job=self.name, set=set)
                    return
                with override(actor.language):
                    self.function(**(arguments or {}), actor=actor)
        finally:
            running.discard(threading.get_ident())


def job(
    *, queue: str = DEFAULT_QUEUE, attempts: int = 3, every: str | None = None, whole: bool = True
) -> Callable[[Callable[..., Any]], Job]:
    """`@job()` above `def recount(*, product_id, actor)`: call `recount.later(product_id=3)` inside a set.

    One run is one transaction in the set, at least once, so it must not mind being run twice. With `whole=False` the
    function gets `(set_key, member_id, …)` and opens its own transactions: for work that saves as it goes.
    `every` is a cron line in UTC: one run in every open account set, as the system.
    """

    def declare(function: Callable[..., Any]) -> Job:
        # guanxi.erp.sales.jobs.recount -> sales.recount
        name = f"{function.__module__.split('.')[-2]}.{function.__name__}"
        made = JOBS[name] = Job(function, name, queue, attempts, whole)
        if every is not None:
            _schedule(made, every)
        return made

    return declare


def _schedule(scheduled: Job, cron: str) -> None:
    def everywhere(timestamp: int) -> None:
        from guanxi.kernel.sets.lifecycle import list_sets, wanted_stamp

        for account_set in list_sets():
            if account_set.stamp == wanted_stamp():
                with in_set(account_set.key):
                    scheduled.later(once=scheduled.name)

    task = app.task(name=f"{scheduled.name}.everywhere", queue=scheduled.queue)(everywhere)
    app.periodic(cron=cron)(task)
