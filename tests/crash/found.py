"""What is there when all has come to rest: rows in the database, and what arrived outside."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connections
from django.db.models import Sum

from guanxi.config.stamp import PACKAGE
from guanxi.crm.leads.models import Lead, Opportunity
from guanxi.erp.finance.models import Invoice, JournalEntry, Receipt
from guanxi.erp.inventory.models import Delivery, StockBalance
from guanxi.erp.sales.models import Order, Quotation
from guanxi.kernel.database import in_set
from guanxi.kernel.events.models import Event, EventDelivery
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.outbox.channels import CHANNELS
from guanxi.kernel.outbox.models import Dispatch
from guanxi.kernel.outbox.worker import LEASE_SECONDS
from guanxi.shared.messaging.models import Message
from guanxi.shared.parties.models import Contact, Party
from tests.crash.company import PRODUCT, SET
from tests.crash.outside import Hook, Mail, Outside

CUSTOMER = "customer__name"
KINDS: dict[str, tuple[type, str, str]] = {
    # What a story leaves: model, where it says whose story it is, state at the end.
    "lead": (Lead, "company", "qualified"), "customer": (Party, "name", ""), "contact": (Contact, "party__name", ""),
    "opportunity": (Opportunity, CUSTOMER, "won"), "quotation": (Quotation, CUSTOMER, "ordered"), "message": (Message, "party__name", "sent"),
    "order": (Order, CUSTOMER, "done"), "delivery": (Delivery, CUSTOMER, "shipped"), "invoice": (Invoice, CUSTOMER, ""),
    "receipt": (Receipt, CUSTOMER, ""),
}
NUMBERED = (Lead, Opportunity, Quotation, Order, Delivery, Invoice, Receipt, JournalEntry)


@dataclass(frozen=True)
class Row:
    """One record of a story."""

    kind: str
    row_id: int
    whose: str
    status: str = ""


@dataclass(frozen=True)
class Found:
    rows: tuple[Row, ...]
    numbers: dict[str, tuple[str, ...]]
    events: tuple[tuple[str, str, int], ...]
    """(name, model, id of the record)."""
    notices: tuple[tuple[int, str, str, int], ...]
    """(member, kind, model, id of the record)."""
    mails: tuple[Mail, ...]
    hooks: tuple[Hook, ...]
    unpaid: tuple[str, ...]
    """Numbers of invoices and receipts with something left open."""
    on_hand: Decimal
    reserved: Decimal
    undone: tuple[str, ...]
    """What failed, or still waits, although all is quiet."""
    check: str = ""
    """What `guanxi check` says when something does not hold."""


def look(outside: Outside, check: str) -> Found:
    """All of it, read once, beside what `prove` has said."""
    with in_set(SET):
        rows = [
            Row(kind, row["pk"], row[whose], row.get("status", "") if end else "")
            for kind, (model, whose, end) in KINDS.items()
            for row in model.objects.order_by("pk").values("pk", whose, *(["status"] if end else []))  # type: ignore[attr-defined]
            if row[whose]
        ]
        return Found(
            rows=tuple(rows),
            numbers={model.__name__: tuple(model.objects.order_by("pk").values_list("number", flat=True)) for model in NUMBERED},  # type: ignore[attr-defined]
            events=tuple(Event.objects.order_by("pk").values_list("name", "subject_model", "subject_id")),
            notices=tuple(Notification.objects.order_by("pk").values_list("member_id", "kind", "target_model", "target_id")),
            mails=tuple(outside.mails), hooks=tuple(outside.hooks),
            unpaid=(
                *Invoice.objects.exclude(open_amount=0).values_list("number", flat=True),
                *Receipt.objects.exclude(unallocated=0).values_list("number", flat=True),
            ),
            **StockBalance.objects.filter(product__code=PRODUCT).aggregate(on_hand=Sum("on_hand"), reserved=Sum("reserved")),
            undone=tuple(undone()), check=check,
        )


def undone() -> list[str]:
    """Deliveries of events, and dispatches, that are not at their end."""
    events = EventDelivery.objects.values_list("reaction", "attempts", "error")
    dispatches = Dispatch.objects.exclude(status="sent").values_list("channel", "status", "title", "error")
    return [f"{reaction}, attempt {attempts}: {error}" for reaction, attempts, error in events] + [" ".join(row) for row in dispatches]


def prove(environment: dict[str, str]) -> str:
    """`guanxi check`, as an auditor runs it; its words when something does not hold."""
    done = subprocess.run(
        [sys.executable, "-m", "guanxi.config.command", "check", SET], env=environment, cwd=PACKAGE.parent, capture_output=True, text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


_AHEAD = """
SELECT (SELECT count(*) FROM events_eventdelivery) + (SELECT count(*) FROM outbox_dispatch WHERE status IN ('waiting', 'sending'))
  + (SELECT count(*) FROM events_event e, webhooks_webhookposition p, webhooks_webhookendpoint w
     WHERE e.id > greatest(p.before_id, w.first_event_id) AND NOT p.looked_at @> to_jsonb(e.id))
  + (SELECT count(*) FROM events_event WHERE NOT EXISTS (SELECT 1 FROM webhooks_webhookposition))
"""


def ahead() -> int:
    """How much the worker still has before it."""
    with in_set(SET), connections["default"].cursor() as cursor:
        cursor.execute(_AHEAD)
        return int(cursor.fetchone()[0])


def wait_for_quiet(patience: float, died_at: float | None = None, require_life: Callable[[], None] = lambda: None) -> float:
    """Until nothing is ahead; how many seconds that took.

    With `died_at`, the moment (of the clock) at which the last worker was killed, nobody waits for the leases of the dead:
    for them time passes at once, as for a test of the night's jobs.
    """
    begun = time.monotonic()
    while ahead():
        require_life()
        assert time.monotonic() - begun < patience, f"still ahead after {patience:g} seconds: {_listed()}"
        if died_at is not None:
            let_leases_end(died_at)
        time.sleep(0.3)
    return time.monotonic() - begun


def let_leases_end(died_at: float) -> None:
    """Of dispatches that were claimed before that moment, by a worker that is no more."""
    with in_set(SET):
        for channel in CHANNELS.values():
            _end_leases(channel.name, died_at + channel.seconds + LEASE_SECONDS)


def _end_leases(channel: str, moment: float) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_dispatch SET leased_until_at = clock_timestamp(), version = version + 1"
            " WHERE channel = %s AND status = 'sending' AND leased_until_at BETWEEN clock_timestamp() AND to_timestamp(%s)",
            [channel, moment],
        )


def _listed() -> list[str]:
    with in_set(SET):
        return undone()[:10]

