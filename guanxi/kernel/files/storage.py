"""Bytes in the data folder, by their hash: `files/<set>/<ab>/<sha256>`. A second kind of storage would take this class's place."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from guanxi.kernel.database.session import SET_KEY, current_set
from guanxi.kernel.reading.kinds import HEAD
from guanxi.kernel.records.refusals import Missing, Refused

CHUNK = 1024 * 1024
LEAST_FREE = 256 * 1024 * 1024
"""What stays free for the database: a full disk would stop all work."""
_HASH = re.compile(r"[0-9a-f]{64}")
PART, SHOWN = ".part", "shown"


@dataclass
class Received:
    """Bytes that have arrived under a name of ours and are on the disk for certain."""

    path: Path
    sha256: str
    size: int
    head: bytes
    tail: bytes


class Storage:
    """The contents of one account set. Nothing is ever written into a file that has its final name."""

    def __init__(self, key: str = "") -> None:
        key = key or current_set()
        if not SET_KEY.fullmatch(key):
            raise ValueError(key)
        self.folder = Path(settings.MEDIA_ROOT) / key

    def path(self, sha256: str) -> Path:
        if not _HASH.fullmatch(sha256):
            raise Missing(_("The content of this file is no longer there."))
        return self.folder / sha256[:2] / sha256

    def receive(self, stream: Any, name: str, most: int) -> Received:
        """Write what comes to a temporary file beside its later place; Refused when it is too much."""
        made_folder(self.folder)
        digest, size, head, tail = hashlib.sha256(), 0, b"", b""
        number, path = tempfile.mkstemp(suffix=PART, dir=self.folder)
        try:
            with os.fdopen(number, "wb") as file:
                while chunk := stream.read(CHUNK):
                    size += len(chunk)
                    if size > most:
                        raise Refused(_("“%(name)s” is larger than %(max)s MB.") % {"name": name, "max": most // 1024 // 1024})
                    self._require_room()
                    digest.update(chunk)
                    head = (head + chunk)[:HEAD] if len(head) < HEAD else head
                    tail = (tail + chunk)[-HEAD:]
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            os.unlink(path)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _no_room() from error
            raise
        except BaseException:
            os.unlink(path)
            raise
        return Received(Path(path), digest.hexdigest(), size, head, tail)

    def _require_room(self) -> None:
        if shutil.disk_usage(self.folder).free < LEAST_FREE:
            raise _no_room()

    def keep(self, received: Received) -> None:
        """Give it its name; when this returns, it is there even after a power cut. The same content is kept once."""
        target = self.path(received.sha256)
        made_folder(target.parent)
        if target.exists() and target.stat().st_size == received.size:
            received.path.unlink()
            os.utime(target)
            return
        received.path.rename(target)
        settle(target.parent)

    def open(self, sha256: str) -> IO[bytes]:
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            raise Missing(_("The content of this file is no longer there.")) from None

    def remove(self, sha256: str) -> None:
        """The content and the pictures made of it."""
        self.path(sha256).unlink(missing_ok=True)
        shutil.rmtree(self.pictures(sha256), ignore_errors=True)

    def drop(self) -> None:
        """Everything of the set."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def pictures(self, sha256: str) -> Path:
        """The folder of small pictures of a content, which can be made anew at any time."""
        return self.folder / SHOWN / self.path(sha256).name

    def hashes(self) -> Iterator[list[str]]:
        """Names of all contents that lie there, folder by folder."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            with os.scandir(folder) as entries:
                yield sorted(entry.name for entry in entries if _HASH.fullmatch(entry.name))

    def age(self, sha256: str, now: float) -> float:
        """Seconds since it was last stored; 0 when it is not there."""
        with suppress(FileNotFoundError):
            return now - self.path(sha256).stat().st_mtime
        return 0.0

    def forget_parts(self, before: float) -> int:
        """Drop what was never finished, if it was begun before this moment."""
        count = 0
        for path in self.folder.glob(f"*{PART}"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    count += 1
        return count

    def hash_of(self, sha256: str) -> str:
        """The hash of what lies there now."""
        with self.path(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _no_room() -> Refused:
    return Refused(_("There is no room left for files on the server. Tell whoever looks after it; nothing was saved."))


def made_folder(folder: Path) -> None:
    """A folder for its owner alone, settled in each folder above that had to be made."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
        settle(one.parent)


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
