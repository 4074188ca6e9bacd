"""What stands beside a timeline: the box to write in, whom one may mention, who follows the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse

from guanxi.kernel.about.sight import target_of
from guanxi.kernel.about.timeline import composer_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.discussion.following import followers_of
from guanxi.kernel.discussion.mentions import candidates
from guanxi.kernel.discussion.models import Follower
from guanxi.kernel.screens.visit import MEMBER, Visit, page
from guanxi.web.templatetags.ui import initials

SHOWN = 8
FACES = 4


@dataclass(frozen=True)
class Following:
    """Who follows a record, and what the reader may do about it; people only for whoever may know the members."""

    label: str
    row_id: int
    people: list[Member]
    is_mine: bool
    operation: str

    @property
    def more(self) -> int:
        return max(0, len(self.people) - FACES)


def talk_about(visit: Visit, record: Any) -> dict[str, Any]:
    """For the page of a record."""
    if record.about_another:
        return {}
    asked = urlencode({"about": f"{record.label()}:{record.pk}"})
    may_mention = visit.actor.may("discussion.add_comment") and visit.actor.may("view", Member)
    return {
        "composer": composer_of(record, visit.actor), "following": _following(visit, record),
        "mentions_url": f"{visit.url('mentions/')}?{asked}" if may_mention else "",
    }


def _following(visit: Visit, record: Any) -> Following | None:
    actor = visit.actor
    if not actor.may("view", Follower):
        return None
    people = followers_of(record)
    is_mine = any(one.pk == actor.member_id for one in people)
    operation = "discussion.unfollow_record" if is_mine else "discussion.follow_record"
    label, row_id = record.ref()
    return Following(label, row_id, people if actor.may("view", Member) else [], is_mine, operation if actor.may(operation) else "")


@page(MEMBER)
def mentions(visit: Visit) -> HttpResponse:
    """Members that fit what is typed after @, and whether they may see the record `?about=sales.order:12`."""
    label, _colon, row_id = visit.request.GET.get("about", "").partition(":")
    known = int(row_id) if row_id.isascii() and row_id.isdecimal() and len(row_id) < 19 else None
    record = target_of(label, known, visit.actor)
    typed = visit.request.GET.get("q", "").strip()[:40]
    found = candidates(record, visit.actor, typed, SHOWN) if visit.actor.may("discussion.add_comment") else []
    return JsonResponse({
        "results": [
            {"id": one.pk, "label": one.name, "detail": one.title or one.code, "may": may, "letter": initials(one.name)} for one, may in found
        ]
    })
