"""Live updates: one LISTEN per process, one server-sent event stream per open page."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from concurrent.futures import Executor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import psycopg
import structlog
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

from guanxi.config.databases import Place
from guanxi.kernel.database import UnknownSet
from guanxi.kernel.events.live import CHANNEL, may_follow
from guanxi.kernel.sets.models import Membership

MOST_STREAMS = 2000
MOST_TOPICS = 20
# How long a stream may outlive a right that was taken away, and a connection that died silently.
CHECK_SECONDS = 10.0
HEADERS = [
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-accel-buffering", "no"),
    ("x-content-type-options", "nosniff"),
    ("server", "guanxi"),
]
log = structlog.get_logger("guanxi.streams")


@dataclass(eq=False)
class Stream:
    """One open page and the topics it follows, each as `<set>:<model>:<id>`."""

    topics: frozenset[str]
    waiting: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(maxsize=200))

    def put(self, topic: str) -> None:
        # A page that does not keep up is told once to look again, which is all a topic says anyway.
        if not self.waiting.full():
            self.waiting.put_nowait(topic)


@dataclass(frozen=True)
class Follower:
    """Who asked for a stream: the session's key, the set and the topics."""

    session_key: str
    set_key: str
    topics: tuple[str, ...]


class Hub:
    """Hands what PostgreSQL announces to the streams that may hear it."""

    def __init__(self, place: Place, executor: Executor) -> None:
        self.place = place
        self.executor = executor
        self.streams: dict[str, set[Stream]] = defaultdict(set)
        self.open = 0
        self.closing = asyncio.Event()

    async def listen(self) -> None:
        """Keep one connection listening for as long as the process serves."""
        missed = False
        while not self.closing.is_set():
            try:
                async with await psycopg.AsyncConnection.connect(
                    **self.place.conninfo("app"), autocommit=True, application_name="guanxi-live"
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    if missed:
                        self.tell_everyone()
                    async for notice in connection.notifies():
                        for topic in notice.payload.split():
                            for stream in tuple(self.streams.get(topic, ())):
                                stream.put(topic)
            except (psycopg.Error, OSError) as error:
                log.warning("not_listening", error=type(error).__name__)
            missed = True
            await asyncio.sleep(0.5)

    def tell_everyone(self) -> None:
        """After a gap, every page looks again: what was announced meanwhile is not known."""
        for topic, streams in self.streams.items():
            for stream in tuple(streams):
                stream.put(topic)

    def close(self) -> None:
        self.closing.set()

    async def serve(self, scope: Scope, proto: HTTPProtocol) -> None:
        """Answer one request for `/events?set=demo&topic=sales.order:12&topic=…`."""
        follower = follower_of(scope)
        if follower is None or self.open >= MOST_STREAMS or self.closing.is_set():
            status = 503 if follower is not None else 401
            proto.response_str(status, [("content-type", "text/plain"), ("retry-after", "5")], "")
            return
        allowed = await self._ask(follower)
        if not allowed:
            proto.response_str(403, [("content-type", "text/plain")], "")
            return
        stream = Stream(frozenset(f"{follower.set_key}:{topic}" for topic in allowed))
        self.open += 1
        for topic in stream.topics:
            self.streams[topic].add(stream)
        try:
            await self._feed(stream, follower, allowed, proto)
        finally:
            self.open -= 1
            for topic in stream.topics:
                self.streams[topic].discard(stream)
                if not self.streams[topic]:
                    del self.streams[topic]

    async def _feed(self, stream: Stream, follower: Follower, allowed: list[str], proto: HTTPProtocol) -> None:
        transport = proto.response_stream(200, HEADERS)
        gone = asyncio.ensure_future(proto.client_disconnect())
        closing = asyncio.ensure_future(self.closing.wait())
        said: asyncio.Task[str] | None = None
        try:
            await transport.send_str(f"retry: 3000\n\nevent: open\ndata: {json.dumps(allowed)}\n\n")
            checked = asyncio.get_running_loop().time()
            while True:
                said = said or asyncio.ensure_future(stream.waiting.get())
                rest = checked + CHECK_SECONDS - asyncio.get_running_loop().time()
                await asyncio.wait({gone, closing, said}, timeout=max(0.0, rest), return_when=asyncio.FIRST_COMPLETED)
                if gone.done() or closing.done():
                    return
                if said.done():
                    topics = {said.result()}
                    said = None
                    while not stream.waiting.empty():
                        topics.add(stream.waiting.get_nowait())
                    for topic in sorted(topics):
                        await transport.send_str(f"event: changed\ndata: {topic.partition(':')[2]}\n\n")
                if asyncio.get_running_loop().time() - checked >= CHECK_SECONDS:
                    if set(await self._ask(follower)) != set(allowed):
                        await transport.send_str("event: end\ndata: \n\n")
                        return
                    await transport.send_str(": still here\n\n")
                    checked = asyncio.get_running_loop().time()
        except Exception as error:
            if type(error).__name__ != "RSGIProtocolClosed":
                raise
        finally:
            for task in (gone, closing, said):
                if task is not None:
                    task.cancel()

    async def _ask(self, follower: Follower) -> list[str]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.executor, allowed_topics, follower)


def follower_of(scope: Scope) -> Follower | None:
    """What a request for a stream says about itself; None without a session, or from another site's page."""
    if scope.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return None
    cookie: SimpleCookie = SimpleCookie()
    try:
        cookie.load(scope.headers.get("cookie") or "")
    except Exception:
        return None
    session = cookie.get(settings.SESSION_COOKIE_NAME)
    query = parse_qs(scope.query_string)
    if session is None or not query.get("set") or not query.get("topic"):
        return None
    return Follower(session.value, query["set"][0], tuple(query["topic"][:MOST_TOPICS]))


def allowed_topics(follower: Follower) -> list[str]:
    """Of the topics asked for, those the person may see now; none once the session or the place is gone."""
    close_old_connections()
    try:
        request: Any = SimpleNamespace(session=SessionStore(follower.session_key))
        user = get_user(request)
        if not user.is_authenticated or not user.is_active:
            return []
        place = Membership.objects.filter(user_id=user.pk, account_set__key=follower.set_key).first()
        return may_follow(follower.set_key, place.member_id, list(follower.topics)) if place else []
    except UnknownSet:
        return []
    finally:
        close_old_connections()
