"""What is decided about one affected line: the price stays, nothing goes on, or it is quoted anew. By rule: the same for all that a filter finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.erp.sales.impact.kinds import KINDS, Affair
from guanxi.erp.sales.impact.models import AffectedLine
from guanxi.erp.sales.impact.repricing import take_cost
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.writer import lock_records
from guanxi.kernel.records.refusals import Refused, WhyNot

KEEP = Literal["margin_rate", "price_list"]
_LABELS = {
    "keep": gettext_lazy("New prices"), "margin_rate": gettext_lazy("Keep the margin rate"), "price_list": gettext_lazy("Take today's prices"),
    "reason": gettext_lazy("Reason"),
}


@operation(label=gettext_lazy("Accept"), moves=AffectedLine.lifecycle.to("accepted"), icon="checks")
def accept_affected_line(row: AffectedLine, *, actor: Actor) -> AffectedLine:
    """The price stays; the line's margin is reckoned with what it costs now."""
    affair = _affair(row, actor)
    if row.cost_now is not None:
        take_cost(affair.document, affair.line, row.cost_now)
    return _decided(row, actor)


@operation(label=gettext_lazy("Hold"), moves=AffectedLine.lifecycle.to("held"), icon="player-pause", labels=_LABELS)
def hold_affected_line(row: AffectedLine, *, actor: Actor, reason: str = "") -> AffectedLine:
    """Nothing goes on with it until it is decided: the offer is withdrawn, the order put on hold, nothing is called off of a contract's line."""
    affair = _affair(row, actor)
    affair.kind.hold(affair, reason or _("%(line)s: %(what)s") % {"line": row.description, "what": row.get_reason_display()})
    return _decided(row, actor)


@operation(label=gettext_lazy("Decide again"), moves=AffectedLine.lifecycle.to("open"), icon="player-play")
def release_affected_line(row: AffectedLine, *, actor: Actor) -> AffectedLine:
    """It is held no longer and stands among those to be decided; an order that was put on hold is released by itself."""
    return _decided(row, actor)


def _why_not_requoted(rows: Sequence[AffectedLine]) -> dict[int, str]:
    """Why their prices cannot become others by themselves: one question for each kind of document."""
    misfit = _("It can no longer be made as it was chosen: choose other options in the document, or accept it as it is.")
    found = {row.pk: misfit for row in rows if row.reason == "misfit"}
    for name in {row.kind for row in rows}:
        mine = [row for row in rows if row.kind == name and row.pk not in found]
        documents = KINDS[name].document.objects.in_bulk({row.document_id for row in mine}) if mine else {}
        settled = KINDS[name].why_settled(documents.values()) if documents else {}
        found |= {row.pk: settled[row.document_id] for row in mine if row.document_id in settled}
    return found


@operation(
    label=gettext_lazy("Quote anew"), moves=AffectedLine.lifecycle.to("requoted"), icon="refresh", labels=_LABELS,
    unless=WhyNot(_why_not_requoted),
)
def requote_affected_line(row: AffectedLine, *, actor: Actor, keep: KEEP = "margin_rate") -> AffectedLine:
    """Another price for this line: in the draft of the offer's next version, in an offer beside a confirmed order, in an amendment to a contract."""
    affair = _affair(row, actor)
    outcome = affair.kind.requote(affair, keep)
    row.assign(outcome_model=outcome.label(), outcome_id=outcome.pk)
    return _decided(row, actor)


def _affair(row: AffectedLine, actor: Actor) -> Affair:
    """The line and its document, locked; refused where it is no longer what was looked at."""
    kind = KINDS[row.kind]
    [document] = lock_records(kind.document, [row.document_id], actor, "change")
    line = kind.line().objects.filter(kind.is_open(actor.today), pk=row.source_id).select_related("product", "configuration", "unit", "tax").first()
    if line is None or (line.unit_price, line.discount, line.unit_cost) != (row.unit_price, row.discount, row.unit_cost):
        raise Refused(_("“%(line)s” in %(document)s was changed meanwhile; load the list again.")
                      % {"line": row.description, "document": row.number})
    return Affair(row, kind, line, document, actor)


def _decided(row: AffectedLine, actor: Actor) -> AffectedLine:
    row.assign(decided_by_id=actor.member_id, decided_at=actor.now)
    return row
