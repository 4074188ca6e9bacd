"""`guanxi serve`: what is killed comes back, and nothing is left behind."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.serving import Serving, gone

# One server for all of them, so one worker of xdist.
pytestmark = pytest.mark.xdist_group("supervision")


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    made = Serving(tmp_path_factory.mktemp("serving") / "data")
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        assert made.stop() == 0


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
