"""Records that are perhaps the same: while one types, as a list, and side by side."""

from __future__ import annotations

import json
from hashlib import blake2b

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import perform
from guanxi.kernel.likeness.declared import alike_of
from guanxi.kernel.likeness.finding import alike_to
from guanxi.kernel.likeness.operations import ask_owner
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.forms import new_key, read_values
from guanxi.kernel.screens.screen import record_url, screen_of
from guanxi.kernel.screens.visit import Visit, page
from guanxi.web.templatetags.alike import SHOWN
from guanxi.web.views.by_hand import form_columns
from guanxi.web.views.records import record_of


@page("add")
def alike_box(visit: Visit) -> HttpResponse:
    """What is there already and looks like what is being typed; asked again only when that has changed."""
    assert visit.screen is not None
    sent = visit.request.POST
    declared = alike_of(visit.screen.model)
    columns = [column for name, column in form_columns(visit).items() if declared and name in declared.typed]
    values = read_values(columns, sent, partial=True)
    typed = blake2b(json.dumps(values, sort_keys=True, default=str).encode(), digest_size=8).hexdigest()
    if sent.get(SHOWN) == typed:
        return HttpResponse(status=204)
    found, masked = alike_to(visit.screen.model, values, visit.actor, by_id=True) if any(values.values()) else ([], [])
    shown = [(one, screen_of(type(one.record)), record_url(visit.set_key, type(one.record), one.record.pk)) for one in found]
    return visit.render("screens/alike.html", {"found": shown, "masked": masked, "quick": bool(sent.get("quick")), "typed": typed})


@page("view")
def use_alike(visit: Visit) -> HttpResponse:
    """In a choice field: the record that is there already instead of a new one."""
    given = visit.request.POST.get("id", "")
    record = record_of(visit, int(given) if given.isdigit() and len(given) < 19 else 0)
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"created": {"id": record.pk, "label": str(record)}})})


def draw_ask(visit: Visit) -> HttpResponse:
    sent = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    return visit.render("screens/alike_ask.html", {
        "ticket": sent.get("ticket", "")[:32], "reason": sent.get("reason", ""), "refused": visit.refused, "key": new_key(),
    }, status=visit.refused.status if visit.refused else 200)


@page("add", on_refused=draw_ask)
def ask_page(visit: Visit) -> HttpResponse:
    """Ask the owner of what one may not see; what was typed meanwhile stays where it is."""
    sent = visit.request.POST
    if visit.request.method != "POST":
        return draw_ask(visit)
    try:
        perform(ask_owner, actor=visit.actor, key=sent.get("key"), raw={"ticket": sent.get("ticket", ""), "reason": sent.get("reason", "")})
    except Missing as refusal:
        visit.refused = refusal
        return draw_ask(visit)
    told = {"toast": {"text": _("The owner has been asked."), "tone": "good"}, "guanxi:close-dialog": ""}
    if visit.is_part:
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    return visit.redirect(visit.screen.url(visit.set_key))  # type: ignore[union-attr]
