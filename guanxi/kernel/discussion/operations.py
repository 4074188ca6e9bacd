"""Saying something about a record, and following it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guanxi.kernel.about.sight import party_of, target_of
from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.models import Member
from guanxi.kernel.acts.operation import operation
from guanxi.kernel.acts.scope import act_scope
from guanxi.kernel.columns.column import LongText
from guanxi.kernel.discussion.events import CommentAdded, CommentEdited
from guanxi.kernel.discussion.following import add_followers
from guanxi.kernel.discussion.mentions import with_mentions
from guanxi.kernel.discussion.models import Comment, Follower
from guanxi.kernel.events.publish import publish
from guanxi.kernel.records.record import Record
from guanxi.kernel.records.refusals import Forbidden, Refused

LONGEST = 10_000
_LABELS = {
    "body": gettext_lazy("Text"), "mentions": gettext_lazy("Mentioned"), "target_model": gettext_lazy("About (kind of record)"),
    "target_id": gettext_lazy("About (record)"),
}


@operation(label=gettext_lazy("Comment"), icon="message", labels=_LABELS)
def add_comment(
    *, actor: Actor, target_model: str, target_id: int, body: LongText, mentions: list[Member] | None = None
) -> Comment:
    """Say something about a record to all who may see it; `@Name` tells somebody in particular."""
    return _said(target_of(target_model, target_id, actor), body, mentions, actor)


@operation(label=gettext_lazy("Answer"), icon="message-2", labels=_LABELS)
def answer_comment(comment: Comment, *, actor: Actor, body: LongText, mentions: list[Member] | None = None) -> Comment:
    """Say something about what was said."""
    return _said(target_of(comment.target_model, comment.target_id, actor), body, mentions, actor, answers=comment)


@operation(label=gettext_lazy("Edit comment"), icon="pencil", labels=_LABELS)
def edit_comment(comment: Comment, *, actor: Actor, body: LongText, mentions: list[Member] | None = None) -> Comment:
    """Put one's own words otherwise; the history keeps what they were."""
    if comment.author_id != actor.member_id:
        raise Forbidden(_("Only %(name)s can change what they said.") % {"name": comment.author})
    target = target_of(comment.target_model, comment.target_id, actor)
    kept, mentioned = with_mentions(_checked(body), target, mentions or ())
    if kept == comment.body:
        return comment
    new = mentioned - set(comment.mentions.values_list("pk", flat=True))
    comment.assign(body=kept, edited_at=actor.now)
    comment.mentions.set(mentioned)
    add_followers(target, new, actor.now)
    publish(CommentEdited(comment.pk, tuple(sorted(new))), subject=target, party_id=comment.party_id)
    return comment


@operation(label=gettext_lazy("Delete comment"), icon="trash", tone="danger")
def delete_comment(comment: Comment, *, actor: Actor) -> None:
    """Take it away; answers to it stay."""
    Comment.objects.filter(pk=comment.pk).delete()
    _touch(comment.target_model, comment.target_id)


@operation(label=gettext_lazy("Follow"), icon="bell-plus", labels=_LABELS)
def follow_record(*, actor: Actor, target_model: str, target_id: int) -> Follower:
    """Hear of what is said about a record and of what becomes of it."""
    return _follow(target_of(target_model, target_id, actor), actor, is_muted=False)


@operation(label=gettext_lazy("No longer follow"), icon="bell-off", labels=_LABELS)
def unfollow_record(*, actor: Actor, target_model: str, target_id: int) -> Follower:
    """Hear no more of a record, even if it is one's own; whoever mentions one still reaches one."""
    return _follow(target_of(target_model, target_id, actor), actor, is_muted=True)


def _follow(target: Record, actor: Actor, *, is_muted: bool) -> Follower:
    label, row_id = target.ref()
    row, _created = Follower.objects.update_or_create(
        target_model=label, target_id=row_id, member_id=actor.member_id,
        defaults={"is_muted": is_muted}, create_defaults={"is_muted": is_muted, "at": actor.now},
    )
    _touch(label, row_id)
    return row


def _said(target: Record, body: str, chosen: list[Member] | None, actor: Actor, answers: Comment | None = None) -> Comment:
    kept, mentioned = with_mentions(_checked(body), target, chosen or ())
    label, row_id = target.ref()
    comment = Comment.objects.create(
        target_model=label, target_id=row_id, party_id=party_of(target), author_id=actor.member_id, body=kept, at=actor.now, answers=answers,
    )
    comment.mentions.set(mentioned)
    add_followers(target, {actor.member_id, *mentioned}, actor.now)
    publish(CommentAdded(comment.pk, tuple(sorted(mentioned))), subject=target, party_id=comment.party_id)
    return comment


def _checked(body: str) -> str:
    text = body.replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("Write at least a few words."), field="body")
    if len(text) > LONGEST:
        raise Refused(_("A comment has at most %(max)s characters; this has %(length)s.") % {"max": LONGEST, "length": len(text)}, field="body")
    return text


def _touch(label: str, row_id: int) -> None:
    """Open pages of the record look again."""
    scope = act_scope()
    if scope is not None:
        scope.touched.append((label, row_id))
