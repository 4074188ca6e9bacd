"""Reading hostile contents happens in a process of its own, which has little memory, little time and no secrets."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import structlog

log = structlog.get_logger("guanxi.files")
SECONDS = 60
MOST_ANSWER = 8 * 1024 * 1024


def run_child(program: Path, arguments: Sequence[str]) -> bytes | None:
    """What the program says; None when it failed or took too much."""
    command = [sys.executable, "-I", str(program), *arguments]
    with tempfile.TemporaryFile() as answer:
        try:
            ended = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=answer, stderr=subprocess.DEVNULL, cwd="/", timeout=SECONDS, check=False,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
            )
        except subprocess.TimeoutExpired:
            log.info("content_took_too_long", program=program.stem)
            return None
        if ended.returncode != 0:
            log.info("content_not_readable", program=program.stem, code=ended.returncode)
            return None
        answer.seek(0)
        return answer.read(MOST_ANSWER)
