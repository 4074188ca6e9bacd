"""Somebody signed in through Django's client, in an account set that is undone at the end."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from guanxi.kernel.access.models import Member, Role
from guanxi.kernel.database import in_set
from guanxi.kernel.sets.models import AccountSet, Membership

_numbers = itertools.count(1)


class Visitor:
    """A member with a browser that runs no scripts."""

    def __init__(self, client: Client, member_id: int) -> None:
        self.client, self.member_id = client, member_id

    def get(self, path: str, **headers: str):
        return self.client.get(f"/alpha/{path}", headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, values: dict | None = None, *, key: str | None = None, part: bool = False):
        headers = {"HX-Request": "true"} if part else {}
        return self.client.post(f"/alpha/{path}", {"key": key or uuid4().hex, **(values or {})}, headers=headers)


@pytest.fixture
def visitor(rolled_back: None, static_files: None) -> Callable[..., Visitor]:
    """`visitor("administrator", language="zh-hans")`, or with rights of one's own: `visitor(grants={"access.team": "view"})`."""

    def make(*roles: str, grants: dict[str, str] | None = None, sees: tuple[str, ...] = (), language: str = "en") -> Visitor:
        number = next(_numbers)
        user = get_user_model().objects.create(username=f"visitor{number}", email=f"v{number}@alpha.example", name=f"V {number}", language=language)
        with in_set("alpha"):
            member = Member.objects.create(code=f"visitor{number}", name=f"V {number}", user_id=user.pk)
            found = list(Role.objects.filter(key__in=roles))
            if grants is not None:
                found.append(Role.objects.create(key=f"role{number}", name={"en": "Made"}, grants=grants, sees=list(sees)))
            member.roles.set(found)
        Membership.objects.create(user=user, account_set=AccountSet.objects.get(key="alpha"), member_id=member.pk)
        client = Client()
        client.force_login(user)
        return Visitor(client, member.pk)

    return make


@pytest.fixture
def admin(visitor) -> Visitor:
    return visitor("administrator")


@pytest.fixture
def inside() -> Callable[[], object]:
    """`with inside(): …`: a look into the account set."""
    return lambda: in_set("alpha")


@pytest.fixture
def team(admin, inside) -> SimpleNamespace:
    """A team called North, saved through its form."""
    from guanxi.kernel.access.models import Team

    admin.post("setup/teams/new/", {"name": "North"})
    with inside():
        row = Team.objects.get(name="North")
    return SimpleNamespace(pk=row.pk, version=row.version)
