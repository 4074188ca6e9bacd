"""Live updates: after a commit, open pages that show a touched row are told to look again.

One NOTIFY per process and 50 ms, on a connection of its own: NOTIFY inside the business transaction takes a
lock that all committing transactions share.
"""

from __future__ import annotations

import threading
import time

import structlog
from django.db import Error, connections

from guanxi.kernel.access.actor import actor_of
from guanxi.kernel.database import in_set
from guanxi.kernel.records.record import model_named

CHANNEL = "guanxi_events"
PERSONAL = "member"
"""The topic `member:12` is about what one member was told, not about a row."""
_MAX_PAYLOAD = 7000
log = structlog.get_logger("guanxi.live")


class Bell:
    """Collects topics and sends them from a thread that starts with the first one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._topics: set[str] = set()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def ring(self, topics: set[str]) -> None:
        with self._lock:
            self._topics |= topics
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="guanxi-bell", daemon=True)
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while True:
            if not self._wake.wait(30):
                connections["default"].close()
                with self._lock:
                    if not self._topics:
                        self._thread = None
                        return
            self._wake.clear()
            time.sleep(0.05)
            with self._lock:
                topics, self._topics = sorted(self._topics), set()
            try:
                self._send(topics)
            except Error as error:
                log.info("bell_silent", error=type(error).__name__)
                connections["default"].close()

    @staticmethod
    def _send(topics: list[str]) -> None:
        payload = ""
        with connections["default"].cursor() as cursor:
            for topic in [*topics, ""]:
                if payload and (not topic or len(payload) + len(topic) > _MAX_PAYLOAD):
                    cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
                    payload = ""
                payload = f"{payload} {topic}".strip()


_bell = Bell()


def ring(key: str, topics: list[str]) -> None:
    """Tell listeners (worker, open pages) that rows of the set changed: topics `<set>:<model>:<id>`."""
    _bell.ring({f"{key}:{topic}" for topic in topics})


def may_follow(key: str, member_id: int, topics: list[str]) -> list[str]:
    """Of `sales.order:12` …, those whose row the member may see; of `member:12` one's own."""
    allowed: list[str] = []
    with in_set(key, member=member_id):
        actor = actor_of(member_id)
        if actor is None:
            return []
        for topic in topics[:20]:
            label, _, row_id = topic.partition(":")
            if label == PERSONAL:
                # What was told to a member is for that member's own pages alone.
                allowed += [topic] if row_id == str(member_id) else []
                continue
            try:
                model = model_named(label)
            except (LookupError, ValueError):
                continue
            if hasattr(model.objects, "visible_to") and row_id.isdecimal() and model.objects.visible_to(actor).filter(pk=int(row_id)).exists():
                allowed.append(topic)
    return allowed
