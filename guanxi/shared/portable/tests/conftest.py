"""A set with a little of everything that travels, and another installation for it to go to."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from django.conf import settings
from django.test import override_settings

from guanxi.config.people import join
from guanxi.erp.finance.tests.world import bill, line
from guanxi.kernel.access.actor import system_actor
from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.acts.writer import create_record
from guanxi.kernel.custom.models import CustomField
from guanxi.kernel.database import in_set
from guanxi.kernel.database.session import path_of
from guanxi.kernel.files.contents import store
from guanxi.kernel.files.operations import attach
from guanxi.kernel.sets.lifecycle import drop_set
from guanxi.kernel.sets.models import User
from guanxi.shared.parties.models import Party
from guanxi.shared.portable.archive import MANIFEST, SEAL, ArchiveWriter
from guanxi.shared.portable.output import put_out
from guanxi.shared.portable.tables import digest_of, stand_in, tables_of
from guanxi.shared.webhooks.models import WebhookEndpoint
from guanxi.shared.webhooks.operations import switch_on_webhook
from tests.support.database import another_database

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PLAN = b"a plan\n" * 1000
PLAN_HASH = hashlib.sha256(PLAN).hexdigest()


def new_user(username: str, email: str, *sets: str) -> User:
    user = User(username=username, name=username.capitalize(), email=email, language="en")
    user.set_password("a long enough password")
    user.save()
    for key in sets:
        join(user, key, ["salesperson"])
    return user


@pytest.fixture
def seeded(fresh_database: Any, settings: Any, tmp_path: Path) -> str:
    """The token of a key into "alpha", which has customers, books, a file, a custom field and a webhook."""
    settings.MEDIA_ROOT = tmp_path / "here"
    return seed()


@pytest.fixture
def output(seeded: str, tmp_path: Path) -> Path:
    path = tmp_path / "alpha.tar"
    put_out("alpha", path, now=MOMENT)
    return path


@dataclass(frozen=True)
class Kept:
    """An output, and what lay in the set when it was made."""

    path: Path
    hashes: dict[str, tuple[int, int, str]]


@pytest.fixture(scope="session")
def kept(database: None, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Made once, in another installation."""
    folder = tmp_path_factory.mktemp("kept")
    with another_database(), override_settings(MEDIA_ROOT=folder / "files"):
        seed()
        put_out("alpha", folder / "alpha.tar", now=MOMENT)
        return Kept(folder / "alpha.tar", hashes("alpha"))


@pytest.fixture
def kept_output(kept: Kept) -> Path:
    return kept.path


@pytest.fixture
def here(fresh_database: Any, settings: Any, tmp_path: Path) -> Path:
    """An installation to take it in beside "alpha"; the folder of its files."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def elsewhere(here: Path) -> Path:
    """One that has no set "alpha", and knows nobody."""
    drop_set("alpha")
    User.objects.all().delete()
    return here


def seed() -> str:
    new_user("zhang", "zhang@hengchuan.example", "alpha")
    with in_set("alpha"):
        actor = system_actor()
        create_record(CustomField, {"record_kind": "parties.party", "code": "budget", "kind": "money", "name": {"en": "Budget"}}, actor=actor)
    with in_set("alpha"):
        actor = system_actor()
        party = create_record(Party, {"name": "恒川液压", "note": "tab\t\\ and\nline", "x_budget": "1234.5"}, actor=actor).result
        gone = create_record(Party, {"name": "Gone"}, actor=actor).result
        gone.delete()
        bill(actor, party, line("150"))
        attach(party, store(io.BytesIO(PLAN), "plan.txt"), "plan.txt", actor)
        admin = Member.objects.get(code="admin")
        _row, token = make_key(admin, "ERP")
        values = {"name": "ERP", "url": "https://erp.example/hook", "owner": admin.pk, "lines": [{"event": "*"}]}
        perform(switch_on_webhook, create_record(WebhookEndpoint, values, actor=actor).result, actor=actor)
    return token


def hashes(key: str) -> dict[str, tuple[int, int, str]]:
    """Rows, size and hash of every table of a set as it is now."""
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner")) as connection, connection.cursor() as cursor:
        stand_in(cursor, path_of(key))
        return {name: digest_of(cursor, table).facts for name, table in tables_of(cursor).items()}


def traces(key: str) -> list[str]:
    """What is there of a set: row, schema, role, files."""
    with psycopg.connect(**settings.GUANXI_PLACE.conninfo("owner")) as connection:
        found = connection.execute(
            "SELECT 'row' FROM guanxi.sets_accountset WHERE key = %(key)s "
            "UNION ALL SELECT 'schema' FROM pg_namespace WHERE nspname = 'set_' || %(key)s "
            "UNION ALL SELECT 'role' FROM pg_roles WHERE rolname = 'guanxi_set_' || %(key)s "
            "UNION ALL SELECT 'user' FROM guanxi.sets_user WHERE last_set = %(key)s", {"key": key},
        ).fetchall()
    return [name for (name,) in found] + (["files"] if (settings.MEDIA_ROOT / key).exists() else [])


def parts_of(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {part.name: tar.extractfile(part).read() for part in tar}  # type: ignore[union-attr]


def write_parts(path: Path, parts: dict[str, bytes]) -> Path:
    """A file of these parts, as somebody could make it by hand."""
    with path.open("wb") as file:
        writer = ArchiveWriter(file, path.parent, 0)
        for name, raw in parts.items():
            writer.add(name, io.BytesIO(raw), len(raw))
        writer.tar.close()
    return path


def sealed(parts: dict[str, bytes], change: Callable[[dict[str, Any]], None]) -> dict[str, bytes]:
    """The parts with another manifest, and a seal that fits it."""
    manifest = msgspec.json.decode(parts[MANIFEST])
    change(manifest)
    raw = msgspec.json.encode(manifest)
    return {**parts, MANIFEST: raw, SEAL: hashlib.sha256(raw).hexdigest().encode()}
