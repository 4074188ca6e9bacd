"""`python -m tests.crash.broken DEFECT web …`: Guanxi with one of the defects that the proof has to find."""

from __future__ import annotations

import sys
from uuid import uuid4

from guanxi.config import command


def send_before_the_commit() -> None:
    """Mail leaves within the act, which may yet be undone."""
    from datetime import UTC, datetime

    from guanxi.kernel.outbox.channels import CHANNELS, Item
    from guanxi.kernel.outbox.queue import dispatch
    from guanxi.shared.messaging import queue

    def at_once(channel, subject, **more):
        row = dispatch(channel, subject, **more)
        sender = CHANNELS[channel].sender
        sender.send(sender.read(subject.pk, Item(row.id, channel, row.target_model, row.target_id, row.key, 1)))
        row.assign(status="sent", sent_at=datetime.now(UTC))
        row.flush()
        return row

    queue.dispatch = at_once  # type: ignore[assignment]


def note_before_sending() -> None:
    """The outcome is written first: what is interrupted then is never sent."""
    from guanxi.kernel.database import in_set
    from guanxi.kernel.outbox import worker
    from guanxi.kernel.outbox.channels import CHANNELS

    def carry(key, item):
        channel = CHANNELS[item.channel]
        with in_set(key):
            read = channel.sender.read(item.target_id, item)
        outcome = worker._outcome("sent", item)
        worker._end(key, channel, item, outcome)
        channel.sender.send(read)
        return outcome

    worker.carry = carry  # type: ignore[assignment]


def rename_each_attempt() -> None:
    """A second attempt is another mail to its receiver."""
    from guanxi.shared.messaging import channels

    channels.id_for = lambda _key, _address: f"<{uuid4().hex}@alpha.example>"  # type: ignore[assignment]


def forget_keys() -> None:
    """What is sent again is done again: no key is noted with its act."""
    from guanxi.kernel.acts import scope

    scope._CLAIM = scope._CLAIM.replace("%s::jsonb, %s,", "%s::jsonb, CASE WHEN %s::text IS NULL THEN NULL END,")


DEFECTS = {found.__name__: found for found in (send_before_the_commit, note_before_sending, rename_each_attempt, forget_keys)}


def main() -> int:
    defect, *arguments = sys.argv[1:]
    boot = command.boot

    def boot_and_break() -> None:
        boot()
        DEFECTS[defect]()

    command.boot = boot_and_break  # type: ignore[assignment]
    return command.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
