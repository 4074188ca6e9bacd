"""Filled account sets and people in them, for one test module; nothing of it is kept."""

from __future__ import annotations

import itertools
import re
import sys
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.signals import got_request_exception
from django.db import connections, transaction
from django.dispatch import receiver
from django.test import Client

from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.database import in_set
from guanxi.kernel.sets.models import AccountSet, Membership
from tests.access.rows import Rows, set_models

_numbers = itertools.count(1)
_errors: list[str] = []
LANGUAGES = ("en", "zh-hans")


@receiver(got_request_exception)
def _note_error(**_about: Any) -> None:
    error = sys.exc_info()[1]
    last = traceback.extract_tb(error.__traceback__)[-1] if error else None
    _errors.append(f"{type(error).__name__}: {error} ({last.filename.rpartition('guanxi/')[2]}:{last.lineno})" if last else "")


def words(answer: Any) -> str:
    """The beginning of what an answer says; for a fault the error itself."""
    if answer.status_code >= 500 and _errors:
        return _errors[-1][:300]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode(errors="replace")).split())[:300]


def plain(answer) -> str:
    """The text of a page without its tags, each space once."""
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(text.replace("&nbsp;", " ").split())


@dataclass
class Person:
    """A member with a browser and an API key of their own."""

    key: str
    member: Member
    client: Client
    token: str
    role: Role | None = None

    def may(self, grants: dict[str, str], sees: tuple[str, ...] = ()) -> Person:
        """From now on this and nothing else."""
        assert self.role is not None
        with in_set(self.key):
            Role.objects.filter(pk=self.role.pk).update(grants=grants, sees=list(sees))
        return self

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A call with the person's key, under a new idempotency key."""
        return self.client.generic(
            method,
            f"/api/{path}",
            _json(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": uuid.uuid4().hex, "Accept-Language": "en", **headers},
        )

    def post(self, path: str, values: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.post(path, {"key": uuid.uuid4().hex, **(values or {})}, headers=headers)


def _json(body: Any) -> bytes:
    import json

    return b"" if body is None else json.dumps(body).encode()


@contextmanager
def undone() -> Iterator[None]:
    """One transaction around everything, outside any set; nothing stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def filled(key: str, count: int) -> Rows:
    with in_set(key):
        return Rows(count).fill()


def person(key: str, *roles: str, grants: dict[str, str] | None = None, sees: tuple[str, ...] = (), language: str = "en") -> Person:
    """Somebody new in the set, signed in, with these ready-made roles or a role of their own."""
    number = next(_numbers)
    user = get_user_model()(username=f"person{number}", email=f"person{number}@example.org", name=f"Person {number}", language=language)
    user.set_unusable_password()
    user.save()
    with in_set(key):
        member = Member.objects.create(code=f"person{number}", name=f"Person {number}", user_id=user.pk)
        own = None
        if grants is not None:
            own = Role.objects.create(key=f"role{number}", name={"en": f"Role {number}", "zh-hans": f"角色{number}"}, grants=grants, sees=list(sees))
        member.roles.set([*Role.objects.filter(key__in=roles), *([own] if own else [])])
        _row, token = make_key(member, f"key {number}")
    Membership.objects.create(user=user, account_set=AccountSet.objects.get(key=key), member_id=member.pk)
    client = Client(raise_request_exception=False, enforce_csrf_checks=False)
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    return Person(key, member, client, token, own)


@dataclass
class Digest:
    """What the tables of a set hold, as (rows, hash) by table, and how often each was written in this transaction so far."""

    tables: dict[str, tuple[int, int]] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)

    def changed_since(self, before: Digest) -> list[str]:
        return sorted(
            f"{table}: {before.tables[table][0]} → {self.tables[table][0]} rows"
            for table in self.tables
            if self.tables[table] != before.tables[table]
        )


def digest(key: str, since: Digest | None = None) -> Digest:
    """Read again from the database: all tables, or those that were written since, even if that was taken back."""
    writes = _writes(key)
    tables = sorted({m._meta.db_table for m in set_models()} | {"records_history"})
    tables = [table for table in tables if since is None or writes[table] != since.writes[table]]
    if not tables:
        return Digest({}, writes)
    # That somebody was refused is itself in the log of acts.
    but = {"acts_act": " WHERE result <> 'refused'"}
    text = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t{but.get(table, '')}" for table in tables
    )
    with in_set(key), connections["default"].cursor() as cursor:
        cursor.execute(text)
        return Digest({table: (int(count), int(total)) for table, count, total in cursor}, writes)


def _writes(key: str) -> dict[str, int]:
    with in_set(key), connections["default"].cursor() as cursor:
        # History is written to a table for each year.
        cursor.execute(
            "SELECT regexp_replace(relname, '^records_history.*', 'records_history'), sum(n_tup_ins + n_tup_upd + n_tup_del)"
            " FROM pg_stat_xact_user_tables WHERE schemaname = current_schema() GROUP BY 1"
        )
        return {table: int(count) for table, count in cursor}
