"""What somebody had no right to: it leaves nothing behind but its row in the log of acts."""

from __future__ import annotations

import json

from django.db import connections

from guanxi.kernel.database import in_set
from guanxi.kernel.records.refusals import Forbidden

# The same refusal again within a minute is not told again, so that nobody can fill the log.
_NOTE = """
INSERT INTO acts_act (version, member_id, operation, target_model, target_id, arguments, outcome, digest, at, result, channel, access_key_id)
SELECT 1, %(member)s::bigint, %(operation)s::varchar, %(model)s, %(id)s::bigint, %(arguments)s::jsonb, %(outcome)s::jsonb, '',
       now(), 'refused', %(channel)s, %(key)s::bigint
WHERE NOT EXISTS (
  SELECT FROM acts_act WHERE result = 'refused' AND at > now() - interval '1 minute' AND member_id = %(member)s::bigint
    AND operation = %(operation)s::varchar AND target_id IS NOT DISTINCT FROM %(id)s::bigint)
"""
OPENED = "page"
"""Stands for the operation where a page or address was asked for that needs no right with a name."""


def note_refusal(
    refusal: Forbidden, set_key: str, member_id: int, *, channel: str, address: str = "", access_key_id: int | None = None
) -> None:
    """In a transaction of its own, after that of the refused work is gone."""
    model, row_id = refusal.target
    row_id = row_id if row_id is not None and 0 < row_id < 2**63 else None
    address, reason = (text.replace("\x00", "") for text in (address, str(refusal)))
    values: dict[str, str | int | None] = {
        "member": member_id, "operation": (refusal.right or OPENED)[:100], "model": model, "id": row_id, "channel": channel,
        "arguments": json.dumps({"address": address[:200]}, ensure_ascii=False), "key": access_key_id,
        "outcome": json.dumps({"reason": reason}, ensure_ascii=False),
    }
    with in_set(set_key, member=member_id), connections["default"].cursor() as cursor:
        cursor.execute(_NOTE, values)
