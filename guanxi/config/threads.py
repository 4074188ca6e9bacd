"""Threads that answer requests, of which the one that rested last works next."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any

Told = Callable[[], None]
Job = Callable[[], Told]
"""Does the work, and gives back what tells the outcome to whoever waits for it."""


class WarmestFirst(Executor):
    """A thread keeps its database connection, and that keeps the plans of what was asked through it. `ThreadPoolExecutor` lets all threads take
    turns, so that each page is planned for every one of them; here a few who come one after the other meet one thread that knows it all."""

    def __init__(self, most: int, name: str):
        self.most, self.name, self.started = most, name, 0
        self._resting: list[SimpleQueue[Job]] = []
        self._waiting: deque[Job] = deque()
        self._lock = threading.Lock()

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def job() -> Told:
            if not future.set_running_or_notify_cancel():
                return lambda: None
            try:
                return partial(future.set_result, work(*given, **named))
            except BaseException as error:  # noqa: BLE001 - whoever waits for the answer gets it
                return partial(future.set_exception, error)

        with self._lock:
            if self._resting:
                self._resting.pop().put(job)
            elif self.started < self.most:
                self.started += 1
                threading.Thread(target=self._live, args=(job,), name=f"{self.name}-{self.started}", daemon=True).start()
            else:
                self._waiting.append(job)
        return future

    def _live(self, job: Job | None) -> None:
        mine: SimpleQueue[Job] = SimpleQueue()
        while True:
            told = (job or mine.get())()
            job = self._next(mine)
            # Only now, so that whoever asks next after the answer finds the thread at rest.
            told()
            del told

    def _next(self, mine: SimpleQueue[Job]) -> Job | None:
        """What waits; if nothing does, the thread is among those that rest."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._resting.append(mine)
        return None
