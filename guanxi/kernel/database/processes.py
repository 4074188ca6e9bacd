"""What the operating system knows: locks, processes, users, ports."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class FolderInUse(Exception):
    """Another process works with this data folder."""


def end_with_starter(number: int = signal.SIGTERM) -> Callable[[], None]:
    """For `preexec_fn`: the new process is sent this signal when the one that starts it dies, however it dies."""
    starter = os.getpid()

    def arrange() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(number))
        # The starter may have died before the arrangement held.
        if os.getppid() != starter:
            os._exit(1)

    return arrange


def lock_file(path: Path, what: str, *, patience: float = 0) -> IO[str]:
    """Hold a file for as long as this process lives; FolderInUse names the process that holds it already."""
    file = open(path, "a+", opener=lambda name, flags: os.open(name, flags, 0o600))
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= until:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                file.close()
                raise FolderInUse(f"{what} is in use by process {holder}") from None
            time.sleep(0.1)
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file


def is_locked(path: Path) -> bool:
    """Whether a living process holds this lock; its number may stay in the file when it died."""
    try:
        with open(path) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def processes_in(folder: Path) -> Iterator[int]:
    """Processes whose working directory is this folder: the server and its backends."""
    wanted = os.stat(folder)
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            with contextlib.suppress(OSError):
                found = os.stat(f"/proc/{entry}/cwd")
                if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
                    yield int(entry)


def reachable(program: Path, user: tuple[int, int]) -> bool:
    """Whether another user can run a program (asked of the system, not guessed from permissions)."""
    try:
        done = subprocess.run(
            [str(program), "--version"], user=user[0], group=user[1], extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except PermissionError:
        return False
    return done.returncode == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def memory_bytes() -> int:
    """Of the machine, or what the group of this process may have of it."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):
        return min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return machine
