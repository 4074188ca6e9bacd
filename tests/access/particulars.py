"""What the columns alone do not say: values that a constraint of the database wants to be just so.

model label → {column: value, or a function (rows, number) that gives it}.
"""

from __future__ import annotations

from typing import Any

PARTICULARS: dict[str, dict[str, Any]] = {
    "access.team": {"path": lambda rows, n: f"/{n + 1}/"},
    "acts.approvalrule": {"condition": "1 = 1", "operation": "acts.undo_act"},
    "parties.relation": {"to_party_id": lambda rows, n: rows.of(rows.model("parties.party"), n + 2)[n + 1].pk},
}
