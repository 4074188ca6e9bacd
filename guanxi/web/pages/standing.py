"""One's own page in a set: deputies, signature, roles; and standing in for somebody, or looking as them, for a while."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.access.models import Deputy, Look, Member, Role
from guanxi.kernel.access.sessions import STANDING, stand_as
from guanxi.kernel.access.standing import in_place_of, principals_of
from guanxi.kernel.acts.operation import perform
from guanxi.kernel.records.refusals import Missing
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.shared.members.operations import end_look, see_as_member
from guanxi.web.views.operations import AFTERWARDS
from guanxi.web.views.say import tell


@page(MEMBER)
def own_page(visit: Visit) -> HttpResponse:
    """What concerns the member alone, whatever their roles."""
    actor = visit.actor
    mine = Deputy.objects.filter(principal=actor.member_id, ended_at__isnull=True, valid_until__gte=actor.today)
    return visit.render("people/me.html", {
        "member": Member.objects.select_related("team", "reports_to").get(pk=actor.member_id),
        "roles": list(Role.objects.filter(pk__in=actor.role_ids)), "principals": list(principals_of(actor).select_related("principal")),
        "deputies": list(mine.select_related("deputy").order_by("valid_from")),
        "looks": list(Look.objects.filter(member=actor.member_id).select_related("viewer").order_by("-begun_at")[:10]),
        "may_name": actor.may("members.name_deputy"), "may_end": actor.may("members.end_deputy"),
        "may_sign": actor.may("members.change_signature"), "key": new_key(),
    })


@page(MEMBER, as_oneself=True)
def stand_in(visit: Visit, pk: int) -> HttpResponse:
    """From now on the deputy works in the principal's name."""
    _require_post(visit)
    actor = in_place_of(visit.actor, "deputy", pk)
    stand_as(visit.request, visit.set_key, ("deputy", pk))
    tell(visit, _("You now work for %(name)s.") % {"name": actor.name})
    return visit.redirect(visit.url())


def begin_look(visit: Visit, look: Look) -> HttpResponse:
    """After the operation that writes it down: the browser looks from now on."""
    stand_as(visit.request, visit.set_key, ("look", look.pk))
    return visit.redirect(visit.url())


AFTERWARDS[see_as_member.name] = begin_look


@page(MEMBER, as_oneself=True)
def stand_down(visit: Visit) -> HttpResponse:
    """In one's own name again, with one's own eyes."""
    _require_post(visit)
    held: Any = visit.request.session.get(STANDING, {}).get(visit.set_key)
    stand_as(visit.request, visit.set_key, None)
    if held and held[0] == "look":
        look = Look.objects.filter(pk=held[1], viewer=visit.actor.member_id, ended_at__isnull=True).first()
        if look is not None and visit.actor.may(end_look.name):
            perform(end_look, look, actor=visit.actor)
    return visit.redirect(visit.url())


def _require_post(visit: Visit) -> None:
    if visit.request.method != "POST":
        raise Missing(_("There is nothing here."))
