"""Lines that are held since their price, cost or model changed: nothing goes on with them before somebody decides."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guanxi.erp.sales.impact.kinds import KINDS
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.kernel.records.refusals import Refused


def held_lines(kind: str, line_ids: Any) -> set[int]:
    """Of these lines, those that are held."""
    rows = AffectedLine.objects.filter(kind=kind, source_id__in=line_ids, status="held")
    return set(rows.values_list("source_id", flat=True))


def require_unheld(document: Any) -> None:
    """Refused while a line of the document is held and still as it was then."""
    for row in AffectedLine.objects.filter(document_model=document.label(), document_id=document.pk, status="held").order_by("pk"):
        line = KINDS[row.kind].line().objects.filter(pk=row.source_id, unit_price=row.unit_price, discount=row.discount, unit_cost=row.unit_cost)
        if line.exists():
            raise Refused(_("“%(line)s” is held, since its %(what)s changed: accept it or quote it anew first (Affected lines).")
                          % {"line": row.description, "what": row.get_reason_display()})
