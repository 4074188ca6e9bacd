"""What runs on a data folder: how a single command finds the database of a running server, or starts its own."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from guanxi.config.configuration import Configuration, configuration, derive, make_private_folder
from guanxi.config.databases import EMBEDDED_NAME, EMBEDDED_OWNER, announce
from guanxi.kernel.database.embedded import EmbeddedServer
from guanxi.kernel.database.processes import FolderInUse, is_locked

Say = Callable[[str], None]


@dataclass(frozen=True)
class Running:
    """The server of a data folder, as it wrote itself down."""

    pid: int
    url: str
    started_at: str
    database: str | None


def run_folder(conf: Configuration) -> Path:
    return conf.data / "run"


def serve_lock(conf: Configuration) -> Path:
    return run_folder(conf) / "serve.lock"


def serve_file(conf: Configuration) -> Path:
    return run_folder(conf) / "serve.json"


def write_running(conf: Configuration, running: Running) -> None:
    part = serve_file(conf).with_suffix(".part")
    part.write_text(json.dumps(asdict(running)))
    part.replace(serve_file(conf))


def read_running(conf: Configuration) -> Running | None:
    """The server that runs on this data folder now, or None."""
    if not is_locked(serve_lock(conf)):
        return None
    with suppress(FileNotFoundError, ValueError, TypeError):
        return Running(**json.loads(serve_file(conf).read_text()))
    return None


def embedded_server(conf: Configuration, secret: str, say: Say) -> EmbeddedServer:
    """The PostgreSQL of this data folder, not started yet."""
    make_private_folder(conf.data)
    return EmbeddedServer(
        folder=conf.data / "postgres",
        superuser_password=derive(secret, "database:superuser"),
        owner=EMBEDDED_OWNER,
        owner_password=derive(secret, "database:owner"),
        name=EMBEDDED_NAME,
        say=say,
    )


def spare_the_collector() -> None:
    """What is loaded stays; looking through it for garbage every few hundred objects would cost a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@contextmanager
def database(conf: Configuration, say: Say, *, patience: float = 60) -> Iterator[None]:
    """Make the database reachable for one command: attach to what runs, else start it for as long as this takes."""
    conf.ensure_secret()
    if conf.database_url is not None or conf.database_address:
        yield
        return
    own = wait_for_database(conf, say, patience)
    configuration.cache_clear()
    try:
        yield
    finally:
        if own is not None:
            if "django.db" in sys.modules:
                from django.db import connections

                connections.close_all()
            own.stop()


def wait_for_database(conf: Configuration, say: Say, patience: float) -> EmbeddedServer | None:
    """Attach (None) or start (the server); while another command has the database, wait for it to finish."""
    until, told = time.monotonic() + patience, False
    while True:
        running = read_running(conf)
        if running is not None and running.database:
            os.environ["GUANXI_DATABASE_ADDRESS"] = running.database
            return None
        own = embedded_server(conf, conf.ensure_secret(), say)
        try:
            own.start()
        except FolderInUse as busy:
            if time.monotonic() > until:
                raise
            if not told:
                say(f"{busy}: waiting for it to finish")
                told = True
            time.sleep(0.2)
        else:
            announce(own.host, own.port)
            return own
