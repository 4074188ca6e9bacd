"""Bring a database to what this version of Guanxi needs: roles, schemas, global tables, account sets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from guanxi.config.databases import Place
from guanxi.config.wiring import PACKAGE

# Counters of each request: nothing that a crash may not take, and room in each page for the next state of a row.
CACHE_TABLE = """
CREATE UNLOGGED TABLE IF NOT EXISTS guanxi.cache (
    cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE guanxi.cache SET UNLOGGED;
CREATE INDEX IF NOT EXISTS cache_expires ON guanxi.cache (expires);
"""
# One process prepares at a time, whichever machine it is on.
PREPARE_LOCK = 4_711_001
LEAST_SERVER = 150_000


class Unfit(Exception):
    """The database cannot serve Guanxi; the message says what is wrong and what to do."""


def prepare(say: Callable[[str], None] = lambda _text: None) -> bool:
    """Create or update the global schema as the owner; False when nothing was to be done."""
    from guanxi.kernel.database import roles

    where: Place = settings.GUANXI_PLACE
    connection = connections["owner"]
    with connection.cursor() as cursor:
        check_server(cursor)
        cursor.execute("SELECT pg_advisory_lock(%s)", [PREPARE_LOCK])
        try:
            wanted = global_stamp()
            if found_stamp(cursor) == wanted:
                return False
            say("preparing the database")
            roles.ensure_roles(cursor, where.owner, where.app_password, where.read_password)
            roles.ensure_schemas(cursor, where.owner)
            migrate_global_tables()
            cursor.execute(CACHE_TABLE)
            for statement in global_sql():
                cursor.execute(statement)
            roles.grant_global(cursor, where.owner)
            cursor.execute(f"COMMENT ON SCHEMA guanxi IS {quoted(f'stamp:{wanted}')}")
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [PREPARE_LOCK])
    connections["default"].close()
    return True


def migrate_global_tables() -> None:
    """Only the applications with tables here: to go along with what the sets' tables once were takes half a minute and changes nothing."""
    from guanxi.kernel.database.router import GLOBAL_APPS

    executor = MigrationExecutor(connections["owner"])
    executor.migrate([node for node in executor.loader.graph.leaf_nodes() if node[0] in GLOBAL_APPS])


def prepare_sets(say: Callable[[str], None] = lambda _text: None) -> list[str]:
    """Migrate every account set that is behind; the keys of those that failed stay closed and are returned."""
    from guanxi.kernel.sets import lifecycle

    failed = []
    for account_set in lifecycle.list_sets():
        if account_set.stamp == lifecycle.wanted_stamp():
            continue
        say(f"updating the account set {account_set.key}")
        try:
            lifecycle.migrate_set(account_set.key)
        except Exception as error:
            say(f"the account set {account_set.key} stays closed: {type(error).__name__}: {error}")
            failed.append(account_set.key)
    return failed


def close_owner() -> None:
    """The owner's connection is for changes of structure only and never stays open."""
    connections["owner"].close()


def check_server(cursor: Any) -> None:
    """Refuse a server that would lose or mis-sort data."""
    cursor.execute(
        "SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding), datctype "
        "FROM pg_database WHERE datname = current_database()"
    )
    number, encoding, ctype = cursor.fetchone()
    if number < LEAST_SERVER:
        raise Unfit(f"PostgreSQL {number // 10000} is too old: Guanxi needs PostgreSQL 15 or newer.")
    if encoding != "UTF8":
        raise Unfit(f"The database is encoded in {encoding}: create it with ENCODING 'UTF8'.")
    if ctype in ("C", "POSIX"):
        raise Unfit(
            f"The database has the character type {ctype}, under which a search cannot find Chinese words: "
            "create it with LC_CTYPE 'C.UTF-8' (or zh_CN.UTF-8, en_US.UTF-8)."
        )


def global_stamp() -> str:
    """Fingerprint of the global migrations, of the SQL beside them, and of the passwords of the roles."""
    from guanxi.kernel.database.router import GLOBAL_APPS

    where: Place = settings.GUANXI_PLACE
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    names = sorted(f"{app}.{name}" for app, name in loader.disk_migrations if app in GLOBAL_APPS)
    texts = [*names, CACHE_TABLE, *global_sql(), where.app, where.app_password, where.read_password]
    texts.append((PACKAGE / "kernel" / "database" / "roles.py").read_text())
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def found_stamp(cursor: Any) -> str:
    """The fingerprint that was left by the last preparation."""
    cursor.execute("SELECT obj_description(to_regnamespace('guanxi'), 'pg_namespace')")
    text = (cursor.fetchone() or [None])[0] or ""
    return text.removeprefix("stamp:")


def global_sql() -> list[str]:
    """Functions of the global schema that sets may call, each safe to run again."""
    return [path.read_text() for path in sorted((PACKAGE / "kernel").glob("*/global.sql"))]


def quoted(text: str) -> str:
    """A text as an SQL literal, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def collect_static() -> bool:
    """Put the files that browsers load into one folder, hashed and compressed; False when nothing changed."""
    digest = hashlib.sha256(version("whitenoise").encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            digest.update(f"{path}:{storage.size(path)}:{storage.get_modified_time(path).timestamp()}\n".encode())
    stamp = digest.hexdigest()
    file = Path(settings.STATIC_ROOT) / ".stamp"
    if file.exists() and file.read_text() == stamp:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=file.exists())
    file.write_text(stamp)
    return True
