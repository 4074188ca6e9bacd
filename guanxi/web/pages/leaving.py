"""Somebody leaves: what they have in hand, kind by kind, and who gets it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.access.models import Deputy, Member, Team
from guanxi.kernel.acts.models import ApprovalRequest
from guanxi.kernel.acts.operation import perform, require_operation
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.visit import Visit, page
from guanxi.shared.members.operations import hand_over_records, leave_company
from guanxi.shared.members.queries import owned_by
from guanxi.web.views.operations import said_of
from guanxi.web.views.records import record_of, record_page
from guanxi.web.views.say import tell

POOL = "pool"


@page("view")
def member_page(visit: Visit, pk: int) -> HttpResponse:
    """The general record page, with the way to the hand-over."""
    member: Any = record_of(visit, pk)
    links = []
    if visit.actor.may(hand_over_records.name) and member.kind == "staff":
        assert visit.screen is not None
        links.append({"url": visit.screen.url(visit.set_key, pk, "leaving/"), "icon": "arrows-exchange", "label": _("Hand over…"), "primary": False})
    return record_page.__wrapped__(visit, pk, links=links)  # type: ignore[attr-defined]


def draw_leaving(visit: Visit, pk: int) -> HttpResponse:
    """The preview: counts, choices, and what ends beside."""
    member: Any = record_of(visit, pk)
    require_operation(hand_over_records, visit.actor)
    sent = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    closed_too = bool(sent.get("closed_too"))
    owned = [one for one in owned_by(member, closed_too=closed_too) if one.count]
    people = Member.objects.visible_to(visit.actor).filter(is_active=True, kind="staff").exclude(pk=member.pk).order_by("name")
    waiting = ApprovalRequest.objects.filter(requester=member, status="waiting").count()
    deputies = (Deputy.objects.filter(principal=member) | Deputy.objects.filter(deputy=member)).filter(ended_at__isnull=True).count()
    return visit.render("people/leaving.html", {
        "member": member, "owned": [(one, sent.get(f"to.{one.kind}", "")) for one in owned], "people": list(people),
        "total": sum(one.count for one in owned), "closed_too": closed_too, "successor": sent.get("successor", ""),
        "refused": visit.refused, "key": sent.get("key") or new_key(), "pool": POOL, "waiting": waiting, "deputies": deputies,
        "led": Team.objects.filter(lead=member).count(), "may_leave": leave_company.is_possible(member) and visit.actor.may(leave_company.name),
    }, status=visit.refused.status if visit.refused else 200)


@page("view", on_refused=draw_leaving)
def leaving_page(visit: Visit, pk: int) -> HttpResponse:
    """GET shows who would get what; POST hands over, and with `leaves` ends the place."""
    if visit.request.method != "POST":
        return draw_leaving(visit, pk)
    sent = visit.request.POST
    found = leave_company if sent.get("leaves") else hand_over_records
    if not sent.get("leaves") and "check" in sent:
        return draw_leaving(visit, pk)
    receivers = []
    for name, given in sent.items():
        if name.startswith("to.") and given:
            receivers.append({"kind": name[3:], "to_pool": given == POOL, "successor": _member(str(given))})
    raw = {"successor": _member(sent.get("successor", "")), "receivers": receivers, "closed_too": bool(sent.get("closed_too"))}
    perform(found, pk, actor=visit.actor, key=sent.get("key"), raw=raw, by_id=True)
    tell(visit, said_of(found))
    assert visit.screen is not None
    return visit.redirect(visit.screen.url(visit.set_key, pk, "?tab=hand-overs"))


def _member(given: str) -> int | None:
    return int(given) if given.isdecimal() and len(given) < 18 else None
