"""The worker's side: take jobs, and pick up what a killed worker left."""

from __future__ import annotations

import asyncio
import threading

import psycopg
import structlog
from django.contrib.sessions.backends.db import SessionStore
from procrastinate import JobContext, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from psycopg_pool import PoolTimeout

# A worker says every 10 seconds that it lives.
STALLED_SECONDS = 40
MOST_ATTEMPTS = 5
KEPT_HOURS = 14 * 24
log = structlog.get_logger("guanxi.jobs")


async def pick_up_stalled(manager: JobManager) -> int:
    """Give back the jobs of workers that are no more; a job that ends its worker again and again is given up."""
    count = 0
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        count += 1
        if stalled.attempts >= MOST_ATTEMPTS:
            log.error("job_given_up", job=stalled.task_name, number=stalled.id)
            await manager.finish_job(stalled, status=Status.FAILED, delete_job=False)
        else:
            log.warning("job_picked_up", job=stalled.task_name, number=stalled.id)
            await manager.retry_job(stalled)
    return count


@app.periodic(cron="* * * * *")
@app.task(name="jobs.pick_up_stalled", queue="system", pass_context=True)
async def pick_up_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Every minute."""
    await pick_up_stalled(context.app.job_manager)


@app.periodic(cron="17 3 * * *")
@app.task(name="jobs.forget_old", queue="system", pass_context=True)
async def forget_old_jobs(context: JobContext, timestamp: int) -> None:
    """Every night: jobs that ended two weeks ago."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True)


@app.periodic(cron="27 3 * * *")
@app.task(name="jobs.forget_sessions", queue="system")
def forget_sessions(timestamp: int) -> None:
    """Every night: sessions that have run out."""
    SessionStore.clear_expired()


def run_jobs(stop: threading.Event, concurrency: int) -> None:
    """Run jobs until `stop`; those that have begun are finished first. A lost database is waited for."""
    while not stop.is_set():
        try:
            asyncio.run(_run(stop, concurrency))
        except (ConnectorException, psycopg.Error, PoolTimeout) as error:
            if not stop.is_set():
                log.warning("jobs_paused", error=type(error).__name__)
                stop.wait(1)


async def _run(stop: threading.Event, concurrency: int) -> None:
    connector = PsycopgConnector(
        kwargs=connector_params("default"), min_size=1, max_size=concurrency + 2, timeout=5, reconnect_timeout=5
    )
    worker_app = app.with_connector(connector)
    async with worker_app.open_async():
        # What was left by a worker that died a moment ago need not wait for the next minute's round.
        await pick_up_stalled(worker_app.job_manager)
        working = asyncio.ensure_future(
            worker_app.run_worker_async(
                concurrency=concurrency,
                install_signal_handlers=False,
                # Asking once a second is cheap and, unlike a listening connection, cannot break unnoticed.
                listen_notify=False,
                fetch_job_polling_interval=1.0,
                delete_jobs="never",
                shutdown_graceful_timeout=15.0,
            )
        )
        while not stop.is_set() and not working.done():
            await asyncio.sleep(0.2)
        if not working.done():
            working.cancel()
        try:
            await working
        except asyncio.CancelledError:
            if not stop.is_set():
                raise
