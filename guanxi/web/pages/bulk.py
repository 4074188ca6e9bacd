"""A change of many rows: how far it is, and which rows were refused and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from guanxi.kernel.acts.undo import is_invertible
from guanxi.kernel.records.record import model_named
from guanxi.kernel.screens.screen import screen_of
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.views.bulk import reasons_for, same_of
from guanxi.web.views.records import record_of, record_page

REFUSED = 500
"""Refused rows that stand by name under each reason."""


@page("view")
def run_page(visit: Visit, pk: int, **more: Any) -> HttpResponse:
    run = record_of(visit, pk)
    model = model_named(run.kind)
    screen = screen_of(model)
    may_undo = run.ended_at and run.act.result == "done" and visit.actor.may("acts.undo_act")
    same = same_of(run) if run.ended_at else 0
    return record_page.__wrapped__(  # type: ignore[attr-defined]
        visit, pk, reasons=reasons_for(visit, model, run.reasons, REFUSED), taken=run.taken,
        list_url=screen.url(visit.set_key) if screen else "", list_name=screen.plural() if screen else "",
        is_undone=run.act.result == "undone",
        undo_act=run.act_id if may_undo and is_invertible(run.act_id) else None, same=same, changed=run.done - same, **more,
    )
