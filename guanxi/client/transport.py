"""One request over HTTP, tried again as long as that can do no harm."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from guanxi.client.errors import Unreachable, error_from

AGAIN = (429, 503)
LONGEST_WAIT = 90.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in small letters) and body."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content) if self.content else None


class Transport:
    """Keeps one connection for each thread."""

    def __init__(
        self, url: str, headers: Mapping[str, str], *, timeout: float = 60, tries: int = 6, allow_http: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ):
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("The address looks like https://crm.example.com")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and not allow_http:
            raise ValueError("Over http:// everybody on the way could read the key: use https://, or say allow_http=True.")
        self.is_safe, self.host, self.port, self.base = parts.scheme == "https", parts.hostname, parts.port, parts.path.rstrip("/")
        self.headers, self.timeout, self.tries, self.sleep = dict(headers), timeout, tries, sleep
        self._own = threading.local()

    def send(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """The answer below 400; an exception otherwise. Writes carry an Idempotency-Key, so that they too may be sent again."""
        for turn in range(1, self.tries + 1):
            try:
                answer = self._once(method, path, body, {**self.headers, **(headers or {})})
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if turn == self.tries:
                    raise Unreachable(f"{self.host}: {error or type(error).__name__}") from error
                self.sleep(_backoff(turn))
                continue
            if answer.status < 400:
                return answer
            if answer.status not in AGAIN or turn == self.tries:
                raise error_from(answer.status, _read(answer))
            self.sleep(_asked(answer) or _backoff(turn))
        raise AssertionError

    def _once(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = self._connection()
        connection.request(method, self.base + path, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read()
        found = {name.lower(): value for name, value in answer.getheaders()}
        if found.get("connection", "").lower() == "close":
            self.close()
        return Answer(answer.status, found, content)

    def _connection(self) -> http.client.HTTPConnection:
        found: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if found is None:
            kind = http.client.HTTPSConnection if self.is_safe else http.client.HTTPConnection
            found = self._own.connection = kind(self.host, self.port, timeout=self.timeout)
        return found

    def close(self) -> None:
        found = getattr(self._own, "connection", None)
        if found is not None:
            found.close()
            self._own.connection = None


def _read(answer: Answer) -> Any:
    try:
        return answer.json
    except ValueError:
        return None


def _asked(answer: Answer) -> float:
    """How long the server asks to wait."""
    text = answer.headers.get("retry-after", "")
    return min(float(text), LONGEST_WAIT) if text.isdecimal() else 0.0


def _backoff(turn: int) -> float:
    """Twice as long each time, and not all at once."""
    return min(0.25 * 2**turn, 20.0) * random.uniform(0.5, 1.0)
