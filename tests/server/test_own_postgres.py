"""The same on a PostgreSQL of the operator's own (`DATABASE_URL`): Debian's, started here for these tests."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from guanxi.config.stamp import PACKAGE
from guanxi.kernel.database.processes import end_with_starter, free_port
from tests.support.serving import Serving

# One cluster for all of them, so one worker of xdist.
pytestmark = pytest.mark.xdist_group("own_postgres")
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))[-1]


class OwnServer:
    """A cluster of Debian's PostgreSQL, with nothing of ours in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        (folder / "password").write_text("superuser")
        os.chown(folder / "password", self.user.pw_uid, self.user.pw_gid)
        self.call("initdb", "-D", "cluster", "-U", "boss", "--pwfile=password", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "-N")

    def call(self, program: str, *arguments: str) -> None:
        self.popen(program, *arguments, stdout=subprocess.DEVNULL).communicate()

    def popen(self, program: str, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
        if os.geteuid() == 0:
            options |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        return subprocess.Popen([str(PROGRAMS / program), *arguments], cwd=self.folder, **options)  # type: ignore[call-overload,no-any-return]

    def start(self) -> None:
        self.process = self.popen(
            "postgres", "-D", "cluster", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
            "-c", "unix_socket_directories=", "-c", "logging_collector=off",
            stderr=subprocess.DEVNULL, preexec_fn=end_with_starter(),
        )
        for _attempt in range(200):
            try:
                self.superuser().close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise AssertionError("Debian's PostgreSQL did not start")

    def stop(self) -> None:
        """At once: what clients have begun is undone."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def superuser(self, name: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="boss", password="superuser", dbname=name, autocommit=True
        )

    def database(self, name: str, *, options: str = "", role: str = "CREATEROLE") -> str:
        """An empty database and its owner, as a careful operator makes them; the address to sign in as the owner."""
        with self.superuser() as connection:
            connection.execute(f"CREATE ROLE {name}_owner LOGIN {role} PASSWORD 'p@ss:word/1'")
            connection.execute(f"CREATE DATABASE {name} OWNER {name}_owner {options}")
        return f"postgresql://{name}_owner:p%40ss%3Aword%2F1@127.0.0.1:{self.port}/{name}"

    def guanxi(self, url: str, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GUANXI_", "DATABASE_URL", "DJANGO_"))}
        return subprocess.run(
            [sys.executable, "-m", "guanxi.config.command", *arguments],
            env={**kept, "DATABASE_URL": url, "GUANXI_DATA": str(data)},
            cwd=PACKAGE.parent,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    # Below /tmp itself: pytest's folders are closed to other users, and this server knows no way around that.
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    made = OwnServer(folder)
    made.start()
    yield made
    made.stop()
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_account_sets_are_made_listed_and_dropped_by_an_owner_that_is_no_superuser(own: OwnServer, tmp_path: Path) -> None:
    url = own.database("works")
    for key in ("north", "south"):
        made = own.guanxi(url, tmp_path, "set", "create", key)
        assert made.returncode == 0, made.stderr
    person = own.guanxi(url, tmp_path, "user", "create", "ann", "--set", "north", "--role", "administrator", "--generate")
    assert person.returncode == 0, person.stderr
    dropped = own.guanxi(url, tmp_path, "set", "drop", "south", "--yes", "south")
    assert dropped.returncode == 0, dropped.stderr
    assert [line.split("\t")[0] for line in own.guanxi(url, tmp_path, "set", "list").stdout.splitlines()] == ["north"]
    with own.superuser("works") as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolinherit, rolcanlogin FROM pg_roles WHERE rolname LIKE 'works_owner_%' ORDER BY 1"
        ).fetchall()
    assert roles == [
        ("works_owner_app", False, False, True),
        ("works_owner_read", False, False, True),
        ("works_owner_set_north", False, False, False),
    ]
    again = own.guanxi(url, tmp_path, "migrate")
    assert (again.returncode, again.stderr) == (0, "")
    checked = own.guanxi(url, tmp_path, "check-config")
    assert (checked.returncode, checked.stdout.splitlines()[-1]) == (0, "This configuration works.")
    assert "p@ss" not in checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("latin", "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0", "ENCODING 'UTF8'"),
        ("posix", "LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0", "Chinese"),
    ],
)
def test_a_database_that_would_lose_chinese_is_refused_in_words(
    own: OwnServer, tmp_path: Path, name: str, options: str, said: str
) -> None:
    url = own.database(name, options=options)
    for command in ("migrate", "check-config"):
        answer = own.guanxi(url, tmp_path, command)
        assert answer.returncode == 1
        assert said in answer.stdout + answer.stderr
        assert "Traceback" not in answer.stderr


def test_everything_is_served_from_it_and_waits_while_it_is_away(own: OwnServer, tmp_path: Path) -> None:
    serving = Serving(tmp_path / "data", DATABASE_URL=own.database("served"))
    serving.start()
    try:
        assert set(serving.children()) == {"web", "worker"}
        assert not (tmp_path / "data" / "postgres").exists()
        own.stop()
        serving.until(lambda: not serving.ready(), "not ready")
        own.start()
        serving.until(serving.ready, "ready again")
    finally:
        assert serving.stop() == 0


def test_an_owner_that_may_not_make_roles_is_told_what_it_needs(own: OwnServer, tmp_path: Path) -> None:
    url = own.database("poor", role="NOCREATEROLE")
    answer = own.guanxi(url, tmp_path, "migrate")
    assert answer.returncode == 1
    assert "permission denied to create role" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert "needs CREATEROLE: ALTER ROLE poor_owner CREATEROLE;" in own.guanxi(url, tmp_path, "check-config").stdout


def test_a_database_that_cannot_be_reached_is_named_without_its_password(own: OwnServer, tmp_path: Path) -> None:
    url = f"postgresql://nobody:secret-word@127.0.0.1:{own.port}/nowhere"
    for command, said in ((("check-config",), "cannot be reached"), (("set", "list"), "The database refuses")):
        answer = own.guanxi(url, tmp_path, *command)
        assert answer.returncode == 1
        assert said in answer.stdout + answer.stderr
        assert "secret-word" not in answer.stdout + answer.stderr
        assert "Traceback" not in answer.stderr
