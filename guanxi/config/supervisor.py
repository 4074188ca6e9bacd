"""`guanxi serve`: keeps the database, the web server and the worker running, and stops them in good order."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import IO

import psycopg

from guanxi.config.configuration import Configuration, configuration, make_private_folder
from guanxi.config.databases import ADDRESS_VARIABLE, announce, place
from guanxi.config.running import (
    Running,
    Say,
    embedded_server,
    read_running,
    run_folder,
    serve_file,
    serve_lock,
    write_running,
)
from guanxi.config.stamp import source_stamp
from guanxi.kernel.database.embedded import EmbeddedError, EmbeddedServer
from guanxi.kernel.database.processes import FolderInUse, end_with_starter, lock_file

STOP_SECONDS = 25.0
SHORT_LIFE = 5.0
MOST_FAILURES = 6


class Stopped(Exception):
    """Someone asked to stop while the start was still going on."""


class CannotStart(Exception):
    """Something outside stands in the way; the message says what to do."""


@dataclass
class Part:
    """One child process that must be running."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "guanxi.config.command", *self.arguments],
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            # Ctrl-C in a terminal reaches the supervisor only, which stops the parts in their order.
            start_new_session=True,
            preexec_fn=end_with_starter(signal.SIGTERM),
        )
        self.started, self.again_at = time.monotonic(), None

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)


