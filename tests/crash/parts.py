"""The processes that are killed: web server and worker of Guanxi, each started again as soon as it is dead."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

from guanxi.config.stamp import PACKAGE
from guanxi.kernel.database.processes import end_with_starter, free_port

PROGRAM = ("guanxi.config.command",)


# The kernel ends them when the thread that started them ends, so it is one that stays.
STARTER = ThreadPoolExecutor(1, thread_name_prefix="starter")


class Part:
    """One of them."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: IO[bytes], program: tuple[str, ...] = PROGRAM) -> None:
        self.arguments, self.environment, self.log, self.program = arguments, environment, log, program
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        return STARTER.submit(self._start).result()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *self.program, *self.arguments], env=self.environment, cwd=PACKAGE.parent, stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, start_new_session=True, preexec_fn=end_with_starter(signal.SIGKILL),
        )

    def kill(self) -> bool:
        """`kill -9`; when this returns it is dead, and nothing of it runs any more. Whether it lived until then."""
        was_alive = self.process.poll() is None
        self.process.kill()
        self.process.wait()
        return was_alive

    def start_again(self, program: tuple[str, ...] | None = None) -> None:
        self.program = program or self.program
        self.process = self._started()

    def stop(self) -> int:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


class Installation:
    """Processes of the web server, which share a port, and a worker, all on one database."""

    def __init__(
        self, environment: dict[str, str], log: Path, *, webs: int = 1, web: tuple[str, ...] = PROGRAM, worker: tuple[str, ...] = PROGRAM, **more: str
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log.open("ab")
        everything = {
            **environment,
            "GUANXI_OUTBOUND_NETWORKS": "127.0.0.0/8", "GUANXI_OUTBOUND_HTTP": "true",
            # Each visitor of the form has an address of their own, which the proxy in front would tell.
            "GUANXI_TRUSTED_PROXIES": "1",
            **more,
        }
        self.parts = {
            **{f"web {number}": Part(["web", "--port", str(self.port)], everything, self.log, web) for number in range(1, webs + 1)},
            "worker": Part(["worker"], everything, self.log, worker),
        }
        self.kills: Counter[str] = Counter()
        self.ended: list[str] = []
        """Parts that were found dead although nobody had killed them."""

    def kill(self, name: str, how: str = "", then: tuple[str, ...] | None = None) -> None:
        """Kill and start again, as the supervisor does; `then` is another program in its place."""
        if not self.parts[name].kill():
            self.ended.append(name)
        self.kills[f"{name.partition(' ')[0]} {how}".strip()] += 1
        self.parts[name].start_again(then)

    def is_answering(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def wait_until_answering(self, patience: float = 60) -> None:
        until = time.monotonic() + patience
        while not self.is_answering():
            assert time.monotonic() < until, "the web server does not answer"
            self.require_life()
            time.sleep(0.05)

    def require_life(self) -> None:
        """Of everything that nobody has killed."""
        ended = self.ended + [name for name, part in self.parts.items() if part.process.poll() is not None]
        assert not ended, f"ended without being killed: {ended}"

    def stop(self) -> None:
        for part in self.parts.values():
            part.stop()
        self.log.close()
