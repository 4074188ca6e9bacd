"""What is announced about the files of a record; the subject is the record, the title the file's name."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.events.publish import EventBase


@dataclass(frozen=True)
class FileAttached(EventBase):
    attachment_id: int

    label = _("attached the file %(title)s")
    icon = "paperclip"
    may_be_undone = True


@dataclass(frozen=True)
class FileReplaced(EventBase):
    attachment_id: int
    number: int

    label = _("added a new version of %(title)s")
    icon = "paperclip"
    may_be_undone = True


@dataclass(frozen=True)
class FileRemoved(EventBase):
    attachment_id: int

    label = _("removed the file %(title)s")
    icon = "trash"
    may_be_undone = True
