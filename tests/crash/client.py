"""A client of the web form and the API as clients should be: one key for each act, and the same again when the line breaks."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.crash.company import SET

PATIENCE_SECONDS = 120.0
LEFT, LOST = 0.05, 0.10
"""How often the line breaks before the answer is awaited, and after it was sent, beside all that is killed."""
JSON = "application/json"


class Misled(Exception):
    """The server said something that it should not have said to a decent client."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """`has_key_for_each_try` is what a bad client does: it takes every attempt for an act of its own."""

    url: str
    keys: dict[str, str]
    random: Random
    has_key_for_each_try: bool = False
    loses_at: tuple[str, ...] = ()
    """Acts whose first answer is lost, by the end of their address; without any it is left to chance."""
    counts: Counter[str] = field(default_factory=Counter)

    def read(self, person: str, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.keys[person]}"}
        return self._until_answered("GET", f"/api/{SET}/{path}", None, lambda: headers).json()

    def write(self, person: str, path: str, body: dict[str, Any], method: str = "POST") -> Any:
        """One act under one key. What it answers at the second time has to be about the same record as at the first."""
        key = self._new_key()

        def headers() -> dict[str, str]:
            return {
                "Authorization": f"Bearer {self.keys[person]}", "Content-Type": JSON,
                "Idempotency-Key": self._new_key() if self.has_key_for_each_try else key,
            }

        return self._until_answered(method, f"/api/{SET}/{path}", json.dumps(body).encode(), headers).json()

    def post_form(self, path: str, values: dict[str, str], address: str) -> str:
        """A page's form, under the stamp that stands in it."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": address}
        return self._until_answered("POST", path, urlencode(values).encode(), lambda: headers).body.decode()

    def get_page(self, path: str) -> str:
        return self._until_answered("GET", path, None, dict).body.decode()

    def _new_key(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def _until_answered(self, method: str, path: str, body: bytes | None, headers: Any) -> Answer:
        until, thrown_away = time.monotonic() + PATIENCE_SECONDS, []
        while time.monotonic() < until:
            fate = self._fate(path) if body is not None and not thrown_away else 1.0
            self.counts["requests"] += 1
            try:
                answer = self._ask(method, path, body, headers(), is_left=fate < LEFT)
            except (OSError, http.client.HTTPException):
                self.counts["broken"] += 1
                time.sleep(self.random.uniform(0.02, 0.4))
                continue
            if answer is None:
                self.counts["left"] += 1
                thrown_away.append(None)
            elif answer.status in (429, 502, 503, 504):
                self.counts[f"status {answer.status}"] += 1
                time.sleep(self.random.uniform(0.2, 1.0))
            elif answer.status >= 400:
                raise Misled(f"{method} {path}: {answer.status} {answer.body[:400].decode(errors='replace')}")
            elif LEFT <= fate < LEFT + LOST:
                self.counts["lost"] += 1
                thrown_away.append(answer)
            else:
                self._compare(f"{method} {path}", [one for one in thrown_away if one is not None], answer)
                return answer
        raise Misled(f"{method} {path}: no answer within {PATIENCE_SECONDS:g} seconds")

    def _fate(self, path: str) -> float:
        if self.loses_at:
            return LEFT if path.endswith(self.loses_at) else 1.0
        return self.random.random()

    def _compare(self, what: str, former: list[Answer], last: Answer) -> None:
        self.counts["replayed"] += "idempotency-replayed" in last.headers
        for one in former:
            if one.headers.get("content-type", "").startswith(JSON) and named_in(one) != named_in(last) and not self.has_key_for_each_try:
                raise Misled(f"{what}: first {named_in(one)}, then {named_in(last)}")

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str], *, is_left: bool) -> Answer | None:
        """None when the line was cut as soon as everything was sent."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, path, body, headers)
            if is_left:
                return None
            got = connection.getresponse()
            return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            connection.close()


def named_in(answer: Answer) -> Any:
    """Which record an answer is about."""
    found = answer.json()
    return found.get("record", found).get("id")
