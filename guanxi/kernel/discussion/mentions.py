"""Who is mentioned in a text, and who may be: only whoever may see the record and read what is said about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connections
from django.utils.translation import gettext as _

from guanxi.kernel.about.sight import who_may_see
from guanxi.kernel.access.actor import Actor, actors_of
from guanxi.kernel.access.models import Member
from guanxi.kernel.database.known import known
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.discussion.text import KEPT, begins_with, kept_mention, mentioned_in, signs
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Refused

MOST = 30
"""Mentions in one text."""
# Members whose name or code begins what follows one of the signs.
_NAMED = """
SELECT DISTINCT m.id, m.name, m.code FROM access_member m JOIN unnest(%s::text[]) AS written (rest)
ON starts_with(lower(written.rest), lower(m.name)) OR starts_with(lower(written.rest), lower(m.code))
WHERE m.is_active AND m.kind = 'staff' AND m.name <> ''
"""


def with_mentions(body: str, record: Record, chosen: Iterable[Member]) -> tuple[str, set[int]]:
    """The text as it is kept, and the ids of those mentioned in it; Refused when one of them may not see the record."""
    body = _resolved(body, {member.pk for member in chosen})
    wanted = mentioned_in([body])
    if len(wanted) > MOST:
        raise Refused(_("At most %(n)s people can be mentioned in one comment.") % {"n": MOST}, field="body")
    names = names_of(wanted)
    allowed = may_be_mentioned(record, wanted)
    if outside := [names.get(one, f"#{one}") for one in sorted(wanted - allowed)]:
        raise Refused(
            _("%(names)s may not see this record, so they cannot be mentioned here.") % {"names": ", ".join(outside)}, field="body"
        )
    return KEPT.sub(lambda found: kept_mention(int(found[1]), names[int(found[1])]), body), wanted


def may_be_mentioned(record: Record, member_ids: Iterable[int]) -> set[int]:
    """Of these members, those who may see the record and comments."""
    people = [one for one in actors_of(member_ids) if one.kind == "staff" and one.may("view", Comment)]
    return who_may_see(record, people)


def names_of(member_ids: Iterable[int]) -> dict[int, str]:
    wanted = sorted(set(member_ids))
    return dict(_names(wanted)) if wanted else {}


@known
def _names(ids: list[int]) -> Any:
    return Member.objects.filter(pk__any=ids).values_list("pk", "name")


def _resolved(body: str, chosen: set[int]) -> str:
    """`@Name` and `@code` by id; the longest name wins, and one of those chosen from the list among namesakes."""
    written = signs(body, MOST)
    if not written:
        return body
    with connections["default"].cursor() as cursor:
        cursor.execute(_NAMED, [[one.rest for one in written]])
        people = cursor.fetchall()
    for one in reversed(written):
        fitting: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for member_id, name, code in people:
            for word in {name, code}:
                if begins_with(one.rest, word):
                    fitting[word.casefold()].append((member_id, name))
        if not fitting:
            continue
        word = max(fitting, key=len)
        found = fitting[word]
        found = [person for person in found if person[0] in chosen] or found
        if len({person[0] for person in found}) > 1:
            raise Refused(_("There are several called %(name)s: choose from the list, or write the code.") % {"name": found[0][1]}, field="body")
        end = one.at + 1 + len(word)
        body = f"{body[: one.at]}{kept_mention(*found[0])}{body[end:]}"
    return body


def candidates(record: Record, actor: Actor, typed: str, limit: int) -> list[tuple[Member, bool]]:
    """Members whose name, pinyin, initials or code fit, and whether they may be mentioned; those who may come first."""
    from guanxi.kernel.search import found_in

    if not actor.may("view", Member):
        return []
    rows = Member.objects.visible_to(actor).filter(is_active=True, kind="staff").exclude(pk=actor.member_id)
    found: list[Member] = list((found_in(rows, typed, actor) if typed else rows.order_by("name", "pk"))[: limit * 3])
    allowed = may_be_mentioned(record, [one.pk for one in found])
    found.sort(key=lambda one: one.pk not in allowed)
    return [(one, one.pk in allowed) for one in found[:limit]]
