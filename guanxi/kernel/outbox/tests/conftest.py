"""A way out that keeps what came, and fails as it is told."""

from __future__ import annotations

import pytest

from guanxi.kernel.outbox.channels import CHANNELS, Channel


class Probe:
    """Sends into a list; `failures` are raised first, one at each attempt."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []
        self.failures: list[Exception] = []
        self.unreadable: Exception | None = None
        self.recorded: list[tuple[str, int, str]] = []
        self.before_recording = lambda: None
        self.while_sending = lambda: None

    def read(self, target_id, item):
        from guanxi.kernel.access.models import Team

        if self.unreadable:
            raise self.unreadable
        return Team.objects.get(pk=target_id).name, item.key

    def send(self, read):
        self.while_sending()
        if self.failures:
            raise self.failures.pop(0)
        self.came.append(read)
        return "250 taken"

    def record(self, target_id, outcome):
        self.before_recording()
        self.recorded.append((outcome.status, outcome.attempts, outcome.error or outcome.answer))

    @property
    def effects(self) -> list[str]:
        """As a receiver sees it, who knows a repeated key."""
        return [name for name, _key in dict.fromkeys(self.came)]


@pytest.fixture
def probe(monkeypatch) -> Probe:
    made = Probe()
    monkeypatch.setitem(CHANNELS, "probe", Channel("probe", "Probe", made, attempts=3, seconds=5, lanes=2))
    return made
