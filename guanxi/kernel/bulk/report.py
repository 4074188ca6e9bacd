"""What became of each row, in a form that the act can keep and answer again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, OperationalError, connections, transaction
from django.utils.translation import gettext as _

from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.records.refusals import Invalid, Refused
from guanxi.kernel.values.plain import plain

MODES = ("all", "each")
Row = dict[str, Any]


@dataclass
class Report:
    """One entry for each row that was sent, by its place."""

    entries: dict[int, Row] = field(default_factory=dict)

    @property
    def kept(self) -> list[Row]:
        return [{"index": index, **self.entries[index]} for index in sorted(self.entries)]

    def note(self, index: int, outcome: str, row: Any = None, **more: Any) -> None:
        self.entries[index] = {"outcome": outcome, **(named(row) if row is not None else {}), **more}

    def fail(self, index: int, refusal: Refused, **more: Any) -> None:
        self.entries[index] = {"outcome": "failed", **more, "error": error_of(refusal)}


def named(row: Any) -> Row:
    """What names a row: id, version, business key, state."""
    found: Row = {"id": row.pk, "version": row.version}
    key = type(row).business_key
    if key != "id":
        found[key] = plain(getattr(row, key))
    if hasattr(row, "lifecycle"):
        found["status"] = row.status
    return found


def error_of(refusal: Refused) -> Row:
    """As every error is told: code, message, and messages by column."""
    fields = refusal.errors if isinstance(refusal, Invalid) else {refusal.field: [str(refusal)]} if refusal.field else {}
    return {"code": refusal.code, "message": str(refusal), "fields": fields}


def counts(kept: list[Row]) -> dict[str, int]:
    return dict(sorted(Counter(entry["outcome"] for entry in kept).items()))


def at_row(refusal: Refused, index: int) -> Refused:
    """The same refusal, saying of which row."""
    if isinstance(refusal, Invalid):
        return Invalid({f"rows.{index}.{name}" if name else f"rows.{index}": messages for name, messages in refusal.errors.items()})
    refusal.field = f"rows.{index}"
    return refusal


def refusal_of(error: Refused | DatabaseError) -> Refused:
    """A row's refusal by a rule, or by the database in words; what may be tried again is raised."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, OperationalError):
        raise error
    return Refused(_("The database refused these values: they contradict another record or are out of range."))


@contextmanager
def apart() -> Iterator[None]:
    """A savepoint, at whose end the database says what it would say at the commit; what is refused is told to nobody."""
    scope = act_scope()
    told = len(scope.happened) if scope is not None else 0
    try:
        with transaction.atomic():
            yield
            with connections["default"].cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except (Refused, DatabaseError):
        if scope is not None:
            del scope.happened[told:]
        raise


def fingerprint(sent: Any) -> Mapping[str, Any]:
    """What the act keeps of many rows: how many, and a digest by which the same key with other rows is known."""
    text = json.dumps(plain(sent), sort_keys=True, ensure_ascii=False)
    return {"rows": len(sent), "digest": hashlib.sha256(text.encode(errors="replace")).hexdigest()}
