"""The bell: what one was told, on every page; and how one wants to be told."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from guanxi.kernel.acts.operation import perform
from guanxi.kernel.notices.models import DEFAULTS, DELIVERIES, REASONS, Notification, NotificationPreference
from guanxi.kernel.notices.operations import read_notifications
from guanxi.kernel.notices.queries import MOST_COUNTED, may_be_told, notices_of, told, unread_count
from guanxi.kernel.records.refusals import Forbidden, Missing
from guanxi.kernel.screens.forms import new_key
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.web.views.operations import said_of
from guanxi.web.views.say import tell

IN_PANEL = 20
ON_PAGE = 40


def _require(visit: Visit) -> None:
    if not may_be_told(visit.actor):
        raise Forbidden(_("You may not see %(what)s.") % {"what": Notification._meta.verbose_name_plural})


@page(MEMBER)
def bell_count(visit: Visit) -> HttpResponse:
    """The number beside the bell, asked for by every page and again whenever there is news."""
    count = unread_count(visit.actor)
    return visit.render("components/bell_count.html", {"count": count, "shown": f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)})


@page(MEMBER)
def bell_panel(visit: Visit) -> HttpResponse:
    """The newest, below the bell."""
    _require(visit)
    return visit.render("components/bell_panel.html", _listed(visit, notices_of(visit.actor, visit.set_key, limit=IN_PANEL + 1), IN_PANEL))


@page(MEMBER)
def bell_page(visit: Visit) -> HttpResponse:
    """All of them, by reason, or those unread; older ones by `?before=`."""
    _require(visit)
    asked = visit.request.GET
    reason = asked.get("reason", "")
    if reason not in dict(REASONS):
        reason = ""
    before = asked.get("before", "")
    known = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    unread = asked.get("unread") == "1"
    found = notices_of(visit.actor, visit.set_key, limit=ON_PAGE + 1, before=known, reason=reason, unread=unread)
    context = _listed(visit, found, ON_PAGE) | {"reasons": REASONS, "reason": reason, "unread": unread, "before": known}
    return visit.render("pages/bell.html", context)


def _listed(visit: Visit, found: list[Any], most: int) -> dict[str, Any]:
    """What is shown, and which of it is unread: what comes meanwhile is not marked as read with it."""
    shown = found[:most]
    new = [one.pk for one in shown if not one.is_read]
    return {
        "notices": shown, "new": ",".join(map(str, new)), "older": shown[-1].pk if len(found) > most else None, "key": new_key(),
        "may_read": visit.actor.may("notices.read_notifications") and bool(new),
    }


@page(MEMBER)
def read_shown(visit: Visit) -> HttpResponse:
    """What was shown is marked as read, and what stands below it in the list; nothing that came since."""
    _require(visit)
    sent = visit.request.POST
    ids = [int(part) for part in sent.get("new", "").split(",")[:ON_PAGE] if part.isascii() and part.isdecimal() and len(part) < 19]
    given: dict[str, Any] = {"notifications": list(Notification.objects.filter(pk__in=ids, member_id=visit.actor.member_id).order_by("pk"))}
    older = sent.get("older", "")
    if older.isascii() and older.isdecimal() and len(older) < 19:
        given["until"] = int(older)
    if (reason := sent.get("reason")) in dict(REASONS):
        given["reason"] = reason
    if given["notifications"] or "until" in given:
        perform(read_notifications, actor=visit.actor, key=sent.get("key"), arguments=given)
        tell(visit, said_of(read_notifications))
    return visit.redirect(visit.url("bell/"))


@page(MEMBER)
def open_notice(visit: Visit, pk: int) -> HttpResponse:
    """To the record that a notice is about; it is read then."""
    _require(visit)
    row = Notification.objects.filter(pk=pk, member_id=visit.actor.member_id).select_related("caused_by", "comment").first()
    found = told([row], visit.actor, visit.set_key) if row is not None else []
    if row is None or not found:
        raise Missing(_("There is no such notice, or you may no longer see what it is about."))
    if not found[0].is_read and visit.actor.may("notices.read_notifications"):
        perform(read_notifications, actor=visit.actor, arguments={"notification": row})
    return visit.redirect(found[0].url or visit.url("bell/"))


@page(MEMBER)
def bell_settings(visit: Visit) -> HttpResponse:
    """For each reason how one wants to be told."""
    _require(visit)
    chosen = dict(NotificationPreference.objects.filter(member_id=visit.actor.member_id).values_list("reason", "delivery"))
    rows = [(reason, label, chosen.get(reason, DEFAULTS[reason])) for reason, label in REASONS]
    may = visit.actor.may("notices.choose_notices")
    return visit.render("pages/bell_settings.html", {"rows": rows, "deliveries": DELIVERIES, "key": new_key(), "may_choose": may})
