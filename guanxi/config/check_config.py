"""`guanxi check-config`: what is set, from where, and whether it works."""

from __future__ import annotations

import os
import shutil

import psycopg
from pydantic import SecretStr

from guanxi.config.configuration import ENVIRONMENT_FILE, Configuration
from guanxi.config.databases import place
from guanxi.config.running import read_running

HIDDEN = ("database_address",)


def run(conf: Configuration, *, reference: bool = False) -> int:
    """Print every setting and try the database; 0 when Guanxi could start."""
    if reference:
        print_reference()
        return 0
    for name in type(conf).model_fields:
        if name not in HIDDEN:
            value = getattr(conf, name)
            shown = "" if value is None else "(set, not shown)" if isinstance(value, SecretStr) else value
            print(f"{variable(name):24} {shown}   [{origin(conf, name)}]")
    problems = list(find_problems(conf))
    for problem in problems:
        print(f"problem: {problem}")
    print("This configuration works." if not problems else "This configuration does not work yet.")
    return 1 if problems else 0


def print_reference() -> None:
    """Every setting with its default and meaning, as a table for the documentation."""
    print("| Setting | Default | Meaning |\n|---|---|---|")
    for name, field in Configuration.model_fields.items():
        if name not in HIDDEN:
            default = "" if field.default_factory or field.default is None else field.default
            print(f"| `{variable(name)}` | {default} | {field.description} |")


def variable(name: str) -> str:
    return "DATABASE_URL" if name == "database_url" else f"GUANXI_{name.upper()}"


def origin(conf: Configuration, name: str) -> str:
    if variable(name) in os.environ:
        return "environment"
    return ENVIRONMENT_FILE if name in conf.model_fields_set else "default"


def find_problems(conf: Configuration) -> list[str]:
    """What would keep Guanxi from starting or from being safe."""
    found = []
    if conf.data.exists() and not os.access(conf.data, os.R_OK | os.W_OK | os.X_OK):
        found.append(f"{conf.data} cannot be written by this user: choose another folder with GUANXI_DATA.")
    if conf.data.exists() and shutil.disk_usage(conf.data).free < 512 * 1024 * 1024:
        found.append(f"{conf.data} has less than 512 MB left.")
    if conf.host not in ("127.0.0.1", "::1", "localhost") and not conf.https:
        found.append("The server is open to the network without https: set GUANXI_PUBLIC_URL=https://… behind a proxy.")
    if conf.https and not conf.trusted_proxies:
        found.append("With https a proxy stands in front: set GUANXI_TRUSTED_PROXIES (usually 1).")
    if conf.database_url is not None:
        found += database_problems(conf)
    elif read_running(conf) is None:
        print("The embedded database is not running; `guanxi serve` starts it.")
    return found


def database_problems(conf: Configuration) -> list[str]:
    """Sign in as the owner and look at the server."""
    where = place(conf, conf.find_secret() or "")
    try:
        with psycopg.connect(**where.conninfo("owner"), connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version_num')::int, pg_encoding_to_char(encoding), datctype, "
                "(SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user), "
                "has_database_privilege(current_database(), 'CREATE') "
                "FROM pg_database WHERE datname = current_database()"
            ).fetchone()
    except psycopg.OperationalError as error:
        return [f"The database cannot be reached: {str(error).strip()}"]
    assert row is not None
    number, encoding, ctype, may_make_roles, may_create = row
    return [
        text
        for bad, text in (
            (number < 150_000, f"PostgreSQL {number // 10000} is too old: 15 or newer is needed."),
            (encoding != "UTF8", f"The database is encoded in {encoding}: create it with ENCODING 'UTF8'."),
            (ctype in ("C", "POSIX"), f"The character type {ctype} hides Chinese from searches: use C.UTF-8."),
            (not may_make_roles, f"The role {where.owner} needs CREATEROLE: ALTER ROLE {where.owner} CREATEROLE;"),
            (not may_create, f"The role {where.owner} must own the database or have CREATE on it."),
        )
        if bad
    ]
