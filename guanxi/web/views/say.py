"""Messages that survive a redirect; shown as toasts, with an undo where the act can be taken back."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpResponse

from guanxi.kernel.screens.visit import Visit

UNDO = "undo-"


def tell(visit: Visit, text: str, *, bad: bool = False, undo: int | None = None) -> None:
    """`undo` is the act that a click on the message takes back, for a while and if the reader holds the right."""
    tags = f"{UNDO}{undo}" if undo and visit.actor.may("acts.undo_act") else ""
    messages.add_message(visit.request, messages.ERROR if bad else messages.SUCCESS, text, extra_tags=tags)


def offer_undo(visit: Visit, answer: HttpResponse, text: str, undo: int) -> None:
    """The same beside a part of a page that comes without a redirect."""
    say_now(answer, text, undo=f"/{visit.set_key}/undo/{undo}/" if visit.actor.may("acts.undo_act") else "")


def say_now(answer: HttpResponse, text: str, *, undo: str = "") -> None:
    said: dict[str, object] = {"text": text, "tone": "good", **({"undo": undo} if undo else {})}
    answer.headers["HX-Trigger"] = json.dumps({"toast": said})
