"""Who is told of comments, of what was given to them, and of approvals."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.access.actor import Actor
from guanxi.kernel.access.standing import deciders_of
from guanxi.kernel.acts.models import ApprovalRequest
from guanxi.kernel.discussion.events import CommentAdded, CommentEdited
from guanxi.kernel.discussion.following import follower_ids
from guanxi.kernel.discussion.models import Comment
from guanxi.kernel.events.publish import reaction
from guanxi.kernel.notices.events import ApprovalAsked, ApprovalDecided, RecordAssigned
from guanxi.kernel.notices.kinds import Kind, notice_kind
from guanxi.kernel.notices.raising import raise_notices
from guanxi.kernel.records.record import model_named

MENTIONED = notice_kind("mentioned", "mention", _("mentioned you on %(title)s"), "at")
COMMENTED = notice_kind("commented", "comment", _("commented on %(title)s"), "message")
ASSIGNED = notice_kind("assigned", "assigned", _("gave you %(title)s"), "user-check")
ASSIGNED_MANY = notice_kind("assigned_many", "assigned", _("gave you %(title)s and %(more)s more"), "user-check")
ASKED = notice_kind("approval_asked", "approval", _("asks for your approval: %(title)s"), "signature")
APPROVED = notice_kind("approval_approved", "approval", _("approved what you asked for: %(title)s"), "circle-check")
APPROVED_SO_FAR = notice_kind(
    "approval_so_far", "approval", _("approved what you asked for, which waits for others as well: %(title)s"), "circle-check"
)
DECLINED = notice_kind("approval_declined", "approval", _("declined what you asked for: %(title)s"), "circle-x")


@reaction(CommentAdded)
def tell_of_comment(event: CommentAdded, *, actor: Actor) -> None:
    """Those mentioned, then those who follow the record."""
    comment = Comment.objects.filter(pk=event.comment_id).first()
    if comment is not None:
        _tell(MENTIONED, event, event.mentioned, actor, comment=comment)
        _tell(COMMENTED, event, _followers, actor, comment=comment)


@reaction(CommentEdited)
def tell_of_mention(event: CommentEdited, *, actor: Actor) -> None:
    """Those whom the change mentions for the first time."""
    comment = Comment.objects.filter(pk=event.comment_id).first()
    if comment is not None and event.mentioned:
        _tell(MENTIONED, event, event.mentioned, actor, comment=comment)


@reaction(RecordAssigned)
def tell_new_owner(event: RecordAssigned, *, actor: Actor) -> None:
    """Whoever looks after a record from now on, unless it is another's again."""
    more = {"arguments": {"more": event.count - 1}} if event.count > 1 else {}
    _tell(ASSIGNED_MANY if more else ASSIGNED, event, lambda record: [event.owner_id] if record.owner_id == event.owner_id else [], actor, **more)


@reaction(ApprovalAsked)
def tell_approvers(event: ApprovalAsked, *, actor: Actor) -> None:
    """Everybody who may decide."""

    def approvers(request: ApprovalRequest) -> Iterable[int]:
        if request.status != "waiting":
            return []
        return deciders_of(request.rule.approvers_id, actor.today) - {request.requester_id}

    _tell(ASKED, event, approvers, actor)


@reaction(ApprovalDecided)
def tell_requester(event: ApprovalDecided, *, actor: Actor) -> None:
    """Whoever asked."""
    decided = ApprovalRequest.objects.filter(pk=event.request_id).first()
    note = decided.note if decided is not None else ""
    kind = APPROVED if event.status == "approved" else DECLINED
    if kind is APPROVED and decided is not None and decided.beside().filter(status="waiting").exists():
        kind = APPROVED_SO_FAR
    _tell(kind, event, lambda request: [request.requester_id], actor, arguments={"text": note[:300]} if note else {})


def _followers(record: Any) -> set[int]:
    return follower_ids(record)


def _tell(kind: Kind, event: Any, to: Any, actor: Actor, **more: Any) -> None:
    """`to` are ids of members, or a function that gives them from the event's subject, if it is still there."""
    origin = event.origin
    record = model_named(origin.subject_model)._base_manager.filter(pk=origin.subject_id).first()
    if record is None:
        return
    members = to(record) if callable(to) else to
    raise_notices(kind, members, record, key=f"event:{origin.event_id}", at=actor.now, caused_by=origin.member_id, **more)
