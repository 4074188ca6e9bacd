"""A cheap fingerprint of the installed program, taken without loading it."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
IGNORED = {"__pycache__", "tests", "locale", "node_modules"}


def source_stamp(salt: str = "") -> str:
    """While this is unchanged, so is what a preparation would do."""
    digest = hashlib.sha256(f"{version('django')} {version('procrastinate')} {salt}".encode())
    for folder, folders, files in os.walk(PACKAGE):
        folders[:] = sorted(name for name in folders if name not in IGNORED)
        for name in sorted(files):
            if not name.endswith((".pyc", ".mo", ".po")):
                status = os.stat(os.path.join(folder, name))
                digest.update(f"{folder}/{name}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
