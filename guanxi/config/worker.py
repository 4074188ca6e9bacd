"""The worker: brings events to those who listen, sends what leaves the company, and runs jobs and schedules."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

import psycopg
import structlog
from django.conf import settings
from django.db import connections

from guanxi.config.configuration import Configuration
from guanxi.config.languages import join_catalogs
from guanxi.config.running import spare_the_collector
from guanxi.kernel.events.live import CHANNEL
from guanxi.kernel.events.worker import run_deliveries
from guanxi.kernel.jobs.job import running
from guanxi.kernel.jobs.running import run_jobs
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.outbox.worker import run_outbox, sending
from guanxi.shared.webhooks.fanning import run_fan_out

GRACE_SECONDS = 20.0
SHORT_GRACE_SECONDS = 3.0
SWEEP_SECONDS = 3.0
log = structlog.get_logger("guanxi.worker")


def run(conf: Configuration) -> int:
    """Work until SIGTERM or SIGINT; a delivery or job that has begun is finished."""
    join_catalogs()
    spare_the_collector()
    stop, wake, wake_outbox, wake_webhooks = (threading.Event() for _part in range(4))

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        wake.set()
        wake_outbox.set()
        wake_webhooks.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    threads = [
        _thread("deliveries", stop, lambda: run_deliveries(stop, wake, SWEEP_SECONDS)),
        _thread("outbox", stop, lambda: run_outbox(stop, wake_outbox, SWEEP_SECONDS)),
        _thread("webhooks", stop, lambda: run_fan_out(stop, wake_webhooks, SWEEP_SECONDS)),
        _thread("jobs", stop, lambda: run_jobs(stop, conf.job_threads)),
    ]
    threading.Thread(target=_listen, args=(stop, wake, wake_outbox, wake_webhooks), name="listen", daemon=True).start()
    while not stop.wait(1):
        if not all(thread.is_alive() for thread in threads):
            # The supervisor starts the whole worker anew, which is simpler to reason about than half of one.
            log.error("worker_part_ended", alive=[thread.name for thread in threads if thread.is_alive()])
            return 1
    until = time.monotonic() + GRACE_SECONDS
    for thread in threads:
        thread.join(GRACE_SECONDS if running or sending else SHORT_GRACE_SECONDS)
    while running and time.monotonic() < until:
        time.sleep(0.1)
    if running:
        log.warning("worker_left_jobs", count=len(running))
    # What still holds a thread is only a wait for a connection: nothing is lost by not waiting with it.
    os._exit(0)


def _thread(name: str, stop: threading.Event, work: Callable[[], None]) -> threading.Thread:
    def body() -> None:
        try:
            work()
        except Exception:
            if not stop.is_set():
                log.exception("worker_part_failed", part=name)
        finally:
            connections.close_all()

    thread = threading.Thread(target=body, name=name, daemon=True)
    thread.start()
    return thread


def _listen(
    stop: threading.Event, wake: threading.Event, wake_outbox: threading.Event, wake_webhooks: threading.Event
) -> None:
    """Wake the deliveries as soon as something was announced, and the outbox when that lies in it; the sweep finds what was missed."""
    while not stop.is_set():
        try:
            with psycopg.connect(
                **settings.GUANXI_PLACE.conninfo("app"), autocommit=True, application_name="guanxi-worker-listen"
            ) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                while not stop.is_set():
                    for notice in connection.notifies(timeout=5, stop_after=1):
                        wake.set()
                        wake_webhooks.set()
                        if f":{Dispatch.label()}:" in notice.payload:
                            wake_outbox.set()
        except psycopg.Error as error:
            log.warning("not_listening", error=type(error).__name__)
            stop.wait(1)
