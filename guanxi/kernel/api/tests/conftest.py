"""A program that talks to the API of the set "alpha"."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from guanxi.kernel.access.keys import make_key
from guanxi.kernel.access.models import Member
from guanxi.kernel.database import current_set

_keys = itertools.count(1)


@dataclass
class Program:
    """Sends requests with a key; every write gets an idempotency key of its own unless one is given."""

    token: str
    set_key: str = "alpha"
    language: str = "en"
    client: Client = field(default_factory=Client)

    def send(self, method: str, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> HttpResponse:
        given = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        if method not in ("GET", "HEAD") and key is not None:
            given["Idempotency-Key"] = key or f"test-{next(_keys)}"
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes | str) else json.dumps(body) if body is not None else ""
        kind = given.pop("Content-Type", "application/json")
        return self.client.generic(method, f"/api/{self.set_key}/{path}", data, content_type=kind, headers=given)

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **options: Any) -> HttpResponse:
        return self.send("POST", path, {} if body is None else body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> HttpResponse:
        return self.send("PATCH", path, body, **options)


def program_for(member_id: int, **options: Any) -> Program:
    """A program with a new key of this member of the current set."""
    _row, token = make_key(Member.objects.get(pk=member_id), "test", **options)
    return Program(token, current_set())


@pytest.fixture
def program(alpha: Any) -> Program:
    """With the rights of the administrator."""
    return program_for(alpha.member_id)
