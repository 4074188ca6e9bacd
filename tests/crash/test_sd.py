"""Orders to invoices while PostgreSQL and the web server are killed (M22.1): a slice, and that it can fail. The whole: tests/crash/README.md."""

from __future__ import annotations

import os
import subprocess
import sys

from guanxi.config.stamp import PACKAGE
from tests.support.place import FOLDER_VARIABLE


def test_no_acknowledged_write_is_lost_or_done_twice_when_the_database_is_killed_and_what_is_not_so_is_found(static_files):
    """A command of its own, for the database that is killed is nobody else's. Seed 3 strikes a backend, a web server and all of PostgreSQL."""
    asked = "--sd --kills 3 --seed 3 --clients 3 --webs 1 --pace 0.4 --controls"
    command = [sys.executable, "-m", "tests.crash", *asked.split()]
    environment = {name: value for name, value in os.environ.items() if name not in (FOLDER_VARIABLE, "PYTEST_XDIST_WORKER")}
    done = subprocess.run(command, env=environment, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.partition(";")[0] for line in done.stdout.splitlines()[:3]] == ["1. backend", "2. web", "3. postgres"]
    assert "No acknowledged write was lost, none was done twice; guanxi check holds." in done.stdout
    assert "control, a key forgotten" in done.stdout and "control, an answer before the commit" in done.stdout
