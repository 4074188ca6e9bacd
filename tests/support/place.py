"""Where the tests' database will be: said in the environment before Django reads its settings."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

SECRET = "a secret for tests only, which protects nothing at all"
FOLDER_VARIABLE = "GUANXI_TEST_FOLDER"
TEMPLATE = "template_guanxi"
MEMORY, ROOM = Path("/dev/shm"), 6 * 2**30
PREFIX = "guanxi-tests-"


def announce(*, is_kept_by_the_disk: bool = False) -> None:
    """Once per process; the workers of xdist inherit the folder from the process that starts them."""
    if FOLDER_VARIABLE not in os.environ:
        where = None if is_kept_by_the_disk else room_in_memory()
        os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=where)
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "guanxi.config.settings",
        "GUANXI_DATA": str(folder() / "data"),
        "GUANXI_SECRET": SECRET,
        "GUANXI_FAST_HASHING": "1",
        "GUANXI_LANGUAGE": "en",
        "GUANXI_LOG_LEVEL": "WARNING",
        "GUANXI_DATABASE_ADDRESS": address(own_database()),
        # Playwright's own loop runs in this thread; every database call of a test is still made in order.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }


def room_in_memory() -> Path | None:
    """A database of a thousand files is copied there in a tenth of a second, on a disk in two."""
    if not os.access(MEMORY, os.W_OK):
        return None
    for left in MEMORY.glob(f"{PREFIX}*"):
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return MEMORY if shutil.disk_usage(MEMORY).free >= ROOM else None


def folder() -> Path:
    return Path(os.environ[FOLDER_VARIABLE])


def own_database() -> str:
    """The clone that this process works in."""
    return f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def address(name: str) -> str:
    return f"{folder() / 'postgres' / 'socket'}|5432|{name}"
