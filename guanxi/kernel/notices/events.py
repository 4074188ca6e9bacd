"""What is announced for those who listen; none of it is a line of a timeline, which shows the thing itself."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class RecordAssigned(EventBase):
    """Somebody gave records to somebody else: the subject, and with it `count - 1` others of its kind."""

    owner_id: int
    count: int

    may_be_undone = True
    label = _("%(title)s was given to somebody")
    is_told = False


@dataclass(frozen=True)
class ApprovalAsked(EventBase):
    request_id: int

    label = _("Approval of %(title)s asked")
    is_told = False


@dataclass(frozen=True)
class ApprovalDecided(EventBase):
    request_id: int
    status: str

    label = _("Approval of %(title)s decided")
    is_told = False


@dataclass(frozen=True)
class NotificationRaised(EventBase):
    """A member who wants to hear of such things by mail at once was told something."""

    notification_id: int
    member_id: int

    label = _("Notice for a member")
    is_told = False


@dataclass(frozen=True)
class DigestMade(EventBase):
    """What a member wants to hear of once a day by mail; the subject is the newest of the notices."""

    member_id: int
    notification_ids: tuple[int, ...]

    label = _("Notices of a day")
    is_told = False
