"""`guanxi serve`: what is killed comes back, and nothing is left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guanxi.config.stamp import PACKAGE


class Serving:
    """One `guanxi serve` on a data folder of its own, and what it said."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.said = data.with_name(f"{data.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GUANXI_", "DATABASE_URL", "DJANGO_"))}
        return {**kept, "GUANXI_DATA": str(self.data), "GUANXI_LOG_LEVEL": "WARNING"}

    def start(self) -> None:
        self.started = time.monotonic()
        with self.said.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "guanxi.config.command", "serve", "--port", str(self.port)],
                env=self.environment(),
                cwd=PACKAGE.parent,
                stderr=output,
                stdout=output,
            )
        self.until(self.ready, "ready")

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


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    made = Serving(tmp_path_factory.mktemp("serving") / "data")
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        assert made.stop() == 0


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("part", ["web", "worker", "postgres"])
def test_a_killed_part_is_started_again(serving: Serving, part: str) -> None:
    before = serving.children()
    os.kill(before[part], signal.SIGKILL)
    serving.until(lambda: serving.children().get(part) not in (None, before[part]), f"started again: {part}")
    serving.until(serving.ready, "ready again")
    others = {name: pid for name, pid in serving.children().items() if name != part}
    assert others == {name: pid for name, pid in before.items() if name != part}
    assert "was killed by SIGKILL: starting it again" in serving.words()


def test_a_second_server_on_the_same_folder_is_refused_in_words(serving: Serving) -> None:
    answer = serving.run("serve", "--port", "1")
    assert serving.process is not None
    assert answer.returncode == 1
    assert f"process {serving.process.pid}" in answer.stderr
    assert f"kill {serving.process.pid}" in answer.stderr
    assert "--data" in answer.stderr


def test_a_command_works_beside_the_running_server(serving: Serving) -> None:
    made = serving.run("set", "create", "main", "--name", "Main")
    assert made.returncode == 0, made.stderr
    assert serving.run("set", "list").stdout.startswith("main\tMain\t")
    person = serving.run("user", "create", "ann", "--set", "main", "--role", "administrator", "--generate")
    assert re.search(r"password of ann: \S{12,}", person.stdout), person.stderr
    assert serving.run("user", "list").stdout.strip() == "ann\tann\tactive\tmain"
    assert serving.run("set", "drop", "main").returncode == 1
    dropped = serving.run("set", "drop", "main", "--yes", "main")
    assert dropped.returncode == 0, dropped.stderr
    assert serving.run("set", "list").stdout == ""


def test_when_the_server_itself_is_killed_its_parts_end_and_the_next_start_says_so(serving: Serving) -> None:
    assert serving.process is not None
    parts = serving.children()
    serving.process.kill()
    serving.process.wait()
    for name, pid in parts.items():
        serving.until(lambda pid=pid: gone(pid), f"ended: {name}", patience=30)
    serving.start()
    assert "was interrupted" in serving.words()


def test_a_second_start_runs_no_migration(serving: Serving) -> None:
    """What makes it quick: the program and the database are those of the last preparation."""
    note = serving.data / "run" / "prepared.json"
    before = note.stat().st_mtime_ns
    assert serving.stop() == 0
    serving.start()
    assert note.stat().st_mtime_ns == before
    assert serving.words().count("preparing the database") == 1


def test_stopping_leaves_nothing_running_and_no_note(serving: Serving) -> None:
    parts = serving.children()
    assert serving.stop() == 0
    assert all(gone(pid) for pid in parts.values())
    assert not (serving.data / "run" / "serve.json").exists()
    serving.start()


def test_the_worker_brings_an_announcement_and_does_a_job_within_seconds(serving: Serving) -> None:
    """The queue and the deliveries are watched by one process, seen from outside through its sessions."""
    program = (
        "import time\n"
        "from django.db import connection\n"
        "from guanxi.kernel.database import in_set\n"
        "with in_set('main'), connection.cursor() as cursor:\n"
        "    cursor.execute(\"SELECT guanxi.defer_job('no.such_job', 'default', '{}', NULL)\")\n"
        "until = time.monotonic() + 20\n"
        "while True:\n"
        "    with connection.cursor() as cursor:\n"
        "        cursor.execute(\"SELECT status FROM procrastinate_jobs WHERE task_name = 'no.such_job'\")\n"
        "        status = cursor.fetchone()[0]\n"
        "    if status == 'failed' or time.monotonic() > until: break\n"
        "    time.sleep(0.1)\n"
        "print(status)\n"
    )
    assert serving.run("set", "create", "main", "--name", "Main").returncode == 0
    assert serving.run("django", "shell", "--no-imports", "-c", program).stdout.strip() == "failed"
    assert serving.run("set", "drop", "main", "--yes", "main").returncode == 0


def test_a_port_that_is_taken_is_named(serving: Serving, tmp_path: Path) -> None:
    other = Serving(tmp_path / "other")
    other.port = serving.port
    answer = other.run("serve", "--port", str(serving.port))
    assert answer.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{serving.port}" in answer.stderr
    assert "--port" in answer.stderr


def test_what_is_written_down_holds_no_secret(serving: Serving) -> None:
    note = json.loads((serving.data / "run" / "serve.json").read_text())
    secret = (serving.data / "secret").read_text().strip()
    assert secret not in json.dumps(note)
    assert (serving.data / "secret").stat().st_mode & 0o777 == 0o600
    assert secret not in serving.words()
