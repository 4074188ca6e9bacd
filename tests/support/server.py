"""Fixtures of a real server: the web process, and the worker, on a database of the test's own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest
from django.conf import settings

from guanxi.config.stamp import PACKAGE
from tests.support.database import FreshDatabase


@dataclass
class Live:
    """A running web server."""

    url: str
    process: subprocess.Popen[bytes]
    database: FreshDatabase

    def cookie(self, username: str = "admin") -> str:
        """A new session of this person, as the value of the session cookie."""
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
        from django.contrib.sessions.backends.db import SessionStore

        user = get_user_model().objects.get(username=username)
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        assert session.session_key is not None
        return session.session_key

    def get(self, path: str, username: str | None = None, **headers: str) -> tuple[int, str, dict[str, str]]:
        """Status, text and headers (names in small letters) of a page, as a signed-in person or as nobody."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if username:
            jar: SimpleCookie = SimpleCookie({settings.SESSION_COOKIE_NAME: self.cookie(username)})
            given["Cookie"] = jar.output(header="", sep="; ").strip()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=given), timeout=30) as answer:
                return answer.status, answer.read().decode(errors="replace"), lower(answer.headers.items())
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace"), lower(error.headers.items())


def lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by their names in small letters."""
    return {name.lower(): value for name, value in headers}


@pytest.fixture(scope="session")
def static_files(database: None) -> None:
    """The files that browsers load, collected once per session and machine."""
    from guanxi.config.prepare import collect_static
    from guanxi.kernel.database.processes import lock_file
    from tests.support import place

    with lock_file(place.folder() / "static.lock", "static files", patience=120):
        collect_static()


@pytest.fixture
def live(fresh_database: FreshDatabase, static_files: None) -> Iterator[Live]:
    """The real web server, in a process of its own, on 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = guanxi("web", "--port", str(port), environment=fresh_database.environment)
    served = Live(f"http://127.0.0.1:{port}", process, fresh_database)
    try:
        wait_until_ready(served)
        yield served
    finally:
        stop(process)


@pytest.fixture
def worker(fresh_database: FreshDatabase) -> Iterator[subprocess.Popen[bytes]]:
    """The real worker on the same database."""
    process = guanxi("worker", environment=fresh_database.environment)
    try:
        yield process
    finally:
        stop(process)


def guanxi(*arguments: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The command, as a child process."""
    return subprocess.Popen(
        [sys.executable, "-m", "guanxi.config.command", *arguments], env=environment, cwd=PACKAGE.parent
    )


def stop(process: subprocess.Popen[bytes], patience: float = 30) -> int:
    """End it as an operator would; its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    return process.wait(patience)


def wait_until_ready(served: Live, patience: float = 60) -> dict[str, object]:
    """Until `/readyz` says so."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        assert served.process.poll() is None, "the server ended at its start"
        try:
            status, text, _headers = served.get("/readyz")
        except OSError:
            time.sleep(0.05)
            continue
        if status == 200:
            return dict(json.loads(text))
        time.sleep(0.1)
    raise AssertionError("the server did not get ready")


def wait_for_url(url: str, process: subprocess.Popen[bytes], patience: float = 600) -> None:
    """Until something answers there."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended at its start"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"nothing answers at {url}")
