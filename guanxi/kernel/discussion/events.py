"""What is announced about discussions; the timeline shows the comments themselves."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class CommentAdded(EventBase):
    comment_id: int
    mentioned: tuple[int, ...]
    """Ids of members."""

    label = _("commented on %(title)s")
    icon = "message"
    is_told = False


@dataclass(frozen=True)
class CommentEdited(EventBase):
    comment_id: int
    mentioned: tuple[int, ...]
    """Those who had not been mentioned before."""

    label = _("changed a comment on %(title)s")
    icon = "message"
    is_told = False
