"""What is announced about people."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class MemberLeft(EventBase):
    """A member has left the company; `row_count` records went to successors, most of them to `successor_id`."""

    label = _("%(title)s left the company")
    icon = "logout"
    member_id: int
    successor_id: int | None
    row_count: int
