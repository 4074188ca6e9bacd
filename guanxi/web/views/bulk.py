"""One thing done to many rows of a list: what to do, what would come of it, and doing it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.kernel.acts.operation import operations_of
from guanxi.kernel.acts.undo import is_invertible
from guanxi.kernel.columns.column import Column, title_of
from guanxi.kernel.deeds.deed import VERBS, Deed
from guanxi.kernel.deeds.models import BulkRun
from guanxi.kernel.deeds.running import MOST, Trial, begin, try_out, written
from guanxi.kernel.records.models import History
from guanxi.kernel.records.record import model_named
from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.forms import Field, FieldMaker, new_key, read_values
from guanxi.kernel.screens.screen import record_url
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.by_hand import columns_for_many, require_by_hand
from guanxi.web.views.lists import chosen_rows
from guanxi.web.views.say import tell

NAMED = 5
"""Rows that stand by name under each reason."""


def _asked(visit: Visit) -> tuple[str, list[Column], Any]:
    """What is to be done, the columns it takes values for, and what was sent."""
    assert visit.screen is not None
    sent = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    what = sent.get("what") or "change"
    if what in VERBS:
        require_by_hand(visit.screen)
        return what, columns_for_many(visit) if what == "change" else [], sent
    found = next((o for o in operations_of(visit.screen.model) if o.name == what), None)
    if found is None or any(column.kind == "lines" for column in found.parameters.values()):
        raise Refused(_("This cannot be done to several rows."))
    several = visit.actor.has_several_entities
    return what, [c for c in found.parameters.values() if several or not c.names_entity], sent


def _deed(visit: Visit) -> Deed:
    assert visit.screen is not None
    what, columns, sent = _asked(visit)
    if what == "change":
        columns = [c for c in columns if c.name == sent.get("column")]
        if not columns:
            raise Refused(_("Choose what to change."))
    return Deed(visit.screen.model, what, read_values(columns, sent))


def _label(visit: Visit, what: str) -> Any:
    words = {"change": _("Change"), "archive": _("Archive"), "restore": _("Take out of the archive"), "delete": _("Delete")}
    assert visit.screen is not None
    return words.get(what) or next(o.label for o in operations_of(visit.screen.model) if o.name == what)


def draw(visit: Visit, trial: Trial | None = None) -> HttpResponse:
    """The dialog: values to enter, or what would come of them."""
    assert visit.screen is not None
    what, columns, sent = _asked(visit)
    chosen = sent.get("column", "")
    errors = dict(getattr(visit.refused, "errors", {}))
    asked = [c for c in columns if c.name == chosen] if what == "change" else columns
    raw = read_values(asked, sent, partial=visit.request.method != "POST")
    maker = FieldMaker(visit.actor, visit.set_key)
    fields = [maker.field(c, c.name, raw.get(c.name), errors) for c in columns]
    maker.name_references()
    found = next((o for o in operations_of(visit.screen.model) if o.name == what), None)
    return visit.render("screens/bulk.html", {
        "fields": fields, "chosen": chosen, "what": what, "label": _label(visit, what),
        "ids": sent.get("ids", ""), "everything": sent.get("everything", ""), "query": sent.get("query", ""), "count": len(chosen_rows(visit, MOST)),
        "trial": trial, "given": [(f.column.label, _shown(f)) for f in fields if f.column in asked] if trial else [],
        "kept": [f for f in fields if f.column in asked], "reasons": reasons_for(visit, visit.screen.model, trial.reasons, NAMED) if trial else [],
        "key": new_key(), "is_danger": what == "delete" or found is not None and found.tone == "danger",
        "refused": visit.refused if visit.refused and not any(f.errors for f in fields) else None,
    }, status=422 if visit.refused else 200)


def _shown(field: Field) -> Any:
    if field.column.kind == "boolean":
        return _("yes") if field.value and field.value != "no" else _("no")
    if field.column.many:
        return ", ".join(title for _pk, title in field.parts) or "—"
    return field.title or field.column.label_of(field.value) or "—"


def reasons_for(visit: Visit, model: Any, reasons: list[tuple[str, list[int]]], most: int) -> list[dict[str, Any]]:
    """Why rows are refused, with the first of them by name."""
    wanted = [pk for _reason, ids in reasons for pk in ids[:most]]
    titles = dict(model.objects.visible_to(visit.actor).filter(pk__in=wanted).values_list("pk", title_of(model, visit.actor)))
    return [
        {"reason": reason, "count": len(ids), "more": max(0, len(ids) - most),
         "rows": [(titles.get(pk) or f"#{pk}", record_url(visit.set_key, model, pk) if pk in titles else "") for pk in ids[:most]]}
        for reason, ids in reasons
    ]


@page("view", on_refused=draw)
def bulk_page(visit: Visit) -> HttpResponse:
    """GET asks for the values, or shows at once what would come of it; POST tries it or does it."""
    what, columns, sent = _asked(visit)
    Deed(visit.screen.model, what).require_right(visit.actor)  # type: ignore[union-attr]
    step = sent.get("step", "") if visit.request.method == "POST" else ("" if columns else "check")
    if step == "check":
        return draw(visit, try_out(_deed(visit), chosen_rows(visit, MOST), visit.actor))
    if step != "do":
        return draw(visit)
    outcome = begin(_deed(visit), chosen_rows(visit, MOST), actor=visit.actor, key=sent.get("key"))
    run: BulkRun = outcome.result
    undo = outcome.act_id if is_invertible(outcome.act_id) else None
    if run.ended_at is None or run.refused:
        if run.ended_at is not None:
            tell(visit, _said(run, same_of(run)), undo=undo)
        return visit.redirect(record_url(visit.set_key, BulkRun, run.pk))
    tell(visit, _said(run, same_of(run)), undo=undo)
    back = sent.get("query", "")
    return visit.redirect(visit.screen.url(visit.set_key) + (back if back.startswith("?") else ""))  # type: ignore[union-attr]


def same_of(run: BulkRun) -> int:
    """Of the rows that are done, how many were so already; of an operation, which may write elsewhere, that is known only where it wrote nothing."""
    if run.waiting:
        return 0
    if not History.objects.filter(act_id=run.act_id).exists():
        return run.done
    return run.done - written(run.act_id, model_named(run.kind)) if run.what.startswith(run.kind) else 0


def _said(run: BulkRun, same: int) -> str:
    if same and same == run.done and not run.refused:
        return _("%(what)s · nothing had to be changed: it was so already.") % {"what": run}
    kept = ngettext("%(n)s was so already.", "%(n)s were so already.", same) % {"n": f"{same:,}"} if same else ""
    changed = run.done - same
    done = ngettext("%(n)s row done.", "%(n)s rows done.", changed) % {"n": f"{changed:,}"} if changed or not same else ""
    waiting = ngettext("%(n)s waits for approval.", "%(n)s wait for approval.", run.waiting) % {"n": f"{run.waiting:,}"} if run.waiting else ""
    refused = ngettext("%(n)s refused.", "%(n)s refused.", run.refused) % {"n": f"{run.refused:,}"} if run.refused else ""
    return f"{run} · {' '.join(part for part in (done, kept, waiting, refused) if part)}"