class Supervisor:
    """Everything of one data folder, in one place to start and to stop."""

    def __init__(self, conf: Configuration, say: Say) -> None:
        self.conf = conf
        self.say = say
        self.stopping = False
        self.database: EmbeddedServer | None = None
        self.parts: list[Part] = []
        self.lock: IO[str] | None = None
        self.wake_read, self.wake_write = socket.socketpair()

    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.conf.host, self.conf.host)
        return f"http://{host}:{self.conf.port}"

    # ---- one run ----------------------------------------------------------------------------------------------------
    def run(self) -> int:
        """Start, watch until told to stop, stop. The exit code is 0 after an orderly stop."""
        begun = time.monotonic()
        make_private_folder(self.conf.data)
        make_private_folder(run_folder(self.conf))
        try:
            self.lock = lock_file(serve_lock(self.conf), "this data folder")
        except FolderInUse:
            self.say(self._refusal())
            return 1
        self._listen_to_signals()
        try:
            self._start()
            self._watch(begun)
        except Stopped:
            return 0
        except (CannotStart, EmbeddedError, FolderInUse) as error:
            self.say(str(error))
            return 1
        finally:
            self._stop()
        return 0

    def _refusal(self) -> str:
        running = read_running(self.conf)
        at = f" at {running.url}, since {running.started_at}" if running else ""
        pid = running.pid if running else serve_lock(self.conf).read_text().strip()
        return (
            f"Guanxi is already running on {self.conf.data}: process {pid}{at}. "
            f"Use that one, stop it with `kill {pid}`, or choose another data folder with --data (and --port)."
        )

    def _start(self) -> None:
        self.conf.ensure_secret()
        unclean = serve_file(self.conf).exists()
        if unclean:
            self.say("the last run was interrupted (killed, or the power went): recovering")
        self._check_port(patience=10 if unclean else 1)
        address = self._start_database()
        self._prepare()
        write_running(
            self.conf,
            Running(os.getpid(), self.url, datetime.now(UTC).isoformat(timespec="seconds"), address),
        )
        self.parts = [Part("web server", ["web"])]
        self.parts[0].start()

    def _start_rest(self) -> None:
        """Once a page can be served; before, they would only take the processor from the one that people wait for."""
        rest = [*(Part("web server", ["web"]) for _number in range(self.conf.web_workers - 1)), Part("worker", ["worker"])]
        for part in rest:
            part.start()
        self.parts += rest

    def _check_port(self, patience: float) -> None:
        family = socket.AF_INET6 if ":" in self.conf.host else socket.AF_INET
        until = time.monotonic() + patience
        while True:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self.conf.host, self.conf.port))
                    return
                except OSError as error:
                    if time.monotonic() > until:
                        raise CannotStart(
                            f"Cannot listen on {self.conf.host}:{self.conf.port} ({error.strerror}): "
                            "choose another port with --port, or stop the program that has it."
                        ) from None
            self._sleep(0.1)

    def _start_database(self) -> str | None:
        if self.conf.database_url is not None:
            self._wait_for_foreign_database()
            return None
        server = embedded_server(self.conf, self.conf.ensure_secret(), self.say)
        until, told = time.monotonic() + 60, False
        while True:
            try:
                server.start()
                break
            except FolderInUse as busy:
                if time.monotonic() > until:
                    raise
                if not told:
                    self.say(f"{busy}: waiting for it to finish")
                    told = True
                self._sleep(0.2)
        self.database = server
        announce(server.host, server.port)
        configuration.cache_clear()
        if server.recovered:
            self.say("the database has recovered from the interruption")
        return os.environ[ADDRESS_VARIABLE]

    def _wait_for_foreign_database(self) -> None:
        where = place(self.conf, self.conf.ensure_secret())
        until, told = time.monotonic() + 60, False
        while True:
            try:
                psycopg.connect(**where.conninfo("owner"), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise CannotStart(f"The database of DATABASE_URL cannot be reached: {str(error).strip()}") from None
            if not told:
                self.say("waiting for the database of DATABASE_URL")
                told = True
            self._sleep(0.5)

    # ---- migrations, only when something changed ----------------------------------------------------------------------
    def _prepare(self) -> None:
        """Run `guanxi migrate` unless the program and the database are those of the last successful run."""
        file = run_folder(self.conf) / "prepared.json"
        where = place(configuration(), self.conf.ensure_secret())
        source = source_stamp(f"{where.host}:{where.port}:{where.name}:{where.app_password}")
        with suppress(FileNotFoundError, ValueError):
            known = json.loads(file.read_text())
            if known == {"source": source, "database": self._database_stamp()}:
                return
        self._run_to_end("migrate")
        file.write_text(json.dumps({"source": source, "database": self._database_stamp()}))

    def _database_stamp(self) -> str:
        """The fingerprints that the last preparation left in the database itself, the sets' included."""
        where = place(configuration(), self.conf.ensure_secret())
        try:
            with psycopg.connect(**where.conninfo("app")) as connection:
                row = connection.execute(
                    "SELECT obj_description(to_regnamespace('guanxi'), 'pg_namespace')"
                ).fetchone()
                stamps = connection.execute("SELECT DISTINCT stamp FROM guanxi.sets_accountset ORDER BY 1").fetchall()
        except psycopg.Error:
            return ""
        return " ".join([str(row and row[0]), *(str(stamp) for (stamp,) in stamps)])

    def _run_to_end(self, name: str) -> None:
        part = Part(name, [name])
        part.start()
        assert part.process is not None
        while part.process.poll() is None:
            if self.stopping:
                part.signal(signal.SIGTERM)
                part.process.wait()
                raise Stopped
            self._pause([part], 1.0)
        if part.process.returncode != 0:
            raise CannotStart(f"`guanxi {name}` failed, so nothing was started; what it said stands above.")

    # ---- watching -----------------------------------------------------------------------------------------------------
    def _watch(self, begun: float) -> None:
        ready = False
        while not self.stopping:
            self._mend_database()
            for part in self.parts:
                self._mend(part)
            if not ready and self._answers():
                ready = True
                self._start_rest()
                self.say(f"ready at {self.conf.public_url or self.url} after {time.monotonic() - begun:.1f} s; {self._hint()}")
            self._pause(self.parts, 2.0 if ready else 0.05)

    def _hint(self) -> str:
        where = place(configuration(), self.conf.ensure_secret())
        with suppress(psycopg.Error), psycopg.connect(**where.conninfo("app")) as connection:
            if connection.execute("SELECT 1 FROM guanxi.sets_user LIMIT 1").fetchone() is None:
                return (
                    "nobody can sign in yet: `guanxi set create main --name …`, "
                    "then `guanxi user create YOU --set main --role administrator`"
                )
        return "Ctrl-C stops it"

    def _answers(self) -> bool:
        request = urllib.request.Request(f"{self.url}/readyz", headers={"Host": "localhost"})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _mend_database(self) -> None:
        if self.database is None or self.database.alive():
            return
        self.say(f"the database server {_how(self.database.process)}: starting it again")
        try:
            self.database.restart()
        except EmbeddedError as error:
            raise CannotStart(str(error)) from None
        self.say("the database server is back")

    def _mend(self, part: Part) -> None:
        now = time.monotonic()
        if part.again_at is not None:
            if now >= part.again_at:
                part.start()
            return
        if part.process is None or part.process.poll() is None:
            if now - part.started > 60:
                part.failures = 0
            return
        part.failures = part.failures + 1 if now - part.started < SHORT_LIFE else 1
        self.say(f"the {part.name} {_how(part.process)}: starting it again")
        if part.failures >= MOST_FAILURES:
            raise CannotStart(f"The {part.name} ends again and again right after its start; what it said stands above.")
        part.again_at = now + min(5.0, 0.1 * 2**part.failures if part.failures > 1 else 0)

    # ---- stopping -----------------------------------------------------------------------------------------------------
    def _stop(self) -> None:
        self.stopping = True
        for part in self.parts:
            part.again_at = None
            part.signal(signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        for part in self.parts:
            if part.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    part.process.wait(max(0.1, until - time.monotonic()))
                part.signal(signal.SIGKILL)
                part.process.wait()
        if self.database is not None:
            self.database.stop()
        serve_file(self.conf).unlink(missing_ok=True)
        if self.lock is not None:
            self.lock.close()
            self.say("stopped")

    def _listen_to_signals(self) -> None:
        self.wake_write.setblocking(False)
        signal.set_wakeup_fd(self.wake_write.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self.stopping:
            self.stopping = True
            return
        # Asked twice: whoever asks does not want to wait for open requests.
        for part in self.parts:
            part.signal(signal.SIGKILL)

    def _pause(self, parts: list[Part], seconds: float) -> None:
        """Sleep until a signal comes, a part ends, or the time is over."""
        if any(part.again_at is not None for part in parts):
            seconds = min(seconds, 0.1)
        poll = select.poll()
        poll.register(self.wake_read, select.POLLIN)
        processes = [part.process for part in parts] + [self.database.process if self.database else None]
        opened = []
        for process in processes:
            if process is not None and process.returncode is None:
                with suppress(ProcessLookupError):
                    opened.append(os.pidfd_open(process.pid))
        for descriptor in opened:
            poll.register(descriptor, select.POLLIN)
        poll.poll(seconds * 1000)
        for descriptor in opened:
            os.close(descriptor)
        self.wake_read.setblocking(False)
        with suppress(BlockingIOError):
            self.wake_read.recv(4096)

    def _sleep(self, seconds: float) -> None:
        self._pause([], seconds)
        if self.stopping:
            raise Stopped


def _how(process: subprocess.Popen[bytes] | None) -> str:
    code = process.returncode if process is not None else None
    if code is None:
        return "is gone"
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
