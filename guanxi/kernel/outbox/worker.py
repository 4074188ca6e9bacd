"""The worker's side: claim what is due, send it outside of any transaction, note what came of it."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import Error, close_old_connections, connections
from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.kernel.database import UnknownSet, in_set
from guanxi.kernel.events.publish import ring_after_commit
from guanxi.kernel.outbox.channels import CHANNELS, Channel, Delayed, Item, Outcome, SendError, Undeliverable, Withdrawn, pause
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.sets.lifecycle import list_sets, wanted_stamp

log = structlog.get_logger("guanxi.outbox")
LANES = 8
LEASE_SECONDS = 60
"""How long after its time limit an attempt still belongs to whoever claimed it."""
sending: set[int] = set()
"""Threads that are inside an attempt: a worker that is told to stop waits for them."""

_CLAIM = """
UPDATE outbox_dispatch d
SET status = 'sending', attempts = d.attempts + 1, version = d.version + 1,
    leased_until_at = clock_timestamp() + make_interval(secs => due.lease)
FROM (
  SELECT x.id, room.lease FROM unnest(%s::text[], %s::int[], %s::float8[]) AS room (channel, free, lease) CROSS JOIN LATERAL (
    SELECT w.id, w.due_at FROM outbox_dispatch w
    WHERE w.channel = room.channel AND w.due_at <= clock_timestamp()
      AND (w.status = 'waiting' OR w.status = 'sending' AND w.leased_until_at < clock_timestamp())
    ORDER BY w.due_at, w.id LIMIT room.free FOR UPDATE SKIP LOCKED) x
  ORDER BY x.due_at, x.id LIMIT %s) due
WHERE d.id = due.id
RETURNING d.id, d.channel, d.target_model, d.target_id, d.key, d.attempts
"""


def claim_due(key: str, room: dict[str, int], most: int = LANES) -> list[Item]:
    """Take up to `room[channel]` due dispatches of the set, the longest due first. The lease is committed before anything is sent: whoever is
    killed leaves it, and after the lease it is taken up again under the same key."""
    free = {name: number for name, number in room.items() if number > 0}
    if not free or most <= 0:
        return []
    leases = [float(CHANNELS[name].seconds + LEASE_SECONDS) for name in free]
    with in_set(key), connections["default"].cursor() as cursor:
        cursor.execute(_CLAIM, [list(free), list(free.values()), leases, most])
        return [Item(*row) for row in cursor.fetchall()]


def carry(key: str, item: Item) -> Outcome | None:
    """One attempt: read, send, record; None when another worker has taken the dispatch up meanwhile."""
    channel = CHANNELS[item.channel]
    try:
        if item.attempts > channel.attempts:
            raise Undeliverable(_("The attempt was interrupted %(count)s times.") % {"count": channel.attempts})
        with in_set(key):
            read = channel.sender.read(item.target_id, item)
        outcome = _outcome("sent", item, answer=_within_limit(channel, read))
    except Withdrawn as error:
        outcome = _outcome("cancelled", item, error)
    except SendError as error:
        outcome = _failure(channel, item, error)
    except Error:
        raise
    except Exception as error:
        log.exception("send_failed", channel=item.channel, dispatch=item.id, set=key)
        outcome = _failure(channel, item, Delayed(f"{type(error).__name__}: {error}"))
    return outcome if _end(key, channel, item, outcome) else None


def _outcome(status: str, item: Item, error: SendError | None = None, *, answer: Any = None, due_at: datetime | None = None) -> Outcome:
    if error is not None:
        answer = error.answer
    return Outcome(status, item.key, item.attempts, datetime.now(UTC), answer, str(error or "")[:2000], due_at)


def _failure(channel: Channel, item: Item, error: SendError) -> Outcome:
    """Tried again after a while, until it is hopeless."""
    if isinstance(error, Undeliverable) or item.attempts >= channel.attempts:
        return _outcome("failed", item, error)
    seconds = max(pause(item.attempts), getattr(error, "seconds", None) or 0)
    return _outcome("waiting", item, error, due_at=datetime.now(UTC) + timedelta(seconds=seconds))


def _within_limit(channel: Channel, read: Any) -> Any:
    """The effect in a thread of its own: it has no transaction and no account set, and is not waited for beyond its limit."""
    answers: list[Any] = []
    failures: list[Exception] = []

    def effect() -> None:
        try:
            answers.append(channel.sender.send(read))
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=effect, name=f"guanxi-{channel.name}", daemon=True)
    thread.start()
    thread.join(channel.seconds)
    if failures:
        raise failures[0]
    if not answers:
        raise Delayed(_("There was no answer within %(seconds)s seconds.") % {"seconds": f"{channel.seconds:g}"})
    return answers[0]


def _end(key: str, channel: Channel, item: Item, outcome: Outcome) -> bool:
    with in_set(key):
        # Only the latest claim may write: an attempt that outlived its lease was counted again by somebody else.
        claimed = Dispatch.objects.filter(pk=item.id, status="sending", attempts=item.attempts)
        values = {"due_at": outcome.due_at} if outcome.due_at else {}
        is_sent = outcome.status == "sent"
        if not claimed.updated(
            status=outcome.status, error=outcome.error, leased_until_at=None, sent_at=outcome.at if is_sent else None, **values
        ):
            return False
        channel.sender.record(item.target_id, outcome)
        ring_after_commit([f"{item.target_model}:{item.target_id}", f"{Dispatch.label()}:{item.id}"])
    return True


def send_due(key: str, limit: int = 1000) -> int:
    """Attempt everything that is due in one set, one after the other; how many attempts were made."""
    made = 0
    while made < limit:
        items = claim_due(key, dict.fromkeys(CHANNELS, 1))
        if not items:
            break
        for item in items:
            carry(key, item)
        made += len(items)
    return made


def run_outbox(stop: threading.Event, wake: threading.Event | None = None, sweep: float = 3.0) -> None:
    """The worker's loop over all open sets, until `stop`: at each wake-up, and every `sweep` seconds."""
    wake = wake or threading.Event()
    busy: Counter[tuple[str, str]] = Counter()
    lock = threading.Lock()

    def attempt(key: str, language: str, item: Item) -> None:
        sending.add(threading.get_ident())
        close_old_connections()
        try:
            with override(language):
                carry(key, item)
        except (Error, UnknownSet) as error:
            # The lease stays: it is taken up again when that has run out.
            log.warning("attempt_left", error=type(error).__name__, dispatch=item.id, set=key)
            connections["default"].close()
        finally:
            sending.discard(threading.get_ident())
            with lock:
                busy[key, item.channel] -= 1
            wake.set()

    with ThreadPoolExecutor(LANES, thread_name_prefix="guanxi-outbox") as pool:
        while not stop.is_set():
            wake.clear()
            try:
                for account_set in list_sets():
                    if account_set.stamp != wanted_stamp() or stop.is_set():
                        continue
                    for item in _claim_in(account_set.key, busy, lock):
                        pool.submit(attempt, account_set.key, account_set.language, item)
            except (Error, UnknownSet) as error:
                log.warning("outbox_paused", error=type(error).__name__)
                close_old_connections()
                stop.wait(1)
            wake.wait(sweep)


def _claim_in(key: str, busy: Counter[tuple[str, str]], lock: threading.Lock) -> list[Item]:
    """As much as the lanes have room for: a slow receiver of one set holds up neither others nor other channels."""
    with lock:
        free = LANES - sum(busy.values())
        room = {name: min(known.lanes - busy[key, name], free) for name, known in CHANNELS.items()}
    items = claim_due(key, room, free)
    with lock:
        busy.update((key, item.channel) for item in items)
    return items
