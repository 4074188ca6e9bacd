"""What is typed into a form is kept until it is saved."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.records.refusals import Refused
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.kernel.unsaved.keeping import forget, keep, kept
from guanxi.kernel.unsaved.models import UnsavedForm

GO_ON = "unsaved"
"""Parameter of a form's address: draw it as it was left."""


def form_name(visit: Visit) -> str:
    return visit.request.path.removeprefix(f"/{visit.set_key}/")


def left_in(visit: Visit) -> UnsavedForm | None:
    """What was left in the form of this page."""
    return kept(form_name(visit), visit.actor)


def is_saved(visit: Visit) -> None:
    forget(form_name(visit), visit.actor)


def draw_refusal(visit: Visit) -> HttpResponse:
    """Keeping is tried in the background: a refusal disturbs nobody."""
    return HttpResponse(status=204)


@page(MEMBER, on_refused=draw_refusal)
def keep_page(visit: Visit) -> HttpResponse:
    """Keep (from the script) or discard (from the form's own button) what a form holds."""
    sent = visit.request.POST
    if visit.request.method != "POST":
        raise Refused(_("There is no such form."))
    if sent.get("discard"):
        forget(sent["discard"], visit.actor)
        return visit.redirect(visit.url(sent["discard"]))
    given = sent.get("version", "")
    version = int(given) if given.isdecimal() and len(given) < 9 else None
    keep(sent.get("form", ""), _pairs(sent.get("fields", "")), version=version, actor=visit.actor)
    return HttpResponse(status=204)


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        given: Any = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list) or not all(isinstance(one, list) and len(one) == 2 and all(isinstance(v, str) for v in one) for one in given):
        raise Refused(_("There is no such form."))
    return [(name, value) for name, value in given]
