"""What a member has been told, in words, as far as they may know of it now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.kernel.access.actor import VISITOR, Actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.columns.column import title_of
from guanxi.kernel.columns.text import full_date
from guanxi.kernel.discussion.mentions import names_of
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.discussion.queries import anchor_of
from guanxi.kernel.discussion.text import excerpt, mentioned_in
from guanxi.kernel.notices.kinds import KINDS
from guanxi.kernel.notices.models import Notification
from guanxi.kernel.records.record import model_named
from guanxi.kernel.screens.screen import record_url, screen_of

MOST_COUNTED = 99
_ROUNDS = 5
Target = tuple[str, int | None]


@dataclass(frozen=True)
class Notice:
    """One notice in the reader's language: `before`, the record's `title`, `after`."""

    pk: int
    at: datetime
    is_read: bool
    reason: str
    icon: str
    member: tuple[int, str] | None
    before: str
    title: str
    after: str
    body: str
    url: str

    @property
    def text(self) -> str:
        """The whole on one line, for a mail's subject."""
        return " ".join(f"{self.member[1] if self.member else ''} {self.before}{self.title}{self.after}".split())


def notices_of(actor: Actor, set_key: str, *, limit: int, before: int | None = None, reason: str = "", unread: bool = False) -> list[Notice]:
    """The latest of the actor's notices that they may see, or those before the one with the id `before`: one query, and one more for each
    kind of record."""
    rows = Notification.objects.filter(member_id=actor.member_id).select_related("caused_by", "comment").order_by("-at", "-pk")
    if not may_be_told(actor):
        return []
    if reason:
        rows = rows.filter(reason=reason)
    if unread:
        rows = rows.filter(read_at=None)
    found: list[Notice] = []
    for _round in range(_ROUNDS):
        earlier = before_it(before, actor) if before else None
        part = list((rows if earlier is None else rows.filter(earlier))[: limit + 10])
        found += told(part, actor, set_key)
        if len(found) >= limit or len(part) < limit + 10:
            break
        before = part[-1].pk
    return found[:limit]


def before_it(notice_id: int, actor: Actor) -> Q | None:
    """Of the actor's notices those that stand below one of them in the list, by when it happened: what is told of later may have happened
    earlier. None where the number is not one of theirs."""
    at = Notification.objects.filter(pk=notice_id, member_id=actor.member_id).values_list("at", flat=True).first()
    return Q(at__lte=at) & (Q(at__lt=at) | Q(pk__lt=notice_id)) if at is not None else None


def told(rows: Sequence[Notification], actor: Actor, set_key: str) -> list[Notice]:
    """These notices in words, without those that the actor may not see."""
    may_read = actor.may("view", Comment)
    rows = [row for row in rows if row.member_id == actor.member_id and row.kind in KINDS and (may_read or row.comment_id is None)]
    titles = titles_of({(row.target_model, row.target_id) for row in rows}, actor)
    names = names_of(mentioned_in(row.comment.body for row in rows if row.comment))
    return [_notice(row, titles[row.target_model, row.target_id], names, set_key) for row in rows if (row.target_model, row.target_id) in titles]


def may_be_told(actor: Actor) -> bool:
    """Nobody reads in another's place what that one was told."""
    return actor.stand_in is None and actor.may("view", Notification)


def unread_count(actor: Actor) -> int:
    """Of the newest hundred unread notices, those that the actor may see now."""
    if not may_be_told(actor):
        return 0
    rows = Notification.objects.filter(member_id=actor.member_id, read_at=None, kind__in=KINDS).order_by("-at", "-pk")
    if not actor.may("view", Comment):
        rows = rows.filter(comment=None)
    targets = list(rows.values_list("target_model", "target_id")[: MOST_COUNTED + 1])
    seen = titles_of(set(targets), actor)
    return sum(target in seen for target in targets)


def titles_of(targets: Iterable[Target], actor: Actor) -> dict[Target, str]:
    """What the actor may see of these records, by its title: one query for each kind."""
    asked: dict[str, set[int | None]] = defaultdict(set)
    found: dict[Target, str] = {}
    for label, row_id in targets:
        if label:
            asked[label].add(row_id)
        else:
            found[label, row_id] = ""
    for label, ids in asked.items():
        screen = screen_of(label)
        if screen is None:
            continue
        model: Any = model_named(label)
        rows = model.objects.visible_to(actor).filter(pk__in=ids).order_by()
        choices = dict(model._meta.get_field(model.title_field or model.business_key).flatchoices)
        found |= {(label, pk): str(choices.get(title, title) or f"#{pk}") for pk, title in rows.values_list("pk", title_of(model, actor))}
    return found


def _notice(row: Notification, title: str, names: dict[int, str], set_key: str) -> Notice:
    kind = KINDS[row.kind]
    before, _mark, after = str(kind.label).partition("%(title)s")
    place = str(row.arguments.get("page", ""))
    url = record_url(set_key, row.target_model, row.target_id) if row.target_model else f"/{set_key}/{place}" if place else ""
    if row.comment is not None:
        url = f"{url}#{anchor_of(row.comment.pk)}"
    return Notice(
        row.pk, row.at, row.read_at is not None, row.reason, kind.icon,
        (row.caused_by_id, _name_of(row.caused_by)) if row.caused_by is not None and row.caused_by_id else None,
        _filled(before, row.arguments), title, _filled(after, row.arguments),
        excerpt(row.comment.body, names) if row.comment is not None else str(row.arguments.get("text", "")), url,
    )


def _name_of(member: Member) -> str:
    """Whoever opens a public page has no name of their own."""
    return _("Visitor") if member.code == VISITOR else member.name


def _filled(words: str, arguments: dict[str, Any]) -> str:
    """`day` is kept as a date of programs, and read as people write it."""
    try:
        return words % ({**arguments, "day": full_date(date.fromisoformat(arguments["day"]))} if "day" in arguments else arguments)
    except (KeyError, ValueError, TypeError):
        return words
