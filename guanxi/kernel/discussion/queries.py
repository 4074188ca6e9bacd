"""What was said about a record, as its reader may know it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from guanxi.kernel.about.sight import about_visible
from guanxi.kernel.about.timeline import PARTY, Entry, Step
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.scopes import rows_in
from guanxi.kernel.database import current_set
from guanxi.kernel.discussion.mentions import names_of
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.discussion.text import excerpt, mentioned_in, shown
from guanxi.kernel.records.record import Record
from guanxi.kernel.screens.screen import record_url, screen_of


def comments_about(record: Record, actor: Actor) -> QuerySet[Comment]:
    """Comments on the record; for a company or person also those on what belongs to it, as far as it may be seen; newest first."""
    if not actor.may("view", Comment) or record.about_another:
        return Comment.objects.none()
    asked = Q(target_model=record.label(), target_id=record.pk)
    if record.label() == PARTY:
        asked |= Q(party_id=record.pk) & about_visible(actor, "target_model", "target_id", among=Comment.label())
    allowed = rows_in(Comment, actor.named_scopes("discussion.delete_comment", "do"), actor)
    within = allowed if isinstance(allowed, Q) else Q(pk__isnull=not allowed)
    may_delete = Case(When(within, then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = Comment.objects.filter(asked).annotate(may_delete=may_delete)
    return rows.select_related("author", "answers__author").order_by("-at", "-pk")


def comment_entries(rows: Iterable[Comment], record: Record, actor: Actor) -> list[tuple[Comment, Entry]]:
    """These comments as lines of the record's timeline: one more query, however many there are."""
    found = list(rows)
    names = names_of(mentioned_in(text for one in found for text in (one.body, one.answers.body if one.answers else "")))
    return [(one, _entry(one, record, actor, names)) for one in found]


def anchor_of(comment_id: int) -> str:
    return f"comment-{comment_id}"


def _entry(comment: Comment, record: Record, actor: Actor, names: dict[int, str]) -> Entry:
    is_here = (comment.target_model, comment.target_id) == record.ref()
    screen = screen_of(comment.target_model)
    url = "" if is_here else f"{record_url(current_set(), comment.target_model, comment.target_id)}#{anchor_of(comment.pk)}"
    answers = ""
    if comment.answers is not None:
        answers = f"{comment.answers.author.name}: {excerpt(comment.answers.body, names, 90)}"
    return Entry(
        comment.at, _("commented") if is_here else _("commented on %(title)s"), "message", str(screen.singular()) if screen and not is_here else "",
        url, (comment.author_id, comment.author.name), detail=shown(comment.body, names, actor.member_id),
        tag=_("edited") if comment.edited_at else "", subject=comment.ref(), answers=answers, steps=_steps(comment, record, actor),
        anchor=anchor_of(comment.pk),
    )


def _steps(comment: Comment, record: Record, actor: Actor) -> tuple[Step, ...]:
    here = record_url(current_set(), record.label(), record.pk)

    def step(key: str, label: str, icon: str) -> Step:
        return Step(f"{record_url(current_set(), Comment, comment.pk)}act/discussion.{key}/?back={here}", label, icon)

    steps = [step("answer_comment", _("Answer"), "message-2")] if actor.may("discussion.answer_comment") else []
    if comment.author_id == actor.member_id and actor.may("discussion.edit_comment"):
        steps.append(step("edit_comment", _("Edit"), "pencil"))
    if comment.may_delete:  # type: ignore[attr-defined]
        steps.append(step("delete_comment", _("Delete"), "trash"))
    return tuple(steps)
