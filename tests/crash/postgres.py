"""A PostgreSQL that is killed: started again at once, as the supervisor does."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from random import Random

from guanxi.kernel.database.embedded import EmbeddedServer
from guanxi.kernel.database.processes import processes_in
from tests.crash.parts import STARTER

KINDS = ("backend", "postmaster", "postgres")
"""One process that serves a connection; the one that starts them; all of them at the same moment."""


class Postgres:
    """The server of a run, with whoever watches over it."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server, self.is_over = server, False
        self.watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self.watcher.start()

    def _watch(self) -> None:
        while not self.is_over:
            if not self.server.alive():
                STARTER.submit(self.server.restart).result()
            time.sleep(0.02)

    def kill(self, kind: str, random: Random) -> bool:
        """`kill -9`; whether there was somebody to kill."""
        process = self.server.process
        assert process is not None
        everyone = list(processes_in(self.server.cluster))
        struck = {"backend": self._serving(everyone, random), "postmaster": [process.pid], "postgres": everyone}[kind]
        for pid in struck:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(struck)

    def _serving(self, everyone: list[int], random: Random) -> list[int]:
        """One of those that serve a connection of the program's."""
        found = []
        for pid in everyone:
            with suppress(OSError):
                if b"postgres: guanxi_app" in (Path("/proc") / str(pid) / "cmdline").read_bytes():
                    found.append(pid)
        return [random.choice(sorted(found))] if found else []

    def wait_for_disk(self, waits: bool) -> None:
        """Whether a commit is answered only once it is written down. Without, the last ten seconds may be lost with the server."""
        with self.server.connect() as connection:
            connection.execute(f"ALTER SYSTEM SET synchronous_commit = {'on' if waits else 'off'}")
            connection.execute(f"ALTER SYSTEM SET wal_writer_delay = '{'200ms' if waits else '10s'}'")
            connection.execute("ALTER SYSTEM SET wal_writer_flush_after = '1GB'")
            connection.execute("SELECT pg_reload_conf()")

    def stop_watching(self) -> None:
        self.is_over = True
        self.watcher.join(60)
