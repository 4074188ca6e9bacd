"""Lines that are held since their price, cost or model changed: nothing goes on with them before somebody decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, Q
from django.utils.translation import gettext as _

from guanxi.erp.sales.impact.kinds import KINDS
from guanxi.erp.sales.impact.models import AffectedLine, line_as_seen
from guanxi.kernel.database.known import known
from guanxi.kernel.records.refusals import WhyNot


def held_lines(kind: str, line_ids: Any) -> set[int]:
    """Of these lines, those that are held."""
    rows = AffectedLine.objects.filter(kind=kind, source_id__in=line_ids, status="held")
    return set(rows.values_list("source_id", flat=True))


@known
def _held_in(document_ids: list[int], *, label: str) -> Any:
    """Those that are still as they were when they were held."""
    standing = Q()
    for kind in KINDS.values():
        if kind.document.label() == label:
            standing |= Q(Exists(line_as_seen(kind)), kind=kind.name)
    return AffectedLine.objects.filter(standing, document_model=label, document_id__any=document_ids, status="held").order_by("-pk")


def _why_held(documents: Sequence[Any]) -> dict[int, str]:
    ids = [one.pk for one in documents]
    words = _("“%(line)s” is held, since its %(what)s changed: accept it or quote it anew first (Affected lines).")
    rows = _held_in(ids, label=documents[0].label()) if ids else []
    return {row.document_id: words % {"line": row.description, "what": row.get_reason_display()} for row in rows}


why_held = WhyNot(_why_held)
"""Why a document goes no further: a line of it is held. It is refused before anybody is asked to approve."""
