"""Ways out: how the dispatches of one kind are read, sent, and noted down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

PAUSE_SECONDS = 15
LONGEST_PAUSE_SECONDS = 6 * 3600


@dataclass(frozen=True)
class Item:
    """A dispatch that was claimed for one attempt, as its channel sees it."""

    id: int
    channel: str
    target_model: str
    target_id: int
    key: str
    attempts: int
    """This one counted."""


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt. `status` is "sent"; "failed" (for good); "waiting" (tried again at `due_at`), or "cancelled"."""

    status: str
    key: str
    attempts: int
    at: datetime
    answer: Any = None
    """What `send` returned, or what its failure carried."""
    error: str = ""
    due_at: datetime | None = None


class Sender(Protocol):
    """Three phases; all that the middle one needs, the first has read."""

    def read(self, target_id: int, item: Item) -> Any:
        """In a transaction of the set: plain values for `send`."""

    def send(self, read: Any) -> Any:
        """Outside of any transaction, in a thread that has no account set: the effect."""

    def record(self, target_id: int, outcome: Outcome) -> None:
        """In the transaction that ends the attempt; also when a person retries or cancels the dispatch."""


class SendError(Exception):
    """The attempt failed; `message` says why in words, `answer` holds facts for `record`."""

    def __init__(self, message: Any, answer: Any = None) -> None:
        super().__init__(str(message))
        self.answer = answer


class Delayed(SendError):
    """It may go better later, in `seconds` if the other side said so."""

    def __init__(self, message: Any, answer: Any = None, *, seconds: float | None = None) -> None:
        super().__init__(message, answer)
        self.seconds = seconds


class Undeliverable(SendError):
    """The other side said no for good: trying again would be rude."""


class Withdrawn(SendError):
    """Raised by `read` when it need not be sent any more."""


@dataclass(frozen=True)
class Channel:
    name: str
    label: Any
    sender: Sender
    attempts: int
    seconds: float
    lanes: int


CHANNELS: dict[str, Channel] = {}


def channel(name: str, label: Any, *, attempts: int = 10, seconds: float = 60, lanes: int = 2) -> Callable[[type], type]:
    """`@channel("mail", _("E-mail"))` above a Sender in a module's channels.py.

    An attempt that takes longer than `seconds` has failed; `lanes` are sent at the same time for one account set.
    """

    def register(sender: type) -> type:
        CHANNELS[name] = Channel(name, label, sender(), attempts, seconds, lanes)
        return sender

    return register


def channel_choices() -> Iterator[tuple[str, Any]]:
    """For the column that names it."""
    return ((known.name, known.label) for known in CHANNELS.values())


def pause(attempts: int) -> int:
    """Seconds between an attempt and the next: 30, 60, 120 … six hours."""
    return min(PAUSE_SECONDS * 2 ** min(attempts, 20), LONGEST_PAUSE_SECONDS)
