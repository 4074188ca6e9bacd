"""`guanxi set output` and `guanxi set input`: account sets as files, for moving, trying out and keeping."""

from __future__ import annotations

import argparse
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from guanxi.config.terminal import Quit, say

SUFFIX = ".guanxi.tar"
ABANDONED = timedelta(days=1)
"""A part that is older was left by an output that was killed."""


def arguments(actions: Any) -> None:
    """The two actions, below `guanxi set`."""
    output = actions.add_parser("output", help="write an account set with its files into one new file, while everybody works on")
    output.add_argument("key", nargs="?", help="which (or --all)")
    output.add_argument("file", nargs="?", type=Path, metavar="FILE", help="where to; it must not be there yet")
    output.add_argument("--all", type=Path, metavar="FOLDER", dest="folder", help="every account set, each into a file of its own there")
    output.add_argument("--keep", type=int, metavar="N", help="with --all: keep the newest N files of each account set, and delete the others")
    intake = actions.add_parser("input", help="make an account set of such a file, whole or not at all")
    intake.add_argument("file", type=Path, metavar="FILE")
    intake.add_argument("--as", metavar="KEY", dest="key", default="", help="another key than the one it had, for example beside its twin")
    intake.add_argument("--name", default="", help="name that people see (default: the one it had)")
    intake.add_argument("--live", action="store_true", help="keep keys, webhooks and mail servers switched on, and send what waits")
    intake.add_argument("--seal", default="", help="refuse any other file than the one with this seal, which its output printed")
    intake.add_argument("--dry-run", action="store_true", help="prove that the file is whole and fits this version, and change nothing")


def output(given: argparse.Namespace) -> int:
    if given.folder is not None:
        if given.key or (given.keep is not None and given.keep < 1):
            raise Quit("Say --all FOLDER without a key, and --keep 1 or more.")
        return output_all(given.folder, given.keep)
    if not given.key or given.file is None or given.keep is not None:
        raise Quit("Say which account set and which file, or --all FOLDER.")
    write(given.key, given.file)
    return 0


def write(key: str, file: Path) -> None:
    from guanxi.shared.portable.output import put_out

    begun = time.monotonic()
    seal = put_out(key, file.absolute(), now=datetime.now(UTC))
    say(f"{key}: {file.stat().st_size / 1_000_000:.1f} MB in {time.monotonic() - begun:.1f} s; the seal is")
    print(f"{seal}  {file}")


def output_all(folder: Path, keep: int | None) -> int:
    """Every set; what fails is said, does not stop the others, and deletes nothing."""
    from guanxi.kernel.sets.lifecycle import SetError, list_sets

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC)
    forget_abandoned(folder, now)
    failed = 0
    for account_set in list_sets():
        try:
            write(account_set.key, folder / f"{account_set.key}-{now:%Y%m%dT%H%M%SZ}{SUFFIX}")
        except SetError as error:
            failed += 1
            say(f"{account_set.key}: {error}")
            continue
        for old in outputs_of(folder, account_set.key)[keep:] if keep else []:
            old.unlink()
            say(f"{account_set.key}: deleted {old.name}")
    return 1 if failed else 0


def outputs_of(folder: Path, key: str) -> list[Path]:
    """The files that --all has written of one set, the newest first."""
    own = re.compile(rf"{re.escape(key)}-\d{{8}}T\d{{6}}Z{re.escape(SUFFIX)}")
    return sorted((path for path in folder.iterdir() if own.fullmatch(path.name)), reverse=True)


def forget_abandoned(folder: Path, now: datetime) -> None:
    for path in folder.glob(f"*-*Z{SUFFIX}*.part"):
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > ABANDONED:
            path.unlink()


def intake(given: argparse.Namespace) -> int:
    from guanxi.shared.portable.intake import prove, take_in

    begun = time.monotonic()
    if given.dry_run:
        manifest = prove(given.file, seal=given.seal)
        rows = sum(table.rows for table in manifest.tables)
        say(f"{given.file} is whole: “{manifest.set.name}” ({manifest.set.key}) as it was at {manifest.made_at}, {rows} rows, "
            f"{len(manifest.contents)} files")
        return 0
    taken = take_in(given.file, key=given.key, name=given.name, live=given.live, seal=given.seal)
    say(f"took in the account set {taken.key}, “{taken.name}”: {taken.rows} rows and {taken.contents} files, each equal by hash, "
        f"in {time.monotonic() - begun:.1f} s")
    for username in taken.new_people:
        say(f"new here: {username}, who signs in after: guanxi user password {username}")
    if not given.live:
        say("its keys, webhooks and mail servers are switched off, and nothing that waits is sent (--live leaves them as they were)")
    say(f"to prove its books: guanxi check {taken.key} --files")
    return 0
