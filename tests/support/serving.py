"""A whole `guanxi serve` on a data folder of its own, as an operator has it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from guanxi.config.stamp import PACKAGE

UNLIMITED = {"GUANXI_API_PER_KEY": "0", "GUANXI_API_PER_MEMBER": "0"}
"""For tests and measurements that ask as fast as they can."""


class Serving:
    """One `guanxi serve` on a data folder of its own, and what it said."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data = data
        self.settings = settings
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.said = data.with_name(f"{data.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GUANXI_", "DATABASE_URL", "DJANGO_"))}
        return {**kept, "GUANXI_DATA": str(self.data), "GUANXI_LOG_LEVEL": "WARNING", "GUANXI_WEB_WORKERS": "1", **UNLIMITED, **self.settings}

    def start(self) -> None:
        self.started = time.monotonic()
        times = self.words().count(": ready at ") if self.said.exists() else 0
        with self.said.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "guanxi.config.command", "serve", "--port", str(self.port)],
                env=self.environment(),
                cwd=PACKAGE.parent,
                stderr=output,
                stdout=output,
            )
        self.until(lambda: self.words().count(": ready at ") > times, "ready")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "guanxi.config.command", *arguments],
            env=self.environment(),
            cwd=PACKAGE.parent,
            capture_output=True,
            text=True,
            check=False,
        )

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def until(self, true: Callable[[], object], what: str, patience: float = 60) -> float:
        begun = time.monotonic()
        while not true():
            assert time.monotonic() - begun < patience, f"not {what}: {self.said.read_text()}"
            time.sleep(0.02)
        return time.monotonic() - begun

    def children(self, of: int | None = None) -> dict[str, int]:
        """Process numbers of the parts by name."""
        assert self.process is not None
        found = {}
        for pid in map(int, Path(f"/proc/{of or self.process.pid}/task/{of or self.process.pid}/children").read_text().split()):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            # One that has just died has no words any more.
            if len(words) > 3:
                found["postgres" if b"postgres" in words[0] else words[3].decode()] = pid
        return found

    def words(self) -> str:
        return self.said.read_text()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
