"""Fixtures of the database: a set to work in, undone at the end, or a database of one's own."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from django.conf import settings
from django.db import connections, transaction
from pytest_django.plugin import DjangoDbBlocker

from guanxi.config.databases import Place
from guanxi.kernel.database import in_set
from guanxi.kernel.database.embedded import EmbeddedServer
from tests.support import cluster, place

_numbers = itertools.count(1)
_server: EmbeddedServer | None = None


def pytest_sessionstart(session: pytest.Session) -> None:
    """With xdist the process that starts the workers also runs their database: it outlives them all."""
    config = session.config
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput") and not config.option.collectonly:
        _start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes as a whole and cannot be divided begins first, so that no process waits for it at the end."""
    long = ("tests/crash/", "tests/server/", "tests/scenarios/", "tests/browser/", "tests/access/test_hostile")
    items.sort(key=lambda item: not item.nodeid.startswith(long))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        if _server is not None:
            _server.stop()
        shutil.rmtree(place.folder(), ignore_errors=True)


def _start() -> None:
    global _server
    if _server is None:
        _server = cluster.start()


@pytest.fixture(scope="session", autouse=True)
def _django_leaves_the_database_to_us(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    """This process's own clone of the template."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _start()
    name = place.own_database()
    cluster.clone(name)
    # A worker of xdist may have read its settings before it knew its own name.
    connections.close_all()
    _point_to(dict.fromkeys(connections, name))
    settings.GUANXI_PLACE = settings.GUANXI_PLACE.named(name)
    yield
    connections.close_all()
    cluster.drop(name)


@pytest.fixture
def rolled_back(database: None) -> Iterator[None]:
    """One transaction around the test, outside any set, undone at the end: for requests through Django's test client."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def alpha(database: None) -> Iterator[object]:
    """Inside the account set "alpha", as its administrator (yielded as an Actor); undone at the end."""
    with inside("alpha") as actor:
        yield actor


@pytest.fixture
def beta(database: None) -> Iterator[object]:
    """The same in the other account set."""
    with inside("beta") as actor:
        yield actor


@contextmanager
def inside(key: str) -> Iterator[object]:
    from guanxi.kernel.access.actor import actor_of
    from guanxi.kernel.access.models import Member

    with in_set(key):
        admin = Member.objects.get(code="admin")
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT set_config('guanxi.member', %s, true)", [str(admin.pk)])
        actor = actor_of(admin.pk)
        assert actor is not None
        yield replace(actor, language="en")
        transaction.set_rollback(True)


@pytest.fixture
def member() -> Callable[..., object]:
    """`member("salesperson", name="Li", team=team)`: a new member of the current set with these roles, as an Actor."""
    from guanxi.kernel.access.actor import actor_of
    from guanxi.kernel.access.models import Member, Role

    def make(*roles: str, name: str = "", **fields: object) -> object:
        number = next(_numbers)
        found = {role.key: role for role in Role.objects.filter(key__in=roles)}
        missing = set(roles) - set(found)
        assert not missing, f"there is no role {missing}; there are {sorted(Role.objects.values_list('key', flat=True))}"
        made = Member.objects.create(code=f"member{number}", name=name or f"Member {number}", **fields)
        made.roles.set(found.values())
        actor = actor_of(made.pk)
        assert actor is not None
        return replace(actor, language="en")

    return make


@dataclass(frozen=True)
class FreshDatabase:
    """A clone where commits are real; `environment` makes another process work in it."""

    name: str
    place: Place
    environment: dict[str, str]


@pytest.fixture
def fresh_database(database: None) -> Iterator[FreshDatabase]:
    """A database of the test's own, for live servers, the worker and several threads; dropped at the end."""
    with another_database() as made:
        yield made


@contextmanager
def another_database() -> Iterator[FreshDatabase]:
    """From here on this process works in another clone; then in the one before again."""
    name = f"{place.own_database()}_{next(_numbers)}"
    cluster.clone(name)
    before, kept = settings.GUANXI_PLACE, {alias: connections.settings[alias]["NAME"] for alias in connections}
    connections.close_all()
    _point_to(dict.fromkeys(kept, name))
    settings.GUANXI_PLACE = before.named(name)
    try:
        yield FreshDatabase(name, settings.GUANXI_PLACE, {**os.environ, "GUANXI_DATABASE_ADDRESS": place.address(name)})
    finally:
        connections.close_all()
        _point_to(kept)
        settings.GUANXI_PLACE = before
        cluster.drop(name)


def _point_to(names: dict[str, str]) -> None:
    # In place: every thread's connections share these dictionaries.
    for alias, name in names.items():
        connections.settings[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
