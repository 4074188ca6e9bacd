"""What the columns alone do not say: values that a constraint of the database wants to be just so."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

PARTICULARS: dict[str, dict[str, Any]] = {
    "access.team": {"lead_id": None},
    "access.deputy": {"deputy_id": lambda rows, n: rows.of(rows.model("access.member"), n + 2)[n + 1].pk},
    "catalog.substitute": {"substitute_id": lambda rows, n: rows.of(rows.model("catalog.product"), n + 2)[n + 1].pk},
    "custom.customfield": {"code": lambda rows, n: f"made_{n}"},
    "acts.approvalrequest": {"operation": "acts.undo_act"},
    "acts.approvalrule": {"condition": "1 = 1", "operation": "acts.undo_act"},
    "likeness.likepair": {"second_id": lambda rows, n: n + 1000},
    "contracts.contract": {"amends_id": None, "document_id": None},
    "contracts.instalment": {"order_id": None},
    "credit.creditpolicy": {"is_active": False},
    "messaging.mailserver": {"is_default": False},
    "messaging.message": {"to": lambda rows, n: f"quagga{n}@example.com", "cc": "", "bcc": "", "is_notice": False},
    "messaging.messagetemplate": {"target_model": ""},
    "outbox.dispatch": {"channel": "mail", "key": lambda rows, n: f"key-{n}"},
    "parties.relation": {"to_party_id": lambda rows, n: rows.of(rows.model("parties.party"), n + 2)[n + 1].pk},
    "files.storedcontent": {
        "sha256": lambda rows, n: stored_picture(n), "media_type": "image/png", "kind": "picture", "shown_state": "done", "pages": 1,
    },
    "finance.invoice": {"total": 100, "open_amount": 50},
    "finance.receipt": {"amount": 100, "unallocated": 50},
    "finance.invoiceline": {"total": 2},
    "finance.journalentry": {
        "total": lambda rows, n: line_count(rows, n) // 2,
        "line_count": lambda rows, n: line_count(rows, n),
        "reverses_id": None,
    },
    "inventory.location": {"kind": "stock"},
    "inventory.stockmove": {"to_location_id": lambda rows, n: rows.of(rows.model("inventory.location"), n + 2)[n + 1].pk},
    "returns.customerreturnline": {"restocked": 0, "scrapped": 0, "sent_back": 0},
    # What is still to be decided stands only while its line is as it was; what was decided stays.
    "sales.affectedline": {"status": "accepted"},
    "promising.waitingline": {"source_model": "parties.party", "source_id": lambda rows, n: n + 1000},
}
"""model label → {column: value, or a function (rows, number) that gives it}."""

SEEDED = frozenset({"numbers.numberrule", "finance.ledger", "finance.accountuse"})
"""Models of which a new set has all rows that there can be."""


def stored_picture(number: int) -> str:
    """The hash of a picture that lies in the storage."""
    from PIL import Image

    from guanxi.kernel.files.storage import Storage

    made = io.BytesIO()
    Image.new("RGB", (number % 50 + 2, 2), (200, 30, number % 250)).save(made, "PNG")
    made.seek(0)
    storage = Storage()
    received = storage.receive(made, "picture.png", 1024 * 1024)
    storage.keep(received)
    return received.sha256


def line_count(rows: Any, number: int) -> int:
    """The first voucher is a long one; a voucher has two lines at least, and here as many debits as credits."""
    return max(2, rows.size // 2 * 2) if number == 0 else 2


def journal_lines(rows: Any, model: Any) -> list[Any]:
    """All lines of all vouchers: the database refuses one that does not balance, and a line that comes later."""
    made = []
    for number, entry in enumerate(rows.of(rows.model("finance.journalentry"), rows.size)):
        for position in range(line_count(rows, number)):
            accounts, parties = rows.of(rows.model("finance.account"), 2), rows.of(rows.model("parties.party"), rows.size)
            side = {"debit": 1, "amount": 1} if position % 2 == 0 else {"credit": 1, "amount": -1}
            made.append(
                model(
                    entry=entry,
                    entity_id=entry.entity_id,
                    position=position + 1,
                    account=accounts[position % 2],
                    currency="CNY",
                    party=parties[position % len(parties)],
                    **side,
                )
            )
    return made


MAKERS: dict[str, Callable[[Any, Any], list[Any]]] = {"finance.journalline": journal_lines}
"""model label → a function (rows, model) that gives all its rows, where one cannot be made without the others."""
